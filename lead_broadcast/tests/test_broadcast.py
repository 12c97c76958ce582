from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestBroadcast(BroadcastCase):
    def test_round(self):
        broadcast = self._broadcast()
        self.assertRecordValues(
            broadcast,
            [
                {
                    "state": "open",
                    "sequence": 1,
                    "audience": "nearest",
                    "offer_count": 3,
                    "open_offer_count": 3,
                    "user_id": self.user.id,
                }
            ],
        )
        self.assertEqual(self.lead.broadcast_state, "searching")
        self.assertTrue(self.lead.searching_since)
        self.assertEqual(
            broadcast.offer_ids.partner_id,
            self.green_park + self.saket + self.lajpat_nagar,
        )
        self.assertStory("Round 1: offered to Green Park Services, Saket Services")

    def test_audit_trail(self):
        """What was shown before sending stays on record."""
        broadcast = self._broadcast()
        self.gurugram.broadcast_paused_until = fields.Date.today() + timedelta(days=5)
        asked = broadcast.candidate_ids.filtered("selected")
        self.assertEqual(asked.partner_id, broadcast.offer_ids.partner_id)
        left_out = {
            line.partner_id: line.reason for line in broadcast.excluded_candidate_ids
        }
        self.assertEqual(left_out[self.gurugram], "rank")

    def test_reason_text(self):
        self.saket.broadcast_radius_km = 2
        self.gurugram.broadcast_paused_until = "2099-12-24"
        broadcast = self._broadcast()
        texts = {
            line.partner_id: line.reason_text
            for line in broadcast.excluded_candidate_ids
        }
        self.assertEqual(texts[self.saket], "3 km, works within 2 km")
        self.assertEqual(texts[self.gurugram], "Paused until 12/24/2099")

    def test_again_asks_others(self):
        first = self._broadcast()
        self._end_validity(first)
        first._expire()
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        second = self._broadcast()
        self.assertEqual(second.sequence, 2)
        self.assertFalse(first.offer_ids.partner_id & second.offer_ids.partner_id)
        self.assertEqual(self.lead.broadcast_state, "searching")

    @freeze_time("2026-11-20 10:00:00")
    def test_validity(self):
        broadcast = self._broadcast()
        self.assertEqual(broadcast.valid_until, datetime(2026, 11, 20, 14))
        self.assertEqual(broadcast.offer_ids[0].valid_until, broadcast.valid_until)

    @freeze_time("2026-11-20 10:00:00")
    def test_validity_never_past_the_closure_date(self):
        """The closure day ends in the time zone of the team: 18:30 UTC in Delhi."""
        self.lead.closure_date = "2026-11-20"
        broadcast = self._broadcast(validity_hours=48)
        self.assertEqual(broadcast.valid_until, datetime(2026, 11, 20, 18, 30))

    @freeze_time("2026-11-20 10:00:00")
    def test_validity_follows_an_earlier_closure_date(self):
        broadcast = self._broadcast(validity_hours=48)
        self.lead.with_user(self.user).closure_date = "2026-11-20"
        self.assertEqual(broadcast.valid_until, datetime(2026, 11, 20, 18, 30))
        self.assertEqual(
            broadcast.offer_ids[0].valid_until, datetime(2026, 11, 20, 18, 30)
        )

    def test_refused_without_service(self):
        self.lead.service_id = False
        with self.assertRaisesRegex(UserError, "Choose its service"):
            self.lead.with_user(self.user)._allocate(self.saket)

    def test_refused_after_closure_date(self):
        self.lead.closure_date = fields.Date.today() - timedelta(days=3)
        with self.assertRaisesRegex(UserError, "closure date has passed"):
            self.lead.with_user(self.user).action_broadcast()

    def test_refused_when_allocated(self):
        self.lead.with_user(self.user)._allocate(self.saket)
        with self.assertRaisesRegex(UserError, "belongs to Saket Services"):
            self._broadcast()

    def test_refused_when_lost(self):
        self.lead.action_set_lost()
        with self.assertRaisesRegex(UserError, "is closed"):
            self._broadcast()

    def test_refused_with_nobody(self):
        self.partners.broadcast_service_ids = False
        with self.assertRaisesRegex(UserError, "Nobody is selected"):
            self._broadcast()
        self.assertFalse(self.lead.sudo().broadcast_ids)

    def test_refused_without_the_lead(self):
        lead = self.lead.with_user(self.other_user)
        with self.assertRaises(AccessError):
            lead._broadcast({lead: self._find()})

    def test_stop(self):
        broadcast = self._broadcast()
        self.lead.with_user(self.user).action_stop_broadcast()
        self.assertEqual(broadcast.state, "cancelled")
        self.assertEqual(set(broadcast.offer_ids.mapped("state")), {"withdrawn"})
        self.assertEqual(self.lead.broadcast_state, "none")
        self.assertEqual(self._notices("withdrawn").offer_id, broadcast.offer_ids)
        self.assertStory("Round 1 was stopped.")

    def test_summary(self):
        lead = self.lead.with_user(self.salesman).sudo()
        self.assertFalse(lead.broadcast_summary)
        broadcast = self._broadcast()
        self._get_offer(self.saket)._decline("mail", self.saket, self.other_reason)
        lead.invalidate_recordset()
        self.assertEqual(
            lead.broadcast_summary, "Round 1: 2 of 3 partners can still answer"
        )
        self.assertEqual(lead.broadcast_valid_until, broadcast.valid_until)


@tagged("post_install", "-at_install")
class TestServiceLead(BroadcastCase):
    @freeze_time("2026-11-20 10:00:00")
    def test_closure_date_from_service(self):
        lead = self._create_lead()
        self.assertEqual(str(lead.closure_date), "2026-11-27")

    def test_closure_date_within_reason(self):
        for date in ("9999-12-31", "0001-01-01"):
            with self.subTest(date=date), self.assertRaises(ValidationError):
                self.lead.with_user(self.user).closure_date = date

    def test_closure_date_by_hand_stays(self):
        lead = self._create_lead(closure_date="2031-05-06")
        lead.service_id = self.service.copy({"closure_delay_days": 30})
        self.assertEqual(str(lead.closure_date), "2031-05-06")

    def test_closure_state(self):
        today = fields.Date.context_today(self.lead)
        for days, state in ((-1, "overdue"), (0, "due"), (1, "planned")):
            self.lead.closure_date = today + timedelta(days=days)
            self.assertEqual(self.lead.closure_state, state)
        self.lead.completion_date = fields.Datetime.now()
        self.assertEqual(self.lead.closure_state, "done")

    def test_place_from_address(self):
        lead = self._create_lead(service_place=False)
        lead.city = "Agra"
        self.assertIn("Agra", lead.service_place)

    def test_coordinates_of_the_customer(self):
        self.assertAlmostEqual(self.lead.service_latitude, 28.5494)
        self.lead.street = "Somewhere else"
        self.assertFalse(self.lead.is_service_located)

    def test_coordinates_of_the_company(self):
        """A contact shares its company's address, and so its place."""
        self.customer.is_company = True
        contact = self.env["res.partner"].create(
            {"name": "Ravi", "parent_id": self.customer.id, "type": "contact"}
        )
        lead = self._create_lead(partner_id=contact.id)
        self.assertAlmostEqual(lead.service_latitude, 28.5494)

    def test_customer_located_later(self):
        customer = self.customer.copy({"partner_latitude": 0, "partner_longitude": 0})
        lead = self._create_lead(partner_id=customer.id)
        self.assertFalse(lead.is_service_located)
        customer.write({"partner_latitude": 28.6, "partner_longitude": 77.2})
        self.assertAlmostEqual(lead.service_latitude, 28.6)

    def test_duplicate_starts_afresh(self):
        broadcast = self._broadcast()
        self._get_offer(self.saket)._accept("mail", self.saket)
        copy = self.lead.copy()
        self.assertEqual(copy.service_id, self.service)
        self.assertRecordValues(
            copy,
            [
                {
                    "broadcast_state": "none",
                    "allocated_partner_id": False,
                    "allocated_date": False,
                    "searching_since": False,
                    "broadcast_count": 0,
                }
            ],
        )
        self.assertEqual(self.lead.sudo().broadcast_ids, broadcast)
