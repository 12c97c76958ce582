from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..tools import is_request_code, measure_sms
from .sms_common import SMS_NUMBER, SmsCase


@tagged("post_install", "-at_install")
class TestSmsOffer(SmsCase):
    """What an offer says in an SMS, and to whom."""

    def _preview(self, lang="en_US", **values):
        self.lead.write(values)
        return self.lead.with_user(self.user)._preview_offer_sms(lang)

    def test_codes_are_unique(self):
        codes = self._broadcast().offer_ids.mapped("request_code")
        self.assertEqual(len(set(codes)), 3)
        self.assertTrue(all(is_request_code(code) for code in codes))

    def test_code_is_new_in_each_round(self):
        self._broadcast()._cancel()
        self.lead._allocate(self.green_park)
        offers = self.lead.sudo().offer_ids.filtered(
            lambda offer: offer.partner_id == self.green_park
        )
        self.assertEqual(len(set(offers.mapped("request_code"))), 2)

    def test_code_is_not_for_the_portal(self):
        self._broadcast()
        offer = self._get_offer(self.green_park).with_user(self.portal_user)
        self.assertNotIn("request_code", offer.fields_get())
        self.assertNotIn("sms_number", offer.fields_get())

    def test_each_person_that_gets_alerts(self):
        self._broadcast()
        self._deliver()
        code = self._get_offer(self.green_park).request_code
        text = (
            "You have a new service opportunity on Data Rectification in Hauz Khas,"
            f" New Delhi ({code}). To accept this offer, forward this message to"
            f" {SMS_NUMBER}."
        )
        self.assertEqual(self._sent_to(self.owner), [text])
        self.assertEqual(self._sent_to(self.executive), [text])
        self.assertEqual(len(self._sent_to(self.rival)), 1)
        self.assertEqual(len(self.gateway.sent), 3)

    def test_nobody_without_right_or_wish(self):
        self.owner.broadcast_alert_authorized = False
        self.executive.broadcast_alert_subscribed = False
        self.rival._opt_out_of_alerts()
        self._broadcast()
        self._deliver()
        self.assertFalse(self.gateway.sent)

    def test_right_withdrawn_before_sending(self):
        self._broadcast()
        self.owner.broadcast_alert_authorized = False
        self._deliver()
        self.assertFalse(self._sent_to(self.owner))
        notice = self._get_sms_notice(self.owner)
        self.assertEqual(notice.state, "skipped")
        self.assertTrue(notice.note)
        self.assertTrue(self._sent_to(self.executive))

    def test_no_number_to_forward_to(self):
        self.company.broadcast_sms_number = False
        self._broadcast()
        self.assertNotIn("sms", self.lead.sudo().offer_ids.notice_ids.mapped("channel"))

    def test_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        template = self.env.ref("lead_broadcast.sms_template_offered")
        template.with_context(lang="ru_RU").body = (
            "Новый заказ: {{ object.sms_service }}, {{ object.sms_place }}"
            " ({{ object.request_code }}). Перешлите на {{ object.sms_number }}."
        )
        self.executive.lang = "ru_RU"
        self._broadcast()
        self._deliver()
        self.assertIn("Новый заказ: Data", self._sent_to(self.executive)[0])
        self.assertIn("You have a new", self._sent_to(self.owner)[0])

    def test_preview_is_exact(self):
        preview = self._preview()
        self._broadcast()
        self._deliver()
        [sent] = self._sent_to(self.owner)
        self.assertEqual(measure_sms(sent), measure_sms(preview))
        self.assertEqual(len(sent), len(preview))

    def test_long_parts_are_shortened(self):
        text = self._preview(service_place="Khasra " * 60)
        self.assertEqual(measure_sms(text).segments, 2)
        self.assertIn("Data Rectification", text, "the longer part first")
        self.assertIn("(AA99AA99AA99AA99AA99AA99AA). To accept", text)
        self.assertGreater(measure_sms(text).units, 290, "no shorter than needed")

    def test_both_long_parts_are_shortened(self):
        self.service.name = "Rectification " * 30
        text = self._preview(service_place="Khasra " * 60)
        self.assertEqual(measure_sms(text).segments, 2)
        self.assertIn("on Rectification Rect", text)
        self.assertIn("in Khasra Khasra", text)

    def test_short_foreign_letters_stay(self):
        """Letters that cost nothing are not changed."""
        text = self._preview(service_place="Hauz Khàs €")
        self.assertIn("in Hauz Khàs €", text)

    def test_foreign_letters_in_a_plain_text(self):
        text = self._preview(service_place="Тверская набережная, дом 12, " * 3)
        self.assertEqual(measure_sms(text).encoding, "GSM-7")
        self.assertLessEqual(measure_sms(text).segments, 2)
        self.assertIn("in Tverskaya naberezhnaya", text)

    def test_text_that_is_not_plain(self):
        """In a language of other letters nothing is written in plain ones."""
        self.env["res.lang"]._activate_lang("ru_RU")
        template = self.env.ref("lead_broadcast.sms_template_offered")
        template.with_context(lang="ru_RU").body = (
            "Новый заказ: {{ object.sms_service }}, {{ object.sms_place }}"
            " ({{ object.request_code }}). Перешлите на {{ object.sms_number }}."
        )
        text = self._preview("ru_RU", service_place="Тверская набережная, " * 9)
        self.assertIn(", Тверская набережная", text)
        self.assertEqual(measure_sms(text).encoding, "UCS-2")
        self.assertEqual(measure_sms(text).segments, 2)

    def test_double_characters_are_counted(self):
        text = self._preview(service_place="{[€]}" * 60)
        self.assertEqual(measure_sms(text).segments, 2)

    def test_edited_template_may_be_longer(self):
        template = self.env.ref("lead_broadcast.sms_template_offered")
        template.body = "x" * 400 + "{{ object.sms_place }} {{ object.request_code }}"
        text = self._preview()
        self.assertIn("Hauz Khas, New Delhi", text)
        self.assertEqual(measure_sms(text).segments, 3)

    def test_administrator_edits_the_text(self):
        template = self.env.ref("lead_broadcast.sms_template_offered")
        with self.assertRaises(AccessError):
            template.with_user(self.supervisor).body = "Hello"
        template.with_user(
            self.administrator
        ).body = "New: {{ object.sms_place }} {{ object.request_code }}"
        self._broadcast()
        self._deliver()
        code = self._get_offer(self.green_park).request_code
        self.assertEqual(
            self._sent_to(self.owner), [f"New: Hauz Khas, New Delhi {code}"]
        )

    def test_preview_writes_nothing(self):
        offers = self.env["lead.broadcast.offer"].search_count([])
        self._preview()
        self.env.flush_all()
        self.assertEqual(self.env["lead.broadcast.offer"].search_count([]), offers)

    def test_deleted_text(self):
        rules = self.env["lead.broadcast.notification.rule"]
        rules.search(
            [("event", "=", "offered"), ("channel", "=", "sms")]
        ).template_ref = False
        self.env.ref("lead_broadcast.sms_template_offered").unlink()
        self.assertEqual(self._preview(), "")
        self._broadcast()
        self._deliver()
        self.assertFalse(self.gateway.sent)
        self.assertEqual(self._get_sms_notice(self.owner).state, "skipped")

    def test_lead_without_place(self):
        text = self._preview(service_place=False)
        self.assertIn("Data Rectification in your area (", text)
