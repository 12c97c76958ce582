from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestLadderClimb(LadderCase):
    """How leads go from step to step."""

    def test_climbs_to_a_person(self):
        self._start()
        self.assertEqual(self._get_asked(), [("One", self.green_park)])
        self.assertEqual(self.lead.next_action_at, self.START + timedelta(hours=4))
        self._pass(hours=4)
        self.assertEqual(self._get_asked()[1], ("Two", self.saket | self.lajpat_nagar))
        self.assertEqual(self.lead.broadcast_state, "searching")
        self._pass(hours=4)
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        activity = self.lead.activity_ids
        self.assertEqual(activity.user_id, self.user)
        self.assertEqual(activity.summary, "Somebody")
        self.assertFalse(self._notices("exhausted"), "the activity tells the person")

    def test_all_declined(self):
        self._start()
        offer = self._get_offer(self.green_park)
        offer._decline("portal", self.green_park, self.other_reason)
        self._do_what_is_due()
        self.assertEqual(len(self._get_asked()), 2)

    def test_no_step_before_its_time(self):
        self._start()
        self._pass(hours=3)
        self._do_what_is_due()
        self.assertEqual(len(self._get_asked()), 1)

    def test_twice_changes_nothing(self):
        self._start()
        self._pass(hours=4)
        self._do_what_is_due()
        self.lead._climb()
        self.assertEqual(len(self._get_asked()), 2)

    def test_late_server_takes_one_step(self):
        self._start()
        self.clock.move_to(self.START + timedelta(days=3))
        self._do_what_is_due()
        self.assertEqual(len(self._get_asked()), 2)
        self.assertEqual(
            self.lead.next_action_at, self.START + timedelta(days=3, hours=4)
        )

    def test_step_that_finds_nobody_is_passed_over(self):
        self.one.audience = "preferred"
        self._start()
        self.assertEqual([name for name, _asked in self._get_asked()], ["Two"])
        self.assertStory("Step One: there is nobody to ask.")

    def test_nobody_at_all(self):
        self.partners.is_service_partner = False
        self.somebody.unlink()
        self._start()
        self.assertEqual(self.lead.ladder_state, "ended")
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        self.assertTrue(self._notices("exhausted"))

    def test_end_without_a_person_tells_the_owner(self):
        self.somebody.unlink()
        self._start()
        self._pass(hours=4)
        self.assertFalse(self._notices("exhausted"))
        self._pass(hours=4)
        self.assertEqual(self._notices("exhausted").recipient_id, self.user.partner_id)

    def test_closure_date_passed(self):
        self._start()
        self.lead.closure_date = self.START.date() + timedelta(days=1)
        self.clock.move_to(self.START + timedelta(days=2))
        self._do_what_is_due()
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertStory("closure date has passed")

    def test_many_leads_at_once(self):
        leads = self._create_leads(4)
        self._start(leads)
        self.assertEqual(set(leads.mapped("ladder_state")), {"running"})
        self.assertEqual(len(leads.sudo().broadcast_ids), 4)

    def test_channels_of_the_step(self):
        self.one.write({"by_mail": False, "by_sms": False})
        self._start()
        self.assertEqual(self._notices("offered").mapped("channel"), ["inbox"])

    def test_person_of_the_step(self):
        self.lead.team_id.user_id = self.supervisor
        self.somebody.responsible = "leader"
        self.partners.is_service_partner = False
        self._start()
        self.assertEqual(self.lead.activity_ids.user_id, self.supervisor)

    # ------------------------------------------------------------
    # WORKING HOURS
    # ------------------------------------------------------------

    def _use_working_hours(self):
        self.ladder.calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "Asia/Kolkata",
                "attendance_ids": [
                    fields.Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": 9,
                            "hour_to": 17,
                        }
                    )
                    for day in range(5)
                ],
            }
        )

    def test_waits_outside_working_hours(self):
        self._use_working_hours()
        self.clock.move_to(self.START + timedelta(hours=10))  # 20:00
        self._start()
        self.assertFalse(self.lead.sudo().offer_ids)
        self.assertEqual(self.lead.broadcast_state, "searching")
        morning = self.START + timedelta(hours=23)  # 9:00
        self.assertEqual(self.lead.next_action_at, morning)
        self._pass(hours=13)
        self.assertEqual(self._get_offer(self.green_park).sent_date, morning)

    def test_validity_counts_working_hours(self):
        self._use_working_hours()
        self.clock.move_to(self.START + timedelta(days=4, hours=5))  # Friday, 15:00
        self._start()
        monday = self.START + timedelta(days=7, hours=1)  # 2 h on Friday, 2 on Monday
        self.assertEqual(self.lead.next_action_at, monday)

    def test_working_hours_of_the_step(self):
        self._use_working_hours()
        always = self.env["resource.calendar"].create(
            {
                "name": "Always",
                "tz": "UTC",
                "attendance_ids": [
                    fields.Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": 0,
                            "hour_to": 24,
                        }
                    )
                    for day in range(7)
                ],
            }
        )
        self.one.calendar_id = always
        self.clock.move_to(self.START + timedelta(hours=10))
        self._start()
        self.assertEqual(self._get_asked()[0][0], "One")

    # ------------------------------------------------------------
    # THE LEAD MOVES ON
    # ------------------------------------------------------------

    def assertStopped(self):
        asked = self._get_asked()
        self.assertEqual(self.lead.ladder_state, "none")
        self.assertFalse(self.lead.next_action_at)
        self._pass(days=30)
        self.assertEqual(self._get_asked(), asked)
        self.assertFalse(self.lead.activity_ids)

    def test_accepted(self):
        self._start()
        self._get_offer(self.green_park)._accept("portal", self.green_park)
        self.assertStopped()

    def test_given_by_hand(self):
        self._start()
        self.lead.with_user(self.user)._allocate(self.dwarka)
        self.assertStopped()

    def test_lost(self):
        self._start()
        self.lead.with_user(self.user).action_set_lost()
        self.assertStopped()

    def test_archived_while_waiting(self):
        self._start()
        self.lead.with_user(self.user).active = False
        self.assertStopped()

    def test_stopped(self):
        self._start()
        self.lead.with_user(self.user).action_stop_broadcast()
        self.assertStopped()

    def test_person_need_not_look_any_more(self):
        self._start()
        self._pass(hours=8)
        self.assertTrue(self.lead.activity_ids)
        self.lead.with_user(self.user)._allocate(self.dwarka)
        self.assertFalse(self.lead.activity_ids)

    def test_search_begins_anew_after_taken_back(self):
        self._start()
        self._get_offer(self.green_park)._accept("portal", self.green_park)
        self.clock.move_to(self.START + timedelta(days=2))
        self.lead.with_user(self.user).action_release()
        self._start()
        self.assertEqual(self.lead.searching_since, self.START + timedelta(days=2))
        self.assertEqual(self._get_asked()[-1][1], self.saket)

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def test_pause_and_resume(self):
        self._start()
        lead = self.lead.with_user(self.user)
        lead.action_pause_ladder()
        self._pass(hours=9)
        self.assertEqual(len(self._get_asked()), 1)
        self.assertEqual(lead.broadcast_state, "searching")
        lead.action_resume_ladder()
        self.assertEqual(len(self._get_asked()), 2)

    def test_resume_waits_for_valid_offers(self):
        self._start()
        lead = self.lead.with_user(self.user)
        lead.action_pause_ladder()
        lead.action_resume_ladder()
        self.assertEqual(len(self._get_asked()), 1)
        self.assertEqual(lead.next_action_at, self.START + timedelta(hours=4))

    def test_jump(self):
        self._start()
        person = self.lead.ladder_snapshot_id.step_ids[2]
        self.lead.with_user(self.user)._jump_to(person)
        self.assertEqual(self.lead.ladder_state, "handed")
        self.assertEqual(self._get_offer(self.green_park).state, "open")

    def test_jump_back(self):
        self._start()
        self._pass(hours=4)
        first = self.lead.ladder_snapshot_id.step_ids[0]
        self.lead.with_user(self.user)._jump_to(first)
        self.assertEqual(
            [name for name, _asked in self._get_asked()], ["One", "Two", "One"]
        )

    def test_jump_to_a_step_of_another_ladder(self):
        self._start()
        with self.assertRaisesRegex(UserError, "is no step of the ladder"):
            self.lead.with_user(self.user)._jump_to(self.two)

    def test_restart(self):
        self._start()
        self._pass(hours=8)
        self.lead.with_user(self.user).action_restart_ladder()
        self.assertEqual(self._get_asked()[-1], ("One", self.connaught_place))
        self.assertFalse(self.lead.activity_ids)

    def test_ladder_of_running_search_stays(self):
        other = self._create_ladder("Other", {"name": "Another"})
        self._start()
        with self.assertRaisesRegex(UserError, "Stop the search first"):
            self.lead.with_user(self.user).ladder_id = other

    def test_steering_needs_the_right_to_the_lead(self):
        self._start()
        lead = self.lead.with_user(self.other_user)
        for name in ("start", "pause", "resume", "restart"):
            with self.assertRaises(AccessError):
                getattr(lead, f"action_{name}_ladder")()

    # ------------------------------------------------------------
    # SCHEDULED ACTION
    # ------------------------------------------------------------

    def _run_cron(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("lead_broadcast.ir_cron_climb_ladders")
            self.assertIs(
                cron.with_user(self.env.ref("base.user_root")).method_direct_trigger(),
                True,
            )

    def test_scheduled_action(self):
        self._start()
        self.clock.move_to(self.START + timedelta(hours=4))
        self._run_cron()
        self.assertEqual(len(self._get_asked()), 2)

    def test_alarm_is_set(self):
        cron = self.env.ref("lead_broadcast.ir_cron_climb_ladders")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self._start()
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", cron.id), ("id", "not in", triggers.ids)]
        )
        self.assertIn(self.START + timedelta(hours=4), triggers.mapped("call_at"))

    @mute_logger("odoo.addons.lead_broadcast.models.lead_broadcast_batch")
    def test_one_bad_lead_does_not_stop_the_others(self):
        leads = self._create_leads(3)
        self._start(leads)
        bad = leads[1]
        Lead = self.env.registry["crm.lead"]
        take_step = Lead._take_step

        def fail_for_bad(own, step, now):
            if bad in own:
                raise ValueError("bad")
            return take_step(own, step, now)

        self.patch(Lead, "_take_step", fail_for_bad)
        self.clock.move_to(self.START + timedelta(hours=4))
        self._run_cron()
        self.assertEqual([len(self._get_asked(lead)) for lead in leads], [2, 1, 2])
        self.assertGreater(bad.next_action_at, fields.Datetime.now())
