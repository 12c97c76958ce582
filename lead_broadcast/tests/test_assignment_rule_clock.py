from odoo.tests import tagged

from .absence_common import AbsenceCase


@tagged("post_install", "-at_install")
class TestAssignmentRuleClock(AbsenceCase):
    """Whom a rule gives a lead has it from that moment, and the clock runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["lead.assignment.rule"]
        cls.Rule.search([("active", "=", True)]).active = False
        cls.rule = cls.Rule.create({"name": "Fast", "user_id": cls.asha.id})

    def _take_in(self):
        lead = self.env["crm.lead"].with_user(self.receptionist)
        return lead.create(
            {
                "name": "Wrong figures",
                "partner_id": self.customer.id,
                "service_id": self.service.id,
                "service_place": "Hauz Khas, New Delhi",
            }
        ).sudo()

    def test_clock_starts(self):
        lead = self._take_in()
        row = lead.response_assignment_ids
        self.assertRecordValues(
            row,
            [{"user_id": self.asha.id, "reason": "rule", "policy_id": self.policy.id}],
        )
        self.assertEqual(lead.response_deadline, row.due_date)
        self.assertTrue(row.due_date)

    def test_absent_person(self):
        self._be_absent(self.asha, self.START, days=9)
        lead = self._take_in()
        self.assertEqual(lead.user_id, self.ravi)
        self.assertEqual(lead.response_assignment_id.user_id, self.ravi)
        self.assertStory("Assigned to Asha by rule Fast.", lead)
        self.assertStory("goes to Ravi.", lead)

    def test_apply(self):
        """The time of who had the lead ends, that of who has it now begins."""
        self.rule.user_id = self.meera
        lead = self._enter()
        self.clock.tick(60)
        lead.with_user(self.ravi).action_apply_rules()
        self.assertEqual(
            self._get_history(lead), [("Asha", "reassigned"), ("Meera", "waiting")]
        )
        self.assertEqual(lead.response_assignment_id.reason, "rule")

    def test_nobody_has_what_is_searching(self):
        self.rule.ladder_id = self.ladder
        lead = self._take_in()
        self.assertEqual(lead.user_id, self.asha)
        self.assertFalse(lead.response_assignment_ids)
        self.assertEqual(lead.response_state, "open")
