from odoo import models


class CrmLead(models.Model):
    """Steps that are taken out of turn."""

    _inherit = "crm.lead"

    def action_jump_ladder(self):
        """Ask which step of its ladder this lead is to take now."""
        self.ensure_one()
        self._check_can_broadcast()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_jump_action"
        )
        action["context"] = {"default_lead_id": self.id}
        if step_id := self.env.context.get("default_step_id"):
            action["context"]["default_step_id"] = step_id
        return action
