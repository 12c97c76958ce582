from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.lead_broadcast_offer_answer import LeadBroadcastOffer
from ..tools import generate_request_code
from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestInboundSms(SmsCase):
    """What comes of a message, and what is replied."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)
        cls.rival_offer = cls._get_offer(cls.saket)
        cls._deliver()
        cls.text = cls.gateway.sent[0][2].replace(
            cls.gateway.sent[0][2].split("(")[1][:26], cls.offer.request_code
        )

    def assertResult(self, message, result, reply=None):
        """Assert what came of a message, and that its reply has a certain text; None
        for no reply."""
        self.assertEqual(message.result, result)
        self.assertTrue(message.processed_at)
        self.gateway.sent.clear()
        self._send_queue()
        texts = [text for _company, _number, text in self.gateway.sent]
        if reply is None:
            self.assertFalse(message.reply_body)
            self.assertEqual(texts, [])
        else:
            self.assertIn(reply, message.reply_body)
            self.assertEqual(texts, [message.reply_body])
            self.assertEqual(message.reply_state, "pending")

    def test_accepted(self):
        message = self._receive(f"Fwd: {self.text}")
        self.assertResult(message, "accepted", "is now yours. Complete by")
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertEqual(message.offer_id, self.offer)
        self.assertRecordValues(
            self.offer,
            [
                {
                    "state": "accepted",
                    "answer_channel": "sms",
                    "answered_by_id": self.owner.id,
                }
            ],
        )
        self.assertStory("(SMS)")

    def test_dirty_text(self):
        code = self.offer.request_code
        dirty = f"FWD:\n> {code[:10].lower()}\n> {code[10:16]}- {code[16:]}] ok"
        self.assertResult(self._receive(dirty), "accepted", "is now yours")

    def test_forwarded_by_a_colleague(self):
        """Whoever of the partner is authorised may accept, not only who was asked."""
        self.executive.broadcast_alert_subscribed = False
        message = self._receive(self.text, self.executive)
        self.assertResult(message, "accepted", "is now yours")
        self.assertEqual(self.offer.answered_by_id, self.executive)

    def test_already_yours(self):
        self._receive(self.text)
        self._send_queue()
        message = self._receive(self.text, self.executive)
        self.assertResult(message, "already_yours", "is already yours")

    def test_taken(self):
        self.rival_offer._accept("portal", self.rival)
        message = self._receive(self.text)
        self.assertResult(message, "taken", "has been taken. You will get the next")
        self.assertNotIn("Saket", message.reply_body)

    def test_expired(self):
        self._end_validity(self.broadcast)
        self.assertResult(self._receive(self.text), "expired", "is over")
        self.assertFalse(self.lead.allocated_offer_id)

    def test_received_in_time_and_processed_late(self):
        self._end_validity(self.broadcast)
        self.broadcast._expire()
        received_at = self.broadcast.valid_until - timedelta(seconds=1)
        message = self._receive(self.text, received_at=received_at)
        self.assertResult(message, "accepted", "is now yours")

    def test_received_at_the_very_end(self):
        message = self._receive(self.text, received_at=self.broadcast.valid_until)
        self.assertEqual(message.result, "accepted", "the future is now at most")
        self.assertLess(message.received_at, self.broadcast.valid_until)

    def test_withdrawn(self):
        self.broadcast._cancel()
        self._deliver()
        self.assertResult(self._receive(self.text), "withdrawn", "been withdrawn")

    def test_unknown_code(self):
        message = self._receive(generate_request_code())
        self.assertResult(message, "unknown_code", "do not know this code")

    def test_foreign_code(self):
        message = self._receive(self.rival_offer.request_code)
        self.assertResult(message, "foreign_code", "not sent to your company")
        self.assertEqual(self.rival_offer.state, "open")
        self.assertFalse(message.offer_id)

    def test_typo(self):
        code = self.offer.request_code
        wrong = ("3" if code[2] == "2" else "2").join([code[:2], code[3:]])
        self.assertResult(self._receive(wrong), "typo", "has a typing error")

    def test_several_codes(self):
        message = self._receive(f"{self.text} {self.rival_offer.request_code}")
        self.assertResult(message, "several_codes", "one offer at a time")
        self.assertEqual(self.offer.state, "open")

    def test_no_code(self):
        self.assertResult(self._receive("Call me"), "no_code", "no code")

    def test_not_authorized(self):
        self.owner.broadcast_alert_authorized = False
        message = self._receive(self.text)
        self.assertResult(
            message, "not_authorized", "ask the owner of Green Park Services"
        )
        self.assertEqual(self.offer.state, "open")

    def test_unknown_sender(self):
        message = self._receive(self.text, sender="+919899999999")
        self.assertResult(message, "unknown_sender")
        self.assertEqual(self.offer.state, "open")
        self.assertEqual(message.number, "+919899999999")

    def test_sender_without_a_number(self):
        for sender in ("", None, "MyBank", "+", "12345", "9" * 500, "\x00"):
            message = self._receive(self.text, sender=sender)
            self.assertResult(message, "unknown_sender")

    def test_how_gateways_write_numbers(self):
        for sender in ("+919810000001", "919810000001", "09810000001", "98100 00001"):
            message = self._receive("Hello", sender=sender)
            self.assertEqual(message.number, "+919810000001")
            self.assertEqual(message.contact_id, self.owner)

    def test_one_number_at_two_partners(self):
        """The code says for whom of them its owner answers."""
        twin = self.rival.copy({"parent_id": self.saket.id})
        self._give_alerts(twin, self.owner.broadcast_alert_number)
        message = self._receive(self.rival_offer.request_code)
        self.assertResult(message, "accepted", "is now yours")
        self.assertEqual(self.rival_offer.answered_by_id, twin)

    def test_number_of_two_people(self):
        """One works for two partners, and may accept for one of them."""
        self.rival.write(
            {
                "broadcast_alert_number": self.owner.broadcast_alert_number,
                "broadcast_alert_authorized": False,
            }
        )
        offer = self._get_offer(self.saket)
        self.assertEqual(self._receive(offer.request_code).result, "foreign_code")
        self.assertEqual(offer.state, "open")
        self.assertEqual(self._receive(self.text).result, "accepted")

    def test_handled_once(self):
        first = self._receive(self.text, provider_ref="X1")
        again = self._receive(self.text, provider_ref="X1")
        self.assertEqual(first, again)
        self.assertResult(first, "accepted", "is now yours")

    def test_same_reference_at_another_company(self):
        first = self._receive("Hello", provider_ref="X1")
        other = self._create_company()
        again = self._receive("Hello", provider_ref="X1", company=other)
        self.assertNotEqual(first, again)

    def test_long_references_differ_at_their_end(self):
        first = self._receive("Hello", provider_ref="X" * 100 + "1")
        again = self._receive("Hello", provider_ref="X" * 100 + "2")
        self.assertNotEqual(first, again)

    def test_hostile_text(self):
        for body in ("\x00\x01", "\ud800", "x" * 100_000, "AA99" * 5000, "", None):
            self.assertIn(self._receive(body).result, ("no_code", "typo"))

    def test_stop_and_start(self):
        message = self._receive(" Stop. ")
        self.assertResult(message, "opted_out")
        self.assertTrue(self.owner.broadcast_alert_blacklisted)
        self.assertResult(self._receive("START"), "opted_in")
        self.assertFalse(self.owner.broadcast_alert_blacklisted)
        people = self.green_park._get_alert_contacts()[self.green_park]
        self.assertIn(self.owner, people)

    def test_stop_as_phones_write_it(self):
        for word in ("“STOP”", "STOP\u00a0", "stop all", "Opt-out", "🛑 Stop!"):
            with self.subTest(word=word):
                self.assertResult(self._receive(word), "opted_out")
        self.assertResult(self._receive("Stop 42"), "no_code")

    def test_words_of_operators_accept_nothing(self):
        for word in ("YES", "Help", "INFO!"):
            self.assertResult(self._receive(word), "carrier_word")
        self.assertEqual(self.offer.state, "open")

    def test_stop_of_a_stranger(self):
        message = self._receive("STOP", sender="+919899999999")
        self.assertResult(message, "unknown_sender")
        self.assertFalse(self.env["phone.blacklist"].search_count([]))

    def test_who_wrote_stop_may_answer_but_hears_nothing(self):
        self._receive("STOP")
        message = self._receive(self.text)
        self.assertResult(message, "accepted")

    def test_reply_in_the_language_of_the_sender(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("lead_broadcast.sms_template_reply_no_code")
        template.with_context(lang="es_ES").body = "No hay código."
        self.owner.lang = "es_ES"
        self.assertResult(self._receive("Hola"), "no_code", "No hay código.")

    def test_deleted_reply(self):
        self.env.ref("lead_broadcast.sms_template_reply_no_code").unlink()
        self.assertResult(self._receive("Hello"), "no_code")

    def test_error_loses_nothing(self):
        with (
            patch.object(LeadBroadcastOffer, "_accept", side_effect=ValueError("bug")),
            mute_logger("odoo.addons.lead_broadcast.models.lead_broadcast_inbound_sms"),
        ):
            message = self._receive(self.text)
        self.assertEqual(message.result, "pending")
        self.assertFalse(message.processed_at)
        with freeze_time(self.broadcast.valid_until + timedelta(minutes=5)):
            self._run_cron()
        self.assertEqual(message.result, "accepted")

    def test_error_again(self):
        other = self._receive(self.text)
        other.result = "pending"
        with (
            patch.object(LeadBroadcastOffer, "_accept", side_effect=ValueError("bug")),
            mute_logger("odoo.addons.lead_broadcast.models.lead_broadcast_inbound_sms"),
        ):
            self._run_cron()
        self.assertEqual(other.result, "failed")
        other.with_user(self.supervisor).action_process_again()
        self.assertEqual(other.result, "already_yours")

    def _run_cron(self):
        cron = self.env.ref("lead_broadcast.ir_cron_process_inbound_sms")
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)

    def test_strangers_are_forgotten(self):
        old = self._receive("Hello", sender="+919899999999")
        known = self._receive("Hello")
        (old + known).received_at = fields.Datetime.now() - timedelta(days=100)
        self.Inbound._gc_strangers()
        self.assertFalse(old.exists())
        self.assertTrue(known.exists())

    def test_access(self):
        message = self._receive("Hello")
        other = self._receive("Hello", company=self._create_company())
        log = self.Inbound.with_user(self.supervisor)
        self.assertEqual(log.search([]), message.with_user(self.supervisor))
        self.assertNotIn(other.id, log.search([]).ids)
        for user in (self.user, self.portal_user, self.salesman):
            self.assertFalse(self.Inbound.with_user(user).has_access("read"))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(
                self.Inbound.with_user(self.administrator).has_access(operation)
            )
        clerk = new_test_user(self.env, login="clerk", groups="base.group_user")
        self.assertFalse(self.Inbound.with_user(clerk).has_access("read"))
