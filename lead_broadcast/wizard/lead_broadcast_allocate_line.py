from odoo import fields, models


class LeadBroadcastAllocateLine(models.TransientModel):
    _name = "lead.broadcast.allocate.line"
    _description = "Lead to Give to a Partner or Team"

    wizard_id = fields.Many2one(
        "lead.broadcast.allocate", required=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    service_id = fields.Many2one(related="lead_id.service_id")
    service_place = fields.Char(related="lead_id.service_place")
    is_left_out = fields.Boolean()
    remark = fields.Char("What Speaks against It")
