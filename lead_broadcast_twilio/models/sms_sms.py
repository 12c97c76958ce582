from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _handle_call_result_hook(self, results):
        result = super()._handle_call_result_hook(results)
        opted_out = self.filtered(lambda message: message.failure_type == "sms_optout")
        self.env["phone.blacklist"].sudo()._add_opted_out_at_twilio(
            opted_out.mapped("number")
        )
        return result
