from datetime import timedelta

from odoo.tests import tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderCron(LadderCase):
    """Two scheduled actions are due when a step's offers end: one of them acts."""

    def _run(self, name):
        self.env.flush_all()
        cron = self.env.ref(f"lead_broadcast.{name}")
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def test_step_is_ended_by_the_next(self):
        self._start()
        current = self.lead.sudo().broadcast_ids
        self.clock.move_to(self.START + timedelta(hours=4))
        self._run("ir_cron_expire_broadcasts")
        self.assertEqual(current.state, "open", "the ladder does it, at once")
        self._run("ir_cron_climb_ladders")
        self.assertEqual(current.state, "expired")
        self.assertEqual(len(self._get_asked()), 2)

    def test_other_rounds_end_by_themselves(self):
        """One that was started by hand, and one whose ladder is paused."""
        self._start()
        by_hand = self._broadcast(validity_hours=1)
        self.clock.move_to(self.START + timedelta(hours=1))
        self._run("ir_cron_expire_broadcasts")
        self.assertEqual(by_hand.state, "expired")
        self.assertEqual(len(self._get_asked()), 2, "the step goes on")
        self.lead.with_user(self.user).action_pause_ladder()
        self.clock.move_to(self.START + timedelta(hours=4))
        self._run("ir_cron_expire_broadcasts")
        self.assertEqual(set(self.lead.broadcast_ids.mapped("state")), {"expired"})
