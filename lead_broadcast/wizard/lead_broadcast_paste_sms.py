from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

MAX_AGE = timedelta(days=7)


class LeadBroadcastPasteSms(models.TransientModel):
    """A message that reached somebody of the team instead of the gateway: it is
    handled as if it had come by the gateway."""

    _name = "lead.broadcast.paste.sms"
    _description = "Paste an SMS"

    sender = fields.Char("From Number", required=True)
    body = fields.Text("Message", required=True)
    received_at = fields.Datetime(
        "Received", required=True, default=fields.Datetime.now
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    @api.constrains("received_at")
    def _check_received_at(self):
        now = fields.Datetime.now()
        for wizard in self:
            if not now - MAX_AGE <= wizard.received_at <= now + timedelta(minutes=1):
                raise ValidationError(
                    self.env._("The message must have come within the last seven days.")
                )

    def action_receive(self):
        """Handle the message, and say what came of it."""
        self.ensure_one()
        self.check_access("write")
        self._check_sender()
        # sudo: nobody writes the log; whoever may answer offers may paste messages
        message = (
            self.env["lead.broadcast.inbound.sms"]
            .sudo()
            ._receive(
                provider="operator",
                sender=self.sender,
                recipient=self.company_id.broadcast_sms_number,
                body=self.body,
                company=self.company_id,
                received_at=self.received_at,
            )
        )
        results = dict(message._fields["result"]._description_selection(self.env))
        is_done = message.result in ("accepted", "already_yours")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if is_done else "warning",
                "title": results[message.result],
                "message": self.env._("The sender gets a reply by SMS.")
                if message.reply_body
                else self.env._("Nothing is replied."),
                "sticky": not is_done,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_sender(self):
        """A mistyped number is found before anything is done."""
        if not self.company_id._phone_format(
            number=self.sender, country=self.company_id.country_id
        ):
            raise UserError(
                self.env._(
                    "%s is no phone number. Write it with plus and country code, such"
                    " as +91 98100 12345.",
                    self.sender,
                )
            )
