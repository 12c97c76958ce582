from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import RecordCapturer, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestMailQueueLock(TransactionCase):
    """Two workers with the same mail. Only transactions of their own can show it, so
    what they see is committed. A worker that takes up the mail cancels it, for its
    digest is about nothing."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            mail = env["mail.mail"].create(
                {"email_to": "office@partner.example", "is_broadcast_notice": True}
            )
            notice = env["lead.broadcast.notice"].create(
                {
                    "event": "digest",
                    "recipient_id": env.ref("base.partner_root").id,
                    "channel": "mail",
                    "slot": "2027-01-01 09:00",
                    "state": "sent",
                    "mail_id": mail.id,
                    "mail_state": "outgoing",
                }
            )
            self.mail_id, self.notice_id = mail.id, notice.id
        self.addCleanup(self._delete)

    def _delete(self):
        with self._transaction() as env:
            env["lead.broadcast.notice"].browse(self.notice_id).unlink()
            env["mail.mail"].browse(self.mail_id).unlink()

    @contextmanager
    def _transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _send(self, env):
        mail = env["mail.mail"].browse(self.mail_id)
        mail._send(auto_commit=True)
        return mail.state

    def test_alone(self):
        with self._transaction() as env:
            self.assertEqual(self._send(env), "cancel")

    def test_while_it_is_being_sent(self):
        with self._transaction() as other_env, self._transaction() as env:
            mail = other_env["mail.mail"].browse(self.mail_id)
            self.assertTrue(mail.try_lock_for_update())
            self.assertEqual(self._send(env), "outgoing")

    def test_while_it_comes_back(self):
        """The mail is left for a later run."""
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        with self._transaction() as other_env, self._transaction() as env:
            notice = other_env["lead.broadcast.notice"].browse(self.notice_id)
            self.assertTrue(notice.try_lock_for_update())
            triggers = env["ir.cron.trigger"]
            with RecordCapturer(triggers, [("cron_id", "=", cron.id)]) as captured:
                self.assertEqual(self._send(env), "outgoing")
            self.assertGreater(captured.records.call_at, fields.Datetime.now())
            captured.records.unlink()

    def test_sent_since_the_queue_was_read(self):
        with self._transaction() as env:
            mail = env["mail.mail"].browse(self.mail_id)
            self.assertEqual(mail.state, "outgoing")
            with self._transaction() as other_env:
                other_env["mail.mail"].browse(self.mail_id).state = "sent"
            self.assertEqual(self._send(env), "sent")
