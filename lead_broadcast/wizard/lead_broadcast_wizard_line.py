from odoo import api, fields, models

from .lead_broadcast_wizard import AVAILABLE


class LeadBroadcastWizardLine(models.TransientModel):
    _name = "lead.broadcast.wizard.line"
    _inherit = "lead.broadcast.candidate.mixin"
    _description = "Candidate in the Broadcast Wizard"
    _order = "id"

    wizard_id = fields.Many2one(
        "lead.broadcast.wizard", required=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    is_available = fields.Boolean(compute="_compute_is_available")
    sms_recipient_names = fields.Char()
    sms_detail = fields.Char("SMS to", compute="_compute_sms_detail")

    @api.depends("reason")
    def _compute_is_available(self):
        for line in self:
            line.is_available = line.reason in AVAILABLE

    @api.depends("sms_summary", "sms_recipient_names")
    def _compute_sms_detail(self):
        """Name the people after the figures, for those who want to know."""
        for line in self:
            parts = filter(None, [line.sms_summary, line.sms_recipient_names])
            line.sms_detail = ": ".join(parts)
