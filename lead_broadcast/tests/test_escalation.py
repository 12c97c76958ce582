from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestEscalation(ClockCase):
    """What happens level by level when nobody answers."""

    def test_through_all_levels(self):
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertEqual((lead.response_state, lead.response_level), ("new", 1))
        self.assertStory(
            "Level 1 (Back-up): Asha has not answered. Given to Ravi.", lead
        )
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.meera)
        self.assertEqual((lead.response_state, lead.response_level), ("new", 2))
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.meera)
        self.assertEqual((lead.response_state, lead.response_level), ("overdue", 3))
        self.assertStory("Meera has not answered. Management is told.", lead)
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.response_level, 4, "again and again")
        self.assertEqual(
            self._get_history(lead),
            [("Asha", "escalated"), ("Ravi", "escalated"), ("Meera", "waiting")],
        )
        rows = lead.response_assignment_ids
        self.assertEqual(rows.mapped("is_on_time"), [False, False, False])
        self.assertEqual(rows[1:].previous_id, rows[:2])
        self.assertEqual(rows.mapped("reason"), ["hand", "escalated", "escalated"])

    def test_not_in_the_last_second(self):
        """An answer that came in time may still be on its way to the database."""
        lead = self._enter()
        self.clock.move_to(lead.response_deadline + self.LATE - timedelta(seconds=1))
        self._do_what_is_due()
        self.assertEqual(lead.response_level, 0)
        self.clock.tick(1)
        self._do_what_is_due()
        self.assertEqual(lead.response_level, 1)

    def test_once_after_an_outage(self):
        """A server that was off for a week does not rush through the levels: each
        assignee has its time."""
        lead = self._enter()
        self.clock.tick(timedelta(days=7))
        self._do_what_is_due()
        self._do_what_is_due()
        self.assertEqual(lead.response_level, 1)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertEqual(lead.response_deadline, self.START + timedelta(days=8))

    def test_holiday_that_came_later_is_no_working_time(self):
        lead = self._enter()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holi",
                "calendar_id": self.calendar.id,
                "date_from": "2027-03-22 18:30:00",
                "date_to": "2027-03-23 18:29:59",
            }
        )
        self._pass(days=1, hours=1)
        self.assertEqual(lead.response_level, 0)
        self.assertEqual(lead.response_deadline, self.START + timedelta(days=2))
        self._pass(days=1)
        self.assertEqual(lead.response_level, 1)

    def test_more_time_granted_meanwhile(self):
        lead = self._enter()
        self.back_up.hours = 16
        self._pass(days=1, hours=1)
        self.assertEqual(lead.response_level, 0)
        self.assertEqual(lead.response_deadline, self.START + timedelta(days=2))

    def test_end_of_the_policy(self):
        """After the last level nothing more happens, but the lead stays overdue."""
        self.management.repeat = False
        lead = self._enter()
        self._pass(days=14)
        self.assertEqual(lead.response_level, 3)
        self.assertFalse(lead.response_deadline)
        self.assertEqual(lead.response_state, "overdue")

    def test_last_one_in_line_has_a_time_to_answer_too(self):
        (self.second + self.management).unlink()
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertTrue(lead.response_deadline)
        self._pass(days=1, minutes=1)
        self.assertEqual((lead.user_id, lead.response_level), (self.ravi, 1))
        self.assertEqual(lead.response_state, "overdue")
        self.assertFalse(lead.response_deadline)
        self.assertStory("Ravi has not answered, and the policy has no", lead)

    def test_two_who_stand_in_for_each_other(self):
        """The second time the lead goes further up, not back."""
        self.asha.broadcast_backup_id = self.meera
        self.meera.broadcast_backup_id = self.asha
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.meera)
        planned = lead._get_planned_escalations(self._utc("2027-03-30 00:00:00"))
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.ravi)
        self.assertEqual(planned[0].following.user, self.ravi)

    def test_policy_with_running_clocks(self):
        lead = self._enter()
        with self.assertRaisesRegex(UserError, "Archive the policy instead"):
            self.policy.unlink()
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self.policy.unlink()
        self.assertTrue(lead.response_assignment_id)

    def test_levels_that_come_and_go(self):
        """Clocks that run go on with the level they are at."""
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.back_up.unlink()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.meera, "by the second level, not the third")

        other = self._enter()
        self._pass(hours=1)
        self.second.unlink()
        self._pass(days=1, minutes=1)
        self.assertEqual(other.response_level, 1)
        self.assertEqual(other._get_last_level(), self.management)

    def test_policy_that_was_archived(self):
        """Clocks that run go on by the policy they were started with."""
        lead = self._enter()
        self.policy.active = False
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.ravi)

    def test_team(self):
        self.team.member_ids = [Command.link(self.ravi.id)]
        lead = self._enter()
        lead.with_user(self.head)._allocate_to_team(self.team, self.asha)
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.allocated_team_id, self.team)
        self.assertEqual(lead.allocated_user_id, self.ravi)
        self._pass(days=1, minutes=1)
        self.assertFalse(lead.allocated_team_id, "Meera is not of this team")
        self.assertEqual(lead.user_id, self.meera)
        self.assertEqual(
            self._get_history(lead)[1:],
            [("Asha", "escalated"), ("Ravi", "escalated"), ("Meera", "waiting")],
        )

    def test_whole_team(self):
        lead = self._enter(user=self.env["res.users"])
        self.assertEqual(lead.response_assignment_id.party, "team")
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.meera, "the back-up of the team's leader")

    def test_lead_of_nobody(self):
        lead = self._enter(user=self.env["res.users"], team_id=False)
        self.assertEqual(lead.response_assignment_id.party, "nobody")
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.head, "the head")

    def test_master_partner(self):
        self.back_up.action = "master"
        self.green_park.broadcast_master_id = self.saket
        lead = self._enter(user=self.asha)
        lead.with_user(self.asha)._allocate(self.green_park)
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.allocated_partner_id, self.saket)
        self.assertEqual(
            self._get_history(lead)[1:],
            [
                ("Green Park Services", "escalated"),
                ("Saket Services", "waiting"),
            ],
        )
        self._pass(days=1, minutes=1)
        self.assertFalse(lead.allocated_partner_id)
        self.assertEqual(lead.user_id, self.ravi, "the leader of the team")

    def test_no_master_partner(self):
        self.back_up.action = "master"
        lead = self._enter(user=self.asha)
        lead.with_user(self.asha)._allocate(self.green_park)
        self._pass(days=1, minutes=1)
        self.assertFalse(lead.allocated_partner_id)
        self.assertEqual(lead.user_id, self.ravi)

    def test_master_when_it_is_too_late(self):
        """Past its closure date no partner can be given the lead."""
        self.back_up.action = "master"
        self.green_park.broadcast_master_id = self.saket
        lead = self._enter(closure_date="2027-03-22")
        lead.with_user(self.asha)._allocate(self.green_park)
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.ravi)

    def test_people_who_cannot_work_on_leads(self):
        visitor = new_test_user(self.env, login="visitor", groups="base.group_user")
        with self.assertRaisesRegex(ValidationError, "cannot work on leads"):
            self.back_up.write({"action": "user", "user_id": visitor.id})
        self.team.user_id = visitor
        self.asha.broadcast_backup_id = False
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.head)

    def test_search_again(self):
        self.back_up.action = "rebroadcast"
        lead = self._enter(user=self.asha)
        lead.with_user(self.asha)._allocate(self.green_park)
        self.assertEqual(lead.allocated_partner_id, self.green_park)
        self._pass(days=1, minutes=1)
        self.assertFalse(lead.allocated_partner_id)
        self.assertEqual(lead.broadcast_state, "searching")
        self.assertEqual(lead.ladder_state, "running")
        self.assertNotIn(self.green_park, self._get_asked(lead)[-1][1])
        self.assertEqual(
            self._get_history(lead)[-1], ("Green Park Services", "escalated")
        )
        self.assertFalse(lead.response_deadline)
        offer = self._get_offer(self._get_asked(lead)[-1][1][:1], lead)
        offer._accept("portal", self.other_portal_user.partner_id)
        self.assertEqual(
            lead.response_level, 0, "a new party begins at the first level"
        )
        self.assertTrue(lead.response_deadline)

    def test_search_that_is_impossible(self):
        """Past its closure date a lead goes to our people instead."""
        self.back_up.action = "rebroadcast"
        lead = self._enter(user=self.asha, closure_date="2027-03-22")
        lead.with_user(self.asha)._allocate(self.green_park)
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.broadcast_state, "none")
        self.assertEqual(lead.user_id, self.ravi)

    def test_certain_person(self):
        self.back_up.write({"action": "user", "user_id": self.head.id})
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.head)

    def test_nobody_else(self):
        """The last one in line keeps the lead, and it shows."""
        lead = self._enter()
        self.team.user_id = self.env.company.broadcast_head_id = False
        supervisors = self.env.ref("lead_broadcast.group_supervisor").all_user_ids
        (supervisors - self.env.ref("base.user_root")).active = False
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.user_id, self.asha)
        self.assertEqual(lead.response_state, "overdue")
        self.assertStory("There is nobody else to give it to.", lead)
