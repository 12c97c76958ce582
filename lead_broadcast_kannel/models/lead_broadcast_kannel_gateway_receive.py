import ipaddress
import logging
import re
from datetime import timedelta

from odoo import fields, models
from odoo.tools import consteq, mute_logger

from odoo.addons.lead_broadcast.models.sms_sms_uncertain import UNCERTAIN

from ..tools import kannel

_logger = logging.getLogger(__name__)

UUID = re.compile(r"[0-9a-f]{32}")
STATES = {
    kannel.DELIVERED: "sent",
    kannel.BUFFERED: "pending",
    kannel.ACCEPTED: "pending",
    kannel.FAILED: "error",
    kannel.REJECTED: "error",
}
# How far a message has come: late reports never take it back.
PROGRESS = {"outgoing": 0, "process": 1, "pending": 2, "error": 3, "sent": 4}
# The transaction that sends a message may end after the reports on it; but an hour
# later what is not known is gone.
REPORT_PATIENCE = timedelta(hours=1)
MAX_REASON = 200


class LeadBroadcastKannelGateway(models.Model):
    """What Kannel calls back for: delivery reports and received messages."""

    _inherit = "lead.broadcast.kannel.gateway"

    def _is_caller(self, secret, address):
        """Tell whether a request comes from this gateway.

        :param str secret: that the request has
        :param str address: IP address of the peer
        """
        has_secret = consteq((self.secret or "").encode(), secret.encode())
        return bool(self) and has_secret and self._is_allowed_address(address)

    def _is_allowed_address(self, address):
        networks = self._get_allowed_networks()
        if not networks:
            return True
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        peer = getattr(peer, "ipv4_mapped", None) or peer
        return any(peer in network for network in networks)

    # ------------------------------------------------------------
    # DELIVERY REPORTS
    # ------------------------------------------------------------

    def _receive_report(self, uuid, report_type, text, sent_at):
        """Note what became of a message.

        :param str uuid: of the message
        :param str report_type: one bit of ``dlr-mask``, as digits
        :param str text: what the operator says
        :param datetime sent_at: when the message was sent, if the report tells
        :return: whether the report is done with; otherwise Kannel is to repeat it
        """
        self.ensure_one()
        state = report_type.isdecimal() and STATES.get(int(report_type[:3]))
        if not state or not UUID.fullmatch(uuid):
            return True
        message = self.env["sms.sms"].search([("uuid", "=", uuid)])
        tracker = self.env["sms.tracker"].search([("sms_uuid", "=", uuid)])
        if not message and not tracker:
            # unknown: not committed yet, or deleted since
            return bool(sent_at) and sent_at < fields.Datetime.now() - REPORT_PATIENCE
        with mute_logger("odoo.sql_db"):  # sent just now: Odoo repeats this request
            is_being_sent = message and not message.try_lock_for_update()
        if is_being_sent:
            # writing now would make that transaction fail, and the message be sent
            # again
            return False
        if state == "error":
            self._note_failure(message, tracker, int(report_type), text)
        else:
            tracker._action_update_from_sms_state(state)
        self._update_message(message, state)
        return True

    def _note_failure(self, message, tracker, report_type, text):
        """Pass on that a message was not delivered, unless it was."""
        is_delivered = (
            message.state == "sent"
            or tracker.mail_notification_id.notification_status == "sent"
        )
        if not is_delivered:
            # the rest of a receipt is the message's own text
            reason = re.split(r" text:", text, flags=re.IGNORECASE)[0]
            reason = reason.replace("\x00", "")[:MAX_REASON]
            tracker.with_context(
                sms_known_failure_reason=reason
            )._action_update_from_provider_error(kannel.read_failure(report_type, text))

    def _update_message(self, message, state):
        """Note how far a message in the queue has come; it is not sent again."""
        is_open = message.broadcast_retry_at or message.failure_type == UNCERTAIN
        if is_open or (message and PROGRESS[state] > PROGRESS.get(message.state, 0)):
            message.write(
                {
                    "state": state,
                    "failure_type": state == "error" and "unknown",
                    "broadcast_retry_at": False,
                    "broadcast_sending_since": False,
                    "to_delete": True,
                }
            )

    # ------------------------------------------------------------
    # RECEIVED MESSAGES
    # ------------------------------------------------------------

    def _receive_sms(self, parameters, now):
        """Take a message that somebody sent to this gateway's number.

        :param dict parameters: ``{str: bytes}`` as in the get-url of kannel.conf; none
            of them is to be believed, or even there
        :param datetime now: when the request came in
        """
        self.ensure_one()
        values = {
            name: parameters.get(name, b"").decode("utf-8", "replace")
            for name in ("from", "to", "charset", "coding", "smsc", "id", "time")
        }
        if not values["from"]:
            _logger.warning("Kannel gateway %s: a message without sender", self.id)
            return
        text = kannel.decode_text(
            parameters.get("text", b""), values["charset"], values["coding"]
        )
        ref = values["id"] and f"{values['smsc']}/{values['id']}"
        self.env["lead.broadcast.inbound.sms"].with_company(self.company_id)._receive(
            provider="kannel",
            sender=values["from"],
            recipient=values["to"],
            body=text,
            company=self.company_id,
            provider_ref=ref or None,
            received_at=kannel.read_time(values["time"], now),
        )
