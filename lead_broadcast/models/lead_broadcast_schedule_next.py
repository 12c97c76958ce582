from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_datetime

SHOWN, DAYS = 3, 10
FORMAT = "EEE d MMM HH:mm"


class LeadBroadcastSchedule(models.Model):
    """When a schedule comes next, for who sets it up."""

    _inherit = "lead.broadcast.schedule"

    next_times = fields.Char(
        compute="_compute_next_times",
        help="For a recipient in your time zone.",
    )

    @api.depends_context("tz", "company", "lang")
    @api.depends("kind", "time_ids.hour", "working_days_only", "calendar_id")
    def _compute_next_times(self):
        now, tz = fields.Datetime.now(), self.env.tz.zone
        for schedule in self:
            hours = schedule.time_ids.mapped("hour")
            if schedule.kind == "once" or not all(0 <= hour < 23.995 for hour in hours):
                schedule.next_times = False
                continue
            slots = schedule._get_slots(
                tz, self.env.company, now, now + timedelta(days=DAYS)
            )
            times = [
                format_datetime(
                    self.env, slot.moment, tz=tz, dt_format="EEE d MMM HH:mm"
                )
                for slot in slots[:SHOWN]
            ]
            schedule.next_times = " · ".join(times)
