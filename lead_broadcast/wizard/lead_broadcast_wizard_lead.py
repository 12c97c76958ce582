from odoo import fields, models


class LeadBroadcastWizardLead(models.TransientModel):
    _name = "lead.broadcast.wizard.lead"
    _description = "Lead in the Broadcast Wizard"
    _order = "id"

    wizard_id = fields.Many2one(
        "lead.broadcast.wizard", required=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    candidate_count = fields.Integer("Partners to Ask")
    is_service_located = fields.Boolean("Located")
    problem = fields.Char()
    ladder_id = fields.Many2one("lead.broadcast.ladder", ondelete="cascade")
    can_climb = fields.Boolean(help="Whether this lead can start its ladder now.")
