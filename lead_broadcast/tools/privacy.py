"""What a partner reads before it has won must not name or reach the customer."""

import re

import phonenumbers

MASK = "***"
EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
SHORTEST_NAME = 3  # shorter names would mask ordinary words


def mask_contact_data(text, names=(), region=None):
    """Replace email addresses, phone numbers and the given names by asterisks.

    People write "call Asha on 98100 12345" into the description of a job; partners
    that only have an offer must not read that.

    :param str text: what an executive wrote
    :param names: names of the customer
    :param str region: two-letter country code for numbers without prefix
    :return: the text without contact data
    """
    if not text:
        return text
    text = EMAIL.sub(MASK, text)
    numbers = phonenumbers.PhoneNumberMatcher(
        text, region, leniency=phonenumbers.Leniency.POSSIBLE
    )
    for match in reversed(list(numbers)):
        text = text[: match.start] + MASK + text[match.end :]
    for name in sorted(filter(None, names), key=len, reverse=True):
        if len(name) >= SHORTEST_NAME:
            text = re.sub(re.escape(name), MASK, text, flags=re.IGNORECASE)
    return text
