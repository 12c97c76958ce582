from odoo import api, models

NOTIFICATION = "lead_broadcast.search_changed"

# what the desk and the lines on its form show of a lead, and what makes it appear on
# the desk or leave
SHOWN_FIELDS = {
    "active",
    "allocated_offer_id",
    "allocated_team_id",
    "closure_date",
    "company_id",
    "completion_date",
    "first_response_date",
    "ladder_id",
    "ladder_state",
    "ladder_step_id",
    "name",
    "next_action_at",
    "partner_id",
    "response_deadline",
    "service_id",
    "service_place",
    "stage_id",
    "team_id",
    "user_id",
}


class CrmLead(models.Model):
    """Tells the desks of all users at once what has changed, and nothing of it: each
    desk reads again what its user may see."""

    _inherit = "crm.lead"

    def write(self, vals):
        result = super().write(vals)
        if SHOWN_FIELDS & vals.keys():
            self.filtered("searching_since")._announce_search()
        return result

    def _announce_search(self):
        """Have the desks read these leads again once the transaction is over, in one
        message however often it changes them."""
        hooks = self.env.cr.precommit
        if not self._ids:
            return
        if NOTIFICATION not in hooks.data:
            hooks.data[NOTIFICATION] = set()
            hooks.add(self.env[self._name].sudo()._send_search_changes)
        hooks.data[NOTIFICATION].update(self.ids)

    @api.model
    def _send_search_changes(self):
        lead_ids = self.env.cr.precommit.data.pop(NOTIFICATION, None)
        # not env.ref: as in _preview_offer_sms
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "lead_broadcast.group_user"
        )
        self.env["res.groups"].browse(group_id)._bus_send(
            NOTIFICATION, {"lead_ids": sorted(lead_ids)}
        )
