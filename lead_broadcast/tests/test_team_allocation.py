from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestTeamAllocation(BroadcastCase):
    """Leads that a team of ours does, or one of its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member, cls.leader = (
            new_test_user(cls.env, login=login, groups="lead_broadcast.group_user")
            for login in ("member", "leader")
        )
        cls.tier = cls.env.ref("lead_broadcast.tier_ttt")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Callers",
                "broadcast_tier_id": cls.tier.id,
                "user_id": cls.leader.id,
                "member_ids": cls.member.ids,
            }
        )
        cls.Wizard = cls.env["lead.broadcast.allocate"].with_user(cls.user)

    def _give(self, user=None, lead=None):
        (lead or self.lead).with_user(self.user)._allocate_to_team(self.team, user)

    # ------------------------------------------------------------
    # GIVING
    # ------------------------------------------------------------

    def test_team(self):
        self._give()
        self.assertRecordValues(
            self.lead,
            [
                {
                    "allocated_team_id": self.team.id,
                    "allocated_user_id": False,
                    "allocated_partner_id": False,
                    "allocated_tier_id": self.tier.id,
                    "broadcast_state": "allocated",
                    "broadcast_summary": "Allocated to Callers",
                    "team_id": self.team.id,
                    "user_id": False,
                }
            ],
        )
        self.assertLess(
            fields.Datetime.now() - self.lead.allocated_date, timedelta(minutes=1)
        )
        self.assertStory("Given to Callers.")

    def test_person(self):
        self._give(self.member)
        self.assertRecordValues(
            self.lead,
            [
                {
                    "allocated_team_id": self.team.id,
                    "allocated_user_id": self.member.id,
                    "broadcast_summary": f"Allocated to {self.member.name} (Callers)",
                    "team_id": self.team.id,
                    "user_id": self.member.id,
                }
            ],
        )
        self.assertStory(f"Given to {self.member.name} (Callers).")

    def test_whoever_has_it_may_keep_it(self):
        self.lead.user_id = self.leader
        self.lead.with_user(self.leader)._allocate_to_team(self.team)
        self.assertEqual(self.lead.user_id, self.leader)

    def test_without_service(self):
        """Teams do what is no service, too."""
        self.lead.service_id = False
        self._give()
        self.assertEqual(self.lead.broadcast_state, "allocated")

    def test_notices_go_through_the_matrix(self):
        """The new salesperson is told by its rules, not by core's mail besides."""
        sent = self.env["mail.message"].search_count(
            [("message_type", "=", "user_notification")]
        )
        rule = self.env["lead.broadcast.notification.rule"].search(
            [("event", "=", "allocated"), ("channel", "=", "inbox")], limit=1
        )
        rule.copy({"tier_id": self.tier.id, "role": "assignee"})
        self._give(self.member)
        self.assertEqual(
            self._notices("allocated").recipient_id & self.member.partner_id,
            self.member.partner_id,
        )
        self.assertEqual(
            self.env["mail.message"].search_count(
                [("message_type", "=", "user_notification")]
            ),
            sent,
        )

    def test_refusals(self):
        outsider, archived = self.other_user, self.team.copy({"active": False})
        with self.assertRaisesRegex(UserError, "colleague.* does not belong to"):
            self._give(outsider)
        with self.assertRaisesRegex(UserError, "is archived"):
            self.lead.with_user(self.user)._allocate_to_team(archived)
        self._give()
        with self.assertRaisesRegex(UserError, "belongs to Callers. Take it back"):
            self.lead.with_user(self.leader)._allocate(self.saket)
        closed = self._create_lead(active=False)
        with self.assertRaisesRegex(UserError, "is closed"):
            self._give(lead=closed)

    def test_needs_the_right_to_the_lead(self):
        with self.assertRaises(AccessError):
            self.lead.with_user(self.other_user)._allocate_to_team(self.team)
        self.assertEqual(self.lead.broadcast_state, "none")

    def test_is_not_written(self):
        for values in (
            {"allocated_team_id": self.team.id},
            {"allocated_user_id": self.user.id},
            {"allocated_tier_id": self.tier.id},
            {"first_response_date": fields.Datetime.now()},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.lead.with_user(self.user).write(values)

    # ------------------------------------------------------------
    # THE RACE
    # ------------------------------------------------------------

    def test_ends_the_search(self):
        broadcast = self._broadcast()
        offer = self._get_offer(self.green_park)
        self._give()
        self.assertEqual(broadcast.state, "cancelled")
        self.assertTrue(broadcast.end_date)
        self.assertEqual(set(broadcast.offer_ids.mapped("state")), {"lost"})
        self.assertEqual(self._notices("taken").offer_id, broadcast.offer_ids)
        self.assertEqual(offer._get_page_state(), "taken")
        self.assertEqual(offer._accept("portal", self.green_park), "taken")
        self.assertEqual(self.lead.allocated_team_id, self.team)

    def test_answer_that_comes_after_the_team(self):
        """The row decides, whatever the offer looked like before."""
        self._broadcast()
        offer = self._get_offer(self.green_park)
        self.assertTrue(self.lead._claim(team=self.team))
        self.assertEqual(offer.state, "open")
        self.assertFalse(self.lead._claim(offer=offer))
        self.assertEqual(offer._accept("mail", self.green_park), "taken")
        self.assertFalse(self.lead.allocated_offer_id)

    def test_team_that_comes_after_the_answer(self):
        self._broadcast()
        self._get_offer(self.green_park)._accept("mail", self.green_park)
        self.assertFalse(self.lead._claim(team=self.team))
        self.assertFalse(self.lead.allocated_team_id)
        with self.assertRaisesRegex(UserError, "belongs to Green Park Services"):
            self._give()

    def test_claim_looks_at_the_row(self):
        """What another transaction has written meanwhile, which the cache does not
        know."""
        self._broadcast()
        offer = self._get_offer(self.green_park)
        self.assertFalse(self.lead.allocated_team_id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET allocated_team_id = %s WHERE id = %s",
            [self.team.id, self.lead.id],
        )
        self.assertFalse(self.lead._claim(offer=offer))
        self.assertEqual(self.lead.allocated_team_id, self.team)
        self.assertFalse(self.lead.allocated_offer_id)

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    def test_take_back(self):
        self._give(self.member)
        self.lead.with_user(self.member).action_release()
        self.assertRecordValues(
            self.lead,
            [
                {
                    "allocated_team_id": False,
                    "allocated_user_id": False,
                    "allocated_tier_id": False,
                    "allocated_date": False,
                    "broadcast_state": "none",
                    "team_id": self.team.id,
                }
            ],
        )
        self.assertStory(f"Taken back from {self.member.name} (Callers).")
        self.lead.with_user(self.member)._allocate(self.saket)
        self.assertEqual(self.lead.allocated_partner_id, self.saket)

    def test_work_done(self):
        self._give()
        self.lead.with_user(self.member).action_mark_completed()
        self.assertEqual(self.lead.closure_state, "done")

    def test_given_lead_is_not_deleted(self):
        self._give()
        with self.assertRaisesRegex(UserError, "given to a partner or team"):
            self.lead.with_user(self.administrator).unlink()

    def test_team_with_leads_is_not_deleted(self):
        self._give()
        with self.assertRaisesRegex(UserError, "Wrong figures.*Take them back"):
            self.team.with_user(self.administrator).unlink()
        self.lead.with_user(self.leader).action_release()
        self.team.with_user(self.administrator).unlink()
        self.assertFalse(self.team.exists())

    def test_merge(self):
        other = self._create_lead(name="The same again")
        running = self._broadcast()
        self._give(self.member, other)
        other.with_user(self.member).message_post(body="called", message_type="comment")
        head = (self.lead + other).with_user(self.administrator).merge_opportunity()
        self.assertRecordValues(
            head,
            [
                {
                    "allocated_team_id": self.team.id,
                    "allocated_user_id": self.member.id,
                    "broadcast_state": "allocated",
                }
            ],
        )
        self.assertTrue(head.allocated_date)
        self.assertTrue(head.first_response_date)
        self.assertEqual(set(running.offer_ids.mapped("state")), {"lost"})

    def test_merge_refused_with_two_owners(self):
        other = self._create_lead(name="The same again")
        self._give()
        other.with_user(self.user)._allocate(self.saket)
        with self.assertRaisesRegex(
            UserError, "Callers, Saket|Saket Services, Callers"
        ):
            (self.lead + other).with_user(self.administrator).merge_opportunity()

    # ------------------------------------------------------------
    # WIZARD
    # ------------------------------------------------------------

    def test_wizard(self):
        wizard = Form(self.Wizard.with_context(default_lead_ids=self.lead.ids))
        self.assertEqual(wizard.kind, "partner")
        wizard.kind = "team"
        wizard.team_id = self.team
        self.assertFalse(wizard.warning)
        wizard.user_id = self.member
        wizard.team_id = self.team.copy({"name": "Empty", "broadcast_tier_id": False})
        self.assertFalse(wizard.user_id)
        self.assertIn("has no tier", wizard.warning)
        wizard.team_id = self.team
        wizard.user_id = self.member
        wizard.save().action_allocate()
        self.assertEqual(self.lead.allocated_user_id, self.member)

    def test_wizard_warns_of_empty_team(self):
        team = self.env["crm.team"].create({"name": "Empty", "user_id": False})
        wizard = Form(self.Wizard.with_context(default_lead_ids=self.lead.ids))
        wizard.kind = "team"
        wizard.team_id = team
        self.assertIn("Empty has nobody in it, has no tier", wizard.warning)

    def test_wizard_without_service(self):
        self.lead.service_id = False
        action = self.lead.with_user(self.user).action_allocate()
        wizard = Form(self.Wizard.with_context(**action["context"]))
        self.assertEqual(wizard.kind, "team")

    def test_wizard_leaves_a_lead_that_is_out_of_sight(self):
        """Users see their own leads only: giving one away must not end in an error."""
        values = {"lead_ids": self.lead.ids, "kind": "team", "team_id": self.team.id}
        action = self.Wizard.create(
            {**values, "user_id": self.member.id}
        ).action_allocate()
        self.assertFalse(self.lead.with_user(self.user).has_access("read"))
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(self.member.name, action["params"]["message"])
        values["lead_ids"] = self._create_lead().ids
        action = self.Wizard.create(values).action_allocate()
        self.assertEqual(action["type"], "ir.actions.act_window_close")
