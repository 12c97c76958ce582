from odoo import models


class LeadBroadcastOffer(models.Model):
    """Answers show on the desk."""

    _inherit = "lead.broadcast.offer"

    def write(self, vals):
        result = super().write(vals)
        if {"decline_reason_id", "state"} & vals.keys():
            self.lead_id._announce_search()
        return result
