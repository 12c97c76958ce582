from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import RecordCapturer, TransactionCase, tagged

from odoo.addons.sms.tools.sms_api import SmsApiBase

from .sms_common import SMS_NUMBER


@tagged("post_install", "-at_install")
class TestSmsQueueLock(TransactionCase):
    """Reports that arrive while their message is being sent. Only transactions of
    their own can show it, so what they see is committed."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            self.inbound_id = (
                env["lead.broadcast.inbound.sms"]
                .create(
                    {
                        "provider": "operator",
                        "company_id": env.company.id,
                        "received_at": fields.Datetime.now(),
                        "result": "no_code",
                        "reply_state": "outgoing",
                    }
                )
                .id
            )
            message = env["sms.sms"]._queue_broadcast_sms(
                [
                    {
                        "number": SMS_NUMBER,
                        "body": "Hello",
                        "broadcast_company_id": env.company.id,
                        "broadcast_inbound_id": self.inbound_id,
                    }
                ]
            )
            self.message_id = message.id
        self.addCleanup(self._delete)

    def _delete(self):
        with self._transaction() as env:
            env["sms.sms"].browse(self.message_id).unlink()
            env["lead.broadcast.inbound.sms"].browse(self.inbound_id).unlink()

    @contextmanager
    def _transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _lock_inbound(self, env):
        inbound = env["lead.broadcast.inbound.sms"].browse(self.inbound_id)
        return inbound.try_lock_for_update()

    def _send(self, env):
        """Send the message through a gateway that reports before it answers."""
        test, reported = self, []

        class SmsApiHasty(SmsApiBase):
            def _send_sms_batch(self, messages, **_options):
                with test._transaction() as other_env:
                    reported.append(bool(test._lock_inbound(other_env)))
                [number] = messages[0]["numbers"]
                return [{"uuid": number["uuid"], "state": "success"}]

        message = env["sms.sms"].browse(self.message_id)
        message.with_context(sms_api=SmsApiHasty(env))._send()
        return message, reported

    def test_report_while_it_is_sent(self):
        """It would undo that transaction, and the message be sent again: it waits."""
        with self._transaction() as env:
            message, reported = self._send(env)
            self.assertEqual(reported, [False])
            self.assertEqual(message.state, "pending")

    def test_while_something_is_reported(self):
        """The message is left for the next run."""
        cron = self.env.ref("sms.ir_cron_sms_scheduler_action")
        with self._transaction() as other_env, self._transaction() as env:
            self.assertTrue(self._lock_inbound(other_env))
            triggers = env["ir.cron.trigger"]
            with RecordCapturer(triggers, [("cron_id", "=", cron.id)]) as captured:
                message, reported = self._send(env)
            self.assertEqual(reported, [])
            self.assertEqual(message.state, "outgoing")
            self.assertEqual(len(captured.records), 1)
