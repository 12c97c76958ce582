from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestDemo(BroadcastCase):
    """What the demo data plays happened in the past, and nobody is mailed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls.env["lead.broadcast.demo"]
        cls.customer.user_id = cls.user

    def assertNobodyIsTold(self, leads):
        notices = self.env["lead.broadcast.notice"].search(
            [("lead_id", "in", leads.ids)]
        )
        self.assertTrue(notices)
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        yesterday = fields.Datetime.now() - timedelta(days=1, hours=1)
        old = notices.filtered(lambda notice: notice.sent_date < yesterday)
        self.assertTrue(all(old.mapped("read_date")))
        self.assertFalse(notices.mail_id)
        self.assertTrue(all(leads.message_ids.notification_ids.mapped("is_read")))

    def test_round_that_was_won(self):
        self.demo._play_round(
            self.lead.id,
            48,
            [
                (1, "decline", self.saket.id, {"reason": "date", "days": [3]}),
                (2, "accept", self.green_park.id, {}),
                (10, "contact", self.green_park.id, {}),
                (30, "complete", self.green_park.id, {}),
            ],
        )
        start = fields.Datetime.now() - timedelta(hours=48)
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertEqual(
            self._get_offer(self.saket).decline_reason_id, self.date_reason
        )
        self.assertEqual(self._get_offer(self.lajpat_nagar).state, "lost")
        for moment, hours in (
            (self.lead.searching_since, 0),
            (self.lead.broadcast_ids.start_date, 0),
            (self.lead.broadcast_ids.valid_until, 4),
            (self._get_offer(self.saket).answer_date, 1),
            (self.lead.allocated_date, 2),
            (self.lead.broadcast_ids.end_date, 2),
            (self.lead.contacted_date, 10),
            (self.lead.completion_date, 30),
        ):
            self.assertAlmostEqual(
                moment, start + timedelta(hours=hours), delta=timedelta(minutes=1)
            )
        self.assertAlmostEqual(
            self._get_offer(self.green_park).answer_hours, 2, places=1
        )
        latest = max(self.lead.message_ids.mapped("date"))
        self.assertLess(latest, start + timedelta(hours=31))
        self.assertNobodyIsTold(self.lead)

    def test_round_that_is_over(self):
        self.demo._play_round(self.lead.id, 5)
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        self.assertEqual(
            self.lead.broadcast_ids.end_date, self.lead.broadcast_ids.valid_until
        )
        self.assertNobodyIsTold(self.lead)

    def test_round_that_is_open(self):
        self.demo._play_round(self.lead.id, 5, [(1, "see", self.saket.id, {})], 24)
        self.assertEqual(self.lead.broadcast_state, "searching")
        self.assertTrue(self._get_offer(self.saket).viewed_date)
        self.assertGreater(
            self.lead.broadcast_ids.valid_until,
            fields.Datetime.now() + timedelta(hours=18),
        )
        self.assertNobodyIsTold(self.lead)

    def test_given_by_hand(self):
        self.demo._play_allocation(self.lead.id, 8, self.dwarka.id)
        self.assertEqual(self.lead.allocated_partner_id, self.dwarka)
        self.assertLess(
            self.lead.allocated_date, fields.Datetime.now() - timedelta(hours=7)
        )
        self.assertNobodyIsTold(self.lead)

    def test_past(self):
        self.demo._play_past(self.customer.ids, self.service.ids)
        leads = self.env["crm.lead"].with_context(active_test=False)
        leads = leads.search([("partner_id", "=", self.customer.id)]) - self.lead
        states = leads.mapped("broadcast_state")
        for state in ("allocated", "exhausted"):
            self.assertGreater(states.count(state), 5)
        self.assertFalse(states.count("searching"))
        self.assertLess(max(leads.offer_ids.mapped("sent_date")), fields.Datetime.now())
        self.assertNobodyIsTold(leads)
