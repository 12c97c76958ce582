from odoo import fields, models


class LeadBroadcastScheduleTime(models.Model):
    """A time of the day of a schedule."""

    _name = "lead.broadcast.schedule.time"
    _description = "Time of a Schedule"
    _order = "hour"

    schedule_id = fields.Many2one(
        "lead.broadcast.schedule", required=True, index=True, ondelete="cascade"
    )
    hour = fields.Float("Time", required=True, help="In the recipient's time zone.")

    _check_hour = models.Constraint(
        "CHECK(hour >= 0 AND hour < 24)", "A time of the day is from 0:00 to 23:59."
    )
    _once_uniq = models.Constraint(
        "UNIQUE(schedule_id, hour)", "A time can be given only once."
    )
