from datetime import timedelta

import psycopg2
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import generate_request_code
from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestInboundLimits(SmsCase):
    """Trying out codes is hopeless, visible and cheap to bear."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._broadcast()
        cls.code = cls._get_offer(cls.green_park).request_code
        cls.company.broadcast_sms_failure_limit = 3

    def _guess(self, times, **values):
        return [
            self._receive(generate_request_code(), **values).result
            for _count in range(times)
        ]

    def test_sender_that_fails_too_often(self):
        self.assertEqual(self._guess(5), ["unknown_code"] * 3 + ["rate_limited"] * 2)
        self.assertEqual(self._receive(self.code).result, "rate_limited")
        self.assertFalse(self.lead.allocated_offer_id)

    def test_stop_is_always_heard(self):
        self._guess(5)
        self.assertEqual(self._receive("STOP").result, "opted_out")

    def test_thanks_are_no_failure(self):
        results = {self._receive("Thanks").result for _count in range(5)}
        self.assertEqual(results, {"no_code"})
        self.assertEqual(self._receive(self.code).result, "accepted")

    def test_others_are_not_touched(self):
        self._guess(5)
        self.assertEqual(self._receive(self.code, self.executive).result, "accepted")

    def test_an_hour_later(self):
        self._guess(5)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=61)):
            self.assertEqual(self._receive(self.code).result, "accepted")

    def test_clock_of_the_gateway(self):
        """Failures that were received long ago count for what was received with them,
        not for what comes now."""
        earlier = fields.Datetime.now() - timedelta(hours=3)
        results = self._guess(5, received_at=earlier)
        self.assertEqual(results, ["unknown_code"] * 3 + ["rate_limited"] * 2)
        self.assertEqual(self._receive(self.code).result, "accepted")

    def test_failures_after_it_do_not_count(self):
        """A message that had to wait for us is judged as if it had not."""
        before = fields.Datetime.now() - timedelta(minutes=30)
        self._guess(5)
        self.assertEqual(
            self._receive(self.code, received_at=before).result, "accepted"
        )

    def test_who_writes_too_often_is_told_once(self):
        replies = [
            self._receive(generate_request_code()).reply_body
            for _count in range(self.company.broadcast_sms_failure_limit + 3)
        ]
        self.assertEqual([bool(reply) for reply in replies], [True] * 4 + [False] * 2)
        self.assertIn("wait an hour", replies[3])

    def test_replies_are_limited(self):
        self.company.broadcast_sms_reply_limit = 2
        self._get_offer(self.saket)._accept("portal", self.rival)
        replies = [bool(self._receive(self.code).reply_body) for _count in range(3)]
        self.assertEqual(replies, [True, True, False])

    def test_the_winner_is_told_in_any_case(self):
        self.company.broadcast_sms_reply_limit = 1
        self._receive("Hello")
        self.assertTrue(self._receive(self.code).reply_body)

    def test_gateway_under_attack(self):
        """Then one failure is enough, while who makes none is heard."""
        self.company.broadcast_sms_gateway_limit = 4
        for number in range(4):
            self._receive("Hello", sender=f"+9198999999{number:02}")
        self.assertEqual(self._guess(2), ["unknown_code", "rate_limited"])
        self.assertEqual(self._receive(self.code, self.executive).result, "accepted")

    def test_attack_is_shown(self):
        self.company.broadcast_sms_gateway_limit = 4
        for number in range(5):
            self._receive("Hello", sender=f"+9198999999{number:02}")
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.broadcast_sms_failure_count, 5)

    def test_attack_on_another_company(self):
        self.company.broadcast_sms_gateway_limit = 2
        other = self._create_company()
        for number in range(3):
            self._receive("Hello", sender=f"+9198999999{number:02}", company=other)
        self.assertEqual(self._guess(2), ["unknown_code"] * 2)

    def test_limits_above_zero(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.company.broadcast_sms_failure_limit = 0
            self.company.flush_recordset()

    def test_number_to_forward_to(self):
        for number in ("+911140001234", "56677"):
            self.company.broadcast_sms_number = number
        for number in ("1140001234", "12", "+91", "call us", "+91 11 4000 1234"):
            with self.assertRaisesRegex(ValidationError, "cannot be forwarded to"):
                self.company.broadcast_sms_number = number

    def test_queries_of_a_message(self):
        """A stranger's message costs little, however long the log is."""
        self._receive("Hello", sender="+919899999999")
        self.env.flush_all()
        with self.assertQueryCount(9):
            self._receive("Hello", sender="+919899999998", provider_ref="Q")
            self.env.flush_all()
