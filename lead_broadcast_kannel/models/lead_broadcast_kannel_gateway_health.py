import socket
from datetime import timedelta
from urllib.parse import urlsplit

import requests
from lxml import etree

from odoo import api, fields, models

from ..tools.sms_api import TIMEOUT, open_session, post

# A gateway that does not work is left alone for so long: many messages then cost one
# timeout, not one each.
PAUSE = timedelta(seconds=30)
RECORD_EVERY = timedelta(minutes=1)
SHOWN_ANSWER = 100  # characters


class LeadBroadcastKannelGateway(models.Model):
    """Whether a gateway works, what is wrong with it, and what waits for it."""

    _inherit = "lead.broadcast.kannel.gateway"

    last_success = fields.Datetime(
        "Last Worked",
        readonly=True,
        copy=False,
        help="When it took a message, or passed a test.",
    )
    last_error = fields.Char(readonly=True, copy=False)
    last_error_date = fields.Datetime("Last Failed", readonly=True, copy=False)
    pause_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="Set while it does not work: no message is tried before.",
    )
    state = fields.Selection(
        [("new", "Not used yet"), ("working", "Working"), ("failing", "Not working")],
        "Status",
        compute="_compute_state",
    )
    waiting_count = fields.Integer("Waiting SMS", compute="_compute_waiting")
    next_try = fields.Datetime(compute="_compute_waiting")

    @api.depends("pause_until", "last_success")
    def _compute_state(self):
        for gateway in self:
            if gateway.pause_until:
                gateway.state = "failing"
            else:
                gateway.state = "working" if gateway.last_success else "new"

    def _compute_waiting(self):
        # sudo: only figures are shown of the queue
        groups = (
            self.env["sms.sms"]
            .sudo()
            ._read_group(
                self._get_waiting_domain(),
                ["broadcast_company_id"],
                ["__count", "broadcast_retry_at:min"],
            )
        )
        waiting = {company: figures for company, *figures in groups}
        for gateway in self:
            figures = waiting.get(gateway.company_id, (0, False))
            gateway.waiting_count, gateway.next_try = figures

    def _get_waiting_domain(self):
        return [
            ("broadcast_company_id", "in", self.company_id.ids),
            ("broadcast_retry_at", "!=", False),
            ("state", "=", "error"),
        ]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

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

    def action_retry_waiting(self):
        """Send what waits for the gateway now."""
        self.check_access("read")
        gateways_sudo = self.sudo()  # sudo: administrators see the figures, not the SMS
        gateways_sudo.pause_until = False
        gateways_sudo._retry_waiting()

    def action_open_waiting(self):
        """Show the SMS that wait for the gateway."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waiting SMS"),
            "res_model": "sms.sms",
            "view_mode": "list,form",
            "domain": self._get_waiting_domain(),
        }

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

    def _retry_waiting(self):
        """Let the messages that wait be tried again at once."""
        waiting = self.env["sms.sms"].search(self._get_waiting_domain())
        waiting.try_lock_for_update().broadcast_retry_at = fields.Datetime.now()
        self.env.ref("lead_broadcast.ir_cron_retry_sms")._trigger()

    # ------------------------------------------------------------
    # HEALTH
    # ------------------------------------------------------------

    def _get_pause_reason(self):
        """Return why the gateway is left alone for the moment; falsy if it is not."""
        self.ensure_one()
        is_paused = self.pause_until and self.pause_until > fields.Datetime.now()
        return is_paused and self.last_error

    def _record_success(self):
        """Note that the gateway works, once in a while."""
        now = fields.Datetime.now()
        last_success = self.last_success
        if self.pause_until or not last_success or now - last_success > RECORD_EVERY:
            self._record({"last_success": now, "pause_until": False})

    def _record_failure(self, problem):
        """Note that the gateway does not work, and leave it alone for a moment."""
        now = fields.Datetime.now()
        self._record(
            {"last_error": problem, "last_error_date": now, "pause_until": now + PAUSE}
        )

    def _record(self, values):
        """Note something in a transaction of its own.

        In that of the messages, two that are sent at once would collide here after
        Kannel has taken them, and be sent again.
        """
        self.ensure_one()
        with self.env.registry.cursor() as cr:
            gateway = self.with_env(self.env(cr=cr)).try_lock_for_update()
            gateway.write(values)  # nothing when another one is noting the same
        self.invalidate_recordset(list(values))

    # ------------------------------------------------------------
    # TEST
    # ------------------------------------------------------------

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
