from odoo import fields, models


class LeadBroadcastInboundSms(models.Model):
    _inherit = "lead.broadcast.inbound.sms"

    provider = fields.Selection(
        selection_add=[("twilio", "Twilio")], ondelete={"twilio": "set operator"}
    )
