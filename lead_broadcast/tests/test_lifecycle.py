from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import ForeignKeyViolation, SerializationFailure

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext, mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..models.lead_broadcast import LeadBroadcast
from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestExpiry(BroadcastCase, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("lead_broadcast.ir_cron_expire_broadcasts")

    def _run_cron(self):
        with self.enter_registry_test_mode():
            return self.cron.method_direct_trigger()

    def test_alarm_at_the_very_moment(self):
        with self.capture_triggers(self.cron.id) as capture:
            broadcast = self._broadcast()
        self.assertEqual(capture.records.call_at, broadcast.valid_until)

    def test_expire(self):
        broadcast = self._broadcast()
        self._get_offer(self.saket)._decline("mail", self.saket, self.other_reason)
        self._end_validity(broadcast)
        self.assertIs(self._run_cron(), True)
        self.assertEqual(broadcast.state, "expired")
        self.assertEqual(
            broadcast.offer_ids.mapped("state"), ["expired", "declined", "expired"]
        )
        self.assertEqual(self.lead.broadcast_state, "exhausted")
        self.assertStory("1 declined, 2 did not answer")

    def test_not_yet(self):
        broadcast = self._broadcast()
        self.assertIs(self._run_cron(), True)
        self.assertEqual(broadcast.state, "open")

    def test_twice_changes_nothing_more(self):
        broadcast = self._broadcast()
        self._end_validity(broadcast)
        self._run_cron()
        ended = broadcast.end_date
        messages = len(self.lead.message_ids)
        self._run_cron()
        self.assertEqual(broadcast.end_date, ended)
        self.assertEqual(len(self.lead.message_ids), messages)

    def test_salesperson_is_told(self):
        broadcast = self._broadcast()
        self._end_validity(broadcast)
        self._run_cron()
        self.assertEqual(self._notices("exhausted").recipient_id, self.user.partner_id)

    def _fail_on_first(self, error):
        """Patch ``_expire`` to fail on this test's lead only."""
        bad = self.lead
        expire = LeadBroadcast._expire

        def _expire(broadcasts):
            if broadcasts.lead_id == bad:
                raise error
            return expire(broadcasts)

        return patch.object(LeadBroadcast, "_expire", _expire)

    def test_bad_record_does_not_stop_the_rest(self):
        bad = self._broadcast()
        good = self._broadcast(self._create_lead())
        self._end_validity(bad)
        self._end_validity(good)
        logger = "odoo.addons.lead_broadcast.models.lead_broadcast"
        with (
            self._fail_on_first(ValueError("a bad record")),
            self.assertLogs(logger, "ERROR") as logs,
        ):
            self.assertIs(self._run_cron(), True)
        self.assertIn("a bad record", logs.output[0])
        self.assertEqual(good.state, "expired")
        self.assertEqual(bad.state, "open")

    def test_answered_at_this_very_moment(self):
        """A round that somebody is winning right now is no error."""
        answered = self._broadcast()
        good = self._broadcast(self._create_lead())
        self._end_validity(answered)
        self._end_validity(good)
        with (
            self._fail_on_first(SerializationFailure()),
            self.capture_triggers(self.cron.id) as capture,
        ):
            self.assertIs(self._run_cron(), True)
        self.assertEqual(good.state, "expired")
        self.assertGreater(
            capture.records.call_at, fields.Datetime.now(), "met again soon"
        )

    def test_alarm_follows_an_earlier_closure_date(self):
        self._broadcast(validity_hours=100)
        with self.capture_triggers(self.cron.id) as capture:
            self.lead.with_user(self.user).closure_date = fields.Date.context_today(
                self.lead.with_user(self.user)
            )
        self.assertEqual(
            capture.records.call_at, self.lead.sudo().broadcast_ids.valid_until
        )

    def test_older_round_ends_last(self):
        """Stopping a newer round does not hide that nobody took the lead."""
        older = self._broadcast()
        self._broadcast().with_user(self.user).action_stop()
        self._end_validity(older)
        self._run_cron()
        self.assertEqual(self.lead.broadcast_state, "exhausted")


@tagged("post_install", "-at_install")
class TestLeadLifecycle(BroadcastCase):
    def test_archive_stops_the_search(self):
        broadcast = self._broadcast()
        self.lead.with_user(self.user).action_archive()
        self.assertEqual(broadcast.state, "cancelled")
        self.assertEqual(set(broadcast.offer_ids.mapped("state")), {"withdrawn"})

    def test_lost_stops_the_search(self):
        broadcast = self._broadcast()
        self.lead.with_user(self.user).action_set_lost()
        self.assertEqual(broadcast.state, "cancelled")

    def test_won_stops_the_search(self):
        broadcast = self._broadcast()
        self.lead.with_user(self.user).action_set_won()
        self.assertEqual(broadcast.state, "cancelled")

    def test_plain_salesman_may_close_a_lead(self):
        """Closing a lead needs no right to its rounds."""
        self.lead.user_id = self.salesman
        broadcast = self._broadcast_as_supervisor()
        self.lead.with_user(self.salesman).action_set_lost()
        self.assertEqual(broadcast.state, "cancelled")

    def _broadcast_as_supervisor(self):
        lead = self.lead.with_user(self.supervisor)
        return lead._broadcast({lead: self._find()}).sudo()

    def test_delete_refused_while_offered(self):
        self._broadcast()
        with self.assertRaisesRegex(UserError, "Stop the broadcast"):
            self.lead.with_user(self.administrator).unlink()
        self.assertTrue(self.lead.exists())

    def test_delete_refused_while_allocated(self):
        self.lead.with_user(self.user)._allocate(self.saket)
        with self.assertRaisesRegex(UserError, "take the lead back"):
            self.lead.with_user(self.administrator).unlink()
        self.assertTrue(self.lead.exists())

    def test_service_in_use_stays(self):
        with (
            self.assertRaises(ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.service.with_user(self.administrator).unlink()

    def test_service_stays_while_offered(self):
        self._broadcast()
        other = self.service.copy({"name": "Another"})
        with self.assertRaisesRegex(UserError, "Stop the broadcast first"):
            self.lead.with_user(self.user).service_id = other
        self.lead.with_user(self.user).action_stop_broadcast()
        self.lead.with_user(self.user).service_id = other
        self.assertEqual(self.lead.service_id, other)

    def test_delete_after_stop(self):
        broadcast = self._broadcast()
        self.lead.with_user(self.user).action_stop_broadcast()
        self.lead.with_user(self.administrator).unlink()
        self.assertFalse(broadcast.exists())

    def test_merge_keeps_running_offers(self):
        other = self._create_lead(name="The same again")
        broadcast = self._broadcast(other)
        head = (self.lead + other).with_user(self.supervisor).merge_opportunity()
        self.assertEqual(broadcast.lead_id, head)
        self.assertEqual(broadcast.offer_ids.lead_id, head)
        self.assertEqual(head.broadcast_state, "searching")
        offer = broadcast.offer_ids[0]
        self.assertEqual(offer._accept("mail", offer.partner_id), "accepted")
        self.assertEqual(head.allocated_partner_id, offer.partner_id)

    def test_merge_keeps_the_winner(self):
        """Whoever has one of the leads keeps it; who was asked for the others is
        told that it is taken."""
        other = self._create_lead(name="The same again")
        running = self._broadcast(self.lead)
        other.with_user(self.user)._allocate(self.gurugram)
        head = (self.lead + other).with_user(self.supervisor).merge_opportunity()
        self.assertEqual(head.allocated_partner_id, self.gurugram)
        self.assertEqual(head.broadcast_state, "allocated")
        self.assertTrue(head.allocated_date)
        self.assertEqual(set(running.offer_ids.mapped("state")), {"lost"})
        self.assertEqual(running.state, "cancelled")
        self.assertEqual(head.sudo().broadcast_count, 2)

    def test_merge_refused_with_two_winners(self):
        other = self._create_lead(name="The same again")
        self.lead.with_user(self.user)._allocate(self.saket)
        other.with_user(self.user)._allocate(self.gurugram)
        with self.assertRaisesRegex(UserError, "several partners"):
            (self.lead + other).with_user(self.supervisor).merge_opportunity()
        self.assertTrue((self.lead + other).exists() == self.lead + other)


@tagged("post_install", "-at_install")
class TestAllocation(BroadcastCase):
    def test_by_hand(self):
        self.lead.with_user(self.user)._allocate(self.gurugram)
        self.assertEqual(self.lead.allocated_partner_id, self.gurugram)
        self.assertEqual(self.lead.allocated_offer_id.answer_channel, "staff")
        self.assertEqual(self.lead.sudo().broadcast_ids.audience, "hand")
        self.assertTrue(self._notices("won"))
        self.assertFalse(self._notices("offered"))

    def test_by_hand_ends_the_race(self):
        """A running offer of the same partner is used; the others lose."""
        broadcast = self._broadcast()
        offer = self._get_offer(self.saket)
        self.lead.with_user(self.user)._allocate(self.saket)
        self.assertEqual(self.lead.allocated_offer_id, offer)
        self.assertEqual(broadcast.state, "won")
        self.assertEqual(self._get_offer(self.green_park).state, "lost")

    def test_by_hand_after_the_offer_ended(self):
        broadcast = self._broadcast()
        self._end_validity(broadcast)
        self.lead.with_user(self.user)._allocate(self.saket)
        self.assertEqual(self.lead.allocated_partner_id, self.saket)
        self.assertEqual(self._get_offer(self.green_park).state, "lost")

    def test_by_hand_to_service_partners_only(self):
        with self.assertRaisesRegex(UserError, "not a service partner"):
            self.lead.with_user(self.user)._allocate(self.customer)
        self.assertFalse(self.lead.allocated_partner_id)

    def test_wizard_warns(self):
        self._broadcast()
        self._get_offer(self.saket)._decline("mail", self.saket, self.price_reason)
        self.saket.broadcast_capacity = 1
        self._create_lead().with_user(self.user)._allocate(self.saket)
        wizard = (
            self.env["lead.broadcast.allocate"]
            .with_user(self.user)
            .create({"lead_ids": self.lead.ids, "partner_id": self.saket.id})
        )
        self.assertIn("declined this lead: The price", wizard.warning)
        self.assertIn("has no capacity left", wizard.warning)
        wizard.action_allocate()
        self.assertEqual(self.lead.allocated_partner_id, self.saket)

    def test_take_back(self):
        self._broadcast()
        offer = self._get_offer(self.green_park)
        offer._accept("mail", self.green_park)
        person = self.portal_user.partner_id
        self.lead._post_partner_message("On my way", person)
        self.lead.message_subscribe(person.ids)
        self.lead.with_user(self.user).action_release()
        self.assertFalse(self.lead.allocated_partner_id)
        self.assertEqual(offer.state, "withdrawn")
        self.assertFalse((self.green_park | person) & self.lead.message_partner_ids)
        self.assertEqual(self._notices("withdrawn").offer_id, offer)
        self.assertStory("Taken back from Green Park Services.")
        self._broadcast()
        self.assertEqual(self.lead.broadcast_state, "searching")

    def test_progress(self):
        self.lead.with_user(self.user)._allocate(self.saket)
        by = self.other_portal_user.partner_id
        self.lead._mark_contacted(by)
        contacted = self.lead.contacted_date
        self.assertTrue(contacted)
        self.lead._mark_contacted(by)
        self.assertEqual(
            len(
                self.lead.message_ids.filtered(
                    lambda message: "Customer contacted." in message.body
                )
            ),
            1,
        )
        self.lead._mark_completed(by)
        self.assertEqual(self.lead.closure_state, "done")
        self.assertEqual(self.lead.message_ids[0].author_id, by)

    def test_conversation(self):
        """The partner reads comments since it has the lead, and no notes."""
        self.lead.message_post(body="before", subtype_xmlid="mail.mt_comment")
        self.lead.message_ids.date = fields.Datetime.now() - timedelta(hours=1)
        self.lead.with_user(self.user)._allocate(self.saket)
        self.lead.message_post(body="a note", subtype_xmlid="mail.mt_note")
        self.lead.message_post(
            body="hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        by = self.other_portal_user.partner_id
        self.lead._post_partner_message("on <my> way", by)
        messages = self.lead._get_partner_messages()
        self.assertEqual(
            messages.mapped(lambda message: html2plaintext(message.body)),
            ["hello", "on <my> way"],
        )
        self.assertEqual(messages[1].author_id, by)


@tagged("post_install", "-at_install")
class TestPartnerLifecycle(BroadcastCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.lajpat_nagar)

    def test_archived(self):
        self.lajpat_nagar.active = False
        self.assertEqual(self.offer.state, "withdrawn")
        self.assertEqual(self.broadcast.state, "open")
        self.assertEqual(self.offer._accept("mail", self.lajpat_nagar), "withdrawn")

    def test_no_service_partner_any_more(self):
        self.lajpat_nagar.is_service_partner = False
        self.assertEqual(self.offer.state, "withdrawn")

    def test_all_archived(self):
        """When nobody is left to answer, the round is over."""
        self.portal_user.active = self.other_portal_user.active = False
        self.broadcast.offer_ids.partner_id.active = False
        self.assertEqual(self.broadcast.state, "expired")

    def test_merged(self):
        """The offer goes to the partner that stays."""
        self._merge(self.lajpat_nagar, self.dwarka)
        self.assertEqual(self.offer.partner_id, self.dwarka)
        self.assertEqual(self.offer._accept("mail", self.dwarka), "accepted")
        self.assertEqual(self.lead.allocated_partner_id, self.dwarka)

    def test_merged_in_one_round(self):
        """Both were asked: the answer that says most stays, whichever merges."""
        self.offer._accept("mail", self.lajpat_nagar)
        self._merge(self.lajpat_nagar, self.saket)
        kept = self.broadcast.offer_ids.filtered(
            lambda offer: offer.partner_id == self.saket
        )
        self.assertEqual(kept, self.offer)
        self.assertEqual(kept.state, "accepted")
        self.assertEqual(self.lead.allocated_partner_id, self.saket)

    def _merge(self, source, destination):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | destination).ids, destination, extra_checks=False
        )
        self.env.invalidate_all()
