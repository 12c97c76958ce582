from datetime import timedelta
from urllib.parse import quote, urlencode

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import NUMBER, SMS_NUMBER, KannelCase

HINDI = "आपके लिए नई सेवा"
NAMES = ["secret", "from", "to", "text", "charset", "coding", "smsc", "id", "time"]
hostile = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from([b"", b"%", b"\x00", b"9" * 400, b"UTF-16BE", b"zlib", b"-1"]),
)


@tagged("post_install", "-at_install")
class TestReceive(KannelCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.Inbound.search([]).unlink()

    def _get_path(self, gateway=None):
        gateway = gateway or self.gateway
        return f"/lead_broadcast_kannel/receive/{gateway.id}"

    def _receive(self, gateway=None, method="GET", data=None, **parameters):
        """Hand over a message as Kannel does; return the answer."""
        gateway = gateway or self.gateway
        parameters = {
            "secret": gateway.secret,
            "from": NUMBER,
            "to": SMS_NUMBER,
            "text": "Hello",
            "charset": "UTF-8",
            "coding": "0",
            "smsc": "FAKE",
            "id": "67784040-14c0-4c8f-8479-6de8ba6ced08",
            **parameters,
        }
        query = urlencode({name: value for name, value in parameters.items() if value})
        response = self.url_open(
            f"{self._get_path(gateway)}?{query}", data=data, method=method
        )
        self.assertFalse(response.text)
        self.assertFalse(response.cookies)
        return response.status_code

    def test_message(self):
        self.assertEqual(self._receive(), 200)
        message = self.Inbound.search([])
        self.assertRecordValues(
            message,
            [
                {
                    "provider": "kannel",
                    "provider_ref": "FAKE/67784040-14c0-4c8f-8479-6de8ba6ced08",
                    "company_id": self.company.id,
                    "sender": NUMBER,
                    "recipient": SMS_NUMBER,
                    "body": "Hello",
                    "result": "unknown_sender",
                }
            ],
        )

    def test_company(self):
        other = self._create_company()
        self._receive(self._create_gateway(self.kannel, other))
        self.assertEqual(self.Inbound.search([]).company_id, other)

    def test_charsets(self):
        for index, (text, charset, coding) in enumerate(
            (
                (HINDI.encode(), "UTF-8", "0"),
                (HINDI.encode("utf-16-be"), "UTF-16BE", "2"),
                (HINDI.encode("utf-16-be"), "8-BIT", "1"),
            )
        ):
            with self.subTest(charset=charset):
                self._receive(text=text, charset=charset, coding=coding, id=str(index))
                message = self.Inbound.search([], limit=1, order="id desc")
                self.assertEqual(message.body, HINDI)

    def test_post(self):
        """As a form, or as Kannel's post-url does: with the text for a body."""
        path = self._get_path()
        form = {"secret": self.gateway.secret, "from": NUMBER, "text": HINDI}
        self.assertEqual(self.url_open(path, data=form).status_code, 200)
        query = urlencode({name: form[name] for name in ("secret", "from")})
        response = self.url_open(
            f"{path}?{query}&charset=UTF-16BE&coding=2",
            data=HINDI.encode("utf-16-be"),
            headers={"Content-Type": 'text/plain; charset="UTF-16BE"'},
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.Inbound.search([]).mapped("body"), [HINDI, HINDI])

    def test_time(self):
        """When Kannel received it counts, within reason."""
        now = fields.Datetime.now()
        epoch = fields.Datetime.to_datetime("1970-01-01")
        for index, (age, expected) in enumerate(
            (
                (timedelta(minutes=5), timedelta(minutes=5)),
                (timedelta(days=30), timedelta(days=7)),
                (-timedelta(hours=2), timedelta()),
            )
        ):
            moment = int((now - age - epoch).total_seconds())
            self._receive(time=str(moment), id=str(index))
            message = self.Inbound.search([], limit=1, order="id desc")
            difference = now - message.received_at - expected
            self.assertLess(abs(difference), timedelta(seconds=30))

    def test_repeated(self):
        """Kannel repeats what it believes was not taken."""
        for _count in range(3):
            self.assertEqual(self._receive(), 200)
        self.assertEqual(self.Inbound.search_count([]), 1)
        self._receive(id="another")
        self._receive(smsc="ELSEWHERE")
        self.assertEqual(self.Inbound.search_count([]), 3)

    def test_strangers(self):
        """They all get the same answer, and leave nothing."""
        other = self._create_gateway(self.kannel, self._create_company())
        self.assertEqual(self._receive(secret="wrong"), 403)
        self.assertEqual(self._receive(secret=""), 403)
        self.assertEqual(self._receive(secret="пароль"), 403)
        self.assertEqual(self._receive(secret=other.secret), 403)
        for path in ("0", "999999", "9" * 50, "x", "-1", quote("١"), "%00"):
            response = self.url_open(f"/lead_broadcast_kannel/receive/{path}?secret=x")
            self.assertEqual((response.status_code, response.text), (403, ""))
        self.gateway.allowed_addresses = "10.0.0.0/8"
        self.assertEqual(self._receive(), 403)
        self.gateway.write({"active": False, "allowed_addresses": False})
        self.assertEqual(self._receive(), 403)
        self.assertFalse(self.Inbound.search([]))

    def test_methods(self):
        """Odoo lets others than those of a route pass."""
        for method in ("HEAD", "OPTIONS", "PUT", "DELETE"):
            response = self.url_open(
                f"{self._get_path()}?secret={self.gateway.secret}&from=1&text=x",
                method=method,
            )
            self.assertEqual(response.status_code, 405)
        self.assertFalse(self.Inbound.search([]))

    def test_too_long(self):
        response = self.url_open(
            self._get_path(), data={"secret": self.gateway.secret, "text": "x" * 10**6}
        )
        self.assertEqual(response.status_code, 413)

    def test_without_sender(self):
        """Such as somebody who tries the address in a browser."""
        with self.assertLogs("odoo.addons.lead_broadcast_kannel", "WARNING"):
            response = self.url_open(f"{self._get_path()}?secret={self.gateway.secret}")
        self.assertEqual((response.status_code, response.text), (200, ""))
        self.assertFalse(self.Inbound.search([]))

    @mute_logger("odoo.addons.lead_broadcast_kannel", "odoo.http")
    def test_hostile(self):
        """Whatever comes, with the secret or without, is answered and fails nothing."""
        secret = self.gateway.secret.encode()

        @settings(max_examples=100, deadline=None, derandomize=True)
        @example(True, [("from", b"+79126660000"), ("text", b"\xff")], b"")
        @given(
            st.booleans(),
            st.lists(st.tuples(st.sampled_from([*NAMES, "self", "%", ""]), hostile)),
            hostile,
        )
        def send(is_kannel, parameters, body):
            pairs = [("secret", secret)] if is_kannel else []
            query = urlencode(pairs + parameters)
            response = self.url_open(f"{self._get_path()}?{query}", data=body or None)
            self.assertEqual(response.status_code, 200 if is_kannel else 403)
            self.assertFalse(response.text)

        before = self.Inbound.search_count([])
        send()
        self.assertGreater(self.Inbound.search_count([]), before)
        harmless = ("unknown_sender", "rate_limited")
        self.assertFalse(self.Inbound.search([("result", "not in", harmless)]))
