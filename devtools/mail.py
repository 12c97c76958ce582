"""A mail server for developers: starting it, and reading what it kept."""

import email
import email.policy
import json
import tempfile
import time
from pathlib import Path

from .paths import ROOT, STATE
from .processes import PATIENCE, Service, answers, free_port


class MailSink:
    """Takes every mail and keeps it as a file, in the order of arrival."""

    def __init__(self, python: Path, folder=None):
        self.python = python
        self._temporary = None
        if folder is None:
            STATE.mkdir(exist_ok=True)
            self._temporary = tempfile.TemporaryDirectory(prefix="mail-", dir=STATE)
            folder = self._temporary.name
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = None
        self.service = None

    def start(self) -> None:
        """Listen; on the same port when it is started again after ``pause``."""
        self.port = self.port or free_port()
        self.service = Service(f"smtp-{self.folder.name}", STATE / "run")
        self.service.start(
            [self.python, "-m", "devtools.smtp_server", self.port, self.folder],
            cwd=ROOT,
        )
        self.service.wait_until(lambda: answers(self.port))

    def pause(self) -> None:
        """Be dead, as a mail server that is down: who connects is refused."""
        self.service.stop()

    def answer(self, reply: str | None, address: str = "*") -> None:
        """From now on, say this to what is for an address, or for any.

        :param reply: such as ``451 4.7.1 later``, ``disconnect`` to hang up, or None to
            take it
        """
        path = self.folder / "answers.json"
        answers = json.loads(path.read_text()) if path.exists() else {}
        part = path.with_suffix(".part")
        part.write_text(json.dumps({**answers, address: reply}))
        part.rename(path)

    def stop(self) -> None:
        self.pause()
        if self._temporary:
            self._temporary.cleanup()

    def messages(self) -> list:
        """Every mail so far, oldest first."""
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            with path.open("rb") as file:
                found.append(
                    email.message_from_binary_file(file, policy=email.policy.default)
                )
        return found

    def wait_for(
        self, matches=lambda message: True, *, count: int = 1, seconds: int = PATIENCE
    ):
        """The mails for which ``matches(message)``, once there are ``count``."""
        deadline = time.monotonic() + seconds
        while True:
            found = [message for message in self.messages() if matches(message)]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                subjects = [str(message["Subject"]) for message in self.messages()]
                raise AssertionError(
                    f"{len(found)} of {count} mails in {seconds} s; kept: {subjects}"
                )
            time.sleep(0.1)
