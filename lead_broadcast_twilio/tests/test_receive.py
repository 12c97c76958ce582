from lxml import etree

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import (
    ACCOUNT,
    EXECUTIVE,
    OTHER_ACCOUNT,
    OTHER_TOKEN,
    RIVAL,
    STRANGER,
    TOKEN,
    TwilioCase,
)
from .twilio import sign


@tagged("post_install", "-at_install")
class TestReceive(TwilioCase):
    def _path(self, company=None):
        return f"/lead_broadcast_twilio/receive/{(company or self.company).id}"

    def assertRefused(self, answer):
        self.assertEqual((answer.status_code, answer.text), (404, ""))
        self.assertFalse(self._received())

    def assertTaken(self, answer):
        """Assert that Twilio is told that all is well, and to reply nothing."""
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/xml")
        response = etree.fromstring(answer.content)
        self.assertEqual((response.tag, len(response)), ("Response", 0))

    # -- what a message does --

    def test_forwarded_offer_is_accepted(self):
        """From the offer to the reply, all of it through Twilio."""
        lead = self._create_lead()
        self._broadcast(lead)
        self._run("lead_broadcast.ir_cron_send_notices")
        self._run_queue()
        texts = {message["To"]: message["Body"] for message in self.twilio.messages}
        offer = self._get_offer(self.green_park, lead)
        self.assertEqual(set(texts), {EXECUTIVE, RIVAL})
        self.assertIn(offer.request_code, texts[EXECUTIVE])
        self.twilio.messages.clear()

        self.assertTaken(self._receive(f"Fwd: {texts[EXECUTIVE]}"))
        self.assertEqual(offer.state, "accepted")
        self.assertEqual(offer.answered_by_id, self.contact)
        message = self._received()
        self.assertRecordValues(
            message,
            [
                {
                    "provider": "twilio",
                    "provider_ref": "SM" + "a" * 32,
                    "company_id": self.company.id,
                    "number": EXECUTIVE,
                    "result": "accepted",
                    "contact_id": self.contact.id,
                    "reply_state": "outgoing",
                }
            ],
        )
        self._run_queue()
        replies = [reply for reply in self.twilio.messages if reply["To"] == EXECUTIVE]
        self.assertEqual([reply["Body"] for reply in replies], [message.reply_body])
        self.assertEqual(message.reply_state, "pending")

    def test_repeated_message_is_handled_once(self):
        for _turn in range(3):
            self.assertTaken(self._receive(self.offer.request_code))
        self.assertEqual(len(self._received()), 1)
        self.assertEqual(
            self.env["sms.sms"].search_count([("number", "=", EXECUTIVE)]), 1
        )

    def test_words_that_twilio_answers(self):
        """They count whatever the text is: keywords can be in any language."""
        for number, (word, result) in enumerate(
            (("STOP", "opted_out"), ("START", "opted_in"), ("HELP", "carrier_word"))
        ):
            sid = f"SM{number:032}"
            self.assertTaken(self._receive("Слово", MessageSid=sid, OptOutType=word))
            message = self._received()[-1]
            self.assertEqual((message.result, message.reply_body), (result, False))
            self.assertEqual(
                self.contact.broadcast_alert_blacklisted, result == "opted_out"
            )
        self.assertFalse(self.env["sms.sms"].search([("number", "=", EXECUTIVE)]))

    def test_stranger_gets_nothing(self):
        self.assertTaken(self._receive(self.offer.request_code, From=STRANGER))
        self.assertEqual(self._received().result, "unknown_sender")
        self.assertEqual(self.offer.state, "open")
        self.assertFalse(self.env["sms.sms"].search([("number", "=", STRANGER)]))

    def test_empty_message(self):
        self.assertTaken(self._receive("", NumMedia="1"))
        self.assertEqual(self._received().result, "no_code")

    # -- who may call --

    def test_signature(self):
        form = self._prepare_message(self.offer.request_code)
        url = self.base_url() + self._path()
        right = sign(TOKEN, url, form.items())
        for wrong in (
            None,
            "",
            "x" * 28,
            right[:-1],
            right.lower(),
            right + "=",
            "ÿ" * 28,
            "\x80",
            sign(OTHER_TOKEN, url, form.items()),
            sign("False", url, form.items()),
            sign(TOKEN, url + "/", form.items()),
            sign(TOKEN, url, {**form, "Body": "x"}.items()),
        ):
            with self.subTest(signature=wrong):
                encoded = wrong and wrong.encode("latin-1")
                self.assertRefused(self._post_signed(self._path(), form, encoded))
        self.assertTaken(self._post_signed(self._path(), form, right))

    def test_parameters_are_signed(self):
        """Taking one away, adding one and repeating one are noticed."""
        form = self._prepare_message(self.offer.request_code)
        right = sign(TOKEN, self.base_url() + self._path(), form.items())
        for change in (
            {"Body": None},
            {"OptOutType": "STOP"},
            {"Body": [form["Body"], "STOP"]},
            {"From": RIVAL},
            {"self": "x"},
        ):
            with self.subTest(change=change):
                answer = self._post_signed(self._path(), {**form, **change}, right)
                self.assertRefused(answer)

    def test_repeated_parameters(self):
        """Twilio signs every value of a parameter, and so it is refused or taken."""
        form = {**self._prepare_message("one"), "Tag": ["b", "a", "b"]}
        pairs = [*self._prepare_message("one").items(), ("Tag", "a"), ("Tag", "b")]
        right = sign(TOKEN, self.base_url() + self._path(), pairs)
        self.assertTaken(self._post_signed(self._path(), form, right))

    def test_query_string_is_signed(self):
        form = self._prepare_message(self.offer.request_code)
        path = self._path() + "?db=one&x=%C3%A9"
        url = self.base_url()
        self.assertRefused(
            self._post_signed(path, form, sign(TOKEN, url + self._path(), form.items()))
        )
        self.assertTaken(
            self._post_signed(path, form, sign(TOKEN, url + path, form.items()))
        )

    def test_address_behind_a_proxy(self):
        """What counts is the address that Twilio was given, with its port or not."""
        form = self._prepare_message("x")
        for sid, configured, signed in (
            (1, "https://odoo.example", "https://odoo.example"),
            (2, "https://odoo.example:8443", "https://odoo.example:8443"),
            (3, "https://odoo.example:8443", "https://odoo.example"),
            (4, "https://odoo.example/", "https://odoo.example"),
        ):
            self.env["ir.config_parameter"].set_param("web.base.url", configured)
            form["MessageSid"] = f"SM{sid:032}"
            signature = sign(TOKEN, signed + self._path(), form.items())
            self.assertTaken(self._post_signed(self._path(), form, signature))
            self.assertEqual(len(self._received()), sid)
        spoofed = {
            "X-Forwarded-Host": "evil.example",
            "Host": "evil.example",
            "X-Twilio-Signature": sign(
                TOKEN, "http://evil.example" + self._path(), form.items()
            ),
        }
        form["MessageSid"] = "SMspoofed"
        answer = self.url_open(self._path(), data=form, headers=spoofed)
        self.assertEqual(answer.status_code, 404)

    def test_companies(self):
        """Each company has its account, and hears that one only."""
        code = self.offer.request_code
        other = {"company": self.other_company}
        self.assertRefused(self._receive(code, token=OTHER_TOKEN))
        self.assertRefused(self._receive(code, AccountSid=OTHER_ACCOUNT))
        self.assertRefused(
            self._receive(code, token=OTHER_TOKEN, AccountSid=OTHER_ACCOUNT)
        )
        self.assertRefused(self._receive(code, **other))
        self.assertRefused(self._receive(code, token=OTHER_TOKEN, **other))
        mixed = {**other, "token": OTHER_TOKEN, "AccountSid": ACCOUNT}
        self.assertRefused(self._receive(code, **mixed))
        right = {**other, "token": OTHER_TOKEN, "AccountSid": OTHER_ACCOUNT}
        self.assertTaken(self._receive(code, **right))
        self.assertEqual(self._received().company_id, self.other_company)
        # the same id at another account is another message
        self.assertTaken(self._receive(code))
        self.assertEqual(len(self._received()), 2)

    def test_company_without_account(self):
        for values in (
            {"sms_twilio_auth_token": False},
            {"sms_twilio_auth_token": TOKEN, "sms_twilio_account_sid": False},
        ):
            self.company.write(values)
            for token in ("", "False", TOKEN):
                for account in ("", "False", ACCOUNT):
                    answer = self._receive("x", token=token, AccountSid=account)
                    self.assertRefused(answer)

    def test_unknown_company(self):
        form = self._prepare_message("x")
        for company in ("0", "-1", "2147483648", "9" * 400, "1.0", "x", "%00", "%FF"):
            path = f"/lead_broadcast_twilio/receive/{company}"
            signature = sign(TOKEN, self.base_url() + path, form.items())
            self.assertRefused(self._post_signed(path, form, signature))

    @mute_logger("odoo.http")
    def test_methods_and_types(self):
        right = sign(TOKEN, self.base_url() + self._path(), {}.items())
        headers = {"X-Twilio-Signature": right}
        for method, status in (("GET", 405), ("PUT", 405), ("DELETE", 405)):
            answer = self.url_open(self._path(), headers=headers, method=method)
            self.assertEqual(answer.status_code, status)
        answer = self.url_open(
            self._path(), json={"AccountSid": ACCOUNT}, headers=headers
        )
        self.assertRefused(answer)
        files = {"AccountSid": ("a", ACCOUNT), "Body": ("b", b"\x00\xff")}
        answer = self.url_open(self._path(), files=files, headers=headers)
        self.assertRefused(answer)

    @mute_logger("odoo.http")
    def test_too_large(self):
        form = self._prepare_message("x" * 100_000)
        signature = sign(TOKEN, self.base_url() + self._path(), form.items())
        answer = self._post_signed(self._path(), form, signature)
        self.assertEqual(answer.status_code, 413)
        self.assertFalse(self._received())

    def test_hostile_text_of_a_known_sender(self):
        """What is signed is kept as far as it can be, and accepts nothing."""
        texts = ["\x00\x00", "\ud800", "‮" * 2000, "'; DROP TABLE", "{{ 7 * 7 }}"]
        for number, text in enumerate(texts):
            form = self._prepare_message(
                text.encode("utf-8", "replace").decode(), MessageSid=f"SM{number}"
            )
            signature = sign(TOKEN, self.base_url() + self._path(), form.items())
            self.assertTaken(self._post_signed(self._path(), form, signature))
        self.assertEqual(self._received().mapped("result"), ["no_code"] * len(texts))
        self.assertEqual(self.offer.state, "open")
