from odoo.tests import tagged

from .clock_common import ClockCase


@tagged("post_install", "-at_install")
class TestClockMerge(ClockCase):
    """Who had the leads that are merged stays on record, on the one that is kept."""

    def _merge(self, leads):
        leads.with_user(self.head).merge_opportunity()
        return leads.exists()

    def test_leads_of_two_people(self):
        first, second = self._enter(), self._enter(user=self.ravi)
        first.priority = "3"  # is kept
        self._pass(hours=2)
        head = self._merge(first + second)
        self.assertEqual(head, first)
        self.assertCountEqual(
            self._get_history(head), [("Asha", "waiting"), ("Ravi", "merged")]
        )
        self.assertEqual(head.response_assignment_id.assignee_name, "Asha")
        self.assertTrue(head.response_deadline)
        self._pass(days=1)
        self.assertEqual(head.response_level, 1)

    def test_answer_to_one_of_them(self):
        first, second = self._enter(), self._enter()
        first.priority = "3"
        self._pass(hours=2)
        second.with_user(self.asha).message_post(body="Hello", message_type="comment")
        head = self._merge(first + second)
        self.assertEqual(head, first)
        self.assertEqual(head.response_state, "open")
        self.assertFalse(head.response_deadline)

    def test_lead_of_a_partner(self):
        """The partner keeps the lead, and the time that it has had."""
        first, second = self._enter(user=self.user), self._enter(user=self.user)
        first.priority = "3"
        second.with_user(self.user)._allocate(self.green_park)
        deadline = second.response_deadline
        self._pass(hours=2)
        head = self._merge(first + second)
        self.assertEqual(head, first)
        self.assertEqual(head.allocated_partner_id, self.green_park)
        row = head.response_assignment_id
        self.assertEqual(row.partner_id, self.green_park)
        self.assertEqual(row.start_date, self.START)
        self.assertEqual(head.response_deadline, deadline)
        self.assertEqual(len(head.response_assignment_ids), 3)
