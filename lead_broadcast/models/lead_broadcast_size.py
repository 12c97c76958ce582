from odoo import fields, models


class LeadBroadcastSize(models.Model):
    _name = "lead.broadcast.size"
    _description = "Size of a Job"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
