import ast
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .clock_common import ClockCase
from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestClockScreens(ClockCase):
    """What people see of the time that runs."""

    def test_levels_in_words(self):
        self.assertEqual(
            self.policy.level_ids.mapped("summary"),
            [
                "After 8 h (the assignee's working hours): it goes to the back-up",
                "After 8 h (the assignee's working hours): it goes to the back-up",
                "After 8 h (the assignee's working hours), each time: management is"
                " told",
            ],
        )
        self.back_up.write(
            {
                "action": "user",
                "clock": "always",
                "hours": 0.5,
                "user_id": self.meera.id,
            }
        )
        self.assertEqual(self.back_up.summary, "After 30 min: it goes to Meera")
        self.back_up.write({"action": "management", "management_ids": self.head.ids})
        self.assertEqual(
            self.back_up.summary, "After 30 min: management is told (Kavita)"
        )

    def test_line_of_a_lead(self):
        """Asha does not answer, nor does Ravi, nor Meera; then Meera does."""
        lead = self._enter().with_user(self.asha)
        self.assertEqual(lead.response_summary, "To be answered by Asha")
        self.assertEqual(lead.response_next, "it goes to Ravi")
        self._pass(hours=32)
        lead = lead.with_user(self.head)
        self.assertEqual(
            lead.response_summary, "Level 1: Asha has not answered, now with Ravi"
        )
        self.assertEqual(lead.response_next, "it goes to Meera")
        self._pass(hours=24 * 6)
        self.assertEqual(lead.response_state, "overdue")
        self.assertRegex(lead.response_summary, r"Level \d: Meera has not answered")
        self.assertEqual(lead.response_next, "management is told")
        self.assertTrue(lead.response_overdue_date)
        lead.with_user(self.meera).action_mark_contacted()
        self.assertRegex(lead.response_summary, "Meera answered late, after ")
        self.assertFalse(lead.response_next)

    def test_contacted(self):
        """Who notes that the customer was spoken to stops the clock."""
        lead = self._enter()
        lead.with_user(self.asha).action_mark_contacted()
        self.assertEqual(lead.response_state, "open")
        self.assertTrue(lead.contacted_date)
        self.assertFalse(lead.response_deadline)
        self.assertRegex(lead.response_summary, "Asha answered in time")
        lead.user_id = self.ravi  # who is to answer, too
        self.assertEqual(lead.response_state, "new")
        lead.with_user(self.ravi).action_mark_contacted()
        self.assertEqual(lead.response_state, "open")

    def test_contacted_needs_the_lead(self):
        """Receptionists may correct what they took in, not say that it is answered."""
        lead = self._enter()
        enquiry = (
            self.env["crm.lead"]
            .with_user(self.receptionist)
            .create({"name": "Wrong figures"})
        )
        for refused in (
            lead.with_user(self.other_user),
            enquiry.with_user(self.receptionist),
        ):
            with self.assertRaises(AccessError):
                refused.action_mark_contacted()

    def test_form_of_the_salesperson(self):
        lead = self._enter().with_user(self.asha)
        with Form(lead) as form:
            self.assertEqual(form.response_state, "new")
            self.assertEqual(form.response_policy_id, self.policy)
            self.assertEqual(len(form.response_assignment_ids), 1)

    def test_to_answer(self):
        """Overdue ones first, then those whose time runs out first; what is answered
        is gone."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "lead_broadcast.crm_lead_action_to_answer"
        )
        late = self._enter(self.meera)
        self._pass(hours=24 * 7)
        second, answered = self._enter(), self._enter()
        answered.with_user(self.asha).action_mark_contacted()
        leads = self.env["crm.lead"].search(
            [*ast.literal_eval(action["domain"]), ("response_policy_id", "!=", False)],
            order="response_state desc, response_deadline, id",
        )
        self.assertEqual(leads, late | second)
        self.assertEqual(leads.mapped("response_state"), ["overdue", "new"])

    def test_time_of_a_partner(self):
        """The partner's page says until when, and since when it is too late."""
        self._create_policy(
            "Partners",
            {"name": "Attention", "action": "alert", "clock": "always"},
            domain="[('allocated_partner_id', '!=', False)]",
            sequence=1,
        )
        lead = self._enter()
        lead.with_user(self.asha)._allocate(self.saket)
        offer = lead.allocated_offer_id
        details = offer._get_customer_details()
        self.assertEqual(
            details["answer_date"], fields.Datetime.now() + timedelta(hours=8)
        )
        self.assertFalse(details["is_answer_overdue"])
        self._pass(hours=9)
        self.assertTrue(offer._get_customer_details()["is_answer_overdue"])
        lead._mark_contacted(self.saket)
        self.assertFalse(offer._get_customer_details()["answer_date"])

    def test_figures_of_a_partner(self):
        """Three leads: in time, late, and not at all."""
        self._create_policy(
            "Partners",
            {"name": "Attention", "action": "alert", "clock": "always"},
            domain="[('allocated_partner_id', '!=', False)]",
            sequence=1,
        )
        start = fields.Datetime.now()
        leads = self._enter() | self._enter() | self._enter()
        for lead in leads:
            lead.with_user(self.asha)._allocate(self.saket)
        self._pass(hours=2)
        leads[0]._mark_contacted(self.saket)
        self._pass(hours=8)
        leads[1]._mark_contacted(self.saket)
        end = fields.Datetime.now() + timedelta(seconds=1)
        figures = self.saket._get_broadcast_figures(start, end)[self.saket]
        self.assertAlmostEqual(figures.response_rate, 1 / 3)
        self.assertAlmostEqual(figures.response_hours, 6)
        figures = self.saket._get_broadcast_figures(end, end)[self.saket]
        self.assertIsNone(figures.response_rate)


@tagged("post_install", "-at_install")
class TestClockUnfrozen(BroadcastCase, HttpCase):
    """What needs the time to go on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["lead.response.policy"].create(
            {
                "name": "Around the clock",
                "level_ids": [
                    Command.create(
                        {"name": "Back-up", "clock": "always", "action": "backup"}
                    ),
                    Command.create(
                        {
                            "name": "Management",
                            "clock": "always",
                            "action": "management",
                            "repeat": True,
                        }
                    ),
                ],
            }
        )

    def test_answer(self):
        """From what is to be answered to the answer, and to who had the lead."""
        lead = self._create_lead(name="Wrong figures", user_id=self.user.id)
        self.start_tour("/odoo/to-answer", "lead_broadcast_clock", login="executive")
        self.assertEqual(lead.response_state, "open")
        self.assertTrue(lead.contacted_date)

    def test_demo_takes_its_time(self):
        """What the demo data plays is late where it was, and escalates by itself."""
        demo = self.env["lead.broadcast.demo"]
        lead = self._create_lead(user_id=self.user.id).sudo()
        demo._play_wait(lead.id, 30)
        demo._run_clocks()
        first, second = lead.response_assignment_ids
        self.assertEqual(first.user_id, self.user)
        self.assertNotEqual(second.user_id, self.user)
        self.assertEqual((second.previous_id, second.level), (first, 3))
        now = fields.Datetime.now()
        for moment, hours in (
            (first.start_date, 30),
            (first.overdue_date, 22),
            (first.end_date, 22),
            (second.start_date, 22),
            (second.overdue_date, 14),
            (second.level_start_date, 6),
            (lead.response_deadline, -2),
        ):
            self.assertAlmostEqual(
                moment, now - timedelta(hours=hours), delta=timedelta(minutes=5)
            )
