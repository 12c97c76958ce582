import re
import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import find_request_codes, generate_request_code, is_request_code
from ..tools.request_code import (
    AS_DIGIT,
    AS_LETTER,
    DIGITS,
    IS_DIGIT,
    LETTERS,
    LONGEST_TEXT,
)

CODES = [
    "AA22AA22AA22AA22AA22AA22AB",
    "ZZ99ZZ99ZZ99ZZ99ZZ99ZZ99CD",
    "KM47RT92AB38XY56CD29QS64EU",
    "BS86ZG25LD72QT58SB62GZ85ZP",
]
MESSAGE = (
    "You have a new service opportunity on Data Rectification in Hauz Khas (%s)."
    " To accept this offer, forward this message to +919810012345."
)
ANYTHING = string.ascii_uppercase + string.digits
# what the same place can be read as, and is repaired
MISREAD = {
    is_digit: [
        (wrong, right)
        for wrong, rights in (AS_DIGIT if is_digit else AS_LETTER).items()
        for right in rights
    ]
    for is_digit in (False, True)
}

deterministic = settings(deadline=None, derandomize=True, max_examples=200)
codes = st.builds(
    lambda places: _sign("".join(places)),
    st.tuples(*(st.sampled_from(DIGITS if digit else LETTERS) for digit in IS_DIGIT)),
)
gaps = st.sampled_from(
    [
        "",
        "",
        " ",
        "-",
        ".",
        "\n",
        "\r\n> ",
        "\n>> ",
        "\u200b",
        "\u00ad",
        "\u00a0",
        " - ",
    ]
)
spellings = st.sampled_from([str, str.lower, lambda text: chr(ord(text) + 0xFEE0)])


def _sign(text):
    """Give 26 characters of the right form the only right checksum there is."""
    return next(
        code
        for first in LETTERS
        for second in LETTERS
        if is_request_code(code := text[:24] + first + second)
    )


@tagged("post_install", "-at_install")
class TestRequestCode(BaseCase):
    def test_generated(self):
        generated = {generate_request_code() for _ in range(1000)}
        self.assertEqual(len(generated), 1000)
        form = re.compile(r"(?:[A-HJ-NP-Z]{2}[2-9]{2}){6}[A-HJ-NP-Z]{2}")
        for code in generated:
            self.assertRegex(code, rf"\A{form.pattern}\Z")
            self.assertTrue(is_request_code(code))

    def test_exact_form_only(self):
        for code in CODES:
            self.assertTrue(is_request_code(code))
            for text in (code.lower(), f" {code}", f"{code}\n", code[:-1], code * 2):
                self.assertFalse(is_request_code(text), text)

    def test_checksum_is_unique(self):
        for code in CODES:
            signed = [
                code[:24] + first + second
                for first in LETTERS
                for second in LETTERS
                if is_request_code(code[:24] + first + second)
            ]
            self.assertEqual(signed, [code])

    def test_every_wrong_character_is_detected(self):
        for code in CODES:
            for text in _substitute(code):
                self.assertFalse(is_request_code(text), text)

    def test_every_swap_of_the_same_kind_is_detected(self):
        for code in CODES:
            for left in range(26):
                for right in range(left + 1, 26):
                    text = _swap(code, left, right)
                    if IS_DIGIT[left] == IS_DIGIT[right] and text != code:
                        self.assertFalse(is_request_code(text), text)


@tagged("post_install", "-at_install")
class TestFindRequestCodes(BaseCase):
    def assertFound(self, text, *expected):
        found = find_request_codes(text)
        self.assertEqual(found.valid, list(expected), text)
        self.assertFalse(found.has_typo, text)

    def assertTypo(self, text):
        self.assertEqual(find_request_codes(text), ([], True), text)

    def assertNoOther(self, code, text):
        """Assert that the text says this code, or is refused as mistyped."""
        found = find_request_codes(text)
        self.assertIn(found, (([code], False), ([], True)), text)

    # ------------------------------------------------------------
    # MESSAGES AS THEY COME
    # ------------------------------------------------------------

    def test_forwarded(self):
        code = CODES[2]
        text = MESSAGE % code
        half = MESSAGE % f"{code[:13]}\n> {code[13:]}"
        for dirty in (
            text,
            code,
            text.lower(),
            f"Fwd: {text}",
            f"FW: {text}\n\nSent from my phone",
            f"> {half}\n",
            f"«{text}»",
            text.replace("(", "").replace(")", ""),
            text.replace(" (", "").replace("). ", ""),
            f"1/2{code}",
            f"see https://partner.example/my/{code}?x=1",
            text + text,
        ):
            self.assertFound(dirty, code)

    def test_look_alikes(self):
        code = "BS86ZG25LD72QT58SB62GZ85ZP"
        for dirty in (
            code.replace("D", "O"),
            code.replace("Q", "0"),
            "8S86ZG25LD72QT58SB62GZ85ZP",
            "B5B6ZG25LD72QT58SB62GZ85ZP",
            "BS86ZG25LDI2QT58SB62GZ85ZP",
            "BS86ZG251D72QT58SB62GZ85ZP",
            "BS86 ZG25 LO72 0T58 SB62 GZ85 ZP",
            "ВS86ZG25LD72QТ58SВ62GZ85ZP",  # Cyrillic В and Т
        ):
            self.assertFound(f"I take {dirty}, thanks", code)

    def test_words_are_not_repaired(self):
        """A misread code is only repaired where it stands alone."""
        code = CODES[3].replace("Q", "0")
        self.assertFound(f"({code})", CODES[3])
        self.assertTypo(f"Khas{code}")
        self.assertTypo("BS86ZG25LO720T58SB62G2852P")  # too many

    def test_several(self):
        one, two, three, _four = CODES
        self.assertFound(f"{two} {one}\n{three} and {two}", two, one, three)
        self.assertFound(f"{one} {two[:-1]}A", one)

    def test_typos(self):
        code = CODES[2]
        for text in (
            MESSAGE % code[:-1],
            MESSAGE % code[1:],
            MESSAGE % f"{code[:10]}{code[11:]}",
            MESSAGE % f"{code[:10]}W{code[10:]}",
            MESSAGE % code.replace("KM", "MK"),
            MESSAGE % "KM47RU92AB38XX56CD29QR64EU",
            "code " + " ".join(code[:-1]),
            code[:12],
        ):
            self.assertTypo(text)

    def test_nothing(self):
        for text in (
            "",
            False,
            "Yes",
            "ok, we will come on Friday between 10 and 12",
            MESSAGE % "",
            "+91 98100 12345, 110016 New Delhi, DL 8C AB 1234",
            "at 10 to 12, 14 to 16 and 18 to 20",
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
            "internationalisationswise",
            "\x00\ud800",
        ):
            self.assertEqual(find_request_codes(text), ([], False), text)

    def test_end_of_long_text_is_not_read(self):
        self.assertFound("." * 3900 + CODES[0], CODES[0])
        self.assertEqual(find_request_codes("." * 4000 + CODES[0]), ([], False))

    def test_hostile_text(self):
        """Nothing is found in long nonsense; what it costs is benchmarked."""
        size = 100_000
        for piece in (
            "AA22",
            "AA 22 ",
            "A1 11 ",
            "II 0O ",
            f"{CODES[0]} ",
            "\ufdfa",  # 18 characters in one
            "\u0315\u0300",  # marks to be put in order
            "ß",
            "\U0001f600\u200d",
        ):
            found = find_request_codes((piece * size)[:size])
            self.assertEqual(found.valid, [CODES[0]] if CODES[0] in piece else [])

    def test_what_is_beyond_a_message_is_not_read(self):
        padding = " " * LONGEST_TEXT
        self.assertFalse(find_request_codes(padding + CODES[0]).valid)

    # ------------------------------------------------------------
    # PROPERTIES
    # ------------------------------------------------------------

    @deterministic
    @given(
        code=codes,
        before=st.text(max_size=300),
        after=st.text(max_size=300),
        noise=st.lists(st.tuples(gaps, spellings), min_size=26, max_size=26),
    )
    def test_noise_is_survived(self, code, before, after, noise):
        dirty = "".join(
            gap + spell(character)
            for character, (gap, spell) in zip(code, noise, strict=True)
        )
        self.assertFound(f"{before} ({dirty}) {after}", code)

    @deterministic
    @given(
        code=codes,
        before=st.text(alphabet=string.ascii_letters, max_size=80),
        after=st.text(alphabet=string.ascii_letters, max_size=80),
    )
    def test_words_are_glued_to_it(self, code, before, after):
        self.assertFound(f"{before}{code}{after}", code)

    @deterministic
    @given(code=codes, data=st.data())
    def test_one_misread_character_is_repaired(self, code, data):
        text = self._misread(code, data, count=1)
        self.assertFound(f"Fwd: {text}.", code)

    @deterministic
    @given(code=codes, count=st.integers(2, 3), data=st.data())
    def test_misread_characters_make_no_other_code(self, code, count, data):
        self.assertNoOther(code, f"({self._misread(code, data, count)})")

    def _misread(self, code, data, count):
        """Misread up to so many characters of a code that can be."""
        places = [
            place
            for place, is_digit in enumerate(IS_DIGIT)
            if code[place] in dict(map(reversed, MISREAD[is_digit]))
        ]
        for place in data.draw(st.permutations(places))[:count]:
            wrongs = [
                wrong
                for wrong, right in MISREAD[IS_DIGIT[place]]
                if right == code[place]
            ]
            wrong = data.draw(st.sampled_from(wrongs))
            code = code[:place] + wrong + code[place + 1 :]
        return code

    @settings(deterministic, max_examples=20)  # of some 340 slips each
    @given(code=codes, around=st.sampled_from([MESSAGE, "AB22 %s 25 KM", "a%sb", "%s"]))
    @example(code=CODES[0], around=MESSAGE)
    @example(code=CODES[1], around="ZZ99 %s 99 ZZ 99")
    def test_no_slip_makes_another_code(self, code, around):
        """Not one wrong, missing, additional or swapped character in one piece."""
        slips = [
            *(code[:place] + code[place + 1 :] for place in range(26)),
            *(_swap(code, place, place + 1) for place in range(25)),
            *(
                _swap(code, left, right)
                for left in range(26)
                for right in range(left)
                if IS_DIGIT[left] == IS_DIGIT[right]
            ),
        ]
        for text in slips:
            self.assertNoOther(code, around % text)

    def test_no_other_character_makes_another_code(self):
        for code in CODES:
            texts = _substitute(code)
            texts += [
                code[:place] + character + code[place:]
                for place in range(27)
                for character in ANYTHING
            ]
            for text in texts:
                self.assertNoOther(code, MESSAGE % text)

    @deterministic
    @given(st.text(max_size=500))
    def test_random_text_is_no_code(self, text):
        self.assertEqual(find_request_codes(text).valid, [])

    @deterministic
    @given(st.text(alphabet=LETTERS + DIGITS + "IO01 -\n(", max_size=500))
    def test_random_letters_and_digits_are_no_code(self, text):
        self.assertEqual(find_request_codes(text).valid, [])

    @deterministic
    @given(st.from_regex(r"\A(?:[A-HJ-NP-Z]{2}[2-9]{2}){6}[A-HJ-NP-Z]{2}\Z"))
    def test_right_form_is_not_enough(self, text):
        expected = [text] if is_request_code(text) else []
        self.assertEqual(find_request_codes(text), (expected, not expected))


def _substitute(code):
    return [
        code[:place] + character + code[place + 1 :]
        for place in range(26)
        for character in ANYTHING
        if character != code[place]
    ]


def _swap(code, left, right):
    characters = list(code)
    characters[left], characters[right] = characters[right], characters[left]
    return "".join(characters)
