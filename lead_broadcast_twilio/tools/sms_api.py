import requests
from urllib3.exceptions import MaxRetryError

from odoo.addons.sms_twilio.tools.sms_api import SmsApiTwilio

OPTED_OUT = 21610
TRANSIENT = {
    20429,  # too many requests
    21611,  # too many messages wait for this sender already
    30001,  # Twilio's queue is full
}
AUTHENTICATION = {20003, 20005}  # wrong credentials, account not active
# Twilio may have accepted a message although its answer was lost. It reports within
# seconds then, and a message that was reported is not sent again.
UNANSWERED_RETRY_AFTER = 300


class BroadcastSmsApiTwilio(SmsApiTwilio):
    """Twilio, with its failures told apart: what will pass, what never will, and what
    nobody knows."""

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiTwilio.PROVIDER_TO_SMS_FAILURE_TYPE | {
        "sms_optout": "sms_optout",
        "twilio_authentication": "twilio_authentication",
    }

    def __init__(self, env, account=None):
        super().__init__(env, account=account)
        self._unanswered = set()  # uuids

    def _sms_twilio_send_request(self, session, to_number, body, uuid):
        attempt = _Attempt(session)
        response = super()._sms_twilio_send_request(attempt, to_number, body, uuid)
        if attempt.is_unanswered:
            self._unanswered.add(uuid)
        return response

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        results = super()._send_sms_batch(messages, delivery_reports_url)
        for result in results:
            if result["uuid"] in self._unanswered:
                result["retry_after"] = UNANSWERED_RETRY_AFTER
        return results

    def _twilio_error_code_to_odoo_state(self, response_json):
        code = response_json.get("code") or response_json.get("error_code")
        status = response_json.get("status")
        if code == OPTED_OUT:
            return "sms_optout"
        if code in AUTHENTICATION:
            return "twilio_authentication"
        is_overloaded = isinstance(status, int) and (status == 429 or status >= 500)
        if code in TRANSIENT or is_overloaded:
            return "server_error"
        return super()._twilio_error_code_to_odoo_state(response_json)


class _Attempt:
    """The session through which core posts one message, and what came of that."""

    def __init__(self, session):
        self.session = session
        self.is_unanswered = False

    def post(self, url, **options):
        """Raise for an answer that is none, as for no answer: core handles that.

        The page of a proxy in between would stop all messages of the batch.
        """
        try:
            response = self.session.post(url, **options)
            if not isinstance(response.json(), dict):
                raise requests.exceptions.InvalidJSONError("Not an answer of Twilio's")
        except requests.exceptions.RequestException as error:
            # raised from this one, Twilio was not even reached
            [reason] = error.args[:1] or [None]
            self.is_unanswered = not isinstance(reason, MaxRetryError)
            raise
        return response
