import re

from lxml import html

from odoo.tests import tagged

from .alert_common import NEW_NUMBER
from .portal_alert_common import PortalAlertCase

# written in Latin letters in any language: names of people and companies
NAMES = "Arjun|Mira|Nikhil|Ravi of Green Park|Green Park Services|Lajpat Nagar Services"
# words that are sent as they are
WORDS = "SMS|STOP|START"
LETTERS = {"ru_RU": "[а-яё]{3}", "hi_IN": "[\u0900-\u0963]{3}"}


@tagged("post_install", "-at_install")
class TestPortalAlertLanguages(PortalAlertCase):
    """Nothing on the page *Alerts* is left in English.

    Told by the letters: a Latin word on a Russian or a Hindi page is a name, or it is
    not translated.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LETTERS:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["lead_broadcast"], list(LETTERS)
        )
        cls.company.name = "№ 1"

    def _login_in(self, user, lang):
        """Log in, and choose a language from the menu on the page."""
        self._login(user)
        self.opener.cookies["frontend_lang"] = lang

    def _read(self, response):
        """Return what one sees and hears on the page, on one line."""
        [page] = html.fromstring(response.text).find_class("o_lead_alerts")
        texts = [page.text_content(), *page.xpath(".//@aria-label")]
        return " ".join(" ".join(texts).split())

    def _check(self, response, lang):
        text = self._read(response)
        self.assertRegex(text, LETTERS[lang])
        rest = re.sub(f"{NAMES}|\\b({WORDS})\\b", "", text)
        self.assertFalse(re.findall("[A-Za-z]+", rest), text)

    def _check_page(self, user):
        for lang in LETTERS:
            self._login_in(user, lang)
            self._check(self._open(), lang)

    def test_owner(self):
        self._check_page(self.owner_user)
        self.owner.broadcast_alert_authorized = False
        self._check_page(self.owner_user)

    def test_manager(self):
        self._check_page(self.manager_user)

    def test_newcomer(self):
        """Each state of one's own, from no number at all to STOP."""
        self._check_page(self.newcomer_user)
        self.newcomer._request_alert_number(NEW_NUMBER)
        self._check_page(self.newcomer_user)
        self._give_alerts(self.newcomer, NEW_NUMBER)
        self._check_page(self.newcomer_user)
        self.newcomer._request_alert_number("+919810000010")
        self._check_page(self.newcomer_user)
        self.newcomer._cancel_alert_number()
        self.newcomer.broadcast_alert_subscribed = False
        self._check_page(self.newcomer_user)
        self.newcomer.broadcast_alert_subscribed = True
        self.newcomer._opt_out_of_alerts()
        self._check_page(self.newcomer_user)

    def test_company_without_number(self):
        self.company.broadcast_sms_number = False
        self._check_page(self.owner_user)
        self.owner._opt_out_of_alerts()
        self._check_page(self.owner_user)

    def test_nobody_to_ask(self):
        contact = self._create_person("Imran", self.lajpat_nagar)
        self._check_page(self._create_user(contact, "imran"))

    def test_refusals(self):
        owner_id = self.owner.id
        for user, path, form in [
            (self.newcomer_user, "number", {"number": ""}),
            (self.newcomer_user, "number", {"number": "12"}),
            (self.newcomer_user, "confirm", {"code": "1"}),
            (self.newcomer_user, f"{owner_id}/right", {"granted": "0"}),
            (self.newcomer_user, f"{owner_id}/role", {"role": "owner"}),
            (self.newcomer_user, f"{self.rival.id}/right", {"granted": "0"}),
            (self.owner_user, f"{owner_id}/role", {"role": "king"}),
            (self.owner_user, f"{owner_id}/role", {"role": "manager"}),
            (
                self.owner_user,
                "number",
                {"number": self.owner.broadcast_alert_number},
            ),
        ]:
            for lang in LETTERS:
                self._login_in(user, lang)
                response = self._post(path, **form)
                self.assertGreaterEqual(response.status_code, 400)
                self._check(response, lang)
