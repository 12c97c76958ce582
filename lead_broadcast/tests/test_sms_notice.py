from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestSmsNotice(SmsCase):
    """What the operator reports of a notice, and what follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._broadcast()
        cls.notice = cls._get_sms_notice(cls.executive)

    def _report(self, state):
        self.tracker._action_update_from_sms_state(state)

    @property
    def tracker(self):
        return self.env["sms.tracker"].search(
            [("broadcast_notice_id", "=", self.notice.id)]
        )

    def _fallbacks(self):
        return self.env["lead.broadcast.notice"].search(
            [("fallback_of_id", "=", self.notice.id)]
        )

    def test_handed_over(self):
        self._deliver()
        self.assertRecordValues(
            self.notice,
            [
                {
                    "state": "sent",
                    "sms_state": "pending",
                    "sms_number": "+919810000002",
                }
            ],
        )

    def test_delivered(self):
        self._deliver()
        self._report("sent")
        self.assertEqual(self.notice.sms_state, "sent")
        self.assertIn("SMS ✓✓", self._get_offer(self.green_park).notice_summary)

    def test_summary_counts_people(self):
        self._deliver()
        offer = self._get_offer(self.green_park)
        self.assertEqual(offer.notice_summary, "In-app ✓ Email ✓ SMS 2✓")
        self._report("sent")
        self.assertEqual(offer.notice_summary, "In-app ✓ Email ✓ SMS ✓✓ SMS ✓")

    def test_reports_that_overtake_each_other(self):
        self._deliver()
        self._report("sent")
        self._report("pending")
        self.tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(self.notice.sms_state, "sent")
        self.assertFalse(self._fallbacks())

    def test_late_arrival_after_a_failure(self):
        self._deliver()
        self.tracker._action_update_from_provider_error("expired")
        self._report("pending")
        self.assertEqual(self.notice.sms_state, "error")
        self._report("sent")
        self.assertEqual(self.notice.sms_state, "sent")
        self.assertFalse(self.notice.note)

    def test_not_delivered(self):
        self._deliver()
        self.tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(self.notice.sms_state, "error")
        self.assertEqual(self.notice.note, "Not Delivered")
        self.assertIn("SMS ✗", self._get_offer(self.green_park).notice_summary)

    def test_fallback_to_the_own_mail(self):
        self._deliver()
        self.tracker._action_update_from_provider_error("not_delivered")
        fallback = self._fallbacks()
        self.assertRecordValues(
            fallback,
            [
                {
                    "recipient_id": self.executive.id,
                    "channel": "mail",
                    "event": "offered",
                    "state": "pending",
                }
            ],
        )
        self._deliver()
        self.assertIn("ravi@greenpark.example", fallback.mail_id.email_to)
        self.assertIn("Data Rectification", fallback.mail_id.body_html)
        own = self._notices("offered").filtered(
            lambda notice: (
                notice.channel == "mail" and notice.recipient_id == self.green_park
            )
        )
        self.assertEqual(own.mail_id.email_to, self.green_park.email)

    def test_fallback_to_the_portal(self):
        self.notice = self._get_sms_notice(self.owner)
        self.owner.email = False
        self._deliver()
        self.tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(self._fallbacks().channel, "inbox")

    def test_no_fallback_for_who_has_nothing_else(self):
        self.executive.email = False
        self._deliver()
        self.tracker._action_update_from_provider_error("not_delivered")
        self.assertFalse(self._fallbacks())

    def test_fallback_once(self):
        self._deliver()
        self.tracker._action_update_from_provider_error("not_delivered")
        self.tracker._action_update_from_provider_error("expired")
        self.assertEqual(len(self._fallbacks()), 1)

    def test_no_fallback_after_the_validity(self):
        self._deliver()
        self._end_validity(self.lead.sudo().broadcast_ids)
        self.tracker._action_update_from_provider_error("expired")
        self.assertEqual(self.notice.sms_state, "error")
        self.assertFalse(self._fallbacks())

    def test_gateway_down(self):
        """The notice waits, and says so; at the second failure the person is told in
        another way, while the gateway is tried further."""
        self.gateway.answers[None] = "server_error"
        self._deliver()
        self.assertEqual(self.notice.sms_state, "outgoing")
        self.assertIn("next try", self.notice.note)
        self.assertFalse(self._fallbacks())
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.env["sms.sms"]._cron_retry()
            self._send_queue()
            self.assertEqual(len(self._fallbacks()), 1)
        self.gateway.answers.clear()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=10)):
            self.env["sms.sms"]._cron_retry()
            self._send_queue()
        self.assertEqual(self.notice.sms_state, "pending")
        self.assertEqual(len(self._sent_to(self.executive)), 1)

    def test_given_up(self):
        self.lead.sudo().broadcast_ids.valid_until = fields.Datetime.now() + timedelta(
            seconds=20
        )
        self.gateway.answers[None] = "server_error"
        self._deliver()
        self.assertEqual(self.notice.sms_state, "error")
        self.assertTrue(self.notice.note)

    def test_retry_by_hand(self):
        self.gateway.answers[self.executive.broadcast_alert_number] = (
            "wrong_number_format"
        )
        self._deliver()
        self.assertEqual(self.notice.sms_state, "error")
        self.gateway.answers.clear()
        self.notice.with_user(self.user).action_retry()
        self._deliver()
        self.assertEqual(self.notice.sms_state, "pending")
        self.assertEqual(len(self._sent_to(self.executive)), 1)

    def test_won_goes_to_each_person_once(self):
        self._get_offer(self.green_park)._accept("portal", self.owner)
        self._deliver()
        for contact in (self.owner, self.executive):
            [text] = self._sent_to(contact)
            self.assertIn(
                f"Lead L{self.lead.id} Data Rectification in Hauz Khas, New Delhi"
                " is now yours. Complete by ",
                text,
            )
            self.assertIn(self._get_offer(self.green_park).access_token, text)
        self.assertFalse(self._sent_to(self.rival))

    def test_won_by_sms_is_told_by_the_reply(self):
        self._get_offer(self.green_park)._accept("sms", self.owner)
        self._deliver()
        self.assertFalse(self._sent_to(self.owner))
        self.assertEqual(len(self._sent_to(self.executive)), 1)
