"""The operator itself: ``python -m devtools.smpp_server SMPP_PORT HTTP_PORT PASSWORD``.

SMPP 3.4 for a gateway, and HTTP for whoever plays the phones:

    GET  /messages   what was submitted: sender, recipient, text, parts, outcome ...
    POST /messages   a phone sends: {"sender": ..., "recipient": ..., "text": ...}
    POST /busy       {"busy": true}: nothing is taken until it is false again

The last digit of a recipient decides what becomes of a message, see OUTCOMES. Runs in
the Python environment (smpplib); started by devtools.sms_operator.
"""

import http.server
import itertools
import json
import socketserver
import sys
import threading
from collections import deque

from smpplib import consts, gsm, smpp

REJECTED, THROTTLED, SILENT = "rejected", "throttled", "silent"
OUTCOMES = {  # else DELIVRD
    "9": "UNDELIV",
    "8": "EXPIRED",
    "7": REJECTED,  # when submitted: no such number
    "6": THROTTLED,  # once, then delivered
    "5": SILENT,  # delivered, but no report ever comes
}
_REPORT = "id:{id} sub:001 dlvrd:{count:03} stat:{outcome} err:{error:03} text:"
_UDH, _IS_REPORT, _UCS2 = 0x40, 0x04, 8
_INTERNATIONAL = 1
_PAUSE = 0.2  # seconds


def decode(data: bytes, coding: int) -> str:
    """The text of a short message: UCS-2, or GSM's own alphabet of 7 bits."""
    if coding == _UCS2:
        return data.decode("utf-16-be")
    codes = iter(data)
    return "".join(
        gsm.GSM_CHARACTER_TABLE[0x80 + next(codes, 0) if code == 0x1B else code]
        for code in codes
    )


def _number(kind: int, digits: bytes) -> str:
    """A number as people write it; SMPP marks what is international."""
    return f"{'+' if kind == _INTERNATIONAL else ''}{digits.decode()}"


class Operator:
    """What the operator knows: messages, and what waits for the gateway to take it."""

    def __init__(self, password: str):
        self.password = password
        self.lock = threading.RLock()
        self.messages, self.busy = [], False
        self.outbox = deque()  # for the gateway: arguments of deliver_sm
        self.session = None
        self._parts, self._throttled = {}, set()
        self._ids = itertools.count(1)

    def refuse(self, recipient: str):
        """Why a message is not taken: a status of SMPP, or None."""
        outcome = OUTCOMES.get(recipient[-1:])
        if outcome == REJECTED:
            return consts.SMPP_ESME_RINVDSTADR
        with self.lock:
            first = outcome == THROTTLED and recipient not in self._throttled
            self._throttled.add(recipient)
        return consts.SMPP_ESME_RTHROTTLED if self.busy or first else None

    def submit(self, pdu) -> str:
        """Take a message, or a part of one; its number."""
        number = f"{next(self._ids)}"
        sender = _number(pdu.source_addr_ton, pdu.source_addr)
        recipient = _number(pdu.dest_addr_ton, pdu.destination_addr)
        outcome = OUTCOMES.get(recipient[-1:])
        outcome = outcome if outcome in ("UNDELIV", "EXPIRED", SILENT) else "DELIVRD"
        data, total, index, key = pdu.short_message or b"", 1, 1, number
        if pdu.esm_class & _UDH:
            header, data = data[: data[0] + 1], data[data[0] + 1 :]
            key = (sender, recipient, header[3])
            total, index = header[4:6]
        with self.lock:
            parts = self._parts.setdefault(key, {})
            parts[index] = data
            if len(parts) == total:
                del self._parts[key]
                whole = b"".join(data for _index, data in sorted(parts.items()))
                self.messages.append(
                    {
                        "sender": sender,
                        "recipient": recipient,
                        "text": decode(whole, pdu.data_coding),
                        "coding": "UCS-2" if pdu.data_coding == _UCS2 else "GSM-7",
                        "parts": total,
                        "outcome": outcome,
                        "validity": pdu.validity_period.decode(),
                    }
                )
        if pdu.registered_delivery and outcome != SILENT:
            self._report(number, recipient, sender, outcome)
        return number

    def _report(self, number, recipient, sender, outcome) -> None:
        delivered = outcome == "DELIVRD"
        text = _REPORT.format(
            id=number, count=delivered, outcome=outcome, error=0 if delivered else 27
        )
        self._post(
            sender=recipient,
            recipient=sender,
            short_message=text.encode(),
            esm_class=_IS_REPORT,
        )

    def receive(self, sender: str, recipient: str, text: str) -> int:
        """A phone sends a text: as many parts as it takes, in the plainest alphabet."""
        parts, coding, features = gsm.make_parts(text)
        for part in parts:
            self._post(
                sender=sender,
                recipient=recipient,
                short_message=part,
                esm_class=features,
                data_coding=coding,
            )
        return len(parts)

    def _post(self, sender, recipient, **values) -> None:
        with self.lock:
            self.outbox.append(
                {
                    "source_addr_ton": _INTERNATIONAL,
                    "source_addr_npi": 1,
                    "source_addr": sender.removeprefix("+"),
                    "destination_addr": recipient,
                    **values,
                }
            )

    def deliver(self, *again) -> None:
        """Hand the gateway what waits, and what it is to get again, if it is there."""
        with self.lock:
            self.outbox.extend(again)
            while self.session and self.outbox:
                self.session.deliver(self.outbox.popleft())


class Session(socketserver.BaseRequestHandler):
    """A gateway's connection."""

    def setup(self):
        self.operator = self.server.operator
        self._sequence = itertools.count(1)
        self._unanswered = {}  # what the gateway may not have taken yet

    def next_sequence(self):
        """Asked by smpplib."""
        return next(self._sequence)

    def handle(self):
        stream = self.request.makefile("rb")
        while head := stream.read(4):
            data = head + stream.read(int.from_bytes(head) - 4)
            pdu = smpp.parse_pdu(data, client=self, allow_unknown_opt_params=True)
            answer = getattr(self, f"_on_{pdu.command}", None)
            if answer:
                answer(pdu)
            self.operator.deliver()

    def finish(self):
        """What the gateway has not answered is delivered again to the next one."""
        with self.operator.lock:
            if self.operator.session is self:
                self.operator.session = None
            self.operator.outbox.extendleft(reversed(self._unanswered.values()))

    def _answer(self, pdu, **values):
        answer = smpp.make_pdu(f"{pdu.command}_resp", client=self, **values)
        answer.sequence = pdu.sequence
        with self.operator.lock:
            self.request.sendall(answer.generate())

    def deliver(self, values: dict) -> None:
        with self.operator.lock:
            pdu = smpp.make_pdu("deliver_sm", client=self, **values)
            self._unanswered[pdu.sequence] = values
            self.request.sendall(pdu.generate())

    def _on_bind_transceiver(self, pdu):
        if pdu.password.decode() != self.operator.password:
            self._answer(pdu, status=consts.SMPP_ESME_RBINDFAIL)
            return
        self._answer(pdu, system_id="operator")
        self.operator.session = self

    def _on_enquire_link(self, pdu):
        self._answer(pdu)

    def _on_unbind(self, pdu):
        self.operator.session = None
        self._answer(pdu)

    def _on_submit_sm(self, pdu):
        if status := self.operator.refuse(pdu.destination_addr.decode()):
            self._answer(pdu, status=status)
            return
        with self.operator.lock:  # its report must not overtake the answer
            self._answer(pdu, message_id=self.operator.submit(pdu))

    def _on_deliver_sm_resp(self, pdu):
        values = self._unanswered.pop(pdu.sequence, None)
        if values and pdu.is_error():
            # a gateway that has just started takes nothing yet
            threading.Timer(_PAUSE, self.operator.deliver, [values]).start()


class Control(http.server.BaseHTTPRequestHandler):
    """What tests ask and tell."""

    def do_GET(self):
        self._reply(self.server.operator.messages)

    def do_POST(self):
        operator = self.server.operator
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/busy":
            operator.busy = told["busy"]
            self._reply(told)
        else:
            self._reply({"parts": operator.receive(**told)})
            operator.deliver()

    def _reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nobody reads a line for each question."""


class _SmppServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main(smpp_port: str, http_port: str, password: str) -> None:
    servers = [
        _SmppServer(("127.0.0.1", int(smpp_port)), Session),
        http.server.ThreadingHTTPServer(("127.0.0.1", int(http_port)), Control),
    ]
    operator = Operator(password)
    for server in servers:
        server.operator = operator
    threading.Thread(target=servers[0].serve_forever, daemon=True).start()
    servers[1].serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
