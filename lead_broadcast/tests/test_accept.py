from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestAccept(BroadcastCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)
        cls.other_offer = cls._get_offer(cls.saket)

    def _accept(self, offer, user=None, **kwargs):
        """Accept as a portal user of the partner does, through the controller."""
        user = user or self.portal_user
        return offer.with_user(user)._accept("portal", user.partner_id, **kwargs)

    def test_win(self):
        self.assertEqual(self._accept(self.offer), "accepted")
        self.assertRecordValues(
            self.offer,
            [
                {
                    "state": "accepted",
                    "answer_channel": "portal",
                    "answered_by_id": self.portal_user.partner_id.id,
                    "is_won": 1,
                }
            ],
        )
        self.assertRecordValues(
            self.lead,
            [
                {
                    "allocated_offer_id": self.offer.id,
                    "allocated_partner_id": self.green_park.id,
                    "broadcast_state": "allocated",
                }
            ],
        )
        self.assertTrue(self.lead.allocated_date)
        self.assertEqual(self.broadcast.state, "won")
        self.assertTrue(self.broadcast.end_date)
        self.assertStory("Allocated to Green Park Services (Portal).")

    def test_winner_joins_the_conversation(self):
        self._accept(self.offer)
        follower = self.lead.message_follower_ids.filtered(
            lambda follower: follower.partner_id == self.green_park
        )
        self.assertEqual(follower.subtype_ids, self.env.ref("mail.mt_comment"))

    def test_losers_are_told(self):
        self._accept(self.offer)
        losers = self.broadcast.offer_ids - self.offer
        self.assertEqual(losers.mapped("state"), ["lost", "lost"])
        told = self._notices("taken").filtered(lambda n: n.channel == "mail")
        self.assertEqual(told.offer_id, losers)

    def test_second_is_late(self):
        self._accept(self.offer)
        outcome = self._accept(self.other_offer, self.other_portal_user)
        self.assertEqual(outcome, "taken")
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertEqual(self.other_offer.state, "lost")

    def test_given_to_somebody_who_was_not_asked(self):
        """Whoever was asked hears that it is taken, not that it was withdrawn."""
        self.lead.with_user(self.user)._allocate(self.gurugram)
        self.assertEqual(self.broadcast.state, "cancelled")
        self.assertEqual(self._accept(self.offer), "taken")

    def test_twice_is_harmless(self):
        self._accept(self.offer)
        notices = self.env["lead.broadcast.notice"].search_count([])
        messages = len(self.lead.message_ids)
        self.assertEqual(self._accept(self.offer), "already_yours")
        self.assertEqual(self.env["lead.broadcast.notice"].search_count([]), notices)
        self.assertEqual(len(self.lead.message_ids), messages)

    def test_after_validity(self):
        """What counts is the clock, not whether the cron has run."""
        self._end_validity(self.broadcast)
        self.assertEqual(self.offer.state, "open")
        self.assertEqual(self._accept(self.offer), "expired")
        self.assertFalse(self.lead.allocated_offer_id)

    def test_very_end_of_validity(self):
        end = self.offer.valid_until
        self.assertEqual(self._accept(self.offer, received_at=end), "expired")
        before = end - timedelta(seconds=1)
        self.assertEqual(self._accept(self.offer, received_at=before), "accepted")

    def test_received_in_time_processed_late(self):
        """An answer that came in before the end counts, even if handled later."""
        received = self.offer.valid_until - timedelta(hours=3)
        self.broadcast.valid_until = received + timedelta(seconds=1)
        self.broadcast._expire()
        self.assertEqual(self.offer.state, "expired")
        outcome = self._accept(self.offer, received_at=received)
        self.assertEqual(outcome, "accepted")
        self.assertEqual(self.broadcast.state, "won")

    def test_after_change_of_mind(self):
        self.offer._decline("portal", self.green_park, self.other_reason)
        self.assertEqual(self._accept(self.offer), "accepted")

    def test_after_stop(self):
        self.lead.with_user(self.user).action_stop_broadcast()
        self.assertEqual(self.offer.state, "withdrawn")
        self.assertEqual(self._accept(self.offer), "withdrawn")

    def test_lost_lead(self):
        self.lead.with_user(self.user).action_set_lost()
        self.assertEqual(self._accept(self.offer), "withdrawn")

    def test_winner_of_an_earlier_round(self):
        """An earlier round that still runs may win; later rounds lose."""
        second = self._broadcast()
        self.assertEqual(self._accept(self.offer), "accepted")
        self.assertEqual(second.state, "cancelled")
        self.assertEqual(set(second.offer_ids.mapped("state")), {"lost"})

    def test_database_guards_one_winner(self):
        self._accept(self.offer)
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.other_offer.state = "accepted"
            self.other_offer.flush_recordset()

    def test_claim_only_once(self):
        self.assertTrue(self.lead._claim(self.offer))
        self.assertFalse(self.lead._claim(self.other_offer))
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)

    def test_operator_accepts(self):
        self.offer.with_user(self.user).action_operator_accept()
        self.assertEqual(self.offer.answer_channel, "operator")
        self.assertEqual(self.offer.answered_by_id, self.user.partner_id)

    def test_operator_is_told_too_late(self):
        self._accept(self.offer)
        with self.assertRaisesRegex(UserError, "has been taken"):
            self.other_offer.with_user(self.user).action_operator_accept()

    def test_operator_needs_the_lead(self):
        with self.assertRaises(AccessError):
            self.offer.with_user(self.other_user).action_operator_accept()
        self.assertEqual(self.offer.state, "open")

    def test_salesperson_is_told(self):
        self._accept(self.offer)
        notice = self._notices("allocated")
        self.assertEqual(notice.recipient_id, self.user.partner_id)

    def test_archived_partner(self):
        """A partner that declined and was archived cannot change its mind."""
        self.offer._decline("portal", self.green_park, self.other_reason)
        self.portal_user.active = False
        self.green_park.active = False
        self.assertEqual(self._accept(self.offer), "withdrawn")
        self.assertFalse(self.lead.allocated_offer_id)

    def test_winner_asked_in_two_rounds(self):
        """After a merge the winner is not told that it lost its other offer."""
        other = self._create_lead(name="The same again")
        self._broadcast(other)
        head = (self.lead + other).with_user(self.supervisor).merge_opportunity()
        offers = head.sudo().offer_ids.filtered(
            lambda offer: offer.partner_id == self.green_park
        )
        self.assertEqual(self._accept(offers[0]), "accepted")
        self.assertEqual(offers[1].state, "withdrawn")
        told = self._notices("taken", head).offer_id.partner_id
        self.assertEqual(told, self.saket + self.lajpat_nagar)

    def test_reason_in_use_stays(self):
        self.offer._decline("portal", self.green_park, self.other_reason)
        with (
            self.assertRaises(psycopg2.errors.ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.other_reason.with_user(self.administrator).unlink()


@tagged("post_install", "-at_install")
class TestDecline(BroadcastCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)

    def _decline(self, offer, reason=None, **kwargs):
        user = self.portal_user
        return offer.with_user(user)._decline(
            "portal", user.partner_id, reason or self.other_reason, **kwargs
        )

    def test_date(self):
        days = [fields.Date.today() + timedelta(days=9), fields.Date.today()]
        outcome = self._decline(self.offer, self.date_reason, dates=days + days)
        self.assertEqual(outcome, "declined")
        self.assertEqual(self.offer.proposed_date_ids.mapped("date"), sorted(days))
        self.assertStory("Green Park Services declined: Not free in time")

    def test_price(self):
        self._decline(self.offer, self.price_reason, price=120.5, note="Far away")
        self.assertEqual(self.offer.proposed_price, 120.5)
        self.assertEqual(self.offer.decline_note, "Far away")
        self.assertIn("120.50", self.offer.answer_summary)

    def test_twice_is_harmless(self):
        self._decline(self.offer, note="once")
        messages = len(self.lead.message_ids)
        self.assertEqual(self._decline(self.offer, note="once"), "declined")
        self.assertEqual(len(self.lead.message_ids), messages)

    def test_another_reason(self):
        """The page lets partners change what they said."""
        days = [fields.Date.today() + timedelta(days=9)]
        self._decline(self.offer, self.price_reason, price=120.5, note="Too little")
        self._decline(self.offer, self.date_reason, dates=days)
        self.assertEqual(self.offer.decline_reason_id, self.date_reason)
        self.assertFalse(self.offer.proposed_price)
        self.assertFalse(self.offer.decline_note)
        self._decline(self.offer)
        self.assertFalse(self.offer.proposed_date_ids)
        self.assertEqual(self.broadcast.declined_offer_count, 1)
        # what was said last, not the lead's story full of it
        told = self.lead.message_ids.filtered(lambda line: "declined:" in line.body)
        self.assertEqual(len(told), 1)
        self.assertIn("Something else", told.body)

    def test_others_go_on(self):
        self._decline(self.offer)
        self.assertEqual(self.broadcast.state, "open")
        self.assertEqual(self.broadcast.declined_offer_count, 1)
        self.assertEqual(self.lead.broadcast_state, "searching")

    def test_last_one_ends_the_round(self):
        for offer in self.broadcast.offer_ids:
            self._decline(offer)
        self.assertEqual(self.broadcast.state, "expired")
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        self.assertTrue(self._notices("exhausted"))
        self.assertStory("3 declined, 0 did not answer")

    def test_too_late(self):
        self._end_validity(self.broadcast)
        self.assertEqual(self._decline(self.offer), "expired")
        self.assertEqual(self.offer.state, "open")

    def test_not_after_winning(self):
        self.offer._accept("portal", self.green_park)
        self.assertEqual(self._decline(self.offer), "already_yours")
        self.assertEqual(self.offer.state, "accepted")

    def test_operator(self):
        wizard = (
            self.env["lead.broadcast.decline"]
            .with_user(self.user)
            .create(
                {
                    "offer_id": self.offer.id,
                    "reason_id": self.date_reason.id,
                    "date_1": "2031-01-02",
                    "price": 5,
                }
            )
        )
        wizard.action_decline()
        self.assertEqual(self.offer.state, "declined")
        self.assertEqual(self.offer.answer_channel, "operator")
        self.assertEqual(str(self.offer.proposed_date_ids.date), "2031-01-02")
        self.assertFalse(self.offer.proposed_price, "asked only when it is the price")

    def test_operator_needs_the_lead(self):
        wizard = (
            self.env["lead.broadcast.decline"]
            .with_user(self.other_user)
            .create({"offer_id": self.offer.id, "reason_id": self.other_reason.id})
        )
        with self.assertRaises(AccessError):
            wizard.action_decline()
        self.assertEqual(self.offer.state, "open")
