from odoo import api, fields, models
from odoo.fields import Command


class LeadWhichRule(models.TransientModel):
    """Which rule applies to a lead, why those before it do not, and what else holds
    for the lead: so that nobody has to try rules out on real leads."""

    _name = "lead.which.rule"
    _description = "Which Rule Applies?"

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    rule_id = fields.Many2one("lead.assignment.rule", compute="_compute_rule_id")
    line_ids = fields.One2many(
        "lead.which.rule.line", "wizard_id", compute="_compute_rule_id"
    )
    policy_id = fields.Many2one(
        "lead.response.policy", "Response Policy", compute="_compute_policy_id"
    )
    ladder_id = fields.Many2one(
        "lead.broadcast.ladder", "Search Ladder", compute="_compute_ladder_id"
    )
    remark = fields.Char(compute="_compute_remark")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_id")
    def _compute_rule_id(self):
        rules = self.env["lead.assignment.rule"]
        for wizard in self:
            lead = wizard.lead_id
            wizard.rule_id = rules._match(lead).get(lead)
            wizard.line_ids = [Command.clear()] + [
                Command.create(values) for values in wizard._prepare_lines()
            ]

    @api.depends("lead_id")
    def _compute_policy_id(self):
        matches = self.env["lead.response.policy"]._match(self.lead_id)
        for wizard in self:
            wizard.policy_id = matches.get(wizard.lead_id)

    @api.depends("lead_id", "rule_id")
    def _compute_ladder_id(self):
        matches = self.env["lead.broadcast.ladder"]._match(self.lead_id)
        for wizard in self:
            wizard.ladder_id = (
                wizard.rule_id.ladder_id
                or wizard.lead_id.ladder_id
                or matches.get(wizard.lead_id)
            )

    @api.depends("lead_id")
    def _compute_remark(self):
        """Say why the rules do not change anything about the lead by themselves."""
        for wizard in self:
            lead = wizard.lead_id
            if problem := lead and lead._get_rules_problem():
                wizard.remark = self.env._("Rules leave it as it is. %s", problem)
            else:
                wizard.remark = bool(lead.user_id) and self.env._(
                    "%s has it: rules are followed by leads that enter without a"
                    " salesperson, and where somebody applies them.",
                    lead.user_id.name,
                )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _prepare_lines(self):
        """Return the values of one line for each rule, in the order of the rules."""
        self.ensure_one()
        if not self.lead_id:
            return []
        rules = self.env["lead.assignment.rule"]
        return [
            self._prepare_line(rule)
            for rule in rules.search(rules._get_applicable_domain())
        ]

    def _prepare_line(self, rule):
        misses = [each for each in rule._explain(self.lead_id) if not each.fits]
        if rule == self.rule_id:
            answer = "applies"
        else:
            answer = "misses" if misses else "later"
        return {
            "rule_id": rule.id,
            "answer": answer,
            "outcome": rule._get_outcome(self.lead_id),
            "why": "\n".join(
                self.env._(
                    "%(criterion)s: %(found)s (wanted: %(wanted)s)",
                    criterion=miss.name,
                    found=miss.found or self.env._("none"),
                    wanted=miss.wanted,
                )
                for miss in misses
            ),
        }
