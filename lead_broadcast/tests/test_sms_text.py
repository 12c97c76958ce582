from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import is_gsm, measure_sms, shorten, to_gsm
from ..tools.sms_text import BASIC, EXTENSION

deterministic = settings(deadline=None, derandomize=True, max_examples=200)
gsm_texts = st.text(alphabet=sorted(BASIC | EXTENSION), max_size=700)


@tagged("post_install", "-at_install")
class TestSmsText(BaseCase):
    def test_alphabet(self):
        """128 septets are 127 characters and the escape, which begins ten others."""
        self.assertEqual((len(BASIC), len(EXTENSION)), (127, 10))
        self.assertTrue(is_gsm("Größe: 5 £ für Señor @ Ωmega"))
        self.assertFalse(is_gsm("Señor ç"))
        self.assertTrue(is_gsm("[5 €]"))

    def test_segments(self):
        for text, expected in (
            ("", ("GSM-7", 0, 0)),
            ("a" * 160, ("GSM-7", 160, 1)),
            ("a" * 161, ("GSM-7", 161, 2)),
            ("a" * 306, ("GSM-7", 306, 2)),
            ("a" * 307, ("GSM-7", 307, 3)),
            ("€" * 80, ("GSM-7", 160, 1)),
            ("€" * 81, ("GSM-7", 162, 2)),
            # 76 pairs and a septet left over in each segment
            ("€" * 152, ("GSM-7", 304, 2)),
            ("€" * 153, ("GSM-7", 306, 3)),
            ("a" + "€" * 152 + "a", ("GSM-7", 306, 2)),
            ("я" * 70, ("UCS-2", 70, 1)),
            ("я" * 71, ("UCS-2", 71, 2)),
            ("я" * 134, ("UCS-2", 134, 2)),
            ("я" * 135, ("UCS-2", 135, 3)),
            # one character is enough to halve all
            ("a" * 70 + "ç", ("UCS-2", 71, 2)),
            ("😀" * 35, ("UCS-2", 70, 1)),
            ("😀" * 66, ("UCS-2", 132, 2)),
            ("😀" * 67, ("UCS-2", 134, 3)),
            ("€" * 70 + "я", ("UCS-2", 71, 2)),
        ):
            self.assertEqual(measure_sms(text), expected, text)

    def test_to_gsm(self):
        for text, expected in (
            ("“It’s here” – now…", '"It\'s here" - now...'),
            ("Größe, Señor, à la carte", "Größe, Señor, à la carte"),
            ("façade, Łódź, Kovačić", "facade, Lodz, Kovacic"),
            ("Новосибирск", "Novosibirsk"),
            ("हौज़ खास", "hauj' khas"),
            ("Σαντορίνη", "Santorini"),
            ("Δ 5 €", "Δ 5 €"),
            ("e\u0301t\u0302", "ét"),
            ("tab\there, `tick`\u00a0\u200b\x00", "tab here, 'tick' "),
        ):
            self.assertEqual(to_gsm(text), expected)

    def test_shorten(self):
        place = "Hauz Khas, New Delhi"
        for length, expected in (
            (20, "Hauz Khas, New Delhi"),
            (19, "Hauz Khas, New."),
            (15, "Hauz Khas, New."),
            (14, "Hauz Khas."),
            (8, "Hauz Kh."),
            (5, "Hauz."),
            (1, "."),
            (0, ""),
        ):
            self.assertEqual(shorten(place, length), expected)
        # a vowel sign stays with its letter
        self.assertEqual(shorten("खासबात", 2), ".")
        self.assertEqual(shorten("खासबात", 4), "खास.")

    @deterministic
    @given(st.text(max_size=300))
    def test_anything_becomes_gsm(self, text):
        plain = to_gsm(text)
        self.assertTrue(is_gsm(plain))
        self.assertEqual(to_gsm(plain), plain)

    @deterministic
    @given(gsm_texts)
    def test_gsm_is_left_alone(self, text):
        self.assertEqual(to_gsm(text), text)

    @deterministic
    @given(st.one_of(st.text(max_size=300), gsm_texts))
    def test_segments_hold_the_text(self, text):
        encoding, units, segments = measure_sms(text)
        room, single = (153, 160) if encoding == "GSM-7" else (67, 70)
        if encoding == "UCS-2":
            self.assertEqual(units, len(text.encode("utf-16-be", "surrogatepass")) / 2)
        self.assertEqual(segments <= 1, units <= single)
        if segments > 1:
            # at most one unit is lost at the end of each
            self.assertLessEqual(units, segments * room)
            self.assertGreater(units, (segments - 1) * (room - 1))

    @deterministic
    @given(st.text(max_size=60), st.integers(0, 70))
    def test_shortened_is_never_longer(self, text, length):
        short = shorten(text, length)
        self.assertLessEqual(len(short), length)
        if short != text:
            self.assertTrue(text.startswith(short[:-1]))
