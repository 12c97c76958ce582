from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .assignment_rule_common import AssignmentRuleCase


@tagged("post_install", "-at_install")
class TestAssignmentRuleApply(AssignmentRuleCase):
    """Rules are applied again by a button, and explained on any lead."""

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    def test_apply(self):
        """What nobody has answered follows the rules as they are now."""
        fitting, answered, allocated, other = leads = self._create_leads(4)
        (fitting | answered | allocated).zip = "110016"
        other.zip = "560001"
        answered.with_user(self.user).message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        answered.first_response_date = fields.Datetime.now()
        allocated.with_user(self.user)._allocate(self.saket)
        rule = self._create_rule(zip_prefix="110")
        action = leads.with_user(self.supervisor).action_apply_rules()
        self.assertEqual(fitting.user_id, self.other_user)
        self.assertEqual(leads.filtered("assignment_rule_id"), fitting)
        self.assertEqual(rule.lead_count, 1)
        self.assertEqual((leads - fitting).user_id, self.user)
        message = action["params"]["message"]
        for part in ("follow a rule: 1", "answered already", "belongs to", "No assign"):
            self.assertIn(part, message)

    def test_apply_to_leads_of_others(self):
        self._create_rule()
        self.lead.user_id = self.supervisor
        with self.assertRaises(AccessError):
            self.lead.with_user(self.salesman).action_apply_rules()
        self.assertEqual(self.lead.user_id, self.supervisor)

    # ------------------------------------------------------------
    # EXPLAIN
    # ------------------------------------------------------------

    def _ask(self, lead, user=None):
        """Open the question on a lead; return its form and the lines of it."""
        form = Form(
            self.env["lead.which.rule"]
            .with_user(user or self.user)
            .with_context(default_lead_id=lead.id)
        )
        lines = [
            (line["rule_id"], line["answer"], line["why"])
            for line in form.line_ids._records
        ]
        return form, lines

    def test_explain(self):
        rule = self._create_rule(
            source_ids=[Command.set(self.source.ids)],
            zip_prefix="110",
            domain="[('priority', '=', '3')]",
        )
        self.lead.write({"zip": "560001", "source_id": self.source.id})
        self.assertEqual(
            [tuple(criterion) for criterion in rule._explain(self.lead)],
            [
                ("Sources", "Trade fair", "Trade fair", True),
                ("ZIP Begins with", "110", "560001", False),
                ("Further conditions", "[('priority', '=', '3')]", "not met", False),
            ],
        )

    def test_explain_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        rule = self._create_rule(company_id=self.env.company.id)
        lead = self.env["crm.lead"].create(
            {"name": "Theirs", "user_id": False, "company_id": other.id}
        )
        lead.company_id = other
        self.assertEqual(
            [tuple(criterion) for criterion in rule._explain(lead)],
            [("Company", self.env.company.name, "Elsewhere", False)],
        )

    def test_which_rule(self):
        far = self._create_rule("Far", zip_prefix="56", sequence=1)
        near = self._create_rule("Near", zip_prefix="110", sequence=2)
        rest = self._create_rule("Rest", sequence=3)
        self.lead.zip = "110016"
        form, lines = self._ask(self.lead)
        self.assertEqual(form.rule_id, near)
        self.assertEqual(
            lines,
            [
                (far.id, "misses", "ZIP Begins with: 110016 (wanted: 56)"),
                (near.id, "applies", ""),
                (rest.id, "later", ""),
            ],
        )
        self.assertIn(self.user.name, form.remark, "who has it already")

    def test_no_lead_yet(self):
        """From the list of rules the lead is chosen in the dialog."""
        rule = self._create_rule()
        form = Form(self.env["lead.which.rule"].with_user(self.user))
        self.assertFalse(form.rule_id or form.line_ids or form.remark)
        form.lead_id = self.lead
        self.assertEqual(form.rule_id, rule)

    def test_what_else_holds(self):
        ladder = self.env["lead.broadcast.ladder"].create({"name": "Careful"})
        self.lead.ladder_id = ladder
        policy = self.env["lead.response.policy"].create(
            {"name": "Fast", "level_ids": [Command.create({"name": "One"})]}
        )
        form, lines = self._ask(self.lead)
        self.assertFalse(form.rule_id)
        self.assertEqual(lines, [])
        self.assertEqual(form.ladder_id, ladder)
        self.assertEqual(form.policy_id, policy)

    def test_rule_form(self):
        """An administrator sets a rule up without a manual."""
        form = Form(self.Rule.with_user(self.administrator))
        form.name = "Website"
        form.intake_channel = "website"
        form.user_id = self.user
        rule = form.save()
        self.assertFalse(rule.problem)
        self.other_user.active = False
        rule.user_id = self.other_user
        self.assertIn(self.other_user.name, rule.problem)

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def _count_entering(self, number, **values):
        values = {"name": "Enquiry", "user_id": False, "zip": "110016", **values}
        Lead = self.env["crm.lead"]
        return self._count_queries(lambda: Lead.create([values] * number))

    def test_queries(self):
        """Rules cost nothing where there are none; many leads cost what they do when
        somebody chooses their salesperson."""
        self._count_entering(1)  # fills the caches of the registry
        few, many = (
            self._count_entering(number, user_id=self.user.id) for number in (2, 30)
        )
        without = self._count_entering(2)
        rules = self._create_rule(zip_prefix="560", sequence=1)
        rules |= self._create_rule(zip_prefix="110", sequence=2)
        self._count_entering(1)
        few_by_rule, many_by_rule = (self._count_entering(number) for number in (2, 30))
        self.assertEqual(rules.mapped("lead_count"), [0, 33])
        self.assertLessEqual(many_by_rule - few_by_rule, many - few + 2)
        rules.active = False
        self._count_entering(1)
        self.assertLessEqual(self._count_entering(2), without)
