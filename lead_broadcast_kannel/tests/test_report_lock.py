from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestReportLock(TransactionCase):
    """A report that arrives before the message's transaction has ended. Only
    transactions of their own can show it, so what they see is committed."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            gateway = env["lead.broadcast.kannel.gateway"].create(
                {
                    "name": "Kannel",
                    "active": False,
                    "company_id": env.ref("base.main_company").id,
                    "username": "odoo",
                    "password": "secret",
                }
            )
            message = env["sms.sms"].create(
                {"number": "+919810000001", "body": "Hello", "state": "process"}
            )
            self.gateway_id, self.message_id = gateway.id, message.id
            self.uuid = message.uuid
        self.addCleanup(self._delete)

    def _delete(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["sms.sms"].browse(self.message_id).unlink()
            env["lead.broadcast.kannel.gateway"].browse(self.gateway_id).unlink()

    def _report(self):
        """Report in a transaction of its own, as Kannel's request does."""
        with self.registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = '5s'")
            env = api.Environment(cr, SUPERUSER_ID, {})
            gateway = env["lead.broadcast.kannel.gateway"].browse(self.gateway_id)
            return gateway._receive_report(self.uuid, "1", "", None)

    def test_while_it_is_sent(self):
        """Writing now would undo that transaction, and send the message again."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            message = env["sms.sms"].browse(self.message_id)
            self.assertTrue(message.try_lock_for_update())
            self.assertFalse(self._report())
            message.state = "pending"
        self.assertTrue(self._report())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.assertEqual(env["sms.sms"].browse(self.message_id).state, "sent")
