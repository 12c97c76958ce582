import socket
from urllib.parse import urlsplit

import requests
from lxml import etree

from odoo import models

from ..tools.sms_api import TIMEOUT, open_session, post

SHOWN_ANSWER = 100  # characters


class LeadBroadcastKannelGateway(models.Model):
    """The connection test, and in words what keeps a gateway from working."""

    _inherit = "lead.broadcast.kannel.gateway"

    def action_test_connection(self):
        """Ask Kannel without sending an SMS, and show what is wrong."""
        self.ensure_one()
        self.check_access("read")
        gateway_sudo = self.sudo()  # sudo: the password is for system administrators
        problem = gateway_sudo._test_sending()
        warning = False
        if problem:
            gateway_sudo._record_failure(problem)
        else:
            gateway_sudo._record_success()
            gateway_sudo._retry_waiting()
            warning = gateway_sudo._test_operators()
        return self._notify(
            problem or warning or self.env._("Kannel takes messages."),
            "danger" if problem else "warning" if warning else "success",
        )

    def _notify(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.display_name,
                "message": message,
                "type": kind,
                "sticky": kind != "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _test_sending(self):
        """Return what keeps the gateway from taking messages; falsy if nothing does.

        A message without a recipient is refused, but only after the password.
        """
        self.ensure_one()
        with open_session() as session:
            try:
                response = post(session, self.url, self._prepare_credentials())
            except requests.RequestException as error:
                return self._describe_error(error)
        is_ready = response.status_code == 400 and "receiver" in response.text
        return not is_ready and self._describe_answer(response)

    def _test_operators(self):
        """Return what the status page says against the operators' connections; falsy if
        it is in order or not known."""
        self.ensure_one()
        if not self.status_url:
            return False
        try:
            with open_session() as session:
                response = session.get(
                    self.status_url, timeout=TIMEOUT, allow_redirects=False
                )
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            status = etree.fromstring(response.content, parser)
        except (requests.RequestException, etree.XMLSyntaxError):
            return self.env._("Kannel takes messages. Its status page cannot be read.")
        operators = {
            smsc.findtext("id") or smsc.findtext("name"): smsc.findtext("status", "")
            for smsc in status.iterfind("smscs/smsc")
        }
        if self.smsc:
            missing = self.env._("unknown")
            operators = {self.smsc: operators.get(self.smsc, missing)}
        if any(state.startswith("online") for state in operators.values()):
            return False
        return self.env._(
            "Kannel takes messages, but keeps them: no operator is connected (%s).",
            ", ".join(f"{name}: {state}" for name, state in operators.items()) or "-",
        )

    def _describe_error(self, error):
        """Return in words why Kannel could not be asked."""
        host = urlsplit(self.url).netloc.rpartition("@")[2]
        causes = list(_iter_causes(error))
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return self.env._("There is no host %s. Check the send URL.", host)
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return self.env._(
                "%s refuses the connection. Is smsbox running, and is this its"
                " sendsms-port?",
                host,
            )
        if isinstance(error, requests.ConnectTimeout):
            return self.env._(
                "%s cannot be reached. Check the address, and firewalls in between.",
                host,
            )
        if isinstance(error, requests.Timeout):
            return self.env._("%s took the connection, but does not answer.", host)
        if isinstance(error, requests.exceptions.SSLError):
            return self.env._("There is no secure connection to %s.", host)
        return self.env._("The connection to %s broke.", host)

    def _describe_answer(self, response):
        """Return in words why Kannel does not take messages."""
        if not response.headers.get("Server", "").startswith("Kannel"):
            return self.env._(
                "Something that is not Kannel answers at %(url)s: %(status)s.",
                url=self.url,
                status=response.status_code,
            )
        if response.status_code == 403:
            return self.env._(
                "Kannel refuses the user name or the password, or does not allow this"
                " server's address (user-allow-ip)."
            )
        if response.status_code == 404:
            return self.env._(
                "Kannel answers, but takes no messages at this address. The path is"
                " usually /cgi-bin/sendsms, the port the sendsms-port of smsbox."
            )
        if response.status_code == 503:
            return self.env._("Kannel is too busy, or its bearerbox does not run.")
        return self.env._(
            "Kannel answers: %(status)s %(text)s",
            status=response.status_code,
            text=response.text[:SHOWN_ANSWER],
        )


def _iter_causes(error):
    """Yield an error and what it was raised for."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
