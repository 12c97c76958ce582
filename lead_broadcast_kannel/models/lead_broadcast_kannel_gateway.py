import ipaddress
import re
import secrets
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

SENDER = re.compile(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 &._-]{1,11}")


class LeadBroadcastKannelGateway(models.Model):
    """The Kannel of a company: where its SMS are handed in, and who may report back.

    Only system administrators change it: whoever could change the address would be
    sent the password.
    """

    _name = "lead.broadcast.kannel.gateway"
    _description = "Kannel Gateway"
    _order = "company_id, name, id"

    name = fields.Char(required=True, default="Kannel")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="The company whose SMS go through this gateway.",
    )
    url = fields.Char(
        "Send URL",
        required=True,
        default="http://127.0.0.1:13013/cgi-bin/sendsms",
        help="Where smsbox takes messages: its sendsms-port.",
    )
    username = fields.Char(
        required=True, help="Of the group sendsms-user.", groups="base.group_system"
    )
    password = fields.Char(required=True, copy=False, groups="base.group_system")
    sender = fields.Char(
        help="The number or name recipients see. Without it, the number to forward to"
        " is used.",
    )
    smsc = fields.Char(
        "SMSC", help="The smsc-id through which to send; without it Kannel chooses."
    )
    status_url = fields.Char(
        "Status URL",
        groups="base.group_system",
        help="The status page of bearerbox as XML, such as"
        " http://127.0.0.1:13000/status.xml?password=..., for the connection test to"
        " tell whether the operator is connected.",
    )
    odoo_url = fields.Char(
        "Odoo's Address for Kannel",
        help="Where Kannel reaches Odoo, such as http://127.0.0.1:8069, if not by its"
        " public address.",
    )
    secret = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_urlsafe(24),
        groups="base.group_system",
        help="What tells Kannel from others that send reports or messages.",
    )
    allowed_addresses = fields.Text(
        default="127.0.0.1\n::1",
        help="IP addresses or networks from which reports and messages are taken, one"
        " per line. Empty: from everywhere.",
    )
    report_minutes = fields.Integer(
        "Wait for Reports (minutes)",
        required=True,
        default=10,
        help="When Kannel has not answered in time, it may have the message or not: it"
        " is sent again if there is no report within this time.",
    )

    _company_uniq = models.UniqueIndex(
        "(company_id) WHERE active", "A company has one active gateway."
    )
    _check_report_minutes = models.Constraint(
        "CHECK(report_minutes BETWEEN 1 AND 1440)",
        "The time to wait for reports is between one minute and a day.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("url", "status_url", "odoo_url")
    def _check_urls(self):
        for gateway_sudo in self.sudo():  # sudo: checks fields of system administrators
            for name in ("url", "status_url", "odoo_url"):
                if gateway_sudo[name] and not _is_http_url(gateway_sudo[name]):
                    raise ValidationError(
                        self.env._(
                            "%(url)s is not an address. Write it like"
                            " http://127.0.0.1:13013/cgi-bin/sendsms.",
                            url=gateway_sudo[name],
                        )
                    )

    @api.constrains("sender")
    def _check_sender(self):
        for gateway in self.filtered("sender"):
            if not SENDER.fullmatch(gateway.sender):
                raise ValidationError(
                    self.env._(
                        "%s cannot be a sender. Write a number of 3 to 15 digits, with"
                        " or without plus, or a name of at most 11 Latin letters and"
                        " digits.",
                        gateway.sender,
                    )
                )

    @api.constrains("username", "password", "smsc")
    def _check_headers(self):
        for gateway_sudo in self.sudo():  # sudo: as above
            values = [gateway_sudo[name] for name in ("username", "password", "smsc")]
            if any(
                not value.isprintable() or value != value.strip()
                for value in values
                if value
            ):
                raise ValidationError(
                    self.env._(
                        "User name, password and SMSC cannot begin or end with a blank,"
                        " nor have line breaks."
                    )
                )

    @api.constrains("allowed_addresses")
    def _check_allowed_addresses(self):
        for gateway in self:
            gateway._get_allowed_networks()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_renew_secret(self):
        """Forget the secret, for instance when it was seen by others. Kannel has to be
        told the new one."""
        self.check_access("write")
        for gateway in self:
            gateway.secret = secrets.token_urlsafe(24)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_allowed_networks(self):
        """Return the networks from which this gateway may call."""
        self.ensure_one()
        words = re.split(r"[\s,;]+", self.allowed_addresses or "")
        try:
            return [ipaddress.ip_network(word, strict=False) for word in words if word]
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "The allowed addresses are not all addresses or networks: %s",
                    error,
                )
            ) from error


def _is_http_url(url):
    """Tell whether a text is an address that can be asked."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port != 0 and url.isprintable() and " " not in url)
        )
    except ValueError:
        return False
