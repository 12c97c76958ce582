"""Phones for developers: the other end of a gateway that has no operator."""

import contextlib
import json
import re
import socket
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from .paths import ROOT, STATE
from .processes import Service
from .ui import DevError

FOLDER = STATE / "sms"
_NUMBER = re.compile(r"\+\d[\d ()./-]{5,}\d")


class Message(NamedTuple):
    """An SMS that arrived; they are numbered from 1."""

    number: int
    time: datetime
    sender: str
    recipient: str
    text: str

    def find_number(self) -> str:
        """The last phone number its text names; empty if there is none."""
        found = _NUMBER.findall(self.text)
        return re.sub(r"[^+\d]", "", found[-1]) if found else ""


class Phones:
    """All phones there are; what arrived stays when they are stopped."""

    def __init__(self, folder=None):
        self.folder = Path(folder or FOLDER)
        self.service = Service("phones", self.folder)

    @contextlib.contextmanager
    def connected_to(self, kannel):
        """Running phones, which reach nobody but a gateway without an operator."""
        self.start(kannel.settings.smsc_port)
        try:
            yield self
        finally:
            self.stop()

    def start(self, smsc_port: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "devtools.phones_server", smsc_port]
        self.service.start([*command, self.folder], cwd=ROOT)
        self.service.wait_until(self._port_file.exists)

    def stop(self) -> None:
        self.service.stop()
        self._port_file.unlink(missing_ok=True)

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"

    def messages(self) -> list[Message]:
        """All that arrived, oldest first."""
        try:
            lines = (self.folder / "messages.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        values = [json.loads(line) for line in lines]
        return [
            Message(
                number=number,
                time=datetime.fromisoformat(value.pop("time")),
                **value,
            )
            for number, value in enumerate(values, 1)
        ]

    def message(self, number: int) -> Message:
        messages = self.messages()
        if not 1 <= number <= len(messages):
            known = f"1 to {len(messages)}" if messages else "none yet"
            raise DevError(f"There is no message {number} (there are: {known}).")
        return messages[number - 1]

    def send(self, sender: str, recipient: str, text: str) -> None:
        """Have a phone send a text."""
        for number in (sender, recipient):
            if not re.fullmatch(r"\+?\w+", number):
                raise DevError(f"{number!r} is no number: write it like +911140001234.")
        if not text.strip():
            raise DevError("There is no text to send.")
        told = {"sender": sender, "recipient": recipient, "text": text}
        with self._connect() as connection:
            connection.sendall(f"{json.dumps(told)}\n".encode())
            answer = json.loads(connection.makefile().readline())
        if "error" in answer:
            raise DevError(f"It could not be sent: {answer['error']}.")

    def require_running(self) -> None:
        self._connect().close()

    def _connect(self) -> socket.socket:
        try:
            port = int(self._port_file.read_text())
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except (FileNotFoundError, ValueError, ConnectionRefusedError):
            raise DevError(
                "There are no phones: ./dev run is not running, or has no SMS gateway"
                " (it says so when it starts)."
            ) from None
