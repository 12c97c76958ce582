from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.tests import RecordCapturer, TransactionCase, tagged

from odoo.addons.sms.tools.sms_api import SmsApiBase

from .sms_common import SMS_NUMBER, SmsCase


class Killed(BaseException):
    """Ends everything, as a signal does: nobody handles it."""


@tagged("post_install", "-at_install")
class TestSmsUncertain(SmsCase):
    """The server is killed while it hands a message over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sms.sms"].search([]).unlink()
        cls.env["ir.config_parameter"].set_param("sms.session.batch.size", "1")
        cls._broadcast()
        cls.env["lead.broadcast.notice"].search([("state", "=", "pending")])._deliver()
        cls.notice = cls._get_sms_notice(cls.executive)
        cls.tracker = cls.env["sms.tracker"].search(
            [("broadcast_notice_id", "=", cls.notice.id)]
        )
        cls.message = cls.env["sms.sms"].search([("uuid", "=", cls.tracker.sms_uuid)])

    def _run_queue(self):
        cron = self.env.ref("sms.ir_cron_sms_scheduler_action")
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)

    @contextmanager
    def _killed_at(self, *contacts, has_it=False):
        """Kill the server when the gateway is asked to take a message.

        :param bool has_it: whether it has taken the message before
        """
        numbers = [contact.broadcast_alert_number for contact in contacts]
        take = self.gateway.take

        def take_or_die(company, text, number, uuid):
            if number in numbers and not has_it:
                raise Killed
            answer = take(company, text, number, uuid)
            if number in numbers:
                raise Killed
            return answer

        try:  # assertRaises would undo what was committed before
            with patch.object(self.gateway, "take", take_or_die):
                yield
        except Killed:
            return
        self.fail("The server was not killed")

    def _kill(self, **options):
        """Kill the server while it sends to the executive, and start it again."""
        with self._killed_at(self.executive, **options):
            self._run_queue()
        self._run_queue()

    def _fallbacks(self):
        return self.env["lead.broadcast.notice"].search(
            [("fallback_of_id", "=", self.notice.id)]
        )

    def test_shown_and_not_repeated(self):
        """Whether the gateway had it or not: nobody can know."""
        for has_it in (True, False):
            with self.subTest(has_it=has_it), self.env.cr.savepoint() as savepoint:
                self.gateway.sent.clear()
                self._kill(has_it=has_it)
                self._run_queue()
                self.assertEqual(len(self._sent_to(self.executive)), int(has_it))
                self.assertEqual(len(self._sent_to(self.owner)), 1)
                self.assertEqual(len(self._sent_to(self.rival)), 1)
                self.assertRecordValues(
                    self.message,
                    [{"state": "error", "failure_type": "broadcast_uncertain"}],
                )
                self.assertRecordValues(
                    self.notice,
                    [
                        {
                            "state": "sent",
                            "sms_state": "uncertain",
                            "note": "Uncertain: the server stopped while it was being"
                            " sent",
                        }
                    ],
                )
                summary = self._get_offer(self.green_park).notice_summary
                self.assertIn("SMS ?", summary)
                savepoint.rollback()

    def test_not_tried_again_with_others(self):
        self._kill()
        self.env["sms.sms"]._cron_retry()
        self._run_queue()
        self.assertEqual(self.message.state, "error")
        self.assertFalse(self.message.broadcast_retry_at)
        self.assertFalse(self._sent_to(self.executive))

    def test_told_in_another_way(self):
        """Another channel repeats no SMS."""
        self._kill(has_it=True)
        self.assertEqual(self._fallbacks().channel, "mail")

    def test_reported_later(self):
        for state in ("pending", "sent"):
            with self.subTest(state=state), self.env.cr.savepoint() as savepoint:
                self._kill(has_it=True)
                self.tracker._action_update_from_sms_state("process")
                self.assertEqual(self.notice.sms_state, "uncertain")
                self.tracker._action_update_from_sms_state(state)
                self.assertEqual(self.notice.sms_state, state)
                self.assertFalse(self.notice.note)
                savepoint.rollback()

    def test_reported_as_failed_later(self):
        self._kill(has_it=True)
        self.tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(self.notice.sms_state, "error")
        self.assertEqual(len(self._fallbacks()), 1)
        self._run_queue()
        self.assertEqual(self.notice.sms_state, "error")

    def test_reported_before_the_restart(self):
        """Core only tells the tracker, and has the message deleted."""
        with self._killed_at(self.executive, has_it=True):
            self._run_queue()
        self.tracker._action_update_from_sms_state("sent")
        self.message.to_delete = True
        self._run_queue()
        self.assertEqual(self.notice.sms_state, "sent")
        self.assertFalse(self._fallbacks())

    def test_retry_by_hand(self):
        self._kill()
        self.notice.with_user(self.user).action_retry()
        self.notice._deliver()
        self._run_queue()
        self.assertEqual(self.notice.sms_state, "pending")
        self.assertEqual(len(self._sent_to(self.executive)), 1)

    def test_retry_in_the_queue(self):
        """By core's own button."""
        self._kill()
        self.message.action_set_outgoing()
        self.assertEqual(self.notice.sms_state, "outgoing")
        self._run_queue()
        self.assertEqual(self.notice.sms_state, "pending")
        self.assertEqual(len(self._sent_to(self.executive)), 1)

    def test_whole_batch(self):
        """A gateway that takes many at once may have any of them."""
        self.env["ir.config_parameter"].set_param("sms.session.batch.size", "100")
        self._kill()
        notices = self.env["lead.broadcast.notice"].search([("channel", "=", "sms")])
        self.assertEqual(notices.mapped("sms_state"), ["uncertain"] * 3)

    def test_other_company_in_the_batch(self):
        """What was answered before the kill is certain."""
        self.env["ir.config_parameter"].set_param("sms.session.batch.size", "100")
        self.message.broadcast_company_id = self._create_company()
        self._kill()
        for contact, state in (
            (self.owner, "pending"),
            (self.rival, "pending"),
            (self.executive, "uncertain"),
        ):
            self.assertEqual(self._get_sms_notice(contact).sms_state, state)

    def test_answer_to_a_received_message(self):
        self.env["sms.sms"].search([]).unlink()
        inbound = self._receive("Hello", self.rival)
        with self._killed_at(self.rival):
            self._run_queue()
        self._run_queue()
        self.assertEqual(inbound.reply_state, "uncertain")
        self.assertFalse(self._sent_to(self.rival))

    def test_gateway_down(self):
        """It has answered: that the message waits is certain."""
        self.gateway.answers[None] = "server_error"
        self._run_queue()
        self.assertEqual(self.notice.sms_state, "outgoing")
        self.assertTrue(self.message.broadcast_retry_at)
        self.assertFalse(self.message.broadcast_sending_since)
        self._run_queue()
        self.assertEqual(self.message.failure_type, "sms_server")

    def test_noticed_without_anything_to_send(self):
        """The queue is looked at again, though core does so only after a day."""
        with self._killed_at(self.executive):
            self._run_queue()
        self.env["sms.sms"].search([("state", "=", "outgoing")]).unlink()
        cron = self.env.ref("sms.ir_cron_sms_scheduler_action")
        triggers = self.env["ir.cron.trigger"]
        with RecordCapturer(triggers, [("cron_id", "=", cron.id)]) as captured:
            self.env["sms.sms"]._cron_retry()
        self.assertEqual(len(captured.records), 1)
        self._run_queue()
        self.assertEqual(self.notice.sms_state, "uncertain")

    def test_messages_of_others(self):
        """They are core's: nothing is promised for them."""
        message = self.env["sms.sms"].create({"number": SMS_NUMBER, "body": "Hello"})
        self.message.unlink()
        stranger = self.env["res.partner"].new({"broadcast_alert_number": SMS_NUMBER})
        with self._killed_at(stranger):
            self._run_queue()
        self.assertEqual(message.state, "outgoing")
        self._run_queue()
        self.assertEqual(message.state, "pending")


@tagged("post_install", "-at_install")
class TestSmsBeingSent(TransactionCase):
    """What others see while the gateway is called: only transactions of their own can
    show it."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            message = env["sms.sms"]._queue_broadcast_sms(
                [
                    {
                        "number": SMS_NUMBER,
                        "body": "Hello",
                        "broadcast_company_id": env.company.id,
                    }
                ]
            )
            self.message_id = message.id
        self.addCleanup(self._delete)

    def _delete(self):
        with self._transaction() as env:
            env["sms.sms"].browse(self.message_id).unlink()

    @contextmanager
    def _transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _send(self, env, look):
        """Send the message; ``look`` is called while the gateway has it."""

        class SmsApiSlow(SmsApiBase):
            def _send_sms_batch(self, messages, **_options):
                look()
                [number] = messages[0]["numbers"]
                return [{"uuid": number["uuid"], "state": "success"}]

        message = env["sms.sms"].with_context(broadcast_is_queue=True)
        with patch.object(
            self.registry["res.company"],
            "_get_sms_api_class",
            lambda _company: SmsApiSlow,
        ):
            message.browse(self.message_id)._send()

    def _look(self):
        """Return what another process sees, and does about it."""
        with self._transaction() as env:
            message = env["sms.sms"].browse(self.message_id)
            before = (message.state, bool(message.broadcast_sending_since))
            env["sms.sms"]._settle_interrupted()
            return *before, message.state, bool(message.try_lock_for_update())

    def test_noted_and_held(self):
        seen = []
        with self._transaction() as env:
            self._send(env, lambda: seen.append(self._look()))
        self.assertEqual(seen, [("process", True, "process", False)])
        self.assertEqual(self._look(), ("pending", False, "pending", True))

    def test_taken_by_another_process(self):
        seen = []
        with self._transaction() as other_env, self._transaction() as env:
            other_env["sms.sms"].browse(self.message_id).lock_for_update()
            self._send(env, lambda: seen.append(True))
        self.assertFalse(seen)
        self.assertEqual(self._look(), ("outgoing", False, "outgoing", True))
