"""What a partner reads before it has won must not name or reach the customer."""

import re

import phonenumbers

MASK = "***"
EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+")
# groups of digits, however they are strung together: numbers written to be dialled
DIGIT_GROUPS = re.compile(r"\+?\d+(?:[\s.,_()/-]{1,3}\d+)+")
SHORTEST_GROUPS = 8
SHORTEST_NAME = 3  # shorter names would mask ordinary words
# days and times of day can look like phone numbers and must stay readable
MOMENT = re.compile(
    r"(?<!\d)(?<!\d[./-])("
    r"[0-3]?\d[./-][0-3]?\d[./-](?:19|20)\d\d"
    r"|(?:19|20)\d\d[./-][01]?\d[./-][0-3]?\d"
    r"|[0-2]?\d:[0-5]\d(?::[0-5]\d)?"
    r")(?![./-]?\d)"
)
# the same number is written in many ways, but all of them end alike
NUMBER_SEPARATOR = r"[\s()./-]*"
NUMBER_END = 7
SHORTEST_NUMBER = 5
# what surrounds the domain in the address of a website, and in "@domain"
AROUND_DOMAIN = re.compile(r"^(?:\w+://)?(?:www\.)?@?|[/?#].*$")
# parts of names that do not tell whose name it is
COMMON_WORDS = frozenset(
    "and the of for mr mrs ms company corp corporation gmbh inc limited llc llp ltd"
    " private pvt service services solutions group del las los por para sociedad srl"
    " для ооо оао зао".split()
)


def mask_contact_data(text, names=(), contacts=(), region=None, words=True):
    """Replace what names or reaches the customer by asterisks.

    People write "call Asha on 98100 12345" into the description of a job; partners
    that only have an offer must not read that. Whatever looks like an email address
    or a phone number is masked, whoever's it is.

    :param str text: what an executive wrote
    :param names: names of the customer
    :param contacts: its phone numbers, email addresses and websites, which are masked
        even where they do not look like that
    :param str region: two-letter country code for numbers without prefix
    :param bool words: mask the single words of names, too
    :return: the text without contact data
    """
    if not text:
        return text
    numbers, addresses = [], []
    for contact in filter(None, contacts):
        is_number = not re.search(r"[^\W\d]|@", contact)
        (numbers if is_number else addresses).append(contact)
    text = _mask_phrases(EMAIL.sub(MASK, text), addresses)
    domains = (AROUND_DOMAIN.sub("", address) for address in addresses)
    text = _mask_phrases(text, domains, r"(?:\w+://)?(?:www\.)?", r"(?:/[^\s),]*)?")
    pieces = MOMENT.split(text)  # every second piece is a moment
    pieces[::2] = [_mask_numbers(piece, numbers, region) for piece in pieces[::2]]
    names = list(filter(None, names))
    if words:
        names += [word for name in names for word in _get_telling_words(name)]
    return _mask_phrases("".join(pieces), names)


def _mask_phrases(text, phrases, before="", after=""):
    """Mask whole phrases, the longest first, in upper and lower case."""
    phrases = {phrase.strip() for phrase in phrases}
    for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)):
        if len(phrase) >= SHORTEST_NAME:
            pattern = rf"(?<!\w){before}{re.escape(phrase)}{after}(?!\w)"
            text = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
    return text


def _mask_numbers(text, numbers, region):
    """Mask the given phone numbers, and what looks like one.

    Numbers that are shorter than a phone number with its area are more often a
    postcode or a quantity.
    """
    matches = phonenumbers.PhoneNumberMatcher(
        text, region, leniency=phonenumbers.Leniency.POSSIBLE
    )
    for match in reversed(list(matches)):
        if len(_get_digits(match.raw_string)) >= NUMBER_END:
            text = text[: match.start] + MASK + text[match.end :]
    for digits in map(_get_digits, numbers):
        if len(digits) >= SHORTEST_NUMBER:
            end = NUMBER_SEPARATOR.join(digits[-NUMBER_END:])
            pattern = rf"\+?(?<!\d)(?:\d{NUMBER_SEPARATOR}){{0,8}}{end}(?!\d)"
            text = re.sub(pattern, MASK, text)
    return DIGIT_GROUPS.sub(_mask_groups, text)


def _mask_groups(match):
    groups = match.group()
    return MASK if len(_get_digits(groups)) >= SHORTEST_GROUPS else groups


def _get_digits(number):
    return re.sub(r"\D", "", number)


def _get_telling_words(name):
    """Return the words of a name by which its bearer is known."""
    words = re.split(r"[\s,;.:()/&\"'-]+", name)
    return [
        word
        for word in words
        if len(word) >= SHORTEST_NAME and word.casefold() not in COMMON_WORDS
    ]
