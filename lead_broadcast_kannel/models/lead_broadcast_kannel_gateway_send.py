import time
from urllib.parse import quote

from odoo import api, fields, models

from ..tools import kannel
from ..tools.sms_api import get_minutes_left

ROUTE = "/lead_broadcast_kannel"
# What Kannel is to tell about a received message; see its manual for the letters.
INBOUND_PARAMETERS = "from=%p&to=%P&text=%b&charset=%C&coding=%c&smsc=%i&id=%I&time=%T"


class LeadBroadcastKannelGateway(models.Model):
    """What Kannel is told: once in its configuration, and with each message."""

    _inherit = "lead.broadcast.kannel.gateway"

    kannel_conf = fields.Text(
        "Lines for kannel.conf",
        compute="_compute_kannel_conf",
        groups="base.group_system",
    )

    # ------------------------------------------------------------
    # CONFIGURATION
    # ------------------------------------------------------------

    @api.depends("company_id", "odoo_url", "username", "password", "secret", "smsc")
    def _compute_kannel_conf(self):
        for gateway in self:
            gateway.kannel_conf = gateway._prepare_kannel_conf()

    def _prepare_kannel_conf(self):
        """Return what Kannel is to be told of this gateway."""
        self.ensure_one()
        url = self._get_callback_url(f"receive/{self._origin.id or 0}")
        lines = [
            "# in the group smsbox; what Odoo does not take is repeated for a day",
            "http-request-retry = 10000",
            "http-queue-delay = 10",
            "mo-recode = true",
            "",
            "group = sendsms-user",
            f"username = {_quote(self.username)}",
            f"password = {_quote(self.password)}",
            "concatenation = true",
            "max-messages = 10",
            "",
            "# max-messages: nothing is ever answered by Kannel itself",
            "group = sms-service",
            "keyword = default",
            "catch-all = true",
            "max-messages = 0",
            "concatenation = true",
            "assume-plain-text = true",
        ]
        if self.smsc:
            lines.append(f"accepted-smsc = {_quote(self.smsc)}")
        return "\n".join([*lines, f'get-url = "{url}&{INBOUND_PARAMETERS}"', ""])

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def _prepare_headers(self, uuid, valid_until=False):
        """Return how Kannel is to send a message.

        :param str uuid: of the message
        :param datetime valid_until: when it stops being worth delivering
        :return: the headers of a request, all but the recipient's number
        """
        self.ensure_one()
        headers = {
            **self._prepare_credentials(),
            "X-Kannel-From": self.sender or self.company_id.broadcast_sms_number,
            "X-Kannel-SMSC": self.smsc,
            "X-Kannel-DLR-Mask": str(kannel.ALL_REPORTS),
            "X-Kannel-DLR-URL": self._get_report_url(uuid),
        }
        if valid_until:
            headers["X-Kannel-Validity"] = str(get_minutes_left(valid_until))
        return {name: value for name, value in headers.items() if value}

    def _prepare_credentials(self):
        self.ensure_one()
        return {"X-Kannel-Username": self.username, "X-Kannel-Password": self.password}

    def _get_report_url(self, uuid):
        """Return where Kannel reports on a message: its type (%d) and what the operator
        says (%A). The time of sending tells early reports from very late ones."""
        url = self._get_callback_url(f"report/{self.id}/{uuid}")
        return f"{url}&sent={int(time.time())}&type=%d&text=%A"

    def _get_callback_url(self, route):
        """Return an address of Odoo as Kannel takes it: a percent sign is doubled."""
        self.ensure_one()
        base_url = (self.odoo_url or self.get_base_url()).rstrip("/")
        url = f"{base_url}{ROUTE}/{route}?secret={quote(self.secret or '')}"
        return url.replace("%", "%%")


def _quote(value):
    """Return a value as Kannel's configuration has it."""
    escaped = (value or "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
