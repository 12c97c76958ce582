"""What Kannel says, and how it is understood. Read from Kannel 1.4.5, the real one."""

import re
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote_to_bytes

# Delivery reports: the bit of dlr-mask that asks for one is also its type.
DELIVERED, FAILED, BUFFERED, ACCEPTED, REJECTED = 1, 2, 4, 8, 16
ALL_REPORTS = DELIVERED | FAILED | BUFFERED | ACCEPTED | REJECTED

# What Kannel answers to a message that it will never take, however often it is asked.
NUMBER_REFUSALS = ("receiver number", "white- and/or black-lists")
NOT_ROUTABLE = "Not routable"
ACCEPTANCES = ("0: Accepted", "3: Queued", "Sent.")

CHARSETS = ("utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii")
WIDE_CHARSETS = ("utf-16be", "utf-16", "ucs-2")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
MAX_AGE = timedelta(days=7)
MAX_TIMESTAMP_DIGITS = 11


def read_answer(status, text):
    """Return what became of a message that was handed to Kannel.

    :param int status: of the HTTP response
    :param str text: its body
    :return: a state of ``sms.sms``'s providers. ``server_error`` says nothing about the
        message: the gateway does not take any
    """
    if status in (200, 202) and text.startswith(ACCEPTANCES):
        return "processing"
    if status == 403 and text.startswith(NOT_ROUTABLE):
        return "country_not_supported"
    if status == 400 and any(refusal in text for refusal in NUMBER_REFUSALS):
        return "wrong_number_format"
    return "server_error"


def read_failure(report_type, text):
    """Return why a message was not delivered.

    :param int report_type: ``FAILED`` or ``REJECTED``
    :param str text: what the operator says: a receipt of SMPP such as
        ``id:1 sub:001 ... stat:UNDELIV err:001 text:Hello``, or ``NACK/`` and a reason.
        Kannel itself rejects what it could not hand over in time.
    :return: a provider error as ``sms.tracker`` knows them
    """
    receipt = re.search(r"stat:(\w+)", text, re.IGNORECASE)
    reason = receipt[1].lower() if receipt else text.lower()
    if "expired" in reason:
        return "expired"
    if "invalid dest" in reason or "0x0000000b" in reason:  # ESME_RINVDSTADR
        return "invalid_destination"
    if "retries exceeded" in reason:
        return "not_delivered"
    if report_type == REJECTED or reason == "rejectd":
        return "rejected"
    return "not_delivered"


def parse_query(query):
    """Return the parameters of a query string, undecoded: texts come in any charset.

    :param bytes query: the query string
    :return: ``{str: bytes}``, the first one of each name
    """
    parameters = {}
    for pair in query.split(b"&"):
        name, _equals, value = pair.replace(b"+", b" ").partition(b"=")
        name = unquote_to_bytes(name).decode("ascii", "replace")
        parameters.setdefault(name, unquote_to_bytes(value))
    return parameters


def decode_text(raw, charset="", coding=""):
    """Return the text of a received message, whatever its bytes are.

    Kannel recodes to UTF-8 (``mo-recode``), but not always: joined long messages in
    UCS-2 can arrive as 8-bit data.

    :param bytes raw: the message
    :param str charset: its charset as Kannel names it (%C), not to be believed
    :param str coding: 0 is GSM-7, 1 is 8-bit data, 2 is UCS-2 (%c)
    """
    charset = charset.lower()
    if charset in WIDE_CHARSETS or (coding == "2" and charset not in CHARSETS):
        return raw.decode("utf-16-be", "replace")
    candidates = [charset] if charset in CHARSETS else []
    if coding == "1" and len(raw) % 2 == 0 and not _is_utf8(raw):
        candidates.insert(0, "utf-16-be")
    for candidate in (*candidates, "utf-8"):
        try:
            return raw.decode(candidate)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _is_utf8(raw):
    """Tell whether bytes are a text in UTF-8; one in UTF-16 has control characters."""
    try:
        return not CONTROL_CHARACTERS.search(raw.decode())
    except UnicodeDecodeError:
        return False


def read_time(text, now):
    """Return when Kannel received a message (%T): not in the future, and not longer ago
    than a gateway that was cut off would keep it.

    :param str text: seconds since 1970, not to be believed
    :param datetime now: naive UTC
    :return: naive UTC
    """
    if not text.isdecimal() or len(text) > MAX_TIMESTAMP_DIGITS:
        return now
    moment = datetime.fromtimestamp(int(text), timezone.utc).replace(tzinfo=None)
    return min(max(moment, now - MAX_AGE), now)
