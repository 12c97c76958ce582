from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestUrgency(BroadcastCase):
    """The nearer the closure date, the sooner partners answer and the more of them
    are asked; by rules that are data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Urgency = cls.env["lead.broadcast.urgency"]
        cls.three_days = cls.env.ref("lead_broadcast.urgency_three_days")
        cls.one_day = cls.env.ref("lead_broadcast.urgency_one_day")
        cls.user_lead = cls.lead.with_user(cls.user)

    def _close_in(self, days, lead=None):
        """Let a lead be due in so many days, counted where its team is."""
        today = fields.Date.context_today(self.lead.with_context(tz=self.user.tz))
        (lead or self.lead).closure_date = today + timedelta(days=days)

    def _get_figures(self, hours=8, size=5):
        return (
            self.user_lead._get_urgent_hours(hours),
            self.user_lead._get_urgent_size(size),
        )

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def test_the_nearer_the_tighter(self):
        for days, figures in ((4, (8, 5)), (2, (4, 8)), (0, (2, 10))):
            with self.subTest(days=days):
                self._close_in(days)
                self.assertEqual(self._get_figures(), figures)

    def test_rule_is_shown(self):
        for days, rule in ((4, self.Urgency), (2, self.three_days), (0, self.one_day)):
            self._close_in(days)
            self.assertEqual(self.user_lead.urgency_id, rule)

    def test_without_closure_date(self):
        self.lead.closure_date = False
        self.assertEqual(self._get_figures(), (8, 5))

    def test_never_below_15_minutes(self):
        self._close_in(0)
        self.assertEqual(self._get_figures(hours=0.5), (0.25, 10))
        # whoever wants less gets it
        self.assertEqual(self._get_figures(hours=0.1), (0.1, 10))

    def test_everybody_stays_everybody(self):
        self._close_in(0)
        self.assertEqual(self._get_figures(size=0), (2, 0))

    def test_at_least_one_partner(self):
        self.one_day.wave_percent = 1
        self._close_in(0)
        self.assertEqual(self._get_figures(), (2, 1))

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def test_offers_follow_it(self):
        now = fields.Datetime.now()
        self._close_in(2)
        until = self.user_lead._get_valid_until(now)
        self.assertEqual(until, now + timedelta(hours=2))
        # what a person chose is kept, but never past the closure date
        until = self.user_lead._get_valid_until(now, 3)
        self.assertEqual(until, now + timedelta(hours=3))
        until = self.user_lead._get_valid_until(now, 1000)
        self.assertEqual(until, self.lead._get_closure_end())

    def test_wizard_follows_it(self):
        self._close_in(2)
        action = self.user_lead.action_broadcast()
        wizard = Form(
            self.env["lead.broadcast.wizard"]
            .with_user(self.user)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.urgency_id, self.three_days)
        self.assertEqual(wizard.validity_hours, 2)
        self.assertEqual(wizard.wave_size, 5)
        self.assertEqual(wizard.selected_count, 5)

    def test_costs_no_query_per_lead(self):
        leads = self._create_leads(20).with_user(self.user)
        counts = [
            self._count_queries(
                lambda few=few: [lead._get_urgent_hours(8) for lead in few]
            )
            for few in (leads[:2], leads[:2], leads)
        ]
        self.assertGreater(counts[1], 0)
        self.assertLessEqual(counts[2], counts[1])

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_change_of_rules(self):
        rules = self.Urgency.with_user(self.administrator)
        self._close_in(2)
        self.assertEqual(self._get_figures(), (4, 8))
        rules.browse(self.three_days.id).validity_percent = 75
        self.assertEqual(self._get_figures(), (6, 8))
        rules.browse(self.three_days.id).active = False
        self.assertEqual(self._get_figures(), (8, 5))
        week = rules.create(
            {
                "name": "Within a week",
                "hours_left": 168,
                "validity_percent": 50,
                "wave_percent": 100,
            }
        )
        self.assertEqual(self._get_figures(), (4, 5))
        week.unlink()
        self.assertEqual(self._get_figures(), (8, 5))

    @mute_logger("odoo.sql_db")
    def test_figures_are_checked(self):
        for values in (
            {"hours_left": 0},
            {"validity_percent": 0},
            {"validity_percent": 101},
            {"wave_percent": 0},
        ):
            with self.subTest(**values), self.assertRaises(CheckViolation):
                self.one_day.write(values)
                self.env.flush_all()
        with self.assertRaises(UniqueViolation):
            self.one_day.hours_left = self.three_days.hours_left
            self.env.flush_all()

    def test_access(self):
        rule = self.one_day
        self.assertTrue(rule.with_user(self.user).has_access("read"))
        self.assertTrue(rule.with_user(self.administrator).has_access("write"))
        for user in (self.user, self.supervisor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                rule.with_user(user).validity_percent = 100
        self.assertFalse(rule.with_user(self.portal_user).has_access("read"))
