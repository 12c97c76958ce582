"""Why a mail did not go out or came back, and whether it may go out later."""

import smtplib

REPORT = "message/delivery-status"


def find_smtp_error(error):
    """Return the error of the connection behind what Odoo raised in its place, if any;
    all of smtplib's are OSErrors."""
    while error and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__
    return error


def is_temporary(error):
    """Tell whether an error of the connection may be gone later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(not _is_final(code) for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return not _is_final(error.smtp_code)
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def get_reply(error):
    """Return what the mail server said, in one line, such as ``550 5.1.1 Unknown``."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        code, text = "", str(error or "")
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return " ".join(f"{code} {text}".split())


def is_bounce(message):
    """Tell whether a mail says that another one did not arrive, for good: neither that
    it is late or has arrived, nor that it was read, which are reports as well.

    :param email.message.EmailMessage message: with the original attached
    """
    parts = _get_reports(message)
    if not parts:
        return message.get_param("report-type", "delivery-status") == "delivery-status"
    return any(_get_text(part, "Action").lower() == "failed" for part in parts)


def get_diagnosis(message):
    """Return what the server of the recipient said, in one line, or nothing."""
    for part in _get_reports(message):
        text = _get_text(part, "Diagnostic-Code") or _get_text(part, "Status")
        if text:
            return text.rpartition(";")[2].strip()
    return ""


def _is_final(code):
    return 500 <= code < 600


def _get_reports(message):
    """Return the blocks of a delivery report, one for the mail and one for each of its
    recipients (RFC 3464)."""
    return [
        block
        for part in message.walk()
        if part.get_content_type() == REPORT and part.is_multipart()
        for block in part.get_payload()
    ]


def _get_text(block, header):
    return " ".join(str(block.get(header) or "").split())
