from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    broadcast_twilio_url = fields.Char(related="company_id.broadcast_twilio_url")
