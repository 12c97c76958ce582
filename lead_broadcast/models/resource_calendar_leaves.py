from odoo import api, fields, models

TIMES = {"date_from", "date_to", "resource_id", "time_type"}


class ResourceCalendarLeaves(models.Model):
    """An absence that begins passes on the leads that nobody has answered."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._set_absence_alarm()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        if TIMES & vals.keys():
            self._set_absence_alarm()
        return result

    def _set_absence_alarm(self):
        """Have the leads of who is absent looked at when the absence begins."""
        now = fields.Datetime.now()
        leaves = self.sudo()  # sudo: only when, and whether it is a person's
        absences = leaves.filtered(
            lambda leave: (
                leave.time_type == "leave"
                and leave.date_to > now
                and leave.resource_id.user_id
            )
        )
        self.env["crm.lead"]._set_absence_alarm(
            [max(leave.date_from, now) for leave in absences]
        )
