from odoo import api, models


class LeadBroadcast(models.Model):
    """While a round is open nobody has the lead; when it is over without a winner,
    somebody must take care of it again."""

    _inherit = "lead.broadcast"

    @api.model_create_multi
    def create(self, vals_list):
        broadcasts = super().create(vals_list)
        broadcasts.lead_id._sync_assignee()
        return broadcasts

    def write(self, vals):
        result = super().write(vals)
        if {"lead_id", "state"} & vals.keys():
            self.lead_id._sync_assignee()
        return result
