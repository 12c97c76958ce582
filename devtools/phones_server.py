"""The phones themselves: ``python -m devtools.phones_server SMSC_PORT FOLDER``.

Connects to Kannel's fake SMSC, keeps what arrives as FOLDER/messages.jsonl, and has
phones send what it is asked for: a line of JSON to the port named in FOLDER/port, which
is answered by another. Started by devtools.phones.
"""

import json
import socket
import socketserver
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

from .fake_smsc import Reader, Sms, compose

_PAUSE = 0.5  # seconds between tries to connect


class Phones:
    """The connection to the gateway, made again whenever it breaks."""

    def __init__(self, port: int, folder: Path):
        self.port, self.folder = port, folder
        self._connection = None

    def run(self) -> None:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as connection:
                    self._connection = connection
                    self._receive(connection)
            except OSError:
                pass  # the gateway is stopped, or not started yet
            self._connection = None
            time.sleep(_PAUSE)

    def _receive(self, connection) -> None:
        reader = Reader()
        while data := connection.recv(65536):
            for sms in reader.feed(data):
                self._keep(sms)

    def _keep(self, sms: Sms) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with (self.folder / "messages.jsonl").open("a") as file:
            file.write(f"{json.dumps({'time': now, **sms._asdict()})}\n")

    def send(self, sms: Sms) -> None:
        if not self._connection:
            raise ConnectionError("the gateway is not there")
        self._connection.sendall(compose(sms))


class _Control(socketserver.StreamRequestHandler):
    """Takes one message from ./dev phone."""

    def handle(self):
        answer = {}
        try:
            self.server.phones.send(Sms(**json.loads(self.rfile.readline())))
        except (OSError, TypeError, ValueError) as error:
            answer["error"] = str(error)
        self.wfile.write(f"{json.dumps(answer)}\n".encode())


def main(smsc_port: str, folder: str) -> None:
    phones = Phones(int(smsc_port), Path(folder))
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Control)
    server.daemon_threads, server.phones = True, phones
    threading.Thread(target=server.serve_forever, daemon=True).start()
    part = phones.folder / "port.part"
    part.write_text(f"{server.server_address[1]}\n")
    part.rename(phones.folder / "port")
    phones.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
