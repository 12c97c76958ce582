import logging
import math
import re

import requests
from urllib3.exceptions import NewConnectionError

from odoo import fields

from odoo.addons.lead_broadcast.tools import is_gsm
from odoo.addons.sms.tools.sms_api import SmsApiBase

from . import kannel

_logger = logging.getLogger(__name__)

TIMEOUT = 10  # seconds to connect, and again to wait for the answer
UNSENT_ERRORS = (
    requests.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)
# Kannel takes several numbers at once, separated by blanks: exactly one may pass.
NUMBER = re.compile(r"\+?[0-9]{3,15}")


class SmsApiKannel(SmsApiBase):
    """Sends SMS through the gateway of a company.

    A failure that says nothing about the message (``server_error``) says that the
    gateway takes none: the other messages are not tried, so that they do not wait for
    one timeout each, and the gateway is left alone for a moment.
    """

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | {
        "country_not_supported": "sms_country_not_supported",
    }

    def _get_sms_api_error_messages(self):
        return {
            **super()._get_sms_api_error_messages(),
            "server_error": self.env._(
                "The SMS gateway does not take messages at the moment."
            ),
            "wrong_number_format": self.env._("The SMS gateway refuses the number."),
            "country_not_supported": self.env._(
                "The SMS gateway has no operator for this number."
            ),
        }

    # pylint: disable-next=unused-argument; reports have an address for each gateway
    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """Hand messages to Kannel one by one, which is how it takes them.

        :return: results as core knows them; ``retry_after`` in seconds when it is not
            known whether Kannel has the message
        """
        gateway_sudo = self.company._get_kannel_gateway()
        problem = gateway_sudo._get_pause_reason()
        is_paused = bool(problem)
        valid_until = self._get_valid_until(messages)
        results = []
        with open_session() as session:
            for message in messages:
                for recipient in message["numbers"]:
                    if problem:
                        result = {"state": "server_error", "failure_reason": problem}
                    else:
                        result = self._send_one(
                            session,
                            gateway_sudo,
                            recipient,
                            message["content"],
                            valid_until.get(recipient["uuid"]),
                        )
                        if result["state"] == "server_error":
                            problem = result["failure_reason"]
                    results.append({"uuid": recipient["uuid"], **result})
        if problem and not is_paused:
            gateway_sudo._record_failure(problem)
        elif any(result["state"] == "processing" for result in results):
            gateway_sudo._record_success()
        return results

    def _send_one(self, session, gateway_sudo, recipient, text, valid_until):
        """Hand one message to Kannel."""
        if not NUMBER.fullmatch(recipient["number"] or ""):
            return self._prepare_result("wrong_number_format")
        headers = {
            **gateway_sudo._prepare_headers(recipient["uuid"], valid_until),
            "X-Kannel-To": recipient["number"],
        }
        if not is_gsm(text):
            headers["X-Kannel-Coding"] = "2"
        try:
            response = post(session, gateway_sudo.url, headers, text)
        except requests.RequestException as error:
            _logger.warning(
                "Kannel gateway %s: %s", gateway_sudo.id, type(error).__name__
            )
            return {
                "state": "server_error",
                "failure_reason": gateway_sudo._describe_error(error),
                "retry_after": not is_unsent(error)
                and gateway_sudo.report_minutes * 60,
            }
        state = kannel.read_answer(response.status_code, response.text)
        if state != "server_error":
            return self._prepare_result(state)
        return {
            "state": state,
            "failure_reason": gateway_sudo._describe_answer(response),
        }

    def _prepare_result(self, state):
        reason = self._get_sms_api_error_messages().get(state, False)
        return {"state": state, "failure_reason": reason}

    def _get_valid_until(self, messages):
        """Return until when messages are worth delivering, by uuid."""
        uuids = [
            recipient["uuid"]
            for message in messages
            for recipient in message["numbers"]
        ]
        # sudo: whoever causes an SMS need not read the queue
        sms_sudo = self.env["sms.sms"].sudo().search([("uuid", "in", uuids)])
        return {sms.uuid: sms.broadcast_valid_until for sms in sms_sudo}


def open_session():
    """Return a session that goes straight to the gateway: no proxy and no password of
    the server's user gets in between."""
    session = requests.Session()
    session.trust_env = False
    return session


def post(session, url, headers, text=""):
    """Post to Kannel's ``sendsms``.

    In a POST it takes everything but the text as headers, hence no password, number
    or text gets into the logs of addresses. A redirection is not followed: the
    password is for the gateway only.
    """
    return session.post(
        url,
        data=text.encode(),
        headers={
            **{name: value.encode() for name, value in headers.items()},
            "Content-Type": "text/plain; charset=UTF-8",
        },
        timeout=TIMEOUT,
        allow_redirects=False,
    )


def is_unsent(error):
    """Tell whether a request that failed cannot have reached Kannel."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, UNSENT_ERRORS) or isinstance(reason, NewConnectionError)


def get_minutes_left(valid_until):
    """Return for how many minutes a message is worth delivering; at least one."""
    seconds = (valid_until - fields.Datetime.now()).total_seconds()
    return max(1, math.floor(seconds / 60))
