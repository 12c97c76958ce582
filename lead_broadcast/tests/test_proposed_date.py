from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestProposedDate(BroadcastCase):
    """The days on which partners would be free, and what becomes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.context_today(cls.lead.with_context(tz=cls.user.tz))
        cls.yesterday = today - timedelta(days=1)
        cls.day = today + timedelta(days=12)
        cls.broadcast = cls._broadcast()

    def _decline(self, partner, *days, reason=None):
        self._get_offer(partner)._decline(
            "portal", partner, reason or self.date_reason, dates=days
        )

    def _use(self, day=None, user=None):
        dates = self.lead.with_user(user or self.user).proposed_date_ids
        dates.filtered(lambda line: line.date == (day or self.day))[:1].action_use()
        return self.lead.broadcast_ids.sorted("id")[-1]

    def assertNobody(self, reason=""):
        """Assert that the day cannot be used, and why."""
        message = f"Nobody who would be free .*{reason}"
        with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
            self._use()

    def test_dates_are_kept(self):
        """On the lead, and as far as they are still to come on the partner."""
        self._decline(self.green_park, self.day)
        self._decline(self.saket, self.yesterday, self.day)
        lead = self.lead.with_user(self.user)
        self.assertRecordValues(
            lead.proposed_date_ids,
            [
                {"partner_id": self.saket.id, "date": self.yesterday, "is_past": True},
                {"partner_id": self.green_park.id, "date": self.day, "is_past": False},
                {"partner_id": self.saket.id, "date": self.day, "is_past": False},
            ],
        )
        saket = self.saket.with_user(self.user)
        self.assertEqual(saket.broadcast_free_date_ids.mapped("date"), [self.day])
        self.assertEqual(saket.broadcast_free_date_ids.lead_id, lead)

    def test_use(self):
        """The day becomes that of the lead; whoever is free then is asked, nobody
        else any more."""
        self._decline(self.green_park, self.day, self.day + timedelta(days=1))
        self._decline(self.saket, self.day)
        since = self.lead.searching_since
        new = self._use()
        self.assertEqual(self.lead.closure_date, self.day)
        self.assertEqual(new.audience, "date")
        self.assertEqual(new.offer_ids.partner_id, self.green_park | self.saket)
        self.assertEqual(self.broadcast.state, "cancelled")
        self.assertEqual(
            self._notices("offered").offer_id.filtered(
                lambda offer: offer.broadcast_id == new
            ),
            new.offer_ids,
        )
        self.assertEqual(self._get_offer(self.lajpat_nagar).state, "withdrawn")
        self.assertEqual(self.lead.broadcast_state, "searching")
        self.assertEqual(self.lead.searching_since, since)
        self.assertStory("Round 2: offered to")
        offer = new.offer_ids.filtered(lambda o: o.partner_id == self.saket)
        self.assertEqual(offer._accept("portal", self.saket), "accepted")
        self.assertEqual(self.lead.allocated_partner_id, self.saket)

    def test_search_begins_anew(self):
        """What was stopped long ago is not overdue when it begins again."""
        for partner in self.broadcast.offer_ids.partner_id:
            self._decline(partner, self.day)
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        long_ago = fields.Datetime.now() - timedelta(days=10)
        self.lead.searching_since = long_ago
        self.lead.with_user(self.user).action_stop_broadcast()
        self._use()
        self.assertGreater(self.lead.searching_since, long_ago)

    def test_work_dates(self):
        """The work begins on that day, and takes as long as before."""
        self.lead.write(
            {
                "work_date_from": self.day - timedelta(days=8),
                "work_date_to": self.day - timedelta(days=6),
            }
        )
        self._decline(self.green_park, self.day)
        self._use()
        end = self.day + timedelta(days=2)
        self.assertEqual(self.lead.work_date_from, self.day)
        self.assertEqual(self.lead.work_date_to, end)
        self.assertEqual(self.lead.closure_date, end)

    def test_past(self):
        self._decline(self.green_park, self.yesterday)
        with self.assertRaisesRegex(UserError, "has passed"):
            self._use(self.yesterday)
        self.assertEqual(self.broadcast.state, "open")

    def test_nobody_left(self):
        """Partners that are paused, left or were asked again since are not asked."""
        self._decline(self.green_park, self.day)
        closure_date = self.lead.closure_date
        for values, undo, reason in [
            (
                {"broadcast_paused_until": self.day},
                {"broadcast_paused_until": False},
                "Green Park Services: Paused until",
            ),
            (
                {"broadcast_silenced_date": fields.Datetime.now()},
                {"broadcast_silenced_date": False},
                "Green Park Services: ",
            ),
            ({"is_service_partner": False}, {"is_service_partner": True}, ""),
            ({"active": False}, {"active": True}, ""),
        ]:
            with self.subTest(values=values):
                self.green_park.write(values)
                self.assertNobody(reason)
                self.green_park.write(undo)
        self.assertEqual(self.lead.closure_date, closure_date)

    def test_same_day(self):
        """The day may be the one the lead has: whoever named it is asked; also who has
        no capacity today."""
        self._decline(self.green_park, self.lead.closure_date)
        self._create_lead().with_user(self.user)._allocate(self.green_park)
        self.green_park.broadcast_capacity = 1
        new = self._use(self.lead.closure_date)
        self.assertEqual(self.broadcast.state, "open", "about the same date")
        self.assertEqual(new.offer_ids.partner_id, self.green_park)
        line = new.candidate_ids
        self.assertEqual(line.partner_id, self.green_park)
        self.assertIn("free on", line.why)

    def test_ladder_goes_on(self):
        """A ladder waits for the answers of those who are free, then goes on."""
        self._decline(self.green_park, self.day)
        self.broadcast._cancel()
        self.lead.with_user(self.user)._start_ladder()
        self.assertEqual(self.lead.ladder_state, "running")
        step = self.lead.next_step_id
        new = self._use()
        self.assertEqual(self.lead.next_action_at, new.valid_until)
        self.assertEqual(self.lead.ladder_state, "running")
        new.offer_ids._decline("portal", self.green_park, self.other_reason)
        self.assertEqual(new.state, "expired")
        self.assertLessEqual(self.lead.next_action_at, fields.Datetime.now())
        self.assertEqual(self.lead.next_step_id, step)

    def test_declined_again(self):
        """A later answer takes back what was proposed before."""
        self._decline(self.green_park, self.day)
        self._use()
        self._decline(self.green_park, reason=self.other_reason)
        self.assertNobody()

    def test_still_answering(self):
        """Whoever can still answer for that day is not asked twice, but may be for
        another one."""
        next_day = self.day + timedelta(days=1)
        self._decline(self.green_park, self.day, next_day)
        first = self._use()
        self.assertNobody("Can still answer an earlier offer")
        second = self._use(next_day)
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(second.offer_ids.partner_id, self.green_park)

    def test_allocated(self):
        self._decline(self.green_park, self.day)
        self._get_offer(self.saket)._accept("portal", self.saket)
        with self.assertRaisesRegex(UserError, "Take it back first"):
            self._use()

    def test_rights(self):
        self._decline(self.green_park, self.day)
        with self.assertRaises(AccessError):
            self.lead.proposed_date_ids.with_user(self.other_user).action_use()
        with self.assertRaises(AccessError):
            self.lead.proposed_date_ids.with_user(self.portal_user).action_use()
        self.assertEqual(self.broadcast.state, "open")
