from odoo.tests import tagged

from .common import HAUZ_KHAS
from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestAssignmentRuleLadder(LadderCase):
    """A rule starts a ladder, and says why where it cannot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["lead.assignment.rule"]
        cls.Rule.search([("active", "=", True)]).active = False
        cls.rule = cls.Rule.create({"name": "Fast", "ladder_id": cls.ladder.id})

    def _enter(self, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.receptionist)
            .create(
                {
                    "name": "Enquiry",
                    "partner_id": self.customer.id,
                    "service_id": self.service.id,
                    "service_place": "Hauz Khas, New Delhi",
                    **values,
                }
            )
            .sudo()
        )

    def test_search_starts(self):
        lead = self._enter()
        self.assertEqual(lead.broadcast_state, "searching")
        self.assertFalse(lead.broadcast_ids, "nobody waits for it at the desk")
        self.assertStory("Partners are searched for by ladder Small", lead)
        self._pass(minutes=1)
        self.assertEqual(self._get_asked(lead), [("One", self.green_park)])

    def test_owner_meanwhile(self):
        self.rule.user_id = self.other_user
        lead = self._enter()
        self.assertEqual(lead.broadcast_state, "searching")
        self.assertEqual(lead.user_id, self.other_user)

    def test_before_ladders_that_start_by_themselves(self):
        self._create_ladder(
            "By itself", {"name": "All", "audience": "nearest"}, auto_start=True
        )
        lead = self._enter()
        self.assertEqual(lead.ladder_id, self.ladder)
        self.assertEqual(lead.ladder_snapshot_id.origin_id, self.ladder)

    def test_what_is_missing(self):
        self.rule.user_id = self.other_user
        for values, problem in (
            ({"service_id": False}, "Choose its service first."),
            (
                {"service_place": False, "partner_id": False},
                "Enter its place first.",
            ),
            ({"closure_date": "2027-03-01"}, "Its closure date has passed."),
        ):
            with self.subTest(values=values):
                lead = self._enter(**values)
                self.assertEqual(lead.broadcast_state, "none")
                self.assertStory(f"of rule Fast cannot start. {problem}", lead)
                self.assertEqual(lead.user_id, self.other_user)

    def test_start_later(self):
        """What was missing is filled in: the button starts the ladder of the rule."""
        self.rule.user_id = self.user
        lead = self._enter(service_place=False, partner_id=False)
        self.assertEqual(lead.ladder_id, self.ladder)
        lead.service_place = "Hauz Khas"
        lead.service_latitude, lead.service_longitude = HAUZ_KHAS
        self._start(lead)
        self.assertEqual(lead.broadcast_state, "searching")

    def test_ladder_out_of_use(self):
        self.rule.team_id = self.env["crm.team"].create(
            {"name": "Support", "user_id": self.supervisor.id}
        )
        self.ladder.active = False
        lead = self._enter()
        self.assertEqual(lead.broadcast_state, "none")
        self.assertStory("The ladder Small is archived.", lead)
        self.assertEqual(lead.user_id, self.supervisor)
        self.assertIn("Small", self.rule.problem)

    def test_apply_to_searching_lead(self):
        self._start()
        action = self.lead.with_user(self.user).action_apply_rules()
        self.assertIn("Stop the search first.", action["params"]["message"])
        self.assertFalse(self.lead.assignment_rule_id)
