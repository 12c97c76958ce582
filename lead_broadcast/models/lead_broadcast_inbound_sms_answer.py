from datetime import timedelta

from odoo import api, fields, models

from ..tools import find_request_codes
from .lead_broadcast_notice_sms import PROGRESS

WINDOW = timedelta(hours=1)  # of the rate limits
# what somebody gets who tries out codes; a word of thanks is none of it
FAILURES = ("unknown_code", "foreign_code", "typo", "not_authorized")
STRANGERS = ("unknown_sender",)
NO_REPLY = ("unknown_sender", "opted_out", "opted_in", "carrier_word", "failed")


class LeadBroadcastInboundSms(models.Model):
    """What a received message says, what is done, and what is replied."""

    _inherit = "lead.broadcast.inbound.sms"

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _answer(self):
        """Do what this message says, note the result and reply.

        Who is not known by the number can do nothing and hears nothing.
        """
        self.ensure_one()
        number, contacts = self._find_sender()
        self.number = number
        if not contacts:
            result = "unknown_sender"
        elif self.carrier_word:  # STOP is heard however much was written before
            result = self._obey_carrier_word(contacts)
        elif self._is_over_limit():
            result = "rate_limited"
        else:
            result, contacts = self._answer_offer(contacts)
        self.write(
            {
                "result": result,
                "contact_id": contacts[:1].id,
                "processed_at": fields.Datetime.now(),
            }
        )
        self._reply()

    def _find_sender(self):
        """Return the sender's number as E.164, and who has it.

        Gateways write numbers with a plus, without one, or as they are dialled in
        the country.

        :return: number or False, and ``res.partner`` records
        """
        sender = (self.sender or "").strip()
        country = self.company_id.country_id
        forms = [sender, f"+{sender}"] if sender[:1].isdigit() else [sender]
        contacts = self.env["res.partner"]
        numbers = [
            number
            for form in reversed(forms)
            if (number := contacts._phone_format_number(form, country))
        ]
        for number in numbers:
            if found := contacts._find_alert_senders(number):
                return number, found
        return (numbers or [False])[0], contacts

    def _obey_carrier_word(self, contacts):
        """Follow what the sender has told the operator: it replies itself."""
        if self.carrier_word == "stop":
            contacts._opt_out_of_alerts()
            return "opted_out"
        if self.carrier_word == "start":
            contacts._opt_in_to_alerts()
            return "opted_in"
        return "carrier_word"

    def _answer_offer(self, contacts):
        """Accept the offer whose code is in the message.

        :param contacts: ``res.partner`` records that have the sender's number
        :return: the result, and for whom it holds
        """
        authorized = contacts.filtered("broadcast_alert_authorized")
        if not authorized:
            return "not_authorized", contacts
        codes = find_request_codes(self.body or "")
        if len(codes.valid) > 1:
            return "several_codes", authorized
        if not codes.valid:
            return ("typo" if codes.has_typo else "no_code"), authorized
        offer = self.env["lead.broadcast.offer"].search(
            [("request_code", "=", codes.valid[0])]
        )
        if not offer:
            return "unknown_code", authorized
        company = offer.partner_id.commercial_partner_id
        own = authorized.filtered(
            lambda contact: contact.commercial_partner_id == company
        )[:1]
        if not own:
            return "foreign_code", authorized
        self.offer_id = offer
        return offer._accept("sms", own, received_at=self.received_at), own

    # ------------------------------------------------------------
    # RATE LIMITS
    # ------------------------------------------------------------

    def _is_over_limit(self):
        """Tell whether this sender has failed too often within the hour.

        When the gateway as a whole has received too many failures, somebody tries
        out numbers as well: then one failure is enough.
        """
        limit = self.company_id.broadcast_sms_failure_limit
        failed = self.search_count(
            [
                *self._get_window(self.received_at),
                ("number", "=", self.number),
                ("result", "in", FAILURES),
            ],
            limit=limit,
        )
        if not failed:
            return False
        gateway_limit = self.company_id.broadcast_sms_gateway_limit
        return failed >= limit or gateway_limit <= self._count_failures(
            self.company_id, self.received_at, gateway_limit
        )

    @api.model
    def _get_window(self, moment):
        """Return the domain of what was received within the hour before.

        Limits look at the receipt of the message in hand, not at the clock: what
        waited at a gateway, or has a slow clock, is counted all the same.
        """
        return [("received_at", ">", moment - WINDOW), ("received_at", "<=", moment)]

    @api.model
    def _count_failures(self, company, moment, limit=None):
        """Return how many messages to a company failed within the hour before."""
        return self.search_count(
            [
                *self._get_window(moment),
                ("company_id", "=", company.id),
                ("result", "in", FAILURES + STRANGERS),
            ],
            limit=limit,
        )

    def _may_reply(self):
        """Tell whether a reply is due: one at most, not for ever, and not to who
        does not want any. Who has won is told in any case, and who writes too often
        is told so once."""
        if self.result in NO_REPLY or self.contact_id.broadcast_alert_blacklisted:
            return False
        if self.result == "accepted":
            return True
        recent = [
            *self._get_window(self.received_at),
            ("number", "=", self.number),
            ("id", "!=", self.id),
        ]
        if self.result == "rate_limited":
            return not self.search_count(
                recent + [("result", "=", "rate_limited")], limit=1
            )
        limit = self.company_id.broadcast_sms_reply_limit
        return (
            self.search_count(recent + [("reply_body", "!=", False)], limit=limit)
            < limit
        )

    # ------------------------------------------------------------
    # REPLY
    # ------------------------------------------------------------

    def _reply(self):
        """Tell the sender what became of the message, in their language."""
        template = self.env.ref(
            f"lead_broadcast.sms_template_reply_{self.result}",
            raise_if_not_found=False,
        )
        if not template or not self._may_reply():
            return
        lang = self.contact_id.lang or self.env.lang
        body = template._render_field("body", self.ids, set_lang=lang)[self.id]
        self.write({"reply_body": body, "reply_state": "outgoing"})
        self.env["sms.sms"]._queue_broadcast_sms(
            [
                {
                    "body": body,
                    "number": self.number,
                    "partner_id": self.contact_id.id,
                    "broadcast_company_id": self.company_id.id,
                    "broadcast_inbound_id": self.id,
                }
            ]
        )

    def _update_reply_state(self, sms_state):
        """Note what became of the reply; what is reported late never takes it back.

        :param str sms_state: state of ``sms.sms``
        """
        self.filtered(
            lambda message: (
                PROGRESS[sms_state] > PROGRESS[message.reply_state or "outgoing"]
            )
        ).reply_state = sms_state
