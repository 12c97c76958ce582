from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Mark what mailboxes answer by themselves (RFC 3834): it does not show that
        anybody has read what was sent."""
        auto_submitted = (message.get("Auto-Submitted") or "no").strip().lower()
        if not auto_submitted.startswith("no"):
            self = self.with_context(is_auto_reply=True)
        return super()._message_route_process(message, message_dict, routes)
