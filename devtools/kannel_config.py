"""What Kannel is told: all on loopback, nothing written outside its run folder.

What concerns Odoo comes from Odoo: lead_broadcast_kannel shows the lines for
kannel.conf, and here they are proved.
"""

import re
import secrets
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from .processes import free_port

_TEMPLATE = """\
group = core
admin-port = {s.admin_port}
admin-interface = 127.0.0.1
admin-password = {s.admin_password}
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = {s.box_port}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
store-type = file
store-location = "{folder}/messages.store"
store-dump-freq = 1
dlr-storage = sqlite3
sms-resend-freq = 2
sms-resend-retry = -1

# which messages still wait for a delivery report; in memory a restart forgets them
group = sqlite3-connection
id = reports
database = "{folder}/{reports}"

group = dlr-db
id = reports
table = report
{fields}

{smsc}

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {s.box_port}
sendsms-port = {s.sendsms_port}
sendsms-interface = 127.0.0.1
{lines}
"""

_FAKE = """\
group = smsc
smsc = fake
smsc-id = FAKE
our-host = 127.0.0.1
port = {port}
connect-allow-ip = 127.0.0.1"""

_SMPP = """\
group = smsc
smsc = smpp
smsc-id = SMPP
host = 127.0.0.1
port = {port}
smsc-username = {username}
smsc-password = {password}
system-type = ""
transceiver-mode = true
reconnect-delay = 1
enquire-link-interval = 10
throughput = 100"""

_REPORTS = "reports.sqlite"
_REPORT_FIELDS = (
    *("smsc", "timestamp", "destination", "source", "service", "url"),
    *("mask", "status", "boxc-id"),
)


@dataclass
class Settings:
    """Ports and passwords of one Kannel; they stay when it is stopped and started."""

    admin_port: int = field(default_factory=free_port)
    box_port: int = field(default_factory=free_port)
    sendsms_port: int = field(default_factory=free_port)
    smsc_port: int = field(default_factory=free_port)  # where phones connect
    username: str = "odoo"
    password: str = field(default_factory=lambda: secrets.token_hex(12))
    admin_password: str = field(default_factory=lambda: secrets.token_hex(12))

    @property
    def send_url(self) -> str:
        return f"http://127.0.0.1:{self.sendsms_port}/cgi-bin/sendsms"

    @property
    def status_url(self) -> str:
        return f"http://127.0.0.1:{self.admin_port}/status.xml"


def configuration(folder: Path, settings: Settings, lines: str, operator=None) -> str:
    """The text of kannel.conf; phones connect, or an SMPP operator is connected to.

    :param lines: what Odoo's gateway shows for it; the first belong to the smsbox
    :param operator: an SmsOperator
    """
    # what Odoo did not take is repeated sooner: here somebody waits for it
    lines = re.sub(r"(?m)^(http-queue-delay) = \d+$", r"\1 = 1", lines)
    smsc = _FAKE.format(port=settings.smsc_port)
    if operator:
        smsc = _SMPP.format(
            port=operator.port, username=operator.username, password=operator.password
        )
    return _TEMPLATE.format(
        s=settings,
        folder=folder,
        smsc=smsc,
        reports=_REPORTS,
        fields="\n".join(f"field-{name} = {_column(name)}" for name in _REPORT_FIELDS),
        lines=lines,
    )


def _column(name: str) -> str:
    return name.replace("-", "_")


def create_report_store(folder: Path) -> None:
    """Kannel wants to find the table of its reports."""
    columns = ", ".join(f"{_column(name)} TEXT" for name in _REPORT_FIELDS)
    connection = sqlite3.connect(folder / _REPORTS)
    with connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS report ({columns})")
    connection.close()
