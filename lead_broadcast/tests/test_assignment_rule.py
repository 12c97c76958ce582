from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .assignment_rule_common import AssignmentRuleCase


@tagged("post_install", "-at_install")
class TestAssignmentRule(AssignmentRuleCase):
    """Leads that enter without a salesperson go where the first rule that fits says."""

    # ------------------------------------------------------------
    # CRITERIA
    # ------------------------------------------------------------

    def test_each_criterion(self):
        chile = self.env.ref("base.cl")
        criteria = [
            ({"intake_channel": "hand"}, {}, None),
            ({"intake_channel": "survey"}, None, {}),
            (
                {"intake_form": "/Contact us"},
                {"intake_form": "/contact  us "},
                {"intake_form": "/contact"},
            ),
            (
                {"source_ids": [Command.set(self.source.ids)]},
                {"source_id": self.source.id},
                {"source_id": False},
            ),
            (
                {"tag_ids": [Command.set(self.tag.ids)]},
                {"tag_ids": [Command.set(self.tag.ids)]},
                {"tag_ids": False},
            ),
            (
                {"team_ids": [Command.set(self.team.ids)]},
                {"team_id": self.team.id},
                {"team_id": False},
            ),
            (
                {"country_ids": [Command.set((self.india | chile).ids)]},
                {"country_id": chile.id},
                {"country_id": self.env.ref("base.ru").id},
            ),
            (
                {"state_ids": [Command.set(self.delhi.ids)]},
                {"state_id": self.delhi.id},
                {"state_id": False},
            ),
            ({"zip_prefix": "110, 12 20"}, {"zip": "122 001"}, {"zip": "121001"}),
            ({"zip_prefix": " , "}, None, {"zip": "121001"}),
            (
                {"domain": "[('priority', '=', '3')]"},
                {"priority": "3"},
                {"priority": "1"},
            ),
        ]
        rule = self._create_rule()
        nothing = {
            name: False
            for values, *_ in criteria
            for name in values
            if name != "domain"
        }
        for criterion, fitting, other in criteria:
            rule.write({**nothing, "domain": "[]", **criterion})
            for values, assignee in (
                (fitting, self.other_user),
                (other, self.env["res.users"]),
            ):
                if values is not None:
                    with self.subTest(criterion=criterion, values=values):
                        lead = self._enter(**values)
                        self.assertEqual(lead.user_id, assignee)
                        self.assertEqual(lead.assignment_rule_id, rule[: len(assignee)])

    def test_all_criteria_are_met(self):
        self._create_rule(
            source_ids=[Command.set(self.source.ids)], zip_prefix="110", sequence=1
        )
        first = self._create_rule(zip_prefix="1", user_id=self.user.id, sequence=2)
        self._create_rule(zip_prefix="110", sequence=3)
        lead = self._enter(zip="110016")
        self.assertEqual(lead.assignment_rule_id, first, "the first of those that fit")
        self.assertEqual(lead.user_id, self.user)

    def test_archived_rule(self):
        rule = self._create_rule()
        rule.active = False
        self.assertFalse(self._enter().user_id)
        rule.active = True
        self.assertEqual(self._enter().user_id, self.other_user)

    @mute_logger("odoo.addons.lead_broadcast.models.lead_broadcast_condition")
    def test_broken_rule_hinders_nobody(self):
        broken = self._create_rule("Broken", sequence=1)
        self._create_rule("Sound", user_id=self.user.id, sequence=2)
        broken.flush_recordset()
        self.env.cr.execute(
            "UPDATE lead_assignment_rule SET domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(self._enter().user_id, self.user)
        self.assertEqual(broken._explain(self.lead)[0].found, "not met")

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_rule("Of our person", sequence=1)
        self._create_rule(
            "Of our team", user_id=False, team_id=self.team.id, sequence=2
        )
        self.team.company_id = self.env.company
        lead = self.env["crm.lead"].create(
            {"name": "Theirs", "user_id": False, "company_id": other.id}
        )
        for rule in self.Rule.search([]):
            lead.company_id = other
            self.assertFalse(rule._match(lead)[lead])

    # ------------------------------------------------------------
    # OUTCOME
    # ------------------------------------------------------------

    def test_story(self):
        self._create_rule("Trade fair")
        lead = self._enter()
        self.assertStory(
            f"Assigned to {self.other_user.name} by rule Trade fair.", lead
        )
        line = lead.message_ids.filtered(lambda message: "by rule" in message.body)
        self.assertEqual(line.author_id, self.env.ref("base.partner_root"))

    def test_people_choose_first(self):
        self._create_rule()
        Lead = self.env["crm.lead"]
        chosen = Lead.with_user(self.supervisor).create(
            {"name": "Chosen", "user_id": self.user.id}
        )
        own = Lead.with_user(self.user).create({"name": "Own"})
        self.assertEqual(chosen.user_id | own.user_id, self.user)
        self.assertFalse((chosen | own).assignment_rule_id)
        nobody = self._enter()
        nobody.with_user(self.supervisor).user_id = self.user
        self.assertEqual(nobody.user_id, self.user, "until somebody chooses")

    def test_team_and_person(self):
        self._create_rule(user_id=self.salesman.id, team_id=self.team.id)
        lead = self._enter()
        self.assertEqual(lead.user_id, self.salesman)
        self.assertEqual(lead.team_id, self.team)

    def test_team_leader(self):
        self._create_rule(team_id=self.team.id)
        lead = self._enter()
        self.assertEqual(lead.team_id, self.team)
        self.assertEqual(lead.user_id, self.supervisor)

    def test_team_that_core_assigns(self):
        """Where leads are shared out by core, the rule says to which team."""
        self.env["ir.config_parameter"].set_param("crm.lead.auto.assignment", True)
        self._create_rule(team_id=self.team.id)
        lead = self._enter()
        self.assertEqual(lead.team_id, self.team)
        self.assertFalse(lead.user_id)
        self.team.crm_team_member_ids.assignment_max = 30
        self.team._action_assign_leads(force_quota=True)
        self.assertIn(lead.user_id, self.user | self.other_user)

    def test_closed_leads(self):
        self._create_rule()
        lead = self.env["crm.lead"].create(
            {"name": "Lost long ago", "user_id": False, "active": False}
        )
        self.assertFalse(lead.user_id)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def test_outcome_is_needed(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_rule(user_id=False)

    def test_no_copy_of_a_ladder(self):
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "Small",
                "step_ids": [Command.create({"name": "One", "audience": "nearest"})],
            }
        )
        self._create_rule(ladder_id=ladder.id)
        with self.assertRaisesRegex(ValidationError, "Choose the ladder"):
            self._create_rule(ladder_id=ladder._get_snapshot().id)

    def test_condition_that_cannot_be_followed(self):
        with self.assertRaisesRegex(ValidationError, "cannot be followed"):
            self._create_rule(domain="[('gone', '=', 1)]")

    def test_nothing_that_rules_look_for_is_deleted(self):
        self._create_rule(source_ids=[Command.set(self.source.ids)])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.source.unlink()

    def test_rule_followed_is_not_made_up(self):
        rule = self._create_rule()
        lead = self._enter().with_user(self.administrator)
        with self.assertRaises(AccessError):
            lead.assignment_rule_id = rule
