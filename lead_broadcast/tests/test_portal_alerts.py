from lxml import html

from odoo.tests import tagged

from .alert_common import NEW_NUMBER
from .portal_alert_common import ACTIONS, PortalAlertCase


@tagged("post_install", "-at_install")
class TestPortalAlertPage(PortalAlertCase):
    """What people see, and what they do about themselves."""

    # ------------------------------------------------------------
    # WHO SEES WHAT
    # ------------------------------------------------------------

    def test_executive(self):
        """Only oneself, and whom to ask."""
        self._login(self.newcomer_user)
        text = self._text(self._open())
        self.assertIn("You get no SMS. Confirm your mobile number first.", text)
        self.assertIn(f"Please ask {self.owner.name} or Mira to allow it.", text)
        for secret in (self.executive.name, self.rival.name, "98100"):
            self.assertNotIn(secret, text)

    def test_owner(self):
        """Everybody of the company, and nobody else."""
        self._create_person("Imran", broadcast_alert_number="+919810000008")
        self._login(self.owner_user)
        page = self._open()
        text = self._text(page)
        self.assertIn("You get SMS on +91 98100 00001. To accept", text)
        for person, said in [
            (self.owner, "(you) Gets SMS Owner +91 98100 00001 confirmed"),
            (self.executive, "Gets SMS Executive +91 98100 00002 confirmed"),
            (self.manager, "No number Manager has not set a number yet"),
            (self.newcomer, "No number Executive has not set a number yet"),
        ]:
            self.assertIn(said, self._read_person(page, person))
        self.assertIn("Imran Not allowed Executive +91 98100 00008", text)
        for secret in (self.rival.name, "98100 00003"):
            self.assertNotIn(secret, text)

    def test_manager(self):
        """Sees everybody, and gets buttons only for whom they work."""
        self._login(self.manager_user)
        page = self._open()
        self.assertIn("Allow SMS", self._read_person(page, self.newcomer))
        self.assertNotIn("llow SMS", self._read_person(page, self.owner))
        self.assertNotIn("llow SMS", self._read_person(page, self.manager))
        self.assertFalse(html.fromstring(page.text).xpath("//select"))

    def test_states(self):
        """What becomes of me, in one sentence."""
        self._login(self.newcomer_user)
        self._give_alerts(self.newcomer, NEW_NUMBER)
        self.assertIn("You get SMS on +91 98100 00009.", self._text(self._open()))
        self.newcomer.broadcast_alert_subscribed = False
        self.assertIn("You get no SMS. You switched it off.", self._text(self._open()))
        self.newcomer.broadcast_alert_subscribed = True
        self.newcomer._opt_out_of_alerts()
        text = self._text(self._open())
        self.assertIn("You wrote STOP on +91 98100 00009. To come back, send", text)
        self.assertIn("send START from it to +911140001234.", text)
        self.newcomer.broadcast_alert_authorized = False
        self.assertIn("You get no SMS. Please ask ", self._text(self._open()))

    def test_owner_without_right(self):
        self._login(self.owner_user)
        self.owner.broadcast_alert_authorized = False
        text = self._text(self._open())
        self.assertIn("Allow yourself to get and accept opportunities", text)

    def test_no_owner(self):
        """Then staff name the first one."""
        person = self._create_person("Kiran", self.dwarka)
        self._login(self._create_user(person, "kiran"))
        text = self._text(self._open())
        self.assertIn("Nobody at Dwarka Services can allow it yet", text)
        self.assertIn("ask our support team to name the owner", text)

    def test_no_sms_yet(self):
        """Nothing is promised where the company has no SMS."""
        self.company.broadcast_sms_number = False
        self._login(self.owner_user)
        text = self._text(self._open())
        self.assertIn("does not send opportunities by SMS yet", text)
        self.assertIn("You will get SMS on +91 98100 00001.", text)
        self.owner._opt_out_of_alerts()
        self.assertIn("please ask our support team", self._text(self._open()))

    def test_company_that_logs_in(self):
        """The portal user may be the company itself."""
        self._login(self._create_user(self.dwarka, "dwarka"))
        self.dwarka.broadcast_role = "owner"
        page = self._open()
        self.assertIn("Allow yourself", self._text(page))
        self._post(f"{self.dwarka.id}/right", granted="1")
        self.assertTrue(self.dwarka.broadcast_alert_authorized)

    def test_who_has_the_page(self):
        """People of service partners: for others there is neither page nor card."""
        stranger = self._create_user(self.customer, "stranger")
        for user, has_page in [
            (self.newcomer_user, True),
            (stranger, False),
            (self.user, False),
        ]:
            with self.subTest(user=user.login):
                self._login(user)
                before = self._dump()
                self.assertEqual(self._open().status_code, 200 if has_page else 404)
                counters = self.make_jsonrpc_request(
                    "/my/counters", {"counters": ["service_alert_count"]}
                )
                self.assertEqual(counters["service_alert_count"], int(has_page))
                offers = self.url_open("/my/offers").text
                self.assertEqual("/my/alerts" in offers, has_page)
                if not has_page:
                    for action in ACTIONS:
                        self.assertEqual(self._post(action).status_code, 404)
                    page = self._post(f"{self.newcomer.id}/right", granted="1")
                    self.assertEqual(page.status_code, 404)
                    self.assertEqual(self._dump(), before)

    def test_visitor(self):
        before = self._dump()
        self.assertIn("/web/login", self._open().url)
        for path in [*ACTIONS, f"{self.newcomer.id}/right"]:
            self.assertIn("/web/login", self._post(path).url)
        self.assertEqual(self._dump(), before)

    def test_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.newcomer.lang = "fr_FR"
        self._login(self.newcomer_user)
        page = self._open()
        self.assertIn('lang="fr-FR"', page.text)
        page = self._post("number", number="12345")
        self.assertEqual(page.status_code, 400)
        self.assertIn('lang="fr-FR"', page.text)

    def test_query_count(self):
        """A company of fifty costs as many queries as one of five."""
        self._login(self.owner_user)
        counts = []
        for number in (5, 50):
            self.env["res.partner"].create(
                [
                    {
                        "name": f"Person {number} {count}",
                        "parent_id": self.green_park.id,
                        "broadcast_alert_number": f"+91981{number:02}{count:05}",
                    }
                    for count in range(number)
                ]
            )
            self._open()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertIn(f"Person {number} 4", self._open().text)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 2)

    # ------------------------------------------------------------
    # OWN NUMBER
    # ------------------------------------------------------------

    def test_set_number(self):
        self._login(self.newcomer_user)
        page = self._post("number", number=" 98100-00009 ")
        self.assertEqual(page.history[0].status_code, 303)
        self.assertIn("Code we sent to +91 98100 00009", self._text(page))
        self.assertIn("Enter the code we sent you.", self._text(page))
        page = self._post("confirm", code=self._get_wrong_code())
        self.assertEqual(page.status_code, 400)
        self.assertIn("This is not the code we sent.", self._text(page))
        self.assertIn(f'value="{self._get_wrong_code()}"', page.text)
        self.assertFalse(self.newcomer.broadcast_alert_number)
        text = self._text(self._post("confirm", code=self._get_code()))
        self.assertIn("My mobile number +91 98100 00009 confirmed", text)
        self.assertEqual(self.newcomer.broadcast_alert_number, NEW_NUMBER)
        message = self.newcomer.message_ids[0]
        self.assertEqual(message.author_id, self.newcomer)
        self.assertEqual(
            message.tracking_value_ids.field_id.name, "broadcast_alert_number"
        )

    def test_change_number(self):
        """The old number stays in use until the new one is confirmed."""
        self._login(self.owner_user)
        page = self._post("number", number=NEW_NUMBER)
        self.assertIn("You get SMS on +91 98100 00001.", self._text(page))
        self.assertIn("your present number stays in use", self._text(page))
        page = self._post("cancel")
        self.assertNotIn("Code we sent", self._text(page))
        page = self._post("confirm", code=self._get_code())
        self.assertIn("My mobile number +91 98100 00001", self._text(page))
        self.assertEqual(self.owner.broadcast_alert_number, "+919810000001")

    def test_bad_number(self):
        """What is wrong is said at the field, which keeps what was typed."""
        self._login(self.newcomer_user)
        before = self._dump()
        for number, error in [
            ("", "Write your mobile number, like +91 81234 56789."),
            ("011 5550 5305", "is not a mobile number."),
            ('"><script>', "is not a mobile number."),
        ]:
            page = self._post("number", number=number)
            self.assertEqual(page.status_code, 400)
            [message] = html.fromstring(page.text).xpath("//*[@id='error_number']")
            self.assertIn(error, message.text_content())
            [field] = html.fromstring(page.text).xpath("//input[@name='number']")
            self.assertEqual(field.get("value", ""), number)
        self.assertEqual(self._dump(), before)

    def test_too_many_codes(self):
        self._login(self.newcomer_user)
        for _count in range(3):
            self._post("number", number=NEW_NUMBER)
        page = self._post("number", number=NEW_NUMBER)
        self.assertEqual(page.status_code, 400)
        self.assertIn("Wait an hour, then try again.", self._text(page))
        self.assertEqual(len(self._get_messages()), 3)

    def test_brute_force(self):
        """Of all guesses five count, however many are made."""
        self._login(self.newcomer_user)
        self._post("number", number=NEW_NUMBER)
        code = self._get_code()
        for count in range(10):
            page = self._post("confirm", code=self._get_wrong_code())
            self.assertEqual(page.status_code, 400)
            error = "wrong too often" if count == 4 else ""
            self.assertIn(error, self._text(page))
        page = self._post("confirm", code=code)
        self.assertIn("no longer valid", self._text(page))
        self.assertFalse(self.newcomer.broadcast_alert_number)
        confirmation = self.env["lead.broadcast.alert.confirmation"].search([])
        self.assertEqual(confirmation.attempt_count, 5)

    def test_subscription(self):
        self._login(self.owner_user)
        text = self._text(self._post("subscription", subscribed="0"))
        self.assertIn("You switched it off.", text)
        self.assertFalse(self.owner.broadcast_alert_subscribed)
        self._post("subscription", subscribed="1")
        self.assertEqual(self.owner.broadcast_alert_state, "active")
        self.assertFalse(self.newcomer.broadcast_alert_authorized)
