import logging

from odoo.http import request, route

from odoo.addons.lead_broadcast.tools import get_received_at
from odoo.addons.sms_twilio.controllers.controllers import SmsTwilioController
from odoo.addons.sms_twilio.tools.sms_twilio import get_twilio_status_callback_url

_logger = logging.getLogger(__name__)

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
MAX_REQUEST = 64 * 1024  # bytes; the longest message has a tenth of that
CARRIER_WORDS = {"STOP": "stop", "START": "start", "HELP": "other"}
WAITING_AT_TWILIO = ("accepted", "queued", "scheduled")


class BroadcastTwilioController(SmsTwilioController):
    @route(
        "/lead_broadcast_twilio/receive/<company>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_REQUEST,
    )
    def receive_sms(self, company, **_params):
        """Receive a message.

        The answer has no text: what there is to say goes through the queue, where it
        is tried again and tracked, as everything else that is sent.
        """
        form = request.httprequest.form
        company_id = int(company) if company.isdecimal() and len(company) < 10 else 0
        # sudo: the signature tells who calls, not a login
        companies_sudo = request.env["res.company"].sudo()
        company_sudo = companies_sudo.search([("id", "=", company_id)])
        if not company_sudo._is_sms_from_twilio(request.httprequest):
            _logger.info("Refused a message: not signed by Twilio for %r", company[:10])
            return request.make_response("", status=404)
        request.env["lead.broadcast.inbound.sms"].sudo()._receive(
            provider="twilio",
            sender=form.get("From"),
            recipient=form.get("To"),
            body=form.get("Body"),
            company=company_sudo,
            provider_ref=form.get("MessageSid"),
            received_at=get_received_at(),
            carrier_word=CARRIER_WORDS.get(form.get("OptOutType")),
        )
        return request.make_response(EMPTY_TWIML, [("Content-Type", "text/xml")])

    @route()
    def update_sms_status(self, uuid, SmsStatus=None, **params):
        """Core takes what waits in Twilio's queue for what waits in ours, and so takes
        a message back that was reported before."""
        if SmsStatus in WAITING_AT_TWILIO:
            SmsStatus = "sending"
        return super().update_sms_status(uuid, SmsStatus, **params)

    def _validate_twilio_signature(self, request, uuid):
        """Validate reports on messages that have left the queue, too.

        Core takes the company from the message, which is deleted within a day, and
        fails on a company without token and on signatures that are no plain text.
        """
        # sudo: the signature tells who calls, not a login
        message_sudo = request.env["sms.sms"].sudo().search([("uuid", "=", uuid)])
        if message_sudo:
            companies_sudo = message_sudo._get_sms_company().sudo()
        else:
            companies_sudo = request.env["res.company"].sudo().search([])
        is_signed = any(
            company._is_signed_by_twilio(
                get_twilio_status_callback_url(company, uuid), request.httprequest
            )
            for company in companies_sudo
        )
        if is_signed:
            message_sudo._wait_until_sent()
        return is_signed
