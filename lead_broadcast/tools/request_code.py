"""Request codes: what a partner sends back to accept an offer.

A code has 26 characters: 13 pairs, letters and digits in turn, letters first and last,
such as ``KM47RT92AA...``. The letters I and O and the digits 0 and 1 are not used, as
they are mistaken for each other. The last pair is a checksum; what is left to chance is
91 bits: 12 letters of 24, 12 digits of 8.

With its checksum the code, read as a number of base 24, leaves 1 when divided by 571,
the greatest prime that two letters can make good. (An IBAN is checked alike.) So every
character has a weight of its own, and the checksum detects

- every single wrong character,
- every swap of two characters of the same kind,
- a swap of two neighbours, a missing or a doubled character, as these break the form,

and of all other errors 570 in 571.
"""

import re
import secrets
import unicodedata
from itertools import pairwise, product
from typing import NamedTuple

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
LENGTH = 26
CHECKSUM_LENGTH = 2
MODULUS = 571
VALUES = {
    **{letter: value for value, letter in enumerate(LETTERS)},
    **{digit: value for value, digit in enumerate(DIGITS)},
}
# which of the 26 places are for digits
IS_DIGIT = [place // 2 % 2 == 1 for place in range(LENGTH)]
CODE = re.compile(rf"(?:[{LETTERS}]{{2}}[{DIGITS}]{{2}}){{6}}[{LETTERS}]{{2}}")
CODES = re.compile(rf"(?=({CODE.pattern}))")  # also where they overlap

LONGEST_TEXT = 4000  # what is beyond was not written by a partner
MOST_REPAIRS = 3
# what is read, or typed, for a letter or a digit
AS_LETTER = {
    "0": "DQ",
    "O": "DQ",
    "1": "LJT",
    "I": "LJT",
    "2": "Z",
    "5": "S",
    "6": "G",
    "8": "B",
}
AS_DIGIT = {"1": "7", "I": "7", "L": "7", "B": "8", "G": "6", "S": "5", "Z": "2"}
# Cyrillic letters that are typed for the Latin ones they look like
LOOK_ALIKES = str.maketrans("АВЕІКМНОРСТУХ", "ABEIKMHOPCTYX")
# three double pairs in a row, or a word that is mostly pairs: meant as a code
PIECE = re.compile(
    rf"(?:[{LETTERS}]{{2}}[{DIGITS}]{{2}}){{3}}|(?:[{DIGITS}]{{2}}[{LETTERS}]{{2}}){{3}}"
)
LIKELY_LENGTHS = range(22, 31)
LIKELY_SHARE = 0.6
RUNS = re.compile(r"\d+|[^\d]+")
LONGEST_SCRAP = 2  # glued to a code, too short to be the rest of another one


class RequestCodes(NamedTuple):
    """What a text says: the valid codes, in the order of the text, each once, and
    whether it has none but something that was meant as one."""

    valid: list
    has_typo: bool


# ------------------------------------------------------------
# ONE CODE
# ------------------------------------------------------------


def generate_request_code():
    """Return a new code, from the system's source of secrets."""
    code = "".join(
        secrets.choice(DIGITS if is_digit else LETTERS)
        for is_digit in IS_DIGIT[:-CHECKSUM_LENGTH]
    )
    return code + _get_checksum(code)


def is_request_code(text):
    """Tell whether a text is a code, exactly as codes are written."""
    return (
        bool(CODE.fullmatch(text))
        and _get_checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]
    )


def _get_checksum(characters):
    """Return the two letters that complete these characters to a code."""
    base = len(LETTERS)
    number = 0
    for character in characters:
        number = (number * base + VALUES[character]) % MODULUS
    first, second = divmod((1 - number * base**CHECKSUM_LENGTH) % MODULUS, base)
    return LETTERS[first] + LETTERS[second]


# ------------------------------------------------------------
# CODES IN A TEXT
# ------------------------------------------------------------


def find_request_codes(text):
    """Find the codes in a message as people and phones send it.

    A message is forwarded, quoted, wrapped and typed anew: case, spaces, dashes, dots,
    line breaks, quotation marks and invisible characters within the code do not matter,
    nor do words glued to it. Up to three characters are taken for those they look like,
    if the place tells that they are wrong, and only where a code stands alone, so that
    words do not become codes; no single wrong, missing, additional or swapped character
    makes another code of one written in one piece.

    The time is linear in the text, of which the first 4,000 characters are read.

    :rtype: RequestCodes
    """
    stream, bounds = _get_stream(text or "")
    found = _find_exact(stream, bounds)
    taken = bytearray(len(stream))  # 1: part of a code
    for start in found:
        taken[start : start + LENGTH] = b"\1" * LENGTH
    for start in bounds:
        end = start + LENGTH
        if end not in bounds or any(taken[start:end]):
            continue
        # a code is broken between pairs; a missing character moves the pairs
        is_torn = any(place in bounds for place in range(start + 1, end, 2))
        code = not is_torn and _repair(stream[start:end])
        if code:
            found[start] = code
            taken[start:end] = b"\1" * LENGTH
    valid = list(dict.fromkeys(found[start] for start in sorted(found)))
    return RequestCodes(valid, not valid and _has_likely(stream, bounds))


def _get_stream(text):
    """Return the letters and digits of a text in a row, and where its words begin and
    end in there."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])[:LONGEST_TEXT]
    text = text.upper().translate(LOOK_ALIKES)
    stream, bounds = [], {0: None}  # a dictionary is an ordered set
    for character in text:
        if character.isalnum():
            stream.append(character)
        elif unicodedata.category(character) != "Cf":  # zero width, soft hyphen
            bounds[len(stream)] = None
    bounds[len(stream)] = None
    return "".join(stream), bounds


def _find_exact(stream, bounds):
    """Return ``{start: code}`` of all codes that need no repair.

    Of a long word that has digits around the code, the code may be another one's rest.
    """
    found = {}
    for match in CODES.finditer(stream):
        start, code = match.start(), match.group(1)
        if is_request_code(code) and all(
            len(scrap) <= LONGEST_SCRAP or scrap.isalpha()
            for scrap in _get_scraps(stream, bounds, start)
        ):
            found[start] = code
    return found


def _get_scraps(stream, bounds, start):
    """Return what is glued to the front and to the end of a code, as far as it would be
    part of the same code."""
    end = start + LENGTH
    front = start
    while front not in bounds and start - front < LENGTH:
        front -= 1
    back = end
    while back not in bounds and back - end < LENGTH:
        back += 1
    return stream[front:start], stream[end:back]


def _repair(text):
    """Return the only code that a text can be taken for, or None."""
    choices, repairs = [], 0
    for character, is_digit in zip(text, IS_DIGIT, strict=True):
        if character in (DIGITS if is_digit else LETTERS):
            choices.append(character)
        else:
            choices.append((AS_DIGIT if is_digit else AS_LETTER).get(character, ""))
            repairs += 1
    if repairs > MOST_REPAIRS:
        return None
    codes = [code for code in map("".join, product(*choices)) if is_request_code(code)]
    return codes[0] if len(codes) == 1 else None


def _has_likely(stream, bounds):
    """Tell whether there is something that was meant as a code."""
    words = (stream[start:end] for start, end in pairwise(bounds))
    return bool(PIECE.search(stream)) or any(map(_is_likely, words))


def _is_likely(word):
    """Tell whether most letters and digits of a word stand in pairs."""
    paired = 2 * sum(len(run) == 2 for run in RUNS.findall(word))
    return len(word) in LIKELY_LENGTHS and paired >= LIKELY_SHARE * len(word)
