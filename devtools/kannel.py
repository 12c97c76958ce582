"""Kannel, an SMS gateway: bearerbox talks to operators, smsbox to Odoo."""

import os
import tempfile
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path

from . import kannel_programs
from .kannel_config import Settings, configuration, create_report_store
from .paths import STATE
from .processes import Service


def services(folder: Path) -> list[Service]:
    """The programs of the Kannel in a folder, in the order to stop them."""
    return [Service(name, folder) for name in ("smsbox", "bearerbox")]


class Kannel:
    """A gateway of one's own, on free ports of 127.0.0.1; runs once it is started.

    Stopped and started again it has the same settings, and its queue. ``settings``
    has what Odoo needs to know: addresses, names and passwords.

    :param operator: an SmsOperator; without one, phones connect to its smsc_port
    :param folder: where queue and logs are kept; a temporary one by default
    """

    def __init__(self, *, operator=None, folder=None):
        self.operator = operator
        self._bin, self._libraries = kannel_programs.find()
        self._temporary = None
        if folder is None:
            STATE.mkdir(exist_ok=True)
            self._temporary = tempfile.TemporaryDirectory(prefix="kannel-", dir=STATE)
            folder = self._temporary.name
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings, self._lines = Settings(), ""
        self.smsbox, self.bearerbox = services(self.folder)

    # -- life --------------------------------------------------------------------------

    def start(self, lines: str = "") -> None:
        """Start both, and wait until the operator is connected too.

        :param lines: what Odoo's gateway shows for kannel.conf, if not as before
        """
        self._lines = lines or self._lines
        for service in (self.smsbox, self.bearerbox):
            service.stop_leftover()
        config = self.folder / "kannel.conf"
        config.touch(mode=0o600)  # it has passwords
        config.write_text(
            configuration(self.folder, self.settings, self._lines, self.operator)
        )
        create_report_store(self.folder)
        try:
            self._start(self.bearerbox, config)
            self.bearerbox.wait_until(lambda: self.status() is not None)
            self._start(self.smsbox, config)
            self.smsbox.wait_until(self.is_ready)
        except BaseException:
            self.stop()
            raise

    def _start(self, service: Service, config: Path) -> None:
        environment = {**os.environ, "TZ": "UTC"}
        if self._libraries:
            environment["LD_LIBRARY_PATH"] = self._libraries
        command = [self._bin / service.name, "-v", "1", config]  # 1: no details
        service.start(command, cwd=self.folder, env=environment)

    def stop(self) -> None:
        """Stop both in order: bearerbox keeps what smsbox has not taken yet."""
        self.smsbox.stop(seconds=60)
        self.bearerbox.stop(seconds=60)

    def destroy(self) -> None:
        self.stop()
        if self._temporary:
            self._temporary.cleanup()

    # -- what it says ------------------------------------------------------------------

    def status(self):
        """The status as an XML element, None while it does not answer."""
        url = f"{self.settings.status_url}?password={self.settings.admin_password}"
        try:
            with urllib.request.urlopen(url, timeout=10) as page:
                return ET.fromstring(page.read())
        except (OSError, ET.ParseError):
            return None

    def is_ready(self) -> bool:
        """Whether smsbox has joined, and the operator if there is one."""
        status = self.status()
        if status is None or status.find("boxes/box") is None:
            return False
        online = status.findtext("smscs/smsc/status", "").startswith("online")
        return self._takes_messages() and (online or not self.operator)

    def _takes_messages(self) -> bool:
        try:
            urllib.request.urlopen(self.settings.send_url, timeout=10).close()
        except urllib.error.HTTPError:
            return True  # it wants a password
        except OSError:
            return False
        return True
