from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestIntake(BroadcastCase):
    """How a lead came in is noted, and nobody has what enters from outside unless
    somebody says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Lead = cls.env["crm.lead"]
        domain = cls.env["mail.alias.domain"].create({"name": "intake.example"})
        cls.env.company.alias_domain_id = domain
        cls.team = cls.env["crm.team"].create(
            {"name": "Enquiries", "sequence": -1, "alias_name": "enquiries"}
        )

    def _enter(self, channel, user=None, **values):
        Lead = self.Lead.with_user(user or self.salesman)
        lead = Lead.with_context(intake_channel=channel).create(
            {"name": "Broken router", **values}
        )
        return lead.with_env(Lead.env)

    def _receive_mail(self, subject="Broken router"):
        """Let a mail to the team's alias arrive; return its lead."""
        mail = (
            "From: Asha <asha@somewhere.example>\n"
            "To: enquiries@intake.example\n"
            f"Message-Id: <{subject.replace(' ', '')}@somewhere.example>\n"
            f"Subject: {subject}\n\nIt does not work."
        )
        lead_id = self.env["mail.thread"].message_process(False, mail)
        return self.Lead.browse(lead_id)

    def test_salesperson_has_what_is_entered_by_hand(self):
        lead = self.Lead.with_user(self.salesman).create({"name": "Broken router"})
        self.assertEqual(lead.intake_channel, "hand")
        self.assertEqual(lead.user_id, self.salesman)
        self.assertFalse(lead.intake_form)

    def test_whoever_does_not_sell_never_has_leads_by_default(self):
        lead = self.Lead.with_user(self.receptionist).create({"name": "Broken router"})
        self.assertEqual(lead.sudo().intake_channel, "hand")
        self.assertFalse(lead.sudo().user_id)
        self.assertEqual(lead.sudo().team_id, self.team)

    def test_what_comes_from_outside_belongs_to_the_default_team(self):
        lead = self._enter("api")
        self.assertEqual(lead.intake_channel, "api")
        self.assertFalse(lead.user_id)
        self.assertEqual(lead.team_id, self.team)

    def test_somebody_who_is_named_has_it(self):
        lead = self._enter("import", self.administrator, user_id=self.other_user.id)
        self.assertEqual(lead.user_id, self.other_user)

    def test_default_team_is_one_of_the_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.team.company_id = company
        lead = self._enter("import")
        self.assertTrue(lead.team_id)
        self.assertNotEqual(lead.team_id, self.team)

    def test_mail(self):
        lead = self._receive_mail()
        self.assertEqual(lead.intake_channel, "mail")
        self.assertEqual(lead.team_id, self.team)
        self.assertFalse(lead.user_id)

    def test_mail_to_a_team_with_a_leader_goes_to_the_leader_as_ever(self):
        self.team.user_id = self.user
        self.assertEqual(self._receive_mail().user_id, self.user)

    def test_alias_may_name_its_form(self):
        self.team.alias_id.alias_defaults = repr(
            {"team_id": self.team.id, "intake_form": "Address on the invoice"}
        )
        self.assertEqual(self._receive_mail().intake_form, "Address on the invoice")

    def test_what_a_user_says_about_the_channel_is_not_believed(self):
        lead = self.Lead.with_user(self.salesman).create(
            {"name": "Broken router", "intake_channel": "website"}
        )
        self.assertEqual(lead.intake_channel, "hand")
        lead = self.Lead.with_user(self.salesman).with_context(
            default_intake_channel="website", intake_channel="pigeon"
        )
        self.assertEqual(lead.create({"name": "Broken router"}).intake_channel, "hand")

    def test_how_a_lead_came_in_stays_so(self):
        lead = self._enter("api", intake_form="Shop")
        for values in ({"intake_channel": "hand"}, {"intake_form": "Other"}):
            with self.assertRaises(AccessError):
                lead.with_user(self.administrator).write(values)

    def test_copies_are_made_by_hand(self):
        copy = self._enter("api", intake_form="Shop").copy()
        self.assertEqual(copy.intake_channel, "hand")
        self.assertFalse(copy.intake_form)

    def test_many_leads_cost_no_more_than_a_few(self):
        """Core looks for a stage for each lead; nothing is added to that."""

        def count(channel, number):
            Lead = self.Lead.with_user(self.salesman)
            values = [{"name": f"Lead {index}"} for index in range(number)]
            enter = Lead.with_context(intake_channel=channel).create
            return self._count_queries(lambda: enter(values))

        def count_extra(number):
            return count("import", number) - count("hand", number)

        count_extra(1)  # what is cached once
        self.assertLessEqual(count_extra(25), count_extra(5))
