from datetime import timedelta
from math import ceil

from odoo import api, fields, models

MIN_HOURS = 0.25  # nobody can answer in less


class CrmLead(models.Model):
    """The nearer the closure date, the sooner partners have to answer, and the more
    of them are asked."""

    _inherit = "crm.lead"

    urgency_id = fields.Many2one(
        "lead.broadcast.urgency",
        compute="_compute_urgency_id",
        groups="lead_broadcast.group_user",
        help="The closure date is near: partners have less time to answer, and more of"
        " them are asked.",
    )

    @api.depends("closure_date")
    def _compute_urgency_id(self):
        for lead in self:
            urgency = lead._get_urgency()
            lead.urgency_id = urgency and urgency.id

    def _get_urgent_hours(self, hours):
        """Return how long offers are valid that would be so for ``hours`` if the lead
        could wait; at least a quarter of an hour, unless ``hours`` is less."""
        self.ensure_one()
        if not (urgency := self._get_urgency()):
            return hours
        return max(hours * urgency.validity_percent / 100, min(hours, MIN_HOURS))

    def _get_urgent_size(self, size):
        """Return how many partners are asked instead of ``size``, if the lead cannot
        wait. 0, which means everybody, stays so."""
        self.ensure_one()
        if not (size and (urgency := self._get_urgency())):
            return size
        return ceil(size * urgency.wave_percent / 100)

    def _get_urgency(self):
        """Return the :class:`Urgency` that applies to this lead now, or None."""
        self.ensure_one()
        if not (end := self._get_closure_end()):
            return None
        left = end - fields.Datetime.now()
        rules = self.env["lead.broadcast.urgency"]._get_rules()
        return next(
            (rule for rule in rules if left <= timedelta(hours=rule.hours_left)), None
        )
