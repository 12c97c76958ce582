from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestNoticeWarningLock(TransactionCase):
    """Two workers that meet the same partner out of reach. Only transactions of their
    own can show it, so what they see is committed."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            user = new_test_user(
                env,
                login="salesperson_out_of_luck",
                groups="lead_broadcast.group_user",
                notification_type="inbox",
            )
            people = env["res.partner"].create([{"name": "Deaf"}, {"name": "Dumb"}])
            lead = env["crm.lead"].create({"name": "Job", "user_id": user.id})
            notices = env["lead.broadcast.notice"].create(
                [
                    {
                        "event": "allocated",
                        "lead_id": lead.id,
                        "recipient_id": person.id,
                        "channel": channel,
                        "state": "failed",
                    }
                    for person, channel in (
                        (people[0], "mail"),
                        (people[0], "sms"),
                        (people[1], "mail"),
                    )
                ]
            )
            self.partner_ids, self.notice_ids = people.ids, notices.ids
            self.user_id, self.lead_id = user.id, lead.id
        self.addCleanup(self._delete)

    def _delete(self):
        with self._transaction() as env:
            env["crm.lead"].browse(self.lead_id).unlink()
            user = env["res.users"].browse(self.user_id)
            people = user.partner_id + user.partner_id.browse(self.partner_ids)
            user.unlink()
            people.unlink()

    @contextmanager
    def _transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _get_notices(self, env):
        return env["lead.broadcast.notice"].browse(self.notice_ids)

    def _get_warned(self, env):
        """Of whom the salesperson was warned."""
        warnings = env["lead.broadcast.notice"].search(
            [("event", "=", "undeliverable"), ("lead_id", "=", self.lead_id)]
        )
        return sorted(warnings.mapped("slot"))

    def test_warned_by_another_worker(self):
        """One warning of each; what this worker does besides is kept."""
        with self._transaction() as env:
            first, second, third = self._get_notices(env)
            self.assertFalse(self._get_warned(env))
            with self._transaction() as other_env:
                first.with_env(other_env)._give_up()
            with self.assertLogs(
                "odoo.addons.lead_broadcast.models.lead_broadcast_notice_problem"
            ) as logged:
                (second + third)._give_up()
            self.assertIn("Already warned", logged.output[0])
        with self._transaction() as env:
            self.assertEqual(
                self._get_warned(env),
                [f"partner-{partner_id}" for partner_id in self.partner_ids],
            )
            self.assertTrue(all(self._get_notices(env).mapped("is_unreachable")))
