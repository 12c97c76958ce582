"""The requests of an attack, drawn at random; the same seed gives the same ones."""

import base64
import hmac
import random
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

_METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
_TAILS = (
    *("", "0", "-1", "1.0", "1e3", "2147483648", "9" * 30, "9" * 5000, "٣", "१"),
    *("x", "None", "True", "*", "%2e%2e", "%2e%2e%2f1", "1%2f..", "1;x=y", "1,2"),
    *(
        "1%20",
        "%201",
        "1%00",
        "%00",
        "%FF%FE",
        "%F0%9F%98%80",
        "' OR 1=1--",
        "1/",
        "1//",
    ),
    *("../../web", "..%5c1", "1/2/3/4", "A" * 8000, "${7*7}", "<script>"),
)
_WORDS = (
    *(
        "",
        " ",
        "\x00",
        "\x00" * 500,
        "\r\n\r\n",
        "YES",
        "HELP",
        "( )",
        "\ufeff",
        "\u202e",
    ),
    *("'; DROP TABLE crm_lead; --", "{{ object.request_code }}", "%(code)s %s %n"),
    *("<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "${jndi:ldap://x/}"),
    *("$(id)", "\u0000\ud83d", "\U0010ffff" * 50, "a\u0301" * 500, "👨‍👩‍👧‍👦" * 40),
    *("AA99" * 2000, "A" * 50_000, "(" * 20_000, "\n" * 10_000, "AA 99-" * 5000),
)
_CHARSETS = (
    *("UTF-8", "ISO-8859-1", "UTF-16BE", "UCS-2", "windows-1252", "utf-7", "rot13"),
    *(
        "zip",
        "hex",
        "idna",
        "punycode",
        "unicode_escape",
        "undefined",
        "x" * 999,
        "\x00",
    ),
)
_NUMBERS = ("0", "1", "2", "-1", "NaN", "1e9", "9" * 400, "٣", "\x00", "", "0x10")
_CONTENT_TYPES = (
    *("application/json", "text/xml", "multipart/form-data", "", "/", "x" * 4000),
    *("multipart/form-data; boundary=", "multipart/form-data; boundary=\xff"),
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=zip",
)
_LETTERS, _DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"


@dataclass
class Request:
    """``is_trusted``: it has the right secret, and what it says may be kept."""

    kind: str
    method: str
    target: str
    headers: dict = field(default_factory=dict)
    body: bytes | None = None
    is_trusted: bool = False


class Attacker:
    """Somebody who knows everything but what is needed.

    Codes, numbers and addresses are the real ones; what is wrong is the secret, or who
    sends which code.
    """

    def __init__(self, target, seed: int):
        self.target = target
        self.random = random.Random(seed)
        self.kinds = [name for name in dir(self) if name.startswith("_ask_")]

    def request(self) -> Request:
        kind = self.random.choice(self.kinds)
        request = getattr(self, kind)()
        request.kind = kind.removeprefix("_ask_")
        request.headers.update(self._headers())
        return request

    # -- Kannel ------------------------------------------------------------------------

    def _ask_kannel_wrong_secret(self):
        """What would win, were the secret right."""
        secret = self.target.gateway[1]
        wrong = self._one_of(
            *(None, "", secret[:-1], secret + "x", secret.swapcase(), secret[::-1]),
            *("\x00" + secret, secret + "\x00", "é", "x" * 9000, b"\xff\xfe", "None"),
            *("False", secret.encode("utf-16"), self.target.closed_gateway[1]),
        )
        return self._kannel(self._winning_sms(), secret=wrong)

    def _ask_kannel_repeated_secret(self):
        """Many wrong ones; and the right one where it does not belong."""
        pairs = [("secret", self._noise()[:50]) for _n in range(self._count(9))]
        pairs += [(name, self.target.gateway[1]) for name in ("Secret", "secret[]")]
        return self._kannel([*pairs, *self._winning_sms()])

    def _ask_kannel_foreign_address(self):
        """The secret of a gateway that may call from elsewhere only."""
        gateway = self.target.closed_gateway
        return self._kannel(self._winning_sms(), gateway=gateway, secret=gateway[1])

    def _ask_kannel_stranger(self):
        """The right secret and a code that is open, from a number nobody has."""
        number = self._one_of("+79126660000", "79126660001", "AMAZON", "12345", "+0")
        sms = self._sms(number, self._one_of(*self.target.codes))
        return self._trusted_kannel(sms)

    def _ask_kannel_unauthorized(self):
        number, _right, codes, _lost = self._one_of(*self.target.unauthorized)
        return self._trusted_kannel(self._sms(number, self._one_of(*codes)))

    def _ask_kannel_wrong_code(self):
        """From somebody who may accept, with codes that are not theirs."""
        number, _right, codes, lost = self._one_of(*self.target.authorized)
        others = [code for code in self.target.codes if code not in codes]
        text = self._one_of(
            *(self._code(), self._one_of(*others), f"{codes[0]} {others[0]}"),
            *(" ".join(codes), codes[0][:-1], codes[0][1:], codes[0][::-1]),
            *((lost or others)[0], f"{codes[0]}{codes[0][:13]}A", self._noise()),
        )
        return self._trusted_kannel(self._sms(number, text))

    def _ask_kannel_noise(self):
        """The right secret, and nothing else that is right."""
        pairs = [
            (name, self._one_of(self._noise(), self._one_of(*values)))
            for name, values in (
                *(("from", ("", "+79126660000")), ("to", ("",)), ("text", ("",))),
                *(("charset", _CHARSETS), ("coding", _NUMBERS), ("time", _NUMBERS)),
                *(("id", ("",)), ("smsc", ("",)), ("self", ("",)), ("db", ("x",))),
            )
            for _n in range(self._count(3))
        ]
        self.random.shuffle(pairs)
        return self._trusted_kannel(pairs)

    def _ask_kannel_report(self):
        """A report on a message that is on its way, by somebody else."""
        uuid = self._one_of(*self.target.uuids, "0" * 32, "x" * 32, "%00", "A" * 3000)
        path = f"/lead_broadcast_kannel/report/{self.target.gateway[0]}/{uuid}"
        pairs = [
            ("secret", self._one_of("", "x", self.target.gateway[1][:-1])),
            ("type", self._one_of("1", "2", "8", "16", *_NUMBERS)),
            ("text", self._noise()),
        ]
        return self._form_or_query(path, pairs)

    # -- Twilio ------------------------------------------------------------------------

    def _ask_twilio_wrong_signature(self):
        """What would win, were it signed."""
        form = self._twilio_form()
        right = self._sign(self.target.company[2], self._twilio_url(), form)
        wrong = self._one_of(
            *(None, "", right[:-1], right + "=", right.lower(), right[::-1], "é" * 28),
            *("\x80", "x" * 9000, "=" * 28, "A" * 28, f" {right}x"),
            self._sign("", self._twilio_url(), form),
            self._sign("False", self._twilio_url(), form),
            self._sign(self.target.other_company[2], self._twilio_url(), form),
            self._sign(self.target.company[2], self._twilio_url() + "/", form),
            self._sign(self.target.company[2], "http://evil.example/", form),
        )
        return self._twilio(form, wrong)

    def _ask_twilio_tampered(self):
        """Signed for something else."""
        form = self._twilio_form()
        signature = self._sign(self.target.company[2], self._twilio_url(), form)
        changed = self._one_of(
            form[1:],
            [*form, ("OptOutType", "STOP")],
            [*form, self._one_of(*form)[:1] + (self._noise(),)],
            [(name, value + " ") for name, value in form],
            [(name.lower(), value) for name, value in form],
        )
        return self._twilio(changed, signature)

    def _ask_twilio_other_account(self):
        """Signed well, by the account of another company."""
        _id, account, token = self.target.other_company
        form = [*self._twilio_form()[1:], ("AccountSid", account)]
        return self._twilio(form, self._sign(token, self._twilio_url(), form))

    def _ask_twilio_stranger(self):
        form = self._twilio_form(
            ("From", self._one_of("+79126660000", "whatsapp:+7912", "")),
            ("OptOutType", self._one_of("STOP", "START", "HELP", "", "x")),
        )
        signature = self._sign(self.target.company[2], self._twilio_url(), form)
        request = self._twilio(form, signature)
        request.is_trusted = True
        return request

    def _ask_twilio_report(self):
        uuid = self._one_of(*self.target.uuids, "0" * 32, "x" * 32, "A" * 3000)
        form = [
            ("SmsStatus", self._one_of("delivered", "failed", "queued", "x", "")),
            ("ErrorCode", self._one_of("21610", "30003", self._noise()[:99])),
        ]
        url = f"{self.target.url}/sms_twilio/status/{uuid}"
        signature = self._one_of(
            *("", "x", "é", self._sign("", url, form), self._sign("x", url, form)),
            self._sign(self.target.company[2], url + "x", form),
        )
        headers = {"X-Twilio-Signature": signature.encode("utf-8")}
        return self._post(f"/sms_twilio/status/{uuid}", form, headers)

    # -- both --------------------------------------------------------------------------

    def _ask_path(self):
        """Not the ways in, but nearly."""
        base = f"/lead_broadcast_{self._one_of('kannel', 'twilio')}/receive"
        tail = quote(self._one_of(*_TAILS), safe="/%;,.*'=")
        if "%00" not in tail:  # on which Odoo itself fails beyond the routes
            base = self._one_of(base, base.replace("/", "//"), base.upper())
        return self._form_or_query(f"{base}/{tail}", self._winning_sms())

    def _ask_method(self):
        request = self._one_of(
            self._ask_kannel_wrong_secret, self._ask_twilio_wrong_signature
        )()
        request.method = self._one_of(*_METHODS)
        return request

    def _ask_body(self):
        """Bytes that are no form, whatever they are said to be."""
        path = self._one_of(
            f"/lead_broadcast_kannel/receive/{self.target.gateway[0]}",
            f"/lead_broadcast_twilio/receive/{self.target.company[0]}",
        )
        body = self._one_of(
            *(b"", b"&" * 20_000, b"=" * 20_000, b"a=1&" * 15_000, b"%" * 9000, b"{}"),
            *(b"--x\r\n" * 3000, b"--x--", b"\x1f\x8b\x08\x00" * 50, b"[" * 50_000),
            *(self.random.randbytes(self._count(60_000)), b"x" * 300_000),
            b"--x\r\nContent-Disposition: form-data; name=self; filename=a\r\n\r\nb",
        )
        headers = {"Content-Type": self._one_of(*_CONTENT_TYPES).encode("latin-1")}
        return Request("", "POST", path, headers, body)

    # -- parts -------------------------------------------------------------------------

    def _winning_sms(self):
        number, _right, codes, _lost = self._one_of(*self.target.authorized)
        return self._sms(number, f"Fwd: ({codes[0]})")

    def _sms(self, number, text):
        return [
            ("from", number),
            ("to", "+79125550000"),
            ("text", text),
            ("charset", "UTF-8"),
            ("coding", "0"),
            ("smsc", "x"),
            ("id", str(self.random.randrange(10**9))),
        ]

    def _trusted_kannel(self, pairs):
        request = self._kannel(pairs, secret=self.target.gateway[1])
        request.is_trusted = True
        return request

    def _kannel(self, pairs, *, gateway=None, secret=None):
        if secret is not None:
            pairs = [("secret", secret), *pairs]
        number = (gateway or self.target.gateway)[0]
        return self._form_or_query(f"/lead_broadcast_kannel/receive/{number}", pairs)

    def _twilio_url(self):
        number = self.target.company[0]
        return f"{self.target.url}/lead_broadcast_twilio/receive/{number}"

    def _twilio_form(self, *more):
        number, _right, codes, _lost = self._one_of(*self.target.authorized)
        form = {
            "AccountSid": self.target.company[1],
            "MessageSid": f"SM{self.random.randrange(10**9):032}",
            "From": number,
            "To": "+79125550000",
            "Body": f"Fwd: ({codes[0]})",
        }
        return list({**form, **dict(more)}.items())

    def _twilio(self, form, signature):
        path = self._twilio_url().removeprefix(self.target.url)
        headers = (
            {} if signature is None else {"X-Twilio-Signature": signature.encode()}
        )
        return self._post(path, form, headers)

    def _sign(self, token, url, form):
        text = url + "".join(name + value for name, value in sorted(form))
        text = text.encode("utf-8", "replace")
        return base64.b64encode(hmac.digest(token.encode(), text, "sha1")).decode()

    def _form_or_query(self, path, pairs):
        query = urlencode(pairs, errors="surrogatepass")
        if len(query) > 60_000 or self.random.random() < 0.3:
            return self._post(path, pairs, {})
        return Request("", "GET", f"{path}?{query}")

    def _post(self, path, pairs, headers):
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(pairs, errors="surrogatepass").encode()
        return Request("", "POST", path, headers, body)

    def _headers(self):
        """Lies about who calls and whom, in some of the requests."""
        liar = self.random.random() < 0.3
        return (
            liar
            and {
                self._one_of("X-Forwarded-For", "X-Real-Ip", "Forwarded"): self._one_of(
                    "192.0.2.1",
                    "127.0.0.1, 192.0.2.1",
                    "for=192.0.2.1",
                    "x" * 2000,
                    "::1",
                ),
                "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Proto": self._one_of("https", "gopher"),
                "Cookie": self._one_of(
                    "session_id=x", "session_id=" + "A" * 84, ";;;=="
                ),
                "Accept-Language": self._one_of("xx-XX", "*;q=x", "ru"),
            }
            or {}
        )

    def _noise(self):
        length = self._count(400)
        return self._one_of(
            self._one_of(*_WORDS),
            self.random.randbytes(length).decode("latin-1"),
            "".join(chr(self.random.randrange(0xD800)) for _n in range(length)),
            self._code(),
        )

    def _code(self):
        pairs = [
            "".join(self.random.choices(letters, k=2))
            for letters in (_LETTERS, _DIGITS) * 7
        ]
        return "".join(pairs[:13])

    def _one_of(self, *values):
        return self.random.choice(values)

    def _count(self, most):
        return self.random.randrange(most)
