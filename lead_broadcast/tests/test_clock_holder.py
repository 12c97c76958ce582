from odoo.tests import new_test_user, tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestClockHolder(ClockCase):
    """Whose time runs: of a partner, a team, a person, somebody after a search, or
    nobody."""

    def test_party_without_a_clock(self):
        """That the former assignee was late does not make the next one late."""
        self.policy.domain = "[('allocated_partner_id', '=', False)]"
        self.back_up.action = "alert"
        lead = self._enter()
        self._pass(days=1, minutes=1)
        self.assertEqual(lead.response_state, "overdue")
        lead.with_user(self.head)._allocate(self.green_park)
        self.assertEqual((lead.response_state, lead.response_level), ("new", 0))
        self.assertFalse(lead.response_deadline)

    def test_lead_of_nobody(self):
        """Anybody who works on leads can answer it, for example before it is given to
        somebody; who does not work on leads cannot."""
        lead = self._enter(user=self.env["res.users"], team_id=False)
        self.assertEqual(lead.response_assignment_id.party, "nobody")
        visitor = new_test_user(self.env, login="visitor", groups="base.group_user")
        for user, state in ((visitor, "new"), (self.asha, "open")):
            lead.message_post(
                body="Hello", message_type="comment", author_id=user.partner_id.id
            )
            self.assertEqual(lead.response_state, state)

    def test_other_salesperson_of_the_team_that_has_it(self):
        lead = self._enter()
        lead.with_user(self.head)._allocate_to_team(self.team, self.asha)
        lead.with_user(self.head).user_id = self.ravi
        self.assertEqual(lead.allocated_user_id, self.ravi)
        self.assertEqual(lead.response_assignment_id.assignee_name, "Ravi")
        lead.with_user(self.ravi).message_post(body="Hello", message_type="comment")
        self.assertEqual(lead.response_state, "open")
        lead.with_user(self.head).user_id = self.meera  # not of the team
        self.assertFalse(lead.allocated_team_id)
        self.assertEqual(lead.response_assignment_id.assignee_name, "Meera")

    def test_search_for_partners_is_an_answer(self):
        lead = self._enter(user=self.user)
        self._start(lead)
        self.assertEqual(lead.response_state, "open")
        self.assertFalse(lead.response_deadline)
        self.assertEqual(self._get_history(lead), [(self.user.display_name, "offered")])
        self.assertTrue(lead.response_assignment_id.is_on_time)

    def test_round_by_hand_that_nobody_takes(self):
        lead = self._enter(user=self.user)
        rounds = self._broadcast(lead)
        self.assertEqual(lead.response_state, "open")
        self._end_validity(rounds)
        rounds._expire()
        self.assertEqual(lead.response_state, "new")
        self.assertEqual(
            lead.response_assignment_ids.mapped("reason"), ["hand", "returned"]
        )

    def test_paused_search(self):
        """When the last offer has ended, a paused search is its salesperson's again."""
        lead = self._enter(user=self.user, closure_date=False)
        self._start(lead)
        lead.with_user(self.user).action_pause_ladder()
        self.assertEqual(lead.response_state, "open")
        self._pass(hours=5)
        self.assertEqual(lead.response_state, "new")
        self.assertEqual(lead.response_assignment_id.user_id, self.user)
        self.assertTrue(lead.response_deadline)

    def test_search_that_ends_with_somebody_else(self):
        """Whom the last step names has the lead, and its time."""
        self.somebody.responsible = "leader"
        lead = self._enter(user=self.user)
        self.ladder._forget_snapshot()
        self._start(lead)
        self._pass(hours=12)
        self.assertEqual(lead.activity_ids.user_id, self.ravi)
        self.assertEqual(
            lead.response_assignment_ids.mapped("reason")[1:], ["returned"]
        )
        self.assertEqual(lead.response_assignment_id.user_id, self.ravi)
        lead.with_user(self.head).user_id = self.asha
        self.assertEqual(lead.activity_ids.user_id, self.asha, "takes over the task")
        self.assertEqual(lead.response_assignment_id.user_id, self.asha)
        lead.with_user(self.asha).message_post(body="Hello", message_type="comment")
        self.assertEqual(lead.response_state, "open")

    def test_nobody_took_it(self):
        """When the search ends with a person, the lead needs an answer again."""
        lead = self._enter(user=self.user)
        self._start(lead)
        self._pass(hours=12)
        self.assertEqual(lead.ladder_state, "handed")
        self.assertEqual(lead.response_assignment_id.reason, "returned")
        self.assertEqual(lead.response_state, "new")
        self.assertTrue(lead.response_deadline)

    def test_partner(self):
        lead = self._enter(user=self.user)
        lead.with_user(self.user)._allocate(self.green_park)
        row = lead.response_assignment_id
        self.assertEqual((row.party, row.partner_id), ("partner", self.green_park))
        self.assertEqual(lead.response_state, "new")
        self._pass(hours=2)
        lead._post_partner_message("We call at noon.", self.portal_user.partner_id)
        self.assertEqual(lead.response_state, "open")
        self.assertAlmostEqual(row.response_hours, 2)
        lead._mark_completed(self.portal_user.partner_id)
        self.assertEqual(lead.response_state, "closed")
        self.assertEqual(row.result, "completed")

    def test_work_done_at_once(self):
        """Who reports the work done without a word before has answered by that."""
        lead = self._enter(user=self.user)
        lead.with_user(self.user)._allocate(self.green_park)
        self._pass(hours=2)
        lead._mark_completed(self.portal_user.partner_id)
        row = lead.response_assignment_id
        self.assertTrue(row.is_on_time)
        self.assertEqual(row.result, "completed")
