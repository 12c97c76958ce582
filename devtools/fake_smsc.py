"""The line protocol of Kannel's ``smsc = fake``: one SMS, or a part of one, per line.

Kannel writes      SENDER RECIPIENT text TEXT | data CODED | ucs-2 CODED
                   SENDER RECIPIENT udh CODED data CODED        (a part of a long one)
and reads          SENDER RECIPIENT text TEXT | ucs2 CODED      (of any length)

A text with line breaks is written as it is, over several lines. Of parts, it does not
say in which alphabet they are.
"""

import re
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

_HEAD = re.compile(rb"\n(?=\S+ \S+ (?:text|data|ucs-2|udh) )")


class Sms(NamedTuple):
    sender: str
    recipient: str
    text: str


class Reader:
    """Makes messages of what comes in, in pieces of any size."""

    def __init__(self):
        self._rest, self._parts = b"", {}

    def feed(self, data: bytes) -> list[Sms]:
        """The messages that are complete now."""
        *whole, last = _HEAD.split(self._rest + data)
        # more may follow even a line break, but it mostly comes at once
        self._rest = b"" if last.endswith(b"\n") else last
        if not self._rest and last:
            whole.append(last.removesuffix(b"\n"))
        return [sms for line in whole if (sms := self._read(line))]

    def _read(self, line: bytes):
        """A message; None while parts of it are missing."""
        sender, recipient, kind, body = line.split(b" ", 3)
        if kind == b"udh":
            header, _data, body = body.split(b" ", 2)
            body = self._join((sender, recipient), _unquote(header), _unquote(body))
            if body is None:
                return None
            # what is UCS-2 has blanks and digits, the high bytes of which are 0
            text = body.decode("utf-16-be" if b"\0" in body else "utf-8", "replace")
        elif kind == b"text":
            text = body.decode("utf-8", "replace")
        else:
            coding = "utf-16-be" if kind == b"ucs-2" else "utf-8"
            text = _unquote(body).decode(coding, "replace")
        return Sms(sender.decode(), recipient.decode(), text)

    def _join(self, key, header: bytes, body: bytes):
        """The whole of a message once all of its parts are here."""
        reference, total, index = header[-3:]
        parts = self._parts.setdefault((key, reference), {})
        parts[index] = body
        if len(parts) < total:
            return None
        del self._parts[key, reference]
        return b"".join(body for _index, body in sorted(parts.items()))


def compose(sms: Sms) -> bytes:
    """The line that has a phone send a message."""
    if sms.text.isascii() and sms.text.isprintable():
        kind, body = "text", sms.text
    else:
        kind, body = "ucs2", quote_from_bytes(sms.text.encode("utf-16-be"))
    return f"{sms.sender} {sms.recipient} {kind} {body}\n".encode()


def _unquote(coded: bytes) -> bytes:
    return unquote_to_bytes(coded.replace(b"+", b" "))
