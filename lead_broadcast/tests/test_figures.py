from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .silence_common import SilenceCase

START = datetime(2026, 5, 1)
END = datetime(2026, 6, 1)


@tagged("post_install", "-at_install")
class TestFigures(SilenceCase):
    """What a partner makes of what it is offered, in numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.broadcast_silence_limit = 0
        cls.started = START

    def _get_figures(self, partners=None, start=START, end=END):
        figures = (partners or self.partner)._get_broadcast_figures(start, end)
        return figures if partners else figures[self.partner]

    def _complete(self, day, closure_day, score=None):
        """Let the partner have completed a lead in May."""
        lead = self._create_lead().sudo()
        lead.with_user(self.user)._allocate(self.partner)
        lead._mark_completed(self.partner)
        lead.write(
            {
                "closure_date": f"2026-05-{closure_day:02}",
                "completion_date": datetime(2026, 5, day, 19),  # the next day in India
                "feedback_score": score,
            }
        )
        self._get_offer(self.partner, lead).sent_date = END
        return lead

    def test_nothing(self):
        figures = self._get_figures()
        self.assertEqual(figures.offers, 0)
        for rate in ("answer_rate", "answer_hours", "on_time_rate", "feedback"):
            self.assertIsNone(getattr(figures, rate))

    def test_offers(self):
        date, price, *others = self._offer(6)
        for broadcast, reason, hours in (
            (date, self.date_reason, 1),
            (price, self.price_reason, 2),
            (others[0], self.price_reason, 30),
        ):
            offer = self._get_own(broadcast)
            offer._decline("mail", self.partner, reason)
            offer.answer_date = offer.sent_date + timedelta(hours=hours)
        won = self._get_own(others[1])
        won._accept("portal", self.partner)
        won.answer_date = won.sent_date + timedelta(hours=3)
        self._expire(others[2])
        figures = self._get_figures()
        self.assertEqual(
            (figures.offers, figures.won, figures.declined, figures.silent),
            (6, 1, 3, 1),
        )
        self.assertEqual(figures.declines, {self.date_reason: 1, self.price_reason: 2})
        self.assertEqual(figures.answer_rate, 4 / 5)
        self.assertEqual(figures.answer_hours, 2.5)
        self.assertEqual(self._get_figures(end=START + timedelta(hours=2)).offers, 1)
        self.assertEqual(self._get_figures(start=END, end=END).offers, 0)

    def test_given_by_staff_is_no_answer(self):
        lead = self._create_lead()
        lead.with_user(self.user)._allocate(self.partner)
        self._get_offer(self.partner, lead).sent_date = START
        figures = self._get_figures()
        self.assertEqual((figures.offers, figures.won, figures.answered), (1, 1, 0))
        self.assertIsNone(figures.answer_hours)

    def test_leads(self):
        """On time is by the partner's calendar: 19:00 is the next day there."""
        self._complete(10, 11, "5")
        self._complete(10, 10, "2")
        self._complete(20, 30)
        late = self._complete(25, 25)
        late.completion_date = False  # due, and not done
        upcoming = self._complete(25, 25)
        upcoming.write({"completion_date": False, "closure_date": END})
        lost = self._complete(25, 25)
        lost.completion_date = False
        lost.action_set_lost()
        figures = self._get_figures()
        self.assertEqual((figures.due, figures.on_time), (4, 2))
        self.assertEqual(figures.feedback, 3.5)

    def test_form(self):
        """Of all leads, also those of others: it is about the partner."""
        now = fields.Datetime.now()
        self.started = now - timedelta(days=3)
        broadcasts = self._offer(2)
        broadcasts.lead_id.user_id = self.other_user
        self._answer(broadcasts[0])
        self._expire(broadcasts[1])
        lead = self._complete(10, 11)
        done = now - timedelta(hours=1)
        lead.write(
            {"completion_date": done, "closure_date": now, "feedback_score": "4"}
        )
        with Form(self.partner.with_user(self.user)) as form:
            self.assertEqual(form.broadcast_declines, "1: Something else 1")
            self.assertEqual(form.broadcast_silent_count, 1)
            self.assertEqual(form.broadcast_answer_rate, "50 % (1 of 2)")
            self.assertEqual(form.broadcast_feedback, "4.0 of 5 (leads: 1)")

    def test_query_count(self):
        few, many = self.partners[:1], self.partners
        self._offer(3)
        self._get_figures(many)
        queries_few = self._count_queries(lambda: self._get_figures(few))
        queries_many = self._count_queries(lambda: self._get_figures(many))
        self.assertLessEqual(queries_many, queries_few)

    # ------------------------------------------------------------
    # FEEDBACK
    # ------------------------------------------------------------

    def test_feedback_is_about_work_done(self):
        with self.assertRaisesRegex(ValidationError, "when the work is done"):
            self.lead.with_user(self.user).feedback_score = "5"
        lead = self._complete(10, 11)
        lead.with_user(self.user).feedback_score = "5"
        self.assertEqual(lead.feedback_score, "5")
        lead.with_user(self.user).feedback_score = "0"
        self.assertFalse(lead.feedback_score)

    def test_feedback_is_merged(self):
        """It stays with the work, into whichever lead that is merged."""
        done = self._complete(10, 11, "4")
        leads = done | self._create_lead(type="opportunity", probability=90)
        head = leads.with_user(self.supervisor).merge_opportunity().sudo()
        self.assertNotEqual(head, done)
        self.assertEqual(head.allocated_partner_id, self.partner)
        self.assertEqual(head.feedback_score, "4")

    def test_no_feedback_on_work_taken_back(self):
        lead = self._complete(10, 11, "1")
        lead._release()
        lead.completion_date = False
        self.assertFalse(lead.feedback_score)
