from werkzeug.exceptions import MethodNotAllowed

from odoo import http
from odoo.http import request

from odoo.addons.lead_broadcast.tools import get_received_at

from ..tools import kannel

MAX_ID = 2**31 - 1
# Not saved: Kannel has no session. Short: a joined SMS has some kilobytes.
ROUTE = {
    "type": "http",
    "auth": "public",
    "methods": ["GET", "POST"],
    "csrf": False,
    "save_session": False,
    "sitemap": False,
    "max_content_length": 64 * 1024,
}
# Answers have no body: Kannel could send it to the phone.
DONE, REFUSED, REPEAT = 200, 403, 503


class Kannel(http.Controller):
    """What Kannel calls. It repeats whatever is not answered with 200.

    That a GET changes something is Kannel's protocol; the secret and the allowed
    addresses tell it from others, before anything is written.
    """

    @http.route("/lead_broadcast_kannel/report/<gateway>/<uuid>", **ROUTE)
    def kannel_report(self, gateway, uuid, **_parameters):
        """Take a delivery report."""
        parameters = self._get_parameters()
        gateway_sudo = self._find_gateway(gateway, parameters)
        if not gateway_sudo:
            return self._answer(REFUSED)
        is_done = gateway_sudo._receive_report(
            uuid,
            self._decode(parameters, "type"),
            self._decode(parameters, "text"),
            self._get_sent_at(parameters),
        )
        return self._answer(DONE if is_done else REPEAT)

    @http.route("/lead_broadcast_kannel/receive/<gateway>", **ROUTE)
    def kannel_receive(self, gateway, **_parameters):
        """Take a message that was sent to the gateway's number."""
        parameters = self._get_parameters()
        gateway_sudo = self._find_gateway(gateway, parameters)
        if not gateway_sudo:
            return self._answer(REFUSED)
        gateway_sudo._receive_sms(parameters, get_received_at())
        return self._answer(DONE)

    def _find_gateway(self, text, parameters):
        """Return the gateway that calls, as superuser; none for whoever else calls, for
        whatever reason."""
        is_id = text.isdecimal() and len(text) <= len(str(MAX_ID))
        gateway_id = int(text) if is_id else 0
        # sudo: Kannel is nobody who can log in
        gateway_sudo = (
            request.env["lead.broadcast.kannel.gateway"]
            .sudo()
            .search([("id", "=", min(gateway_id, MAX_ID))])
        )
        is_caller = gateway_sudo._is_caller(
            self._decode(parameters, "secret"), request.httprequest.remote_addr or ""
        )
        return gateway_sudo if is_caller else None

    def _get_parameters(self):
        """Return the request's parameters as bytes: a text may be in any charset, which
        only its own parameter tells."""
        http_request = request.httprequest
        if http_request.method not in ROUTE["methods"]:  # Odoo lets others pass, too
            raise MethodNotAllowed(valid_methods=ROUTE["methods"])
        parameters = kannel.parse_query(http_request.query_string)
        for name, value in http_request.form.items():
            parameters.setdefault(name, value.encode("utf-8", "replace"))
        if not http_request.form:  # of a post-url, the text is the body
            parameters.setdefault("text", http_request.get_data())
        return parameters

    def _get_sent_at(self, parameters):
        sent = self._decode(parameters, "sent")
        return kannel.read_time(sent, get_received_at()) if sent else None

    def _decode(self, parameters, name):
        return parameters.get(name, b"").decode("utf-8", "replace")

    def _answer(self, status):
        return request.make_response(
            "", headers={"Content-Type": "text/plain"}, status=status
        )
