from datetime import time

from odoo import api, fields, models


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
        "CHECK(hour >= 0 AND hour < 23.995)",
        "A time of the day is from 0:00 to 23:59.",
    )
    _once_uniq = models.Constraint(
        "UNIQUE(schedule_id, hour)", "A time can be given only once."
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        times = super().create(vals_list)
        times.schedule_id._note_change()
        return times

    def write(self, vals):
        result = super().write(vals)
        self.schedule_id._note_change()
        return result

    @api.depends("hour")
    def _compute_display_name(self):
        for at in self:
            at.display_name = at._get_time().strftime("%H:%M")

    def _get_time(self):
        """Return the time of the day, to the minute."""
        self.ensure_one()
        hours, minutes = divmod(round(self.hour * 60), 60)
        return time(hours, minutes)
