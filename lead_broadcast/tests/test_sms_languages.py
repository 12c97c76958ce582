import re

from odoo import fields
from odoo.tests import tagged

from ..tools import is_gsm, measure_sms
from .sms_common import SmsCase

LETTERS = {
    "es_ES": "[a-z]{3}",
    "ru_RU": "[а-яё]{3}",
    "hi_IN": "[\u0900-\u0963]{3}",
}
LANGUAGES = tuple(LETTERS)
ENGLISH = re.compile(
    r"\b(the|this|you|your|yours|it|is|was|has|by|for|accept|please)\b", re.I
)
# what must be the same in each language: links, codes, numbers, days
FACT = re.compile(r"https?://\S+|\+?\w*\d\w*")
MAX_SEGMENTS = 2
# useless without
WITH_LINK = ("won", "silenced", "reply_accepted", "reply_already_yours")


@tagged("post_install", "-at_install")
class TestSmsLanguages(SmsCase):
    """The texts come translated as a whole, with all that is filled in, and cost no
    more than two segments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGUAGES:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["lead_broadcast"], list(LANGUAGES)
        )
        cls.lead.closure_date = "2030-11-28"
        cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)
        cls.message = cls.Inbound.create(
            {
                "provider": "operator",
                "received_at": fields.Datetime.now(),
                "company_id": cls.company.id,
                "sender": cls.owner.broadcast_alert_number,
                "body": cls.offer.request_code,
                "contact_id": cls.owner.id,
                "offer_id": cls.offer.id,
            }
        )
        cls.offer._accept("portal", cls.owner)
        cls.notice, cls.notice_without_link = cls.env["lead.broadcast.notice"].create(
            [cls._prepare_notice(person) for person in (cls.owner, cls.customer)]
        )
        data = cls.env["ir.model.data"].search(
            [("module", "=", "lead_broadcast"), ("model", "=", "sms.template")]
        )
        cls.templates = {
            line.name.removeprefix("sms_template_"): cls.env[line.model].browse(
                line.res_id
            )
            for line in data
        }

    @classmethod
    def _prepare_notice(cls, person):
        return {
            "event": "activity_pending",
            "lead_id": cls.lead.id,
            "offer_id": cls.offer.id,
            "activity_id": cls.lead.activity_schedule(
                "mail.mail_activity_data_call", "2030-11-27", user_id=cls.user.id
            ).id,
            "recipient_id": person.id,
            "channel": "sms",
        }

    def _render(self, name, lang, notice=None):
        template = self.templates[name]
        if template.model == self.offer._name:
            return self.offer._render_sms(template, lang)[self.offer.id]
        records = {
            record._name: record
            for record in (self.message, self.owner, notice or self.notice)
        }
        record = records[template.model]
        template = template.with_context(alert_code="271828")
        return template._render_field("body", record.ids, set_lang=lang)[record.id]

    def _render_all(self):
        """Yield each text in English and in another language."""
        self.assertGreaterEqual(len(self.templates), 15)
        for name in self.templates:
            english = self._render(name, "en_US")
            for lang in LANGUAGES:
                yield english, lang, self._render(name, lang)

    def test_translated(self):
        for english, lang, text in self._render_all():
            self.assertNotEqual(text, english)
            self.assertRegex(english, ENGLISH)
            self.assertNotRegex(text, ENGLISH)
            self.assertRegex(text, LETTERS[lang])

    def test_filled_in(self):
        """The same code, number, link, day, service and place."""
        for english, _lang, text in self._render_all():
            self.assertEqual(
                sorted(FACT.findall(text)), sorted(FACT.findall(english)), text
            )
            for name in (
                self.service.name,
                self.lead.service_place,
                self.green_park.name,
                self.company.name,
            ):
                self.assertEqual(name in text, name in english, text)
            for left in ("{{", "}}", "False", "None", "  ", ".."):
                self.assertNotIn(left, text)

    def test_spanish_is_plain(self):
        """One accent that GSM-7 lacks would more than double the price."""
        for _english, lang, text in self._render_all():
            if lang == "es_ES":
                self.assertTrue(is_gsm(text), text)

    def test_size(self):
        for _english, _lang, text in self._render_all():
            if "://" not in text:
                self.assertLessEqual(measure_sms(text).segments, MAX_SEGMENTS, text)

    def test_size_without_link(self):
        """Links are as long as they are: everything else fits."""
        for name in self.templates:
            for lang in LANGUAGES:
                text = self._render(name, lang, self.notice_without_link)
                if name not in WITH_LINK:
                    self.assertNotIn("://", text)
                    self.assertLessEqual(measure_sms(text).segments, MAX_SEGMENTS, text)

    def test_offer(self):
        """The code and the number are there, and nothing usual is shortened."""
        for lang in LANGUAGES:
            text = self._render("offered", lang)
            self.assertIn(f"({self.offer.request_code})", text)
            self.assertIn(self.offer.sms_number, text)
            self.assertIn("Data Rectification", text)
            self.assertIn("Hauz Khas, New Delhi", text)
            self.assertLessEqual(measure_sms(text).segments, MAX_SEGMENTS, text)

    def test_without_place(self):
        self.lead.service_place = False
        for lang, place in [
            ("es_ES", " en su zona ("),
            ("ru_RU", ", ваш район ("),
            ("hi_IN", ", आपका क्षेत्र ("),
        ]:
            self.assertIn(place, self._render("offered", lang))

    def test_without_day(self):
        self.lead.closure_date = False
        for lang in LANGUAGES:
            text = self._render("won", lang)
            self.assertNotIn("  ", text)
            self.assertIn("://", text)
