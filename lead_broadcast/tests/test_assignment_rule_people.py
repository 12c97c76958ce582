from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .assignment_rule_common import AssignmentRuleCase


@tagged("post_install", "-at_install")
class TestAssignmentRulePeople(AssignmentRuleCase):
    """Nobody who is gone gets leads of a rule: somebody stands in, or the next rule is
    followed."""

    def test_back_up(self):
        self._create_rule("Trade fair")
        self.other_user.broadcast_backup_id = self.user
        self.other_user.active = False
        lead = self._enter()
        self.assertEqual(lead.user_id, self.user)
        self.assertStory(
            f"Assigned to {self.user.name} instead of {self.other_user.name} by rule"
            " Trade fair.",
            lead,
        )

    def test_person_without_rights(self):
        """Who may not work on leads any more is not given any either."""
        rule = self._create_rule()
        self.other_user.group_ids = self.env.ref("base.group_user")
        self.assertIn("Choose a salesperson", rule.problem)
        self.assertEqual(self._enter().user_id, self.supervisor, "of the own team")

    def test_leader_of_the_team(self):
        """For somebody who has no back-up."""
        self._create_rule(user_id=self.salesman.id, team_id=self.team.id)
        self.salesman.active = False
        lead = self._enter()
        self.assertEqual(lead.user_id, self.supervisor)
        self.assertEqual(lead.team_id, self.team)

    def test_leader_who_is_gone(self):
        self._create_rule(team_id=self.team.id)
        self.supervisor.broadcast_backup_id = self.user
        self.supervisor.active = False
        lead = self._enter()
        self.assertEqual(lead.user_id, self.user)
        self.assertEqual(lead.team_id, self.team)

    def test_team_that_is_gone(self):
        """Its leader gets the leads; where there is none the next rule is followed."""
        self._create_rule("Dissolved", team_id=self.team.id, sequence=1)
        following = self._create_rule("Rest", user_id=self.user.id, sequence=2)
        self.team.active = False
        lead = self._enter()
        self.assertEqual(lead.user_id, self.supervisor)
        self.assertNotEqual(lead.team_id, self.team)
        self.team.user_id = False
        lead = self._enter()
        self.assertEqual(lead.user_id, self.user)
        self.assertEqual(lead.assignment_rule_id, following)

    def test_next_rule(self):
        """Whoever asks is told why."""
        gone = self._create_rule("Gone", user_id=self.salesman.id, sequence=1)
        following = self._create_rule("Rest", sequence=2)
        self.salesman.active = False
        lead = self._enter()
        self.assertEqual(lead.user_id, self.other_user)
        wizard = self.env["lead.which.rule"].with_user(self.user)
        lines = wizard.create({"lead_id": lead.id}).line_ids
        self.assertRecordValues(
            lines,
            [
                {"rule_id": gone.id, "answer": "misses", "outcome": ""},
                {
                    "rule_id": following.id,
                    "answer": "applies",
                    "outcome": self.other_user.name,
                },
            ],
        )
        self.assertIn(f"Archived: {self.salesman.name}", lines[0].why)

    def test_ladder_without_people(self):
        """A rule that starts a ladder does so without its person."""
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "Small",
                "step_ids": [Command.create({"name": "One", "audience": "nearest"})],
            }
        )
        rule = self._create_rule(user_id=self.salesman.id, ladder_id=ladder.id)
        self.salesman.active = False
        lead = self._enter()
        self.assertEqual(lead.assignment_rule_id, rule)
        self.assertEqual(lead.ladder_id, ladder)
        self.assertFalse(lead.user_id)

    def test_rule_for_somebody_without_rights(self):
        with self.assertRaisesRegex(ValidationError, "cannot work on leads"):
            self._create_rule(user_id=self.receptionist.id)
