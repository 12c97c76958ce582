from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import get_known_zone, to_utc

END_OF_DAY = time(23, 59, 59)


class LeadResponseAbsence(models.TransientModel):
    """Notes that somebody is absent, where no app for time off does so: whole days, as
    the person's own clock has them."""

    _name = "lead.response.absence"
    _description = "Note an Absence"

    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        domain=[("share", "=", False)],
        ondelete="cascade",
    )
    first_day = fields.Date(required=True, default=fields.Date.context_today)
    last_day = fields.Date(
        compute="_compute_last_day",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    reason = fields.Char()

    @api.depends("first_day")
    def _compute_last_day(self):
        for wizard in self:
            days = filter(None, [wizard.first_day, wizard.last_day])
            wizard.last_day = max(days, default=False)

    def action_note(self):
        """Note the absence; from its beginning the person's leads go to the back-up."""
        self.ensure_one()
        if self.last_day < self.first_day:
            raise UserError(
                self.env._("The last day comes before the first one. Correct the days.")
            )
        # sudo: administrators of broadcasts need not be those of resources
        resource_sudo = self._get_resource_sudo()
        tz = get_known_zone(self.user_id.tz, resource_sudo.tz)
        self.env["resource.calendar.leaves"].sudo().create(
            {
                "name": self.reason or self.env._("Absent"),
                "resource_id": resource_sudo.id,
                "calendar_id": resource_sudo.calendar_id.id,
                "date_from": to_utc(datetime.combine(self.first_day, time.min), tz),
                "date_to": to_utc(datetime.combine(self.last_day, END_OF_DAY), tz),
            }
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_resource_sudo(self):
        """Return what stands for the person in calendars: made where there is none yet,
        as without employees."""
        user_sudo = self.user_id.sudo()
        return user_sudo.resource_ids[:1] or user_sudo.resource_ids.create(
            {
                "name": user_sudo.name,
                "user_id": user_sudo.id,
                "company_id": user_sudo.company_id.id,
            }
        )
