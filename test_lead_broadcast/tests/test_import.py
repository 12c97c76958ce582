from odoo.tests import tagged

from odoo.addons.lead_broadcast.tests.intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestImport(IntakeCase):
    """A file is imported, as the import screen does it."""

    CHANNEL = "import"

    def _import(self, fields, *rows, user=None):
        """Import rows of a file; return the leads."""
        lines = [fields, *rows]
        wizard = (
            self.env["base_import.import"]
            .with_user(user or self.administrator)
            .create(
                {
                    "res_model": "crm.lead",
                    "file": "\n".join(",".join(line) for line in lines).encode(),
                    "file_name": "leads.csv",
                    "file_type": "text/csv",
                }
            )
        )
        result = wizard.execute_import(
            fields, fields, {"quoting": '"', "separator": ",", "has_headers": True}
        )
        self.assertFalse(result["messages"])
        return self.env["crm.lead"].browse(result["ids"])

    def test_leads_go_to_a_person_not_to_who_imports(self):
        leads = self._import(
            ["name", "phone"], ["Broken router", "98100"], ["Broken printer", "98101"]
        )
        self.assertEqual(leads.mapped("name"), ["Broken router", "Broken printer"])
        for lead in leads:
            self.assertGivenByRule(lead)

    def test_leads_about_work_start_the_ladder(self):
        lead = self._import(
            ["name", "service_id", "city"],
            ["Broken router", self.service.name, "New Delhi"],
        )
        self.assertSearching(lead)

    def test_salesperson_of_the_file_counts(self):
        lead = self._import(
            ["name", "user_id"], ["Broken router", self.other_user.name]
        )
        self.assertEqual(lead.intake_channel, "import")
        self.assertEqual(lead.user_id, self.other_user)
        self.assertFalse(lead.assignment_rule_id)

    def test_form_of_the_file_chooses_the_rule(self):
        rule = self._create_rule("Fair", intake_form="Trade fair", sequence=1)
        lead = self._import(
            ["name", "intake_form"], ["Broken router", "Trade fair"], user=self.user
        )
        self.assertGivenByRule(lead, rule, self.other_user)
