from odoo import models
from odoo.tools import SQL


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _wait_until_sent(self):
        """Let the transaction that is sending these messages end first.

        Twilio reports before that. What is written then makes the sending transaction
        fail, and all that it has sent is sent once more. This one fails instead, and
        is repeated by Odoo.
        """
        if self:
            self.env.execute_query(
                SQL("SELECT FROM sms_sms WHERE id IN %s FOR NO KEY UPDATE", self._ids)
            )

    def _get_send_batch_size(self):
        """Commit after each message of the queue: Twilio takes one at a time, and what
        was sent since the last commit is uncertain when the server is killed."""
        companies_sudo = self.env["res.company"].sudo()  # sudo: of all, in one queue
        if not self and companies_sudo.search_count(
            [("sms_provider", "=", "twilio")], limit=1
        ):
            return 1
        return super()._get_send_batch_size()

    def _handle_call_result_hook(self, results):
        result = super()._handle_call_result_hook(results)
        opted_out = self.filtered(lambda message: message.failure_type == "sms_optout")
        self.env["phone.blacklist"].sudo()._add_opted_out_at_twilio(
            opted_out.mapped("number")
        )
        return result
