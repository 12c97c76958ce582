from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.lead_broadcast.tests.intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestWebsite(IntakeCase, HttpCase):
    """A visitor sends a form of the website, as a browser does."""

    CHANNEL = "website"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].get_current_website()
        cls.website.crm_default_team_id = cls.team
        cls.website.crm_default_user_id = False
        # the website builder does so when a form with these fields is saved
        cls.env["ir.model.fields"].formbuilder_whitelist(
            "crm.lead", ["intake_form", "service_id", "city", "tag_ids"]
        )

    def _send(self, page="/contactus", **values):
        """Send a form that is on a page; return its lead."""
        reply = self.url_open(
            "/website/form/crm.lead",
            data={
                "name": "The router does not start",
                "contact_name": "Asha",
                "email_from": "asha@somewhere.example",
                "phone": "+91 98100 12345",
                **values,
            },
            headers={"Referer": f"{self.base_url()}{page}"},
        )
        self.assertEqual(reply.status_code, 200)
        self.assertIn("id", reply.json())
        return self.env["crm.lead"].browse(reply.json()["id"])

    def test_form_goes_to_a_person_and_not_to_the_leader(self):
        lead = self._send()
        self.assertEqual(lead.contact_name, "Asha")
        self.assertEqual(lead.team_id, self.team)
        self.assertGivenByRule(lead)

    def test_form_about_work_starts_the_ladder(self):
        lead = self._send(service_id=self.service.id, city="New Delhi")
        self.assertSearching(lead)
        self.assertEqual(lead.user_id, self.team.user_id, "looks after it meanwhile")

    def test_leader_has_it_where_no_rule_fits(self):
        self.rule.active = False
        lead = self._send()
        self.assertFalse(lead.assignment_rule_id)
        self.assertEqual(lead.user_id, self.team.user_id)
        self.assertEqual(lead.response_assignment_ids.reason, "rule")

    def test_salesperson_of_the_settings_has_it_where_no_rule_fits(self):
        self.rule.active = False
        self.website.crm_default_user_id = self.other_user
        self.assertEqual(self._send().user_id, self.other_user)

    def test_rule_that_chooses_another_team_is_not_overruled(self):
        team = self.env["crm.team"].create({"name": "Without a leader"})
        rule = self._create_rule("Team", sequence=1, team_id=team.id)
        lead = self._send()
        self.assertEqual(lead.assignment_rule_id, rule)
        self.assertEqual(lead.team_id, team)
        self.assertFalse(lead.user_id)

    def test_page_names_the_form(self):
        self.assertEqual(self._send("/contactus?x=1").intake_form, "/contactus")

    def test_form_is_the_same_in_every_language(self):
        french = self.env["res.lang"]._activate_lang("fr_FR")
        french.url_code = "fr"
        self.website.language_ids = [Command.link(french.id)]
        self.assertEqual(self._send("/fr/contactus").intake_form, "/contactus")
        self.assertEqual(self._send("/frame").intake_form, "/frame")

    def test_hidden_field_names_the_form(self):
        rule = self._create_rule("Quotes", intake_form="Quote", sequence=1)
        lead = self._send(intake_form="Quote")
        self.assertGivenByRule(lead, rule, self.other_user)

    def test_visitors_do_not_choose_the_channel(self):
        self.assertEqual(self._send(intake_channel="api").intake_channel, "website")

    def test_source_of_the_form_chooses_the_rule(self):
        rule = self._create_rule("Fair", tag_ids=self.tag.ids, sequence=1)
        lead = self._send(tag_ids=str(self.tag.id))
        self.assertGivenByRule(lead, rule, self.other_user)
