from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .alert_common import AlertCase

STATES = ["active", "no_number", "not_authorized", "unsubscribed", "blacklisted"]


@tagged("post_install", "-at_install")
class TestAlertContacts(AlertCase):
    """Who gets alerts, and what keeps that true."""

    def _find_contacts(self, state):
        return (
            self.env["res.partner"]
            .with_user(self.user)
            .search(
                [
                    ("commercial_partner_id", "=", self.green_park.id),
                    ("is_company", "=", False),
                    ("broadcast_alert_state", "=", state),
                ]
            )
        )

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_all_it_takes(self):
        """A number, the right, the own wish, and no STOP: none may be missing."""
        self.assertEqual(self.executive.broadcast_alert_state, "active")
        for values, state in [
            ({"broadcast_alert_subscribed": False}, "unsubscribed"),
            ({"broadcast_alert_authorized": False}, "not_authorized"),
            ({"broadcast_alert_number": False}, "no_number"),
        ]:
            self.executive.with_user(self.user).write(values)
            with self.subTest(state=state):
                self.assertEqual(self.executive.broadcast_alert_state, state)
                self.assertEqual(
                    self.green_park._get_alert_contacts(),
                    {self.green_park: self.owner},
                )

    def test_search_agrees(self):
        """Searching for a state finds those that show it, and no others."""
        self._give_alerts(self.manager, "+919810000004")
        self.manager.broadcast_alert_subscribed = False
        stopped = self._create_person("Stopped")
        self._give_alerts(stopped, "+919810000005")
        stopped._opt_out_of_alerts()
        barred = self._create_person("Barred", broadcast_alert_number="+919810000006")
        expected = {
            "active": self.owner | self.executive,
            "no_number": self.newcomer,
            "not_authorized": barred,
            "unsubscribed": self.manager,
            "blacklisted": stopped,
        }
        for state in STATES:
            with self.subTest(state=state):
                found = self._find_contacts(state)
                self.assertEqual(found, expected[state])
                self.assertEqual(set(found.mapped("broadcast_alert_state")), {state})
        self.assertFalse(self._find_contacts("nonsense"))

    def test_contacts_of_many(self):
        contacts = (self.partners | self.owner)._get_alert_contacts()
        self.assertEqual(contacts[self.green_park], self.owner | self.executive)
        self.assertEqual(contacts[self.owner], self.owner | self.executive)
        self.assertEqual(contacts[self.saket], self.rival)
        self.assertFalse(contacts[self.dwarka])
        self.executive.active = False
        self.assertEqual(
            self.green_park._get_alert_contacts()[self.green_park], self.owner
        )

    def test_person_as_partner(self):
        """A partner may be one person, or a company with one common phone."""
        self._give_alerts(self.dwarka, "+919810000007")
        contacts = self.dwarka._get_alert_contacts()
        self.assertEqual(contacts[self.dwarka], self.dwarka)

    def test_query_count(self):
        companies = self.env["res.partner"].create(
            [self._prepare_partner(f"P{number}", (28.5, 77.2)) for number in range(100)]
        )
        self.env["res.partner"].create(
            [
                {
                    "name": f"Person {number}",
                    "parent_id": company.id,
                    "broadcast_alert_number": f"+91981000{number:04}",
                    "broadcast_alert_authorized": True,
                }
                for number, company in enumerate(companies, start=1000)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):  # the companies, and who gets alerts there
            contacts = companies._get_alert_contacts()
            numbers = [people.broadcast_alert_number for people in contacts.values()]
        self.assertEqual(len(set(numbers)), 100)

    def test_senders(self):
        """Whoever has a number may have sent from it, authorized or not."""
        number = self.owner.broadcast_alert_number
        self.rival.broadcast_alert_number = number
        self.rival.broadcast_alert_authorized = False
        senders = self.env["res.partner"]._find_alert_senders(number)
        self.assertEqual(senders, self.owner | self.rival)
        self.rival.broadcast_alert_number = False
        self.owner.broadcast_alert_number = "+919810000008"
        self.assertFalse(self.env["res.partner"]._find_alert_senders(number))

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def test_number_formats(self):
        """People write numbers as in their own country, else as in their company's."""
        for number, country, stored in [
            ("098100 12345", False, "+919810012345"),
            ("98100-12345", False, "+919810012345"),
            ("+91 98100 12345", "base.ru", "+919810012345"),
            ("8 (913) 555-55-31", "base.ru", "+79135555531"),
            ("9 8555 5521", "base.cl", "+56985555521"),
            ("0044 7911 123456", False, "+447911123456"),
        ]:
            with self.subTest(number=number):
                self.newcomer.country_id = country and self.env.ref(country)
                self.newcomer.with_user(self.user).broadcast_alert_number = number
                self.assertEqual(self.newcomer.broadcast_alert_number, stored)
                created = self._create_person(
                    "Somebody",
                    country_id=self.newcomer.country_id.id,
                    broadcast_alert_number=number,
                )
                self.assertEqual(created.broadcast_alert_number, stored)

    def test_default_country_is_ours(self):
        self.green_park.country_id = self.newcomer.country_id = False
        self.env.company.country_id = self.env.ref("base.cl")
        self.newcomer.broadcast_alert_number = "9 8555 5521"
        self.assertEqual(self.newcomer.broadcast_alert_number, "+56985555521")

    def test_no_mobile_number(self):
        """What cannot get SMS, or charges whoever sends one, is refused, and the
        message shows how to write it."""
        for number in [
            "12345",
            "+91 11 5550 5305",  # a landline
            "+44 909 879 0000",  # premium rate
            "+1 800 234 5678",  # toll-free
            "+999 1234567",
            "call me",
            "   ",
            "९" * 300,
            "\0",
        ]:
            with self.subTest(number=number):
                message = r"is not a mobile number.*\+91 81234 56789"
                with self.assertRaisesRegex(ValidationError, message):
                    self.newcomer.with_user(self.user).write(
                        {"broadcast_alert_number": number}
                    )
                with self.assertRaises(ValidationError):
                    self._create_person("Bad", broadcast_alert_number=number)
        self.assertFalse(self.newcomer.broadcast_alert_number)

    def test_confirmed_date(self):
        """Staff vouch for a number from the moment they write it."""
        self.assertFalse(self.newcomer.broadcast_alert_confirmed_date)
        self.newcomer.broadcast_alert_number = "+919810000008"
        self.assertAlmostEqual(
            self.newcomer.broadcast_alert_confirmed_date,
            fields.Datetime.now(),
            delta=timedelta(seconds=5),
        )
        past = fields.Datetime.now() - timedelta(days=3)
        self.newcomer.broadcast_alert_confirmed_date = past
        self.newcomer.broadcast_alert_number = "098100 00008"
        self.assertEqual(self.newcomer.broadcast_alert_confirmed_date, past)
        self.newcomer.broadcast_alert_number = False
        self.assertFalse(self.newcomer.broadcast_alert_confirmed_date)

    def test_copy(self):
        """A duplicate is somebody else."""
        twin = self.owner.copy()
        self.assertFalse(twin.broadcast_alert_number)
        self.assertFalse(twin.broadcast_alert_authorized)
        self.assertEqual(twin.broadcast_role, "executive")
        self.assertTrue(twin.broadcast_alert_subscribed)

    def test_chatter(self):
        """The contact's chatter tells who changed what."""
        newcomer = self.newcomer.with_user(self.user).with_context(
            tracking_disable=False
        )
        newcomer.write(
            {
                "broadcast_alert_number": "+919810000008",
                "broadcast_alert_authorized": True,
                "broadcast_role": "manager",
            }
        )
        self.env.flush_all()
        self.env.cr.precommit.run()
        message = self.newcomer.message_ids[0]
        self.assertEqual(message.author_id, self.user.partner_id)
        self.assertEqual(
            set(message.sudo().tracking_value_ids.field_id.mapped("name")),
            {
                "broadcast_alert_number",
                "broadcast_alert_authorized",
                "broadcast_role",
            },
        )

    # ------------------------------------------------------------
    # STOP AND START
    # ------------------------------------------------------------

    def test_stop_and_start(self):
        """STOP ends all SMS to a number, whoever else has it; START brings them back,
        also for whoever had switched them off."""
        self._give_alerts(self.manager, self.executive.broadcast_alert_number)
        people = self.executive | self.manager
        self.executive.with_user(self.env.ref("base.public_user"))._opt_out_of_alerts()
        self.assertEqual(set(people.mapped("broadcast_alert_state")), {"blacklisted"})
        blacklist = self.env["phone.blacklist"].search(
            [("number", "=", self.executive.broadcast_alert_number)]
        )
        self.assertIn("STOP", blacklist.message_ids.mapped("body")[0])
        self.executive.broadcast_alert_subscribed = False
        self.executive.with_user(self.env.ref("base.public_user"))._opt_in_to_alerts()
        self.assertEqual(set(people.mapped("broadcast_alert_state")), {"active"})
        self.assertFalse(blacklist.active)

    def test_nothing_to_stop(self):
        before = self.env["phone.blacklist"].with_context(active_test=False)
        count = before.search_count([])
        self.newcomer._opt_out_of_alerts()
        self.executive._opt_in_to_alerts()
        self.assertEqual(before.search_count([]), count)

    # ------------------------------------------------------------
    # COMPANIES
    # ------------------------------------------------------------

    def assertIsNobody(self, contact):
        self.assertEqual(contact.broadcast_alert_state, "no_number")
        self.assertEqual(contact.broadcast_role, "executive")
        self.assertFalse(contact.broadcast_alert_authorized)
        self.assertFalse(contact.broadcast_alert_confirmed_date)

    def test_move(self):
        """Nobody takes rights along to another company, whoever moves the contact, not
        even the last owner."""
        self.owner.with_user(self.salesman).parent_id = self.saket
        self.assertIsNobody(self.owner)
        self.assertEqual(self.saket._get_alert_contacts()[self.saket], self.rival)

    def test_move_with_rights(self):
        """What somebody is given together with the new company stays."""
        self.executive.with_user(self.user).write(
            {
                "parent_id": self.saket.id,
                "broadcast_alert_number": "98100 00008",
                "broadcast_role": "manager",
            }
        )
        self.assertEqual(self.executive.broadcast_alert_number, "+919810000008")
        self.assertTrue(self.executive.broadcast_alert_confirmed_date)
        self.assertEqual(self.executive.broadcast_role, "manager")
        self.assertFalse(self.executive.broadcast_alert_authorized)

    def test_move_with_the_company(self):
        """A branch that becomes another company's office takes nothing along."""
        branch = self.env["res.partner"].create(
            {"name": "Branch", "is_company": True, "parent_id": self.saket.id}
        )
        person = self._create_person("Branch Head", branch, broadcast_role="owner")
        self._give_alerts(person, "+919810000008")
        branch.is_company = False
        self.assertEqual(person.commercial_partner_id, self.saket)
        self.assertIsNobody(person)

    def test_stay(self):
        """Within the company people move freely."""
        office = self._create_person("Office")
        self.executive.parent_id = office
        self.assertEqual(self.executive.broadcast_alert_state, "active")

    # ------------------------------------------------------------
    # OWNERS
    # ------------------------------------------------------------

    def test_last_owner(self):
        owner = self.owner.with_user(self.user)
        for role in ("executive", "manager", False):
            with self.assertRaisesRegex(ValidationError, "Name another owner first"):
                owner.broadcast_role = role
        self.executive.with_user(self.user).broadcast_role = "owner"
        with self.assertRaises(ValidationError):
            (self.owner | self.executive).with_user(self.user).write(
                {"broadcast_role": "manager"}
            )
        owner.broadcast_role = "executive"
        self.assertEqual(self.owner.broadcast_role, "executive")

    def test_archived_owner(self):
        """Whoever is archived decides nothing any more."""
        former = self._create_person("Former", broadcast_role="owner", active=False)
        with self.assertRaises(ValidationError):
            self.owner.broadcast_role = "executive"
        former.broadcast_role = "executive"
        self.assertEqual(former.broadcast_role, "executive")

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    def test_access(self):
        """Alerts are for users of the addon; other staff neither see nor set them."""
        values = {
            "broadcast_alert_number": "+919810000008",
            "broadcast_alert_authorized": True,
            "broadcast_alert_subscribed": False,
            "broadcast_role": "owner",
        }
        for name, value in values.items():
            for user in (self.salesman, self.owner_user, self.newcomer_user):
                contact = self.newcomer.with_user(user)
                with self.subTest(field=name, user=user.login):
                    with self.assertRaises(AccessError):
                        contact.write({name: value})
                    with self.assertRaises(AccessError):
                        contact.read([name])
                    with self.assertRaises(AccessError):
                        contact.search([(name, "!=", False)])
                    with self.assertRaises(AccessError):
                        contact.create({"name": "Forged", name: value})
        self.newcomer.with_user(self.user).write(values)
        self.assertRecordValues(self.newcomer, [values])

    def test_contact_made_by_other_staff(self):
        """The defaults hold for contacts made by whoever does not see them."""
        contact = self.env["res.partner"].with_user(self.salesman)
        contact = contact.create({"name": "New", "parent_id": self.green_park.id})
        self.assertTrue(contact.sudo().broadcast_alert_subscribed)
        self.assertEqual(contact.sudo().broadcast_role, "executive")

    # ------------------------------------------------------------
    # FORMS
    # ------------------------------------------------------------

    def test_form_of_the_company(self):
        with Form(self.green_park.with_user(self.user)) as form:
            with form.broadcast_alert_contact_ids.new() as person:
                person.name = "Tara"
                person.broadcast_alert_number = "98100 00008"
                person.broadcast_alert_authorized = True
        tara = self.green_park.child_ids.filtered(lambda child: child.name == "Tara")
        self.assertEqual(tara.broadcast_alert_number, "+919810000008")
        self.assertEqual(tara.broadcast_alert_state, "active")
        self.assertEqual(tara.type, "contact")

    def test_form_of_the_person(self):
        with Form(self.newcomer.with_user(self.user)) as form:
            self.assertTrue(form.broadcast_has_alerts)
            form.broadcast_role = "manager"
            form.broadcast_alert_number = "+91 98100 00008"
        self.assertEqual(self.newcomer.broadcast_alert_state, "not_authorized")
        with Form(self.customer.with_user(self.user)) as form:
            self.assertFalse(form.broadcast_has_alerts)
