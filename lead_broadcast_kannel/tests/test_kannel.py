from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import kannel

HINDI = "आपके लिए नई सेवा: डेटा सुधार"
RUSSIAN = "Новая заявка на услугу"


@tagged("post_install", "-at_install")
class TestKannel(BaseCase):
    """What Kannel says, understood without a database."""

    def test_failures(self):
        receipt = (
            "id:7 sub:001 dlvrd:000 submit date:2611220101 stat:%s err:011 text:%s"
        )
        for report_type, text, failure in (
            (kannel.FAILED, receipt % ("UNDELIV", "Hello"), "not_delivered"),
            (kannel.FAILED, receipt % ("EXPIRED", "Hello"), "expired"),
            (kannel.FAILED, receipt % ("REJECTD", "Hello"), "rejected"),
            (kannel.FAILED, receipt % ("UNDELIV", "It expired"), "not_delivered"),
            (kannel.FAILED, "", "not_delivered"),
            (kannel.REJECTED, "NACK/validity expired", "expired"),
            (
                kannel.REJECTED,
                "NACK/0x0000000b/Invalid Destination Address",
                "invalid_destination",
            ),
            (kannel.REJECTED, "NACK/Retries Exceeded", "not_delivered"),
            (kannel.REJECTED, "NACK/0x00000045/submit_sm failed", "rejected"),
        ):
            with self.subTest(text=text):
                self.assertEqual(kannel.read_failure(report_type, text), failure)

    def test_texts(self):
        """With ``mo-recode`` and without; a long one in UCS-2 comes as 8-bit data."""
        for raw, charset, coding, text in (
            (b"Fwd: AA23", "UTF-8", "0", "Fwd: AA23"),
            (HINDI.encode(), "UTF-8", "0", HINDI),
            (HINDI.encode("utf-16-be"), "UTF-16BE", "2", HINDI),
            (HINDI.encode("utf-16-be"), "", "2", HINDI),
            (HINDI.encode("utf-16-be"), "8-BIT", "1", HINDI),
            (RUSSIAN.encode("utf-16-be"), "8-BIT", "1", RUSSIAN),
            ("Été".encode("latin-1"), "ISO-8859-1", "0", "Été"),
            ("Été".encode("latin-1"), "UTF-8", "0", "Été"),
            (b"plain", "8-BIT", "1", "plain"),
            (b"odd", "no such charset", "x", "odd"),
        ):
            with self.subTest(charset=charset, coding=coding, text=text):
                self.assertEqual(kannel.decode_text(raw, charset, coding), text)

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(st.binary(), st.text(), st.text())
    def test_any_text(self, raw, charset, coding):
        self.assertIsInstance(kannel.decode_text(raw, charset, coding), str)

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(st.sampled_from(["UTF-8", "UTF-16BE", "8-BIT"]), st.binary())
    def test_any_wide_text(self, charset, raw):
        self.assertIsInstance(kannel.decode_text(raw, charset, "2"), str)

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(st.binary())
    def test_any_query(self, query):
        for name, value in kannel.parse_query(query).items():
            self.assertIsInstance(name, str)
            self.assertIsInstance(value, bytes)

    def test_query(self):
        self.assertEqual(
            kannel.parse_query(b"from=%2B91+1&text=%04%14&text=2&empty=&flag"),
            {
                "from": b"+91 1",
                "text": b"\x04\x14",
                "empty": b"",
                "flag": b"",
            },
        )

    def test_time(self):
        now = datetime(2026, 11, 22, 12)
        for text, expected in (
            ("1795348740", datetime(2026, 11, 22, 11, 59)),
            ("1795358740", now),  # in the future
            ("1", now - timedelta(days=7)),
            ("", now),
            ("-5", now),
            ("yesterday", now),
            ("9" * 30, now),
            ("9" * 11, now),
        ):
            with self.subTest(text=text):
                self.assertEqual(kannel.read_time(text, now), expected)
