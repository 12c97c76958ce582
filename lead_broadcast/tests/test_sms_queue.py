from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import RecordCapturer, tagged

from .. import uninstall_hook
from .sms_common import SMS_NUMBER, SmsCase


@tagged("post_install", "-at_install")
class TestSmsQueue(SmsCase):
    """Messages in core's queue: sent in time, through the right gateway, or later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sms.sms"].search([]).unlink()
        cls.queue_cron = cls.env.ref("sms.ir_cron_sms_scheduler_action")
        cls.retry_cron = cls.env.ref("lead_broadcast.ir_cron_retry_sms")

    def _queue(self, *companies, **values):
        return self.env["sms.sms"]._queue_broadcast_sms(
            [
                {
                    "number": f"+91981000010{index}",
                    "body": f"Text {index}",
                    "broadcast_company_id": company.id,
                    **values,
                }
                for index, company in enumerate(companies)
            ]
        )

    def _run(self, cron):
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)

    def _capture_retries(self):
        return RecordCapturer(
            self.env["ir.cron.trigger"], [("cron_id", "=", self.retry_cron.id)]
        )

    def test_two_companies_in_one_queue(self):
        other = self._create_company()
        self._queue(self.company, other, self.company)
        self._run(self.queue_cron)
        self.assertEqual(
            [(company, text) for company, _number, text in self.gateway.sent],
            [(self.company, "Text 0"), (self.company, "Text 2"), (other, "Text 1")],
        )

    def test_lead_of_no_company(self):
        """The company of whoever started the round: crons run in another one."""
        other = self._create_company()
        self.user.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.company.broadcast_sms_number = False
        lead = self._create_lead(user_id=False, team_id=False, company_id=False)
        self._broadcast(lead)
        self._deliver()
        self.assertEqual({sent[0] for sent in self.gateway.sent}, {other})
        [text] = self._sent_to(self.rival)
        self.assertIn(f"to {other.broadcast_sms_number}.", text)

    def test_company_whose_gateway_is_down(self):
        other = self._create_company()
        first, second = self._queue(self.company, other)
        self.gateway.answers[first.number] = "server_error"
        self._run(self.queue_cron)
        self.assertEqual([sent[0] for sent in self.gateway.sent], [other])
        self.assertEqual(first.state, "error")
        self.assertEqual(second.state, "pending")

    def test_back_off(self):
        message = self._queue(self.company)
        self.gateway.answers[None] = "server_error"
        now = fields.Datetime.now()
        waits = []
        for _count in range(4):
            with freeze_time(now), self._capture_retries() as triggers:
                message._send()
            waits.append((message.broadcast_retry_at - now).total_seconds() / 60)
            self.assertEqual(triggers.records.call_at, message.broadcast_retry_at)
            now = message.broadcast_retry_at
            with freeze_time(now):
                self.env["sms.sms"]._cron_retry()
            self.assertEqual(message.state, "outgoing")
            self.assertFalse(message.broadcast_retry_at)
        self.assertEqual(waits, [1, 2, 5, 15])
        self.gateway.answers.clear()
        message._send()
        self.assertEqual(message.state, "pending")
        self.assertEqual(len(self.gateway.sent), 1)

    def test_not_before_its_time(self):
        message = self._queue(self.company)
        self.gateway.answers[None] = "server_error"
        message._send()
        self._run(self.retry_cron)
        self.assertEqual(message.state, "error")
        self.assertTrue(message.broadcast_retry_at)

    def test_reported_while_it_waits(self):
        """The gateway had it after all: core marks it as done with."""
        message = self._queue(self.company)
        self.gateway.answers[None] = "server_error"
        message._send()
        message.to_delete = True
        with freeze_time(message.broadcast_retry_at):
            self.env["sms.sms"]._cron_retry()
        self.assertEqual(message.state, "error")

    def test_retry_ends_with_the_validity(self):
        until = fields.Datetime.now() + timedelta(seconds=30)
        message = self._queue(self.company, broadcast_valid_until=until)
        self.gateway.answers[None] = "server_error"
        message._send()
        self.assertEqual(message.state, "error")
        self.assertFalse(message.broadcast_retry_at)

    def test_retry_ends_after_a_day(self):
        inbound = self._receive("Hello")
        message = self.env["sms.sms"].search([("state", "=", "outgoing")])
        message.broadcast_try_count = 23
        self.gateway.answers[None] = "server_error"
        message._send()
        self.assertFalse(message.broadcast_retry_at)
        self.assertEqual(inbound.reply_state, "error")

    def test_wrong_number_is_not_retried(self):
        message = self._queue(self.company)
        self.gateway.answers[None] = "wrong_number_format"
        message._send()
        self.assertEqual(message.state, "error")
        self.assertFalse(message.broadcast_retry_at)

    def test_messages_of_others_fail_at_once(self):
        message = self.env["sms.sms"].create({"number": SMS_NUMBER, "body": "Hello"})
        self.gateway.answers[None] = "server_error"
        message._send()
        self.assertEqual(message.state, "error")
        self.assertFalse(message.broadcast_retry_at)

    def test_messages_of_others_are_sent(self):
        message = self.env["sms.sms"].create({"number": SMS_NUMBER, "body": "Hello"})
        self._run(self.queue_cron)
        self.assertEqual(message.state, "pending")
        self.assertEqual(self.gateway.sent, [(self.company, SMS_NUMBER, "Hello")])

    def test_too_late(self):
        until = fields.Datetime.now() - timedelta(seconds=1)
        message = self._queue(self.company, broadcast_valid_until=until)
        self._run(self.queue_cron)
        self.assertEqual(message.state, "canceled")
        self.assertFalse(self.gateway.sent)

    def test_too_late_when_sent_directly(self):
        message = self._queue(self.company, broadcast_valid_until=fields.Datetime.now())
        message.send()
        self.assertEqual(message.state, "canceled")
        self.assertFalse(self.gateway.sent)

    def test_no_longer_true(self):
        """A message that waited is looked at once more before it is sent."""
        self._broadcast()
        self.gateway.answers[None] = "server_error"
        self._deliver()
        self.gateway.answers.clear()
        self._get_offer(self.saket)._accept("portal", self.rival)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.env["sms.sms"]._cron_retry()
            self._send_queue()
        self.assertFalse(self._sent_to(self.owner))
        notice = self._get_sms_notice(self.owner)
        self.assertEqual(notice.sms_state, "canceled")
        self.assertTrue(notice.note)

    def test_stop_while_it_waits(self):
        """Nobody gets what was queued before they wrote STOP, lost the right to it
        or changed their number."""
        self._broadcast()
        self.env["lead.broadcast.notice"].search([("state", "=", "pending")])._deliver()
        self._receive("STOP")
        self.executive.broadcast_alert_authorized = False
        self.rival.broadcast_alert_number = "+919810000009"
        self._send_queue()
        self.assertFalse(self.gateway.sent)
        for person in (self.owner, self.executive, self.rival):
            self.assertEqual(self._get_sms_notice(person).sms_state, "canceled")

    def test_partner_that_is_one_person(self):
        self._give_alerts(self.saket, "+919810000004")
        self._broadcast()
        self.saket._opt_out_of_alerts()
        self._deliver()
        self.assertFalse(self._sent_to(self.saket))
        self.assertEqual(self._get_sms_notice(self.saket).state, "skipped")

    def test_notice_deleted_while_it_waits(self):
        """Also of what has no end."""
        self._broadcast()
        notice = self._get_sms_notice(self.owner)
        message = self._queue(self.company, broadcast_notice_id=notice.id)
        self.assertFalse(message.broadcast_valid_until)
        notice.unlink()
        self._run(self.queue_cron)
        self.assertFalse(self.gateway.sent)
        self.assertEqual(message.state, "canceled")

    def test_offer_deleted_while_it_waits(self):
        self._broadcast()
        self.env["lead.broadcast.notice"].search([("state", "=", "pending")])._deliver()
        self.lead.broadcast_ids.unlink()
        self._send_queue()
        self.assertFalse(self.gateway.sent)

    def test_queue_that_broke_off_goes_on(self):
        """Core looks once a day at what is left, far too late for an offer."""
        self._queue(self.company)
        triggers = RecordCapturer(
            self.env["ir.cron.trigger"], [("cron_id", "=", self.queue_cron.id)]
        )
        with triggers:
            self._run(self.retry_cron)
        self.assertEqual(len(triggers.records), 1)
        self._run(self.queue_cron)
        with triggers:
            self._run(self.retry_cron)
        self.assertFalse(triggers.records)

    def test_validity_goes_with_the_offer(self):
        broadcast = self._broadcast()
        self.env["lead.broadcast.notice"].search([("state", "=", "pending")])._deliver()
        messages = self.env["sms.sms"].search([("state", "=", "outgoing")])
        self.assertEqual(len(messages), 3)
        self.assertEqual(
            set(messages.mapped("broadcast_valid_until")), {broadcast.valid_until}
        )

    def test_nothing_stays_in_the_queue_of_who_uninstalls(self):
        ours = self._queue(self.company)
        other = self.env["sms.sms"].create({"number": SMS_NUMBER, "body": "Hello"})
        uninstall_hook(self.env)
        self.assertFalse(ours.exists())
        self.assertTrue(other.exists())
