"""The mail server itself: ``python -m devtools.smtp_server PORT FOLDER``.

Keeps each mail as FOLDER/NNN.eml, with the envelope in X-Envelope-From and -To.
Recipients at bounce.example are refused for good (550), at slow.example for now (451).
FOLDER/answers.json says more, while this runs: {"*" or an address: reply}, where the
reply "disconnect" hangs up.
Runs in the Python environment (aiosmtpd); started by devtools.mail.
"""

import json
import signal
import sys
from pathlib import Path

from aiosmtpd.controller import Controller

_REFUSED = {
    "bounce.example": "550 5.1.1 no such user",
    "slow.example": "451 4.7.1 try again later",
}


class Keeper:
    """Writes each mail under the next number; one appears only once it is whole."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdigit()]
        self.number = max(kept, default=0)

    async def handle_RCPT(self, server, _session, envelope, address, _options):
        refusal = self.get_refusal(address.lower())
        if refusal == "disconnect":
            server.transport.abort()
            return "421 4.3.2 gone"
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def get_refusal(self, address):
        try:
            answers = json.loads((self.folder / "answers.json").read_text())
        except FileNotFoundError:
            answers = {}
        general = _REFUSED.get(address.rpartition("@")[2], answers.get("*"))
        return answers.get(address, general)

    async def handle_DATA(self, _server, _session, envelope):
        self.number += 1
        part = self.folder / f"{self.number:03}.part"
        head = (
            f"X-Envelope-From: {envelope.mail_from}\r\n"
            f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        )
        part.write_bytes(head.encode() + envelope.content)
        part.rename(part.with_suffix(".eml"))
        return "250 kept"


def main(port: str, folder: str) -> None:
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = Controller(Keeper(Path(folder)), hostname="127.0.0.1", port=int(port))
    server.start()
    signal.sigwait(signals)
    server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
