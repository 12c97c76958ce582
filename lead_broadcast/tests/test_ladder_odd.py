from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderOdd(LadderCase):
    """Nobody is left searching, whatever people do meanwhile."""

    # ------------------------------------------------------------
    # STARTING
    # ------------------------------------------------------------

    def test_second_click_asks_nobody_else(self):
        self._start()
        with self.assertRaisesRegex(UserError, "searching already"):
            self._start()
        self.assertEqual(len(self._get_asked()), 1)

    def test_paused_search_is_not_started(self):
        self._start()
        self.lead.with_user(self.user).action_pause_ladder()
        with self.assertRaisesRegex(UserError, "searching already"):
            self._start()

    def test_jump_twice_to_the_same_step(self):
        self._start()
        second = self.lead.ladder_snapshot_id.step_ids[1]
        lead = self.lead.with_user(self.user)
        lead._jump_to(second)
        with self.assertRaisesRegex(UserError, "being taken already"):
            lead._jump_to(second)

    def test_jump_twice_to_a_person(self):
        self._start()
        person = self.lead.ladder_snapshot_id.step_ids[2]
        lead = self.lead.with_user(self.user)
        lead._jump_to(person)
        with self.assertRaisesRegex(UserError, "being taken already"):
            lead._jump_to(person)
        self.assertEqual(len(self.lead.activity_ids), 1)

    def test_starts_by_itself_once_more(self):
        """The service is taken off a lead whose search was stopped, and set again."""
        self.ladder.auto_start = True
        lead = self._create_lead()
        self._pass(minutes=1)
        user_lead = lead.with_user(self.user)
        user_lead.action_stop_broadcast()
        user_lead.service_id = False
        user_lead.service_id = self.service
        self._pass(minutes=1)
        self.assertEqual([name for name, _asked in self._get_asked(lead)], ["One"] * 2)

    def test_restart_while_waiting_keeps_since_when(self):
        self._start()
        self.clock.tick(timedelta(hours=1))
        self.lead.with_user(self.user).action_restart_ladder()
        self.assertEqual(self.lead.searching_since, self.START)

    def test_broken_rule_of_a_chosen_ladder(self):
        self.service.ladder_id = self.ladder
        self.ladder.auto_start = True
        self.env.cr.execute(
            "UPDATE lead_broadcast_ladder SET domain = %s WHERE id = %s",
            ['[("gone", "=", 1)]', self.ladder.id],
        )
        self.ladder.invalidate_recordset()
        self.assertEqual(self._create_lead().ladder_state, "running")

    def test_archived_ladder_of_the_service(self):
        old = self._create_ladder("Old", {"name": "All"}, auto_start=True)
        self.service.ladder_id = old
        old.active = False
        self.assertEqual(self.lead.matching_ladder_id, self.ladder)
        self.ladder.auto_start = True
        self.assertEqual(self._create_lead().ladder_id, self.ladder)

    def test_ladder_of_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.lead.company_id = self.env.company
        with self.assertRaises(UserError):
            self.lead.ladder_id = self._create_ladder(
                "Theirs", {"name": "All"}, company_id=other.id
            )

    def test_copy_is_not_chosen(self):
        self._start()
        with self.assertRaisesRegex(ValidationError, "Choose the ladder"):
            self._create_lead(ladder_id=self.lead.ladder_snapshot_id.id)

    def test_ladder_without_steps_does_not_start(self):
        self.ladder.write({"auto_start": True, "step_ids": [Command.clear()]})
        self.assertEqual(self._create_lead().ladder_state, "none")

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_defaults_do_not_steer(self):
        """Neither those of a window nor those that users set for themselves."""
        self.env["ir.default"].with_user(self.salesman).set(
            "crm.lead", "ladder_state", "paused", user_id=True
        )
        lead = (
            self.env["crm.lead"]
            .with_user(self.salesman)
            .with_context(
                default_ladder_run=7,
                default_searching_since="2020-01-01 00:00:00",
                default_allocated_team_id=self.lead.team_id.id,
            )
            .create({"name": "Mine"})
        )
        self.assertEqual(lead.ladder_state, "none")
        self.assertEqual(lead.broadcast_state, "none")
        self.assertFalse(lead.sudo().ladder_run)
        self.assertFalse(lead.searching_since)
        self.assertFalse(lead.allocated_team_id)

    def test_salesperson_without_broadcasts_does_not_steer(self):
        self._start()
        self.lead.user_id = self.salesman
        lead = self.lead.with_user(self.salesman)
        for name in ("start", "pause", "resume", "restart"):
            with self.assertRaises(AccessError):
                getattr(lead, f"action_{name}_ladder")()
        for name in ("resend", "pause_search", "resume_search"):
            with self.assertRaises(AccessError):
                getattr(lead, f"action_{name}")()

    # ------------------------------------------------------------
    # EDITED LADDERS
    # ------------------------------------------------------------

    def test_order_of_steps_was_changed(self):
        self.two.sequence = -1
        self._start()
        self.assertEqual(self._get_asked()[0][0], "Two")
        snapshot = self.lead.ladder_snapshot_id
        self.assertEqual(snapshot.step_ids.origin_id, self.ladder.step_ids)
        self.assertEqual(snapshot.step_ids.mapped("name"), ["Two", "One", "Somebody"])
        self.assertEqual(
            snapshot.step_ids.origin_id.ids, (self.two | self.one | self.somebody).ids
        )

    def test_reordered_steps_are_not_taken_twice(self):
        self._start()
        self.two.sequence = -1
        self.ladder.action_apply_to_running()
        self._pass(hours=5)
        self.assertEqual([name for name, _asked in self._get_asked()], ["One", "Two"])
        self._pass(hours=5)
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertEqual(len(self._get_asked()), 2)

    def test_step_appended_with_the_same_sequence(self):
        self.ladder.step_ids.sequence = 5
        self._start()
        self._pass(hours=5)
        self.somebody.unlink()
        self.env["lead.broadcast.ladder.step"].create(
            {"ladder_id": self.ladder.id, "name": "Three", "sequence": 5}
        )
        self.ladder.action_apply_to_running()
        self._pass(hours=5)
        self.assertEqual(self._get_asked()[-1][0], "Three")

    # ------------------------------------------------------------
    # ENDS
    # ------------------------------------------------------------

    def test_ends_twice_without_a_round(self):
        self.somebody.unlink()
        self.partners.is_service_partner = False
        self._start()
        self.lead.with_user(self.user).action_restart_ladder()
        self.assertEqual(self.lead.ladder_state, "ended")
        self.assertEqual(len(self._notices("exhausted")), 2)

    def test_round_stopped_by_hand(self):
        self._start()
        self.lead.broadcast_ids.with_user(self.user).action_stop()
        self._pass(minutes=1)
        self.assertEqual(self._get_asked()[-1][0], "Two")

    def test_paused_until_it_is_too_late(self):
        self._start()
        self.lead.with_user(self.user).action_pause_ladder()
        self.lead.closure_date = self.START.date() + timedelta(days=1)
        self._pass(days=1)
        self.assertEqual(self.lead.ladder_state, "paused")
        self._pass(days=1)
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertTrue(self.lead.activity_ids)

    def test_closes_before_the_next_opening(self):
        """Friday evening, to be done by Sunday."""
        self.ladder.calendar_id = self.env.ref("resource.resource_calendar_std")
        self.clock.move_to(self.START + timedelta(days=4, hours=14))
        self.lead.closure_date = self.START.date() + timedelta(days=6)
        self._start()
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertStory("before partners can be asked again")

    @mute_logger("odoo.addons.lead_broadcast.models.lead_broadcast_batch")
    def test_step_that_always_fails(self):
        self._start()

        def fail(*args):
            raise ValueError("bad")

        self.patch(self.env.registry["lead.broadcast.audience"], "_find_for_step", fail)
        cron = self.env.ref("lead_broadcast.ir_cron_climb_ladders")
        self.clock.move_to(self.lead.next_action_at)
        for minutes in (0, 11, 11):
            self.assertEqual(self.lead.ladder_state, "running")
            self.clock.tick(timedelta(minutes=minutes))
            with self.enter_registry_test_mode():
                cron.with_user(self.env.ref("base.user_root")).method_direct_trigger()
            self.lead.invalidate_recordset()
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertIn("fails again and again", self.lead.activity_ids.note)

    # ------------------------------------------------------------
    # STORY AND MERGE
    # ------------------------------------------------------------

    def test_lines_in_the_language_of_the_team(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.user.lang = "es_ES"
        self.one.with_context(lang="es_ES").name = "Uno"
        self.one.audience = "preferred"
        self._start()
        self.assertStory("Uno")

    def test_merge_prefers_the_search_that_runs(self):
        paused, running = self._create_leads(2)
        (paused | running).closure_date = self.lead.closure_date
        self._start(paused | running)
        paused.with_user(self.user).action_pause_ladder()
        self.lead.probability = 90
        leads = (self.lead | paused | running).with_user(self.supervisor)
        leads.merge_opportunity()
        self.assertEqual(self.lead.ladder_state, "running")

    def test_merge_into_a_lead_with_a_person(self):
        other = self._create_lead(closure_date=self.lead.closure_date)
        self._start()
        self._pass(hours=8)
        self._start(other)
        self.lead.probability = 90
        (self.lead | other).with_user(self.supervisor).merge_opportunity()
        self.assertEqual(self.lead.ladder_state, "running")
        self.assertFalse(self.lead.activity_ids)
