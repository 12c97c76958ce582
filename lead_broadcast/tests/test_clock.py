from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestClock(ClockCase):
    """The time of whoever has a lead: when it begins, and what stops it."""

    def test_time_is_counted_in_working_hours(self):
        """Monday at ten, eight hours of nine to five: Tuesday at ten."""
        lead = self._enter()
        self.assertEqual(lead.response_state, "new")
        self.assertEqual(lead.response_policy_id, self.policy)
        self.assertEqual(lead.response_deadline, self.START + timedelta(days=1))

    def test_nothing_runs_without_a_policy(self):
        self.policy.active = False
        lead = self._enter()
        self.assertFalse(lead.response_deadline)
        self.assertFalse(lead.response_assignment_ids)
        self.assertEqual(lead.response_state, "new")

    def test_lead_that_comes_to_match_a_policy(self):
        lead = self._enter(service_id=False)
        self.assertFalse(lead.response_deadline)
        self._pass(hours=1)
        lead.with_user(self.head).service_id = self.service
        self.assertEqual(lead.response_policy_id, self.policy)
        self.assertTrue(lead.response_deadline)

    def test_closed_leads_are_not_answered(self):
        lead = self._enter()
        lead.with_user(self.asha)._allocate(self.green_park)
        self._pass(hours=2)
        lead.with_user(self.head).action_set_lost()
        row = lead.response_assignment_id
        self._pass(days=20)
        lead._post_partner_message("A pity.", self.portal_user.partner_id)
        self.assertFalse(row.first_response_date)
        self.assertEqual(row.result, "lost")

    def test_leads_from_before(self):
        """Whoever makes a policy decides whether it holds for what is there already."""
        self.policy.active = False
        new, answered, other = (
            self._enter(),
            self._enter(),
            self._enter(service_id=False),
        )
        answered.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self.policy.active = True
        with self.assertRaises(AccessError):
            self.policy.with_user(self.ravi).action_start_clocks()
        self.policy.with_user(self.head).action_start_clocks()
        self.assertTrue(new.response_deadline)
        self.assertFalse(self._notices("assigned", new), "she has had it all along")
        self.assertFalse(answered.response_deadline)
        self.assertFalse(other.response_deadline)

    def test_state_without_a_policy(self):
        """The states hold for every lead, also those that no clock runs for."""
        self.policy.active = False
        lead = self._enter()
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self.assertEqual(lead.response_state, "open")
        lead.with_user(self.head).user_id = self.ravi
        self.assertEqual(lead.response_state, "new")
        lead.with_user(self.ravi).action_set_lost()
        self.assertEqual(lead.response_state, "closed")

    def test_answer_in_the_last_second_stops_the_clock(self):
        lead = self._enter()
        self.clock.move_to(lead.response_deadline)
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self._pass(days=10)
        self.assertEqual(lead.user_id, self.asha)
        self.assertEqual(lead.response_state, "open")
        row = lead.response_assignment_id
        self.assertTrue(row.is_on_time)
        self.assertAlmostEqual(row.response_hours, 8)
        self.assertEqual(row.result, "open")

    def test_late_answer(self):
        self.back_up.action = "alert"
        lead = self._enter()
        self._pass(days=1, minutes=30)
        self.assertEqual(lead.response_state, "overdue")
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self.assertEqual(lead.response_state, "open")
        row = lead.response_assignment_id
        self.assertFalse(row.is_on_time)
        self.assertAlmostEqual(row.response_hours, 8.5)

    def test_answer_from_before_the_policy(self):
        """It was of that assignee: not of the next one, nor after a search."""
        self.policy.active = False
        lead, other = self._enter(user=self.user), self._enter()
        for each in lead + other:
            each.with_user(each.user_id).message_post(body="Hi", message_type="comment")
        self.policy.active = True
        self._start(lead)
        self._pass(hours=12)
        self.assertEqual(lead.response_state, "new")
        self.assertTrue(lead.response_deadline)
        team = self.env["crm.team"].create({"name": "Callers"})
        other.with_user(self.head).write({"user_id": False, "team_id": team.id})
        self.assertEqual(other.response_state, "new")
        self.assertTrue(other.response_deadline)

    def test_others_do_not_answer(self):
        lead = self._enter()
        lead.with_user(self.head).message_post(body="Well?", message_type="comment")
        self.assertEqual(lead.response_state, "new")
        self.assertTrue(lead.response_deadline)

    def test_conversion_is_an_answer(self):
        lead = self._enter(type="lead")
        lead.with_user(self.asha).convert_opportunity(self.customer)
        self.assertEqual(lead.response_state, "open")
        self.assertFalse(lead.response_deadline)

    def test_time_begins_anew_for_somebody_else(self):
        lead = self._enter()
        self._pass(hours=3)
        lead.with_user(self.head).user_id = self.ravi
        self.assertEqual(
            lead.response_deadline, self.START + timedelta(days=1, hours=3)
        )
        self.assertEqual(
            self._get_history(lead), [("Asha", "reassigned"), ("Ravi", "waiting")]
        )
        self.assertEqual(lead.response_assignment_id.assigned_by_id, self.head)

    def test_whoever_gives_a_lead_on_attends_to_it(self):
        lead = self._enter()
        self._pass(hours=3)
        lead.with_user(self.asha).user_id = self.ravi
        first, second = lead.response_assignment_ids
        self.assertTrue(first.is_on_time)
        self.assertAlmostEqual(first.response_hours, 3)
        self.assertFalse(second.first_response_date)

    def test_closed_leads_need_no_answer(self):
        lead = self._enter()
        lead.with_user(self.asha).action_set_lost()
        self.assertEqual(lead.response_state, "closed")
        self.assertFalse(lead.response_deadline)
        self.assertEqual(self._get_history(lead), [("Asha", "lost")])
        self.assertTrue(lead.response_assignment_id.is_on_time, "by closing it")

    def test_answered_lead_that_is_reopened(self):
        """Who closed it by mistake has not to answer it once more."""
        lead = self._enter()
        self._pass(hours=2)
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        stage, won = lead.stage_id, self.env.ref("crm.stage_lead4")
        self._pass(hours=1)
        for _turn in range(2):
            lead.with_user(self.asha).stage_id = won
            self.assertEqual(lead.response_state, "closed")
            lead.with_user(self.asha).stage_id = stage
            self.assertEqual(lead.response_state, "open")
        self.assertEqual(self._get_history(lead), [("Asha", "open")])
        self.assertAlmostEqual(lead.response_assignment_id.response_hours, 2)
        self._pass(days=9)
        self.assertEqual(lead.user_id, self.asha)

    def test_lead_that_was_lost_without_a_word(self):
        """Closing it was its answer; restored it needs another one."""
        lead = self._enter()
        self._pass(hours=1)
        lead.with_user(self.asha).action_set_lost()
        self._pass(days=30)
        lead.with_user(self.head).action_restore()
        self.assertEqual(lead.response_state, "new")
        self.assertTrue(lead.response_deadline)

    def test_restored_leads_need_one_again(self):
        lead = self._enter()
        lead.with_user(self.head).action_set_lost()
        self.assertFalse(lead.response_assignment_id.first_response_date)
        lead.with_user(self.head).action_restore()
        self.assertEqual(lead.response_state, "new")
        self.assertTrue(lead.response_deadline)

    def test_nobody_writes_it_from_outside(self):
        lead = self._enter().with_user(self.head)
        for name, value in (
            ("response_deadline", False),
            ("response_level", 3),
            ("response_state", "open"),
            ("response_assignment_id", False),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                lead.write({name: value})

    def test_a_default_gives_no_time(self):
        Lead = self.env["crm.lead"].with_user(self.asha)
        lead = Lead.with_context(default_response_level=7).create({"name": "Mine"})
        self.assertFalse(lead.response_level)
