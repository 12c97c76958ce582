from odoo import fields, models


class LeadWhichRuleLine(models.TransientModel):
    _name = "lead.which.rule.line"
    _description = "Rule That Applies or Not"

    wizard_id = fields.Many2one(
        "lead.which.rule", required=True, index=True, ondelete="cascade"
    )
    rule_id = fields.Many2one("lead.assignment.rule", required=True, ondelete="cascade")
    outcome = fields.Char("Goes to")
    answer = fields.Selection(
        [
            ("applies", "Applies"),
            ("later", "Fits, comes later"),
            ("misses", "Does not fit"),
        ],
        "Applies?",
    )
    why = fields.Text("Why Not")
