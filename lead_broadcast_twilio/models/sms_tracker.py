from odoo import models

from ..tools.sms_api import OPTED_OUT


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _action_update_from_twilio_error(self, sms_status, error_code, error_message):
        """Twilio finds an opt-out late when it chooses the sender itself."""
        if error_code != str(OPTED_OUT):
            return super()._action_update_from_twilio_error(
                sms_status, error_code, error_message
            )
        numbers = [
            *self.broadcast_notice_id.mapped("sms_number"),
            *self.broadcast_inbound_id.mapped("number"),
        ]
        self.env["phone.blacklist"]._add_opted_out_at_twilio(numbers)
        return self._action_update_from_sms_state(
            "error", failure_type="sms_optout", failure_reason=error_message
        )
