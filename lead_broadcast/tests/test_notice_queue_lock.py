from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

IS_WAITING = [("state", "=", "pending")]


@tagged("post_install", "-at_install")
class TestNoticeQueueLock(TransactionCase):
    """Two workers at the outbox. Only transactions of their own can show it, so what
    they see is committed."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            notices = env["lead.broadcast.notice"].create(
                [
                    {
                        "event": "digest",
                        "recipient_id": env.user.partner_id.id,
                        "channel": "mail",
                        "slot": slot,
                    }
                    for slot in ("first", "second")
                ]
            )
            self.notice_ids = notices.ids
        self.addCleanup(self._delete)

    def _delete(self):
        with self._transaction() as env:
            self._get_notices(env).unlink()

    @contextmanager
    def _transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _get_notices(self, env):
        return env["lead.broadcast.notice"].browse(self.notice_ids)

    def _claim(self, env):
        notices = self._get_notices(env)
        return notices._claim_batch([("id", "in", notices.ids), *IS_WAITING])

    @mute_logger("odoo.sql_db")
    def test_delivered_since_the_transaction_began(self):
        """It cannot be locked any more: the transaction begins anew, and goes on with
        what is left."""
        with self._transaction() as env:
            first, second = notices = self._get_notices(env)
            self.assertEqual(set(notices.mapped("state")), {"pending"})
            with self._transaction() as other_env:
                first.with_env(other_env)._finish("sent")
            self.assertEqual(self._claim(env), second)
            self.assertEqual(first.state, "sent")

    def test_being_delivered(self):
        with self._transaction() as env, self._transaction() as other_env:
            self.assertEqual(len(self._claim(other_env)), 2)
            self.assertFalse(self._claim(env))
            self._get_notices(env)._deliver_one_by_one()
            self.assertEqual(set(self._get_notices(env).mapped("state")), {"pending"})
