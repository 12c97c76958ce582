from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from .intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestIntakeByHand(IntakeCase):
    """A receptionist fills in the short form, and the rules do the rest."""

    CHANNEL = "hand"

    def _open_form(self, lead=None):
        leads = self.env["crm.lead"] if lead is None else lead
        return Form(
            leads.with_user(self.receptionist).with_context(default_user_id=False),
            "lead_broadcast.crm_lead_view_form_enquiry",
        )

    def _fill_in(self, form, name="The router does not start"):
        form.name = name
        form.contact_name = "Asha"
        form.phone = "+91 98100 12345"
        return form

    def test_enquiry_goes_to_a_person(self):
        lead = self._fill_in(self._open_form()).save()
        self.assertGivenByRule(lead.sudo())

    def test_enquiry_about_work_starts_the_ladder(self):
        form = self._fill_in(self._open_form())
        form.service_id = self.service
        form.city = "New Delhi"
        form.state_id = self.delhi
        lead = form.save()
        self.assertSearching(lead.sudo())
        self.assertEqual(lead.service_place, "New Delhi, Delhi")

    def test_known_customer_fills_in_the_rest(self):
        form = self._open_form()
        form.name = "The router does not start"
        form.partner_id = self.customer
        self.assertEqual(form.phone, self.customer.phone)
        self.assertEqual(form.city, "New Delhi")

    def test_answered_enquiry_is_closed_to_corrections(self):
        lead = self._fill_in(self._open_form()).save()
        self._fill_in(self._open_form(lead), "The router smokes").save()
        lead.with_user(self.user).message_post(body="I call.", message_type="comment")
        self.assertTrue(lead.sudo().first_response_date)
        with self.assertRaises(AssertionError):  # read-only
            self._open_form(lead).name = "The router burns"
        with self.assertRaises(AccessError):
            lead.with_user(self.receptionist).name = "The router burns"

    def test_receptionist_sees_the_own_enquiries_in_the_own_form(self):
        lead = self._fill_in(self._open_form()).save()
        action = self.env.ref("lead_broadcast.crm_lead_action_enquiry")
        self.assertIn("create_uid", action.domain)
        leads = lead.search([])
        self.assertEqual(leads, lead)
        view = self.env.ref("lead_broadcast.crm_lead_view_form_enquiry")
        self.assertEqual(lead.get_formview_id(), view.id)
        self.assertNotEqual(lead.with_user(self.user).get_formview_id(), view.id)

    def test_salesperson_who_enters_a_lead_keeps_it(self):
        lead = self.env["crm.lead"].with_user(self.other_user).create({"name": "Mine"})
        self.assertEqual(lead.user_id, self.other_user)
        self.assertFalse(lead.assignment_rule_id)
        self.assertEqual(lead.sudo().response_assignment_ids.reason, "hand")


@tagged("post_install", "-at_install")
class TestIntakeByMail(IntakeCase):
    """A mail to the alias of a team becomes a lead."""

    CHANNEL = "mail"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "intake.example"})
        cls.env.company.alias_domain_id = domain
        cls.team.alias_name = "enquiries"

    def _receive(self, **defaults):
        """Let a mail to the alias arrive; return its lead.

        :param defaults: what the alias adds to its leads
        """
        self.team.alias_id.alias_defaults = repr({"team_id": self.team.id, **defaults})
        lead_id = self.env["mail.thread"].message_process(
            False,
            "From: Asha <asha@somewhere.example>\n"
            "To: enquiries@intake.example\n"
            "Message-Id: <1@somewhere.example>\n"
            "Subject: The router does not start\n\nPlease come.",
        )
        return self.env["crm.lead"].browse(lead_id)

    def test_mail_goes_to_a_person_and_not_to_the_leader(self):
        lead = self._receive()
        self.assertEqual(lead.name, "The router does not start")
        self.assertGivenByRule(lead)

    def test_mail_about_work_starts_the_ladder(self):
        lead = self._receive(service_id=self.service.id, city="New Delhi")
        self.assertSearching(lead)

    def test_mail_goes_to_the_leader_where_no_rule_fits(self):
        self.rule.active = False
        lead = self._receive()
        self.assertEqual(lead.user_id, self.team.user_id)
        self.assertRecordValues(
            lead.response_assignment_ids,
            [{"user_id": self.team.user_id.id, "reason": "rule"}],
        )

    def test_address_may_name_its_form(self):
        rule = self._create_rule(
            "Invoices", intake_form="Address on the invoice", sequence=1
        )
        lead = self._receive(intake_form="Address on the invoice")
        self.assertGivenByRule(lead, rule, self.other_user)


@tagged("post_install", "-at_install")
class TestIntakeByProgram(IntakeCase, HttpCase):
    """A program hands leads over, with the key of a user."""

    CHANNEL = "api"

    def _call(self, user, method, **body):
        """Call a method over HTTP as a program does; return what it returns."""
        keys = self.env["res.users.apikeys"].with_user(user)
        end = fields.Datetime.now() + timedelta(days=1)
        key = keys._generate(None, "Program", end)
        reply = self.url_open(
            f"/json/2/{method}", json=body, headers={"Authorization": f"bearer {key}"}
        )
        self.assertEqual(reply.status_code, 200, reply.text)
        return reply.json()

    def _submit(self, **values):
        """Hand a request in, as a receptionist may; return its lead."""
        answer = self._call(
            self.receptionist,
            "lead.intake.request/submit",
            key="1",
            values={"name": "The router does not start", **values},
        )
        return self.env["crm.lead"].browse(answer["lead_id"])

    def test_request_goes_to_a_person(self):
        self.assertGivenByRule(self._submit(contact_name="Asha"))

    def test_request_about_work_starts_the_ladder(self):
        lead = self._submit(service=self.service.name, place="New Delhi")
        self.assertSearching(lead)

    def test_form_of_the_program_chooses_the_rule(self):
        rule = self._create_rule("Shop", intake_form="Shop", sequence=1)
        self.assertGivenByRule(self._submit(form="Shop"), rule, self.other_user)

    def test_lead_that_is_created_directly(self):
        """Whose key it is does not make it a salesperson's own lead."""
        [lead_id] = self._call(
            self.user, "crm.lead/create", vals_list=[{"name": "Broken router"}]
        )
        self.assertGivenByRule(self.env["crm.lead"].browse(lead_id))

    @mute_logger("odoo.addons.rpc.controllers.xmlrpc")  # core will drop it
    def test_program_that_speaks_xml(self):
        lead_id = self.xmlrpc_object.execute_kw(
            *self._get_object_args([{"name": "Broken router"}])
        )
        self.assertGivenByRule(self.env["crm.lead"].browse(lead_id))

    @mute_logger("odoo.addons.rpc.controllers.jsonrpc")  # core will drop it
    def test_program_that_speaks_json_as_before(self):
        [lead_id] = self.make_jsonrpc_request(
            "/jsonrpc",
            {
                "service": "object",
                "method": "execute_kw",
                "args": self._get_object_args([[{"name": "Broken router"}]]),
            },
        )
        self.assertGivenByRule(self.env["crm.lead"].browse(lead_id))

    def _get_object_args(self, args):
        """Return what core asks for before it creates leads for a salesperson."""
        self.user.password = "a long secret"
        self.env.flush_all()
        user_id = self.user.id
        return [get_db_name(), user_id, "a long secret", "crm.lead", "create", args]
