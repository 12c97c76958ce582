from odoo import api, models

from ..tools import get_diagnosis, is_bounce


class MailThread(models.AbstractModel):
    """Mails that come back because they could not be delivered."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Let the notice know; its mail may be deleted by now.

        What core takes for a bounce can also be a report of success or delay.
        """
        result = super()._routing_handle_bounce(email_message, message_dict)
        message_ids = message_dict.get("bounced_msg_ids")
        if message_ids and is_bounce(email_message):
            # sudo: bounces come from anywhere
            self.env["lead.broadcast.notice"].sudo()._note_bounce(
                message_ids, get_diagnosis(email_message)
            )
        return result
