"""What a text costs as an SMS, and how it is made to cost less.

A message goes out in GSM-7 (GSM 03.38) when all of its characters are in there: 160
septets fit. Any other character turns all of it into UCS-2, 70 units of 16 bits. Longer
ones are sent in segments, each shorter by a header, and each is paid for.
"""

import unicodedata
from typing import NamedTuple

from anyascii import anyascii

GSM = "GSM-7"
UCS = "UCS-2"
GREEK = "ΔΦΓΛΩΠΨΣΘΞ"
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅå_ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡§¿"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜabcdefghijklmnopqrstuvwxyzäöñüà" + GREEK
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # written with an escape before: two septets
SINGLE_UNITS = {GSM: 160, UCS: 70}
SEGMENT_UNITS = {GSM: 153, UCS: 67}
# what is neither in GSM-7 nor written better by anyascii
PLAIN = str.maketrans({"`": "'", "\t": " "})


class SmsSize(NamedTuple):
    """``units`` are septets or 16-bit units, as the encoding has them."""

    encoding: str
    units: int
    segments: int


def is_gsm(text):
    """Tell whether a text can be sent in GSM-7."""
    return all(character in BASIC or character in EXTENSION for character in text)


def measure_sms(text):
    """Return how many segments a text takes; what takes two units is never split.

    :rtype: SmsSize
    """
    encoding = GSM if is_gsm(text) else UCS
    widths = [_get_width(character, encoding) for character in text]
    units = sum(widths)
    if units <= SINGLE_UNITS[encoding]:
        return SmsSize(encoding, units, 1 if text else 0)
    segments, used = 1, 0
    for width in widths:
        if used + width > SEGMENT_UNITS[encoding]:
            segments, used = segments + 1, 0
        used += width
    return SmsSize(encoding, units, segments)


def _get_width(character, encoding):
    if encoding == GSM:
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1  # a surrogate pair


def to_gsm(text):
    """Return the nearest text in GSM-7: accents and typography are made plain, other
    scripts are written in Latin letters."""
    text = unicodedata.normalize("NFC", text).translate(PLAIN)
    if is_gsm(text):
        return text
    # the Greek capitals of GSM-7 would stand alone in a word that is rewritten
    plain = "".join(
        character
        if character not in GREEK and is_gsm(character)
        else anyascii(character).translate(PLAIN)
        for character in text
    )
    return "".join(filter(is_gsm, plain))


def shorten(text, length):
    """Cut a text to a number of characters, at the end of a word if one ends in the
    last third; a full stop shows that it was cut."""
    if len(text) <= length:
        return text
    if length < 1:
        return ""
    cut = length - 1
    while cut and unicodedata.category(text[cut]).startswith("M"):
        cut -= 1  # a vowel sign or an accent belongs to the letter before it
    space = text.rfind(" ", 0, cut + 1)
    if 3 * space >= 2 * length:
        cut = space
    return text[:cut].rstrip(" .,;:-/(") + "."
