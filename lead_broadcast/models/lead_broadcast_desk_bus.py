from odoo import api, models


class LeadBroadcast(models.Model):
    """Rounds that start, end or change their end show on the desk."""

    _inherit = "lead.broadcast"

    @api.model_create_multi
    def create(self, vals_list):
        broadcasts = super().create(vals_list)
        broadcasts.lead_id._announce_search()
        return broadcasts

    def write(self, vals):
        result = super().write(vals)
        if {"lead_id", "state", "valid_until"} & vals.keys():
            self.lead_id._announce_search()
        return result
