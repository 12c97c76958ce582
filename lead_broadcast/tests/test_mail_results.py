from datetime import timedelta
from smtplib import SMTPSenderRefused, SMTPServerDisconnected

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..hooks import uninstall_hook
from .mail_common import LATER, UNKNOWN, MailServerCase


@tagged("post_install", "-at_install")
class TestMailResults(MailServerCase):
    """What mail servers make of notices by mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._broadcast()
        cls._deliver()
        cls.notice = cls._get_mail_notice(cls.lajpat_nagar)
        cls.mails = cls.env["lead.broadcast.notice"].search([]).mail_id

    # ------------------------------------------------------------
    # SENT
    # ------------------------------------------------------------

    def test_sent(self):
        self.assertEqual(len(self.mails), 3)
        self.assertEqual(self.notice.mail_state, "outgoing")
        self._run_queue()
        self.assertEqual(self.notice.mail_state, "sent")
        self.assertIn((self.lajpat_nagar.email, self.notice.message_id), self.sent)
        self.assertEqual(len(self.sent), 3)
        self._run_queue(minutes=120)
        self.assertEqual(len(self.sent), 3)

    def test_result_outlives_the_mail(self):
        self.mails.auto_delete = True
        message_id = self.notice.message_id
        self._run_queue()
        self.assertFalse(self.mails.exists())
        self.assertRecordValues(
            self.notice, [{"mail_state": "sent", "message_id": message_id}]
        )

    # ------------------------------------------------------------
    # TEMPORARY
    # ------------------------------------------------------------

    def assertWaits(self, notice, minutes, tries=1):
        self.assertRecordValues(
            notice, [{"mail_state": "outgoing", "state": "sent", "can_retry": True}]
        )
        self.assertRecordValues(
            notice.mail_id, [{"state": "outgoing", "broadcast_try_count": tries}]
        )
        wait = notice.mail_id.scheduled_date - fields.Datetime.now()
        self.assertAlmostEqual(wait / timedelta(minutes=1), minutes, delta=0.2)
        self.assertFalse(notice.fallback_ids)

    def test_put_off(self):
        self._refuse(self.lajpat_nagar.email, LATER)
        with self._capture_triggers() as triggers:
            self._run_queue()
        self.assertWaits(self.notice, 1)
        self.assertIn("451 4.7.1 try again later", self.notice.note)
        self.assertIn("Next try at", self.notice.note)
        self.assertIn(
            self.notice.mail_id.scheduled_date, triggers.records.mapped("call_at")
        )
        self.assertEqual(len(self.sent), 2, "the others are not held up")

    def test_back_off(self):
        """Ten minutes of 451 lose nothing, and double nothing."""
        self._refuse(self.lajpat_nagar.email, LATER)
        now = fields.Datetime.now()
        waits = []
        message_id = self.notice.message_id
        for _count in range(4):
            with freeze_time(now):
                self._run_queue()
            waits.append((self.notice.mail_id.scheduled_date - now).seconds / 60)
            now = self.notice.mail_id.scheduled_date
        self.assertEqual(waits, [1, 2, 5, 15])
        self.assertFalse(self.notice.fallback_ids)
        self.answers.clear()
        with freeze_time(now):
            self._run_queue()
        self.assertEqual(self.notice.mail_state, "sent")
        self.assertFalse(self.notice.note)
        self.assertEqual(self.sent.count((self.lajpat_nagar.email, message_id)), 1)
        self.assertEqual(len(self.sent), 3)

    def test_not_before_its_time(self):
        self._refuse(self.lajpat_nagar.email, LATER)
        self._run_queue()
        self.answers.clear()
        self._run_queue()
        self.assertEqual(len(self.sent), 2)

    def test_no_connection(self):
        """Core would give up all of them for good."""
        for error in (
            ConnectionRefusedError(111, "Connection refused"),
            TimeoutError("timed out"),
            UserError("Missing SMTP Server"),
        ):
            with self.subTest(error=error):
                self.connection_error = error
                self.mails.write({"broadcast_try_count": 0, "scheduled_date": False})
                self._run_queue()
                for mail in self.mails:
                    self.assertWaits(mail.broadcast_notice_ids, 1)
        self.connection_error = None
        self._run_queue(minutes=2)
        self.assertEqual(len(self.sent), 3)

    def test_connection_breaks(self):
        """Core would leave the one in flight as failed, and the rest for an hour."""
        first, second, third = self.mails.sorted("id")
        self.answers[second.email_to] = SMTPServerDisconnected("closed")
        with self._capture_triggers() as triggers:
            self._run_queue()
        self.assertEqual(first.state, "sent")
        self.assertWaits(second.broadcast_notice_ids, 1)
        self.assertRecordValues(third, [{"state": "outgoing", "scheduled_date": False}])
        self.assertTrue(
            triggers.records.filtered(
                lambda trigger: trigger.call_at <= fields.Datetime.now()
            ),
            "the rest is sent at once",
        )
        self._run_queue()
        self.assertEqual(third.state, "sent")
        self.answers.clear()
        self._run_queue(minutes=2)
        self.assertEqual(set(self.mails.mapped("state")), {"sent"})
        self.assertEqual(len(self.sent), 3)

    def test_time_out_while_sending(self):
        self.answers[self.lajpat_nagar.email] = TimeoutError("timed out")
        self._run_queue()
        self.assertWaits(self.notice, 1)

    def test_told_in_another_way_while_it_waits(self):
        """A mail server that is down for long: people are told by SMS, say; the mails
        go out all the same when it is back."""
        self.connection_error = ConnectionRefusedError(111, "Connection refused")
        now = fields.Datetime.now()
        for _count in range(4):
            with freeze_time(now):
                self._run_queue()
            self.assertFalse(self.notice.is_unreachable)
            now = self.notice.mail_id.scheduled_date
        with freeze_time(now):
            self._run_queue()
        self.assertTrue(self.notice.is_unreachable)
        self.assertTrue(self.lead.has_delivery_problem)
        self.connection_error = None
        with freeze_time(self.notice.mail_id.scheduled_date):
            self._run_queue()
        self.assertEqual(self.notice.mail_state, "sent")
        self.assertFalse(self.lead.has_delivery_problem)
        self.assertEqual(len(self.sent), 3)

    def test_waits_no_longer_than_it_is_worth(self):
        self.notice.offer_id.valid_until = fields.Datetime.now() + timedelta(seconds=50)
        self._refuse(self.lajpat_nagar.email, LATER)
        self._run_queue()
        self.assertEqual(self.notice.mail_state, "exception")
        self.assertTrue(self.notice.is_unreachable)

    def test_mails_of_others_fail_as_ever(self):
        mail = self.env["mail.mail"].create(
            {"email_to": "someone@else.example", "email_from": "us@here.example"}
        )
        self._refuse("someone@else.example", LATER)
        self._run_queue()
        self.assertEqual(mail.state, "exception")
        self.assertEqual(len(self.sent), 3)

    # ------------------------------------------------------------
    # PERMANENT
    # ------------------------------------------------------------

    def test_refused(self):
        self._refuse(self.lajpat_nagar.email, UNKNOWN)
        self._run_queue()
        self.assertRecordValues(
            self.notice,
            [
                {
                    "state": "sent",
                    "mail_state": "exception",
                    "note": "Mailbox unknown (550 5.1.1 no such user)",
                    "is_unreachable": True,
                }
            ],
        )
        self.assertEqual(self.notice.offer_id.notice_summary, "Email ✗")
        self.assertEqual(self.notice.mail_id.state, "exception")
        self._run_queue(minutes=120)
        self.assertEqual(len(self.sent), 2)

    def test_refused_sender(self):
        self.answers[None] = SMTPSenderRefused(553, b"5.7.1 who are you?", "us@here")
        self._run_queue()
        self.assertEqual(set(self.mails.mapped("state")), {"exception"})
        self.assertEqual(self.notice.note, "553 5.7.1 who are you?")

    def test_no_address(self):
        self.notice.mail_id.email_to = "nobody"
        self._run_queue()
        self.assertEqual(self.notice.mail_state, "exception")
        self.assertEqual(self.notice.note, "Missing email address")

    def test_retry_to_a_corrected_address(self):
        self._refuse(self.lajpat_nagar.email, UNKNOWN)
        self._run_queue()
        failed = self.notice.mail_id
        self.lajpat_nagar.email = "right@lajpat.example"
        self.notice.with_user(self.user).action_retry()
        self.assertFalse(failed.exists())
        self.assertEqual(self.notice.state, "pending")
        self._deliver()
        self._run_queue()
        self.assertEqual(self.sent[-1][0], "right@lajpat.example")
        self.assertRecordValues(
            self.notice, [{"mail_state": "sent", "is_unreachable": False}]
        )

    def test_retry_of_what_waits(self):
        self._refuse(self.lajpat_nagar.email, LATER)
        self._run_queue()
        self.answers.clear()
        self.notice.with_user(self.user).action_retry()
        self._run_queue()
        self.assertEqual(self.notice.mail_state, "sent")
        self.assertEqual(self.sent[-1][1], self.notice.message_id)

    def test_retry_of_what_is_no_longer_true(self):
        self._refuse(self.lajpat_nagar.email, UNKNOWN)
        self._run_queue()
        self._get_offer(self.saket)._accept("portal", self.saket)
        self.notice.with_user(self.user).action_retry()
        self._deliver()
        self.assertEqual(self.notice.state, "skipped")

    def test_retry_by_others(self):
        with self.assertRaises(AccessError):
            self.notice.with_user(self.other_user).action_retry()

    # ------------------------------------------------------------
    # LOOKED AT ONCE MORE
    # ------------------------------------------------------------

    def test_no_longer_true(self):
        self._get_offer(self.saket)._accept("portal", self.saket)
        self._run_queue()
        self.assertFalse(self.sent)
        self.assertRecordValues(
            self.notice,
            [
                {
                    "mail_state": "cancel",
                    "note": "No longer true when it was to be sent",
                    "is_unreachable": False,
                }
            ],
        )
        self.assertEqual(self.notice.mail_id.state, "cancel")

    def test_cancelled_in_the_queue(self):
        self.mails.cancel()
        self.assertEqual(self.notice.mail_state, "cancel")
        self.mails.mark_outgoing()
        self.assertEqual(self.notice.mail_state, "outgoing")

    def test_deleted_from_the_queue(self):
        self.mails.unlink()
        self.assertEqual(self.notice.mail_state, "cancel")

    def test_lead_deleted(self):
        """What was said of it is not sent, though nothing is left to ask."""
        self.lead.with_user(self.user).action_stop_broadcast()
        self.lead.with_user(self.administrator).unlink()
        self._run_queue()
        self.assertFalse(self.sent)
        self.assertEqual(set(self.mails.mapped("state")), {"cancel"})

    def test_nothing_stays_in_the_queue_of_who_uninstalls(self):
        other = self.env["mail.mail"].create({"email_to": "someone@else.example"})
        uninstall_hook(self.env)
        self.assertFalse(self.mails.exists())
        self.assertTrue(other.exists())

    def test_queries_for_each_mail(self):
        one = self._count_queries(lambda: self.mails[:1]._send())
        two = self._count_queries(lambda: self.mails[1:]._send())
        self.assertEqual(len(self.sent), 3)
        self.assertLessEqual(two - one, 12)

    # ------------------------------------------------------------
    # RETURNED
    # ------------------------------------------------------------

    def test_bounce(self):
        self._run_queue()
        self._return_mail(self.notice)
        self.assertRecordValues(
            self.notice,
            [
                {
                    "mail_state": "bounce",
                    "note": "Mailbox unknown (550 5.1.1 no such user)",
                    "is_unreachable": True,
                }
            ],
        )

    def test_bounce_without_the_mail(self):
        self.mails.auto_delete = True
        self._run_queue()
        self._return_mail(self.notice, status="5.2.2", text="552 5.2.2 over quota")
        self.assertEqual(self.notice.mail_state, "bounce")
        self.assertEqual(self.notice.note, "Mailbox full (552 5.2.2 over quota)")

    def test_reports_that_are_no_bounces(self):
        self._run_queue()
        for report in (
            {"action": "delayed", "status": "4.4.1"},
            {"action": "delivered", "status": "2.0.0"},
            {"kind": "disposition-notification"},
        ):
            with self.subTest(**report):
                self._return_mail(self.notice, **report)
                self.assertEqual(self.notice.mail_state, "sent")

    def test_bounce_of_a_former_attempt(self):
        self._run_queue()
        former = self.notice.message_id
        self._return_mail(self.notice)
        self.notice._retry()
        self._deliver()
        self._run_queue()
        self.assertNotEqual(self.notice.message_id, former)
        self.notice.invalidate_recordset()
        self.env["lead.broadcast.notice"]._note_bounce([former], "")
        self.assertEqual(self.notice.mail_state, "sent")
