from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import BroadcastCase

REPLY = """\
From: {email}
To: someone@example.com
Subject: Re: your message
Message-ID: <{number}@contact.example>
In-Reply-To: {message}
Auto-Submitted: {auto}
Content-Type: text/plain

nine it is
"""


@tagged("post_install", "-at_install")
class TestAttended(BroadcastCase):
    """When the party that has a lead first did something about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.portal_user.partner_id
        cls.member, cls.colleague = (
            new_test_user(cls.env, login=login, groups="lead_broadcast.group_user")
            for login in ("member", "mate")
        )
        cls.team = cls.env["crm.team"].create(
            {"name": "Callers", "member_ids": (cls.member + cls.colleague).ids}
        )
        cls.stage, cls.next_stage = cls.env["crm.stage"].create(
            [{"name": "Given"}, {"name": "Spoken to"}]
        )
        cls.lead.stage_id = cls.stage

    def _give_to_partner(self):
        self.lead.with_user(self.user)._allocate(self.green_park)

    def _give_to_team(self, user=None):
        self.lead.user_id = self.user
        self.lead.with_user(self.user)._allocate_to_team(self.team, user)

    def _post(self, user, **values):
        values = {"body": "Hello", "message_type": "comment", **values}
        self.lead.with_user(user).message_post(**values)

    def assertAttended(self):
        self.assertTrue(self.lead.first_response_date)
        self.lead.sudo().first_response_date = False

    def assertNotAttended(self):
        self.assertFalse(self.lead.first_response_date)

    # ------------------------------------------------------------
    # PARTNERS
    # ------------------------------------------------------------

    def test_partner_writes(self):
        self._give_to_partner()
        self.assertNotAttended()
        self.lead._post_partner_message("On my way", self.person)
        self.assertAttended()

    def test_partner_reports(self):
        for report in ("_mark_contacted", "_mark_completed"):
            lead = self.lead = self._create_lead()
            self._give_to_partner()
            with self.subTest(report=report):
                getattr(lead.with_user(self.portal_user), report)(self.person)
                self.assertAttended()

    def test_partner_finishes_an_activity(self):
        """Also that of a colleague, and without access to the lead."""
        self._give_to_partner()
        activity = self.lead.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.portal_user.id
        )
        activity.with_user(self.portal_user).sudo().action_feedback("done")
        self.assertAttended()

    def test_only_the_partner_of_the_lead(self):
        self._give_to_partner()
        self.lead._post_partner_message("Hello", self.other_portal_user.partner_id)
        self.lead._post_partner_message("Hello", self.customer)
        self.assertNotAttended()

    def test_staff_who_report_for_the_partner(self):
        self._give_to_partner()
        self.lead.with_user(self.user).action_mark_completed()
        self.assertAttended()

    def test_staff_do_not_attend_for_the_partner(self):
        self._give_to_partner()
        self._post(self.user)
        self._post(self.user, subtype_xmlid="mail.mt_note")
        activity = self.lead.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user.id
        )
        activity.with_user(self.user).action_feedback()
        self.lead.with_user(self.user).stage_id = self.next_stage
        self.assertNotAttended()

    # ------------------------------------------------------------
    # TEAMS
    # ------------------------------------------------------------

    def test_team(self):
        self._give_to_team()
        self._post(self.supervisor)
        self.lead.with_user(self.supervisor).stage_id = self.next_stage
        self.assertNotAttended()
        self._post(self.colleague)
        self.assertAttended()

    def test_person_of_team(self):
        self._give_to_team(self.member)
        self.lead.user_id = False  # so that all of the team may write
        self._post(self.colleague)
        self._post(self.colleague, subtype_xmlid="mail.mt_note")
        self.assertNotAttended()
        self._post(self.member)
        self.assertAttended()

    def test_note_of_the_assignee(self):
        self._give_to_team(self.member)
        self._post(self.member, subtype_xmlid="mail.mt_note")
        self.assertAttended()

    def test_stage(self):
        self._give_to_team(self.member)
        lead = self.lead.with_user(self.member)
        lead.write({"stage_id": self.stage.id, "priority": "2"})
        self.assertNotAttended()
        lead.stage_id = self.next_stage
        self.assertAttended()

    def test_activity(self):
        self._give_to_team(self.member)
        activity = self.lead.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.member.id
        )
        self.assertNotAttended()
        activity.with_user(self.member).action_done()
        self.assertAttended()

    # ------------------------------------------------------------
    # WHAT DOES NOT COUNT
    # ------------------------------------------------------------

    def test_automatic_messages(self):
        self._give_to_team(self.member)
        for message_type in ("notification", "auto_comment", "out_of_office"):
            self._post(self.member, message_type=message_type)
        self.lead.with_user(self.member)._message_log(body="by itself")
        self.assertNotAttended()

    def test_mailbox_that_answers_by_itself(self):
        self._give_to_partner()
        message = self.lead.message_post(
            body="Can you be there at nine?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        for number, (auto, attended) in enumerate(
            [("auto-replied", False), ("no", True)]
        ):
            mail = REPLY.format(
                auto=auto,
                email=self.person.email,
                message=message.message_id,
                number=number,
            )
            self.env["mail.thread"].message_process("crm.lead", mail)
            with self.subTest(auto=auto):
                self.assertIn("nine it is", self.lead.message_ids[0].body)
                self.assertEqual(self.lead.message_ids[0].author_id, self.person)
                self.assertEqual(bool(self.lead.first_response_date), attended)

    def test_what_was_before(self):
        """A salesperson's answer is not that of the team that gets the lead."""
        self.lead.user_id = self.member
        self._post(self.member)
        self.assertTrue(self.lead.first_response_date)
        self.lead.with_user(self.member)._allocate_to_team(self.team, self.member)
        self.assertNotAttended()

    # ------------------------------------------------------------
    # ONCE PER ALLOCATION
    # ------------------------------------------------------------

    def test_first_one_stays(self):
        self._give_to_team(self.member)
        earlier = fields.Datetime.now() - timedelta(hours=5)
        self._post(self.member)
        self.lead.first_response_date = earlier
        self._post(self.member)
        self.lead.with_user(self.member).stage_id = self.next_stage
        self.lead.with_user(self.member).action_mark_completed()
        self.assertEqual(self.lead.first_response_date, earlier)

    def test_starts_anew(self):
        self._give_to_team(self.member)
        self._post(self.member)
        self.assertTrue(self.lead.first_response_date)
        self.lead.with_user(self.member).action_release()
        self.assertNotAttended()
        self.lead.with_user(self.member)._allocate(self.green_park)
        self.assertNotAttended()
        self.lead._post_partner_message("On my way", self.person)
        self.lead.with_user(self.member).action_release()
        self.lead.with_user(self.member)._allocate_to_team(self.team)
        self.assertNotAttended()

    # ------------------------------------------------------------
    # HOT PATHS
    # ------------------------------------------------------------

    def test_leads_cost_no_query_more(self):
        """Messages and stages of leads that nobody was given, the hot paths of core."""
        actions = {
            "message": lambda: self._post(self.user),
            "stage": lambda: self.lead.write({"stage_id": self.next_stage.id}),
        }
        for name, action in actions.items():
            action()  # fills the caches of the registry
            self.lead.stage_id = self.stage
            queries = self._count_queries(action)
            self.lead.stage_id = self.stage
            leads = self.registry["crm.lead"]
            with patch.object(leads, "_note_response", lambda leads, by: None):
                without = self._count_queries(action)
            with self.subTest(action=name):
                self.assertEqual(queries, without)
