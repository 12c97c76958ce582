"""A mobile operator for tests: starting it, and playing its phones."""

import json
import secrets
import time
import urllib.request
from pathlib import Path

from .paths import ROOT, STATE
from .processes import PATIENCE, Service, answers, free_port


class SmsOperator:
    """Takes messages from a gateway by SMPP, and sends it what phones write.

    What becomes of a message depends on the last digit of its recipient, see
    devtools.smpp_server.
    """

    username = "kannel"

    def __init__(self, python: Path):
        self.python = python
        self.password = secrets.token_hex(4)  # SMPP allows 8 characters
        self.port, self._control = free_port(), free_port()
        self.service = Service(f"operator-{self.port}", STATE / "run")

    def start(self) -> None:
        self.service.start(
            [
                *(self.python, "-m", "devtools.smpp_server"),
                *(self.port, self._control, self.password),
            ],
            cwd=ROOT,
        )
        self.service.wait_until(lambda: answers(self.port) and answers(self._control))

    def stop(self) -> None:
        self.service.stop()
        self.service.log.unlink(missing_ok=True)

    def messages(self) -> list[dict]:
        """Every message taken so far, oldest first: sender, recipient, text ..."""
        return self._ask("messages")

    def send(self, sender: str, recipient: str, text: str) -> int:
        """A phone sends a text; the number of its parts."""
        told = {"sender": sender, "recipient": recipient, "text": text}
        return self._ask("messages", told)["parts"]

    def set_busy(self, busy: bool) -> None:
        """Whether it asks the gateway to try everything again later."""
        self._ask("busy", {"busy": busy})

    def wait_for(
        self, matches=lambda message: True, *, count: int = 1, seconds: int = PATIENCE
    ) -> list[dict]:
        """The messages for which ``matches(message)``, once there are ``count``."""
        deadline = time.monotonic() + seconds
        while True:
            found = [message for message in self.messages() if matches(message)]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{len(found)} of {count} SMS in {seconds} s;"
                    f" taken: {self.messages()}"
                )
            time.sleep(0.05)

    def _ask(self, path: str, told=None):
        data = None if told is None else json.dumps(told).encode()
        url = f"http://127.0.0.1:{self._control}/{path}"
        with urllib.request.urlopen(url, data=data, timeout=PATIENCE) as answer:
            return json.load(answer)
