from odoo import fields, models


class LeadWhichRuleLine(models.TransientModel):
    _name = "lead.which.rule.line"
    _description = "Rule That Applies or Not"

    wizard_id = fields.Many2one(
        "lead.which.rule", required=True, index=True, ondelete="cascade"
    )
    rule_id = fields.Many2one("lead.assignment.rule", required=True, ondelete="cascade")
    user_id = fields.Many2one(related="rule_id.user_id")
    team_id = fields.Many2one(related="rule_id.team_id")
    ladder_id = fields.Many2one(related="rule_id.ladder_id")
    answer = fields.Selection(
        [
            ("applies", "Applies"),
            ("later", "Fits, comes later"),
            ("misses", "Does not fit"),
        ],
        "Applies?",
    )
    why = fields.Char("Why Not")
