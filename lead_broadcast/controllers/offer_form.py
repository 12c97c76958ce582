"""Read what people typed into the forms of an offer's page."""

import re
from datetime import date

from odoo.http import request

TEXT_LIMIT = 2000
PRICE = re.compile(r"\d{1,9}(\.\d{1,3})?")
DATE_FIELDS = ("date_1", "date_2", "date_3")
FIELDS = ("reason_id", "note", "price", "message", *DATE_FIELDS)


class InvalidForm(Exception):
    """Raised with ``{field: what is wrong with it}``."""

    def __init__(self, errors):
        super().__init__(errors)
        self.errors = errors


def get_text(form, name):
    """Return a form's field as text that can be stored, whatever was sent.

    A field may be missing or a file, and hold characters PostgreSQL refuses.
    """
    value = form.get(name)
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def read_message(form):
    """Return the message of a form.

    :raise InvalidForm: when it is empty or too long
    """
    message = get_text(form, "message")
    error = _check_length(message)
    if not message:
        error = request.env._("Write something first.")
    if error:
        raise InvalidForm({"message": error})
    return message


def read_decline(form, reasons, today):
    """Return the arguments of ``lead.broadcast.offer._decline`` from a form.

    What the chosen reason does not ask for is ignored.

    :param reasons: ``lead.broadcast.decline.reason`` records to choose from
    :param date today: first day that can be proposed
    :raise InvalidForm: with all that is wrong
    """
    errors = {}
    values = {"note": get_text(form, "note")}
    if error := _check_length(values["note"]):
        errors["note"] = error
    chosen = get_text(form, "reason_id")
    values["reason"] = reasons.filtered(lambda reason: str(reason.id) == chosen)
    if not values["reason"]:
        errors["reason_id"] = request.env._("Choose a reason.")
    if values["reason"].kind == "date":
        values["dates"] = _read_dates(form, today, errors)
    if values["reason"].kind == "price":
        values["price"] = _read_price(form, errors)
    if errors:
        raise InvalidForm(errors)
    return values


def _check_length(text):
    if len(text) > TEXT_LIMIT:
        return request.env._("Use at most %s characters.", TEXT_LIMIT)
    return None


def _read_dates(form, today, errors):
    dates = []
    for name in DATE_FIELDS:
        text = get_text(form, name)
        if not text:
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            errors[name] = request.env._("This is not a date.")
            continue
        if day < today:
            errors[name] = request.env._("This day has passed.")
        dates.append(day)
    return dates


def _read_price(form, errors):
    text = get_text(form, "price")
    if text and not PRICE.fullmatch(text):
        errors["price"] = request.env._(
            "Write the price as a plain number, such as 1250 or 1250.50."
        )
        return 0.0
    return float(text or 0)
