from odoo import fields, models


class LeadBroadcastScheduleRun(models.Model):
    """What was planned already, so that no slot is planned twice."""

    _name = "lead.broadcast.schedule.run"
    _description = "Run of a Schedule"
    _order = "id desc"

    schedule_id = fields.Many2one(
        "lead.broadcast.schedule", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    tz = fields.Char(required=True)
    slot = fields.Char(required=True, help="Local date and time.")

    _once_uniq = models.Constraint(
        "UNIQUE(schedule_id, company_id, tz, slot)", "A slot is planned only once."
    )
