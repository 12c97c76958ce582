from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from . import fake_kannel
from .common import NUMBER, KannelCase

SECRETS = ["username", "password", "secret", "kannel_conf", "status_url"]


@tagged("post_install", "-at_install")
class TestGateway(KannelCase):
    # -- access ------------------------------------------------------------------------

    def test_access(self):
        """Only system administrators change a gateway: its address is told its
        password."""
        for user, operations in (
            (self.env.ref("base.public_user"), set()),
            (self.portal_user, set()),
            (self.salesman, set()),
            (self.supervisor, set()),
            (self.administrator, {"read"}),
            (self.system, {"read", "write", "create", "unlink"}),
        ):
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertEqual(
                        self.gateway.with_user(user).has_access(operation),
                        operation in operations,
                    )

    def test_secrets(self):
        gateway = self.gateway.with_user(self.administrator)
        self.assertEqual(gateway.name, self.gateway.name)
        values = str(gateway.read())
        for secret in (self.gateway.secret, self.gateway.password):
            self.assertNotIn(secret, values)
        for name in SECRETS:
            with self.subTest(field=name), self.assertRaises(AccessError):
                gateway.read([name])
        with self.assertRaises(AccessError):
            gateway.search([("secret", "like", self.gateway.secret[:3])])

    def test_buttons(self):
        """Who may not see a gateway cannot use it either."""
        gateway = self.gateway.with_user(self.supervisor)
        for name in (
            "action_test_connection",
            "action_retry_waiting",
            "action_renew_secret",
        ):
            with self.subTest(button=name), self.assertRaises(AccessError):
                getattr(gateway, name)()
        with self.assertRaises(AccessError):
            self.gateway.with_user(self.administrator).action_renew_secret()

    def test_other_company(self):
        company = self._create_company()
        boss = new_test_user(
            self.env,
            login="elsewhere",
            groups="lead_broadcast.group_administrator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.gateway.with_user(boss).has_access("read"))

    def test_anybody_sends(self):
        """Whoever causes an SMS needs to know nothing about the gateway."""
        self._queue().with_user(self.salesman).sudo().send()
        self.assertEqual(len(self.kannel.requests), 1)

    # -- settings ----------------------------------------------------------------------

    def test_one_per_company(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_gateway(self.kannel, self.company)
        self.gateway.action_archive()
        self.env.flush_all()
        self.assertTrue(self._create_gateway(self.kannel, self.company))

    def test_form(self):
        """A new gateway has sensible defaults, and a secret of its own."""
        company = self._create_company()
        self.system.company_ids += company
        gateways = self.env["lead.broadcast.kannel.gateway"].with_user(self.system)
        with Form(gateways.with_context(default_company_id=company.id)) as form:
            form.username = "odoo"
            form.password = "secret"
        self.assertEqual(form.record.company_id, company)
        self.assertEqual(form.record.url, "http://127.0.0.1:13013/cgi-bin/sendsms")
        self.assertEqual(form.record.allowed_addresses, "127.0.0.1\n::1")
        self.assertEqual(form.record.state, "new")
        self.assertIn(f"/receive/{form.record.id}?", form.record.kannel_conf)

    def test_secret(self):
        old = self.gateway.secret
        self.assertGreaterEqual(len(old), 32)
        self.gateway.with_user(self.system).action_renew_secret()
        self.assertNotEqual(self.gateway.secret, old)
        self.assertNotEqual(
            self._create_gateway(self.kannel, self._create_company()).secret, old
        )
        self.assertFalse(self.gateway.copy_data()[0].get("secret"))

    def test_sender(self):
        for sender in ("+911140001234", "57575", "NIMBUS", "Nimbus & Co", False):
            self.gateway.sender = sender
        for sender in (
            "12",
            "A name that is long",
            "+12a",
            "Ёлка",
            "1\n2",
            "a\r\nb: c",
        ):
            with self.subTest(sender=sender), self.assertRaises(ValidationError):
                self.gateway.sender = sender

    def test_urls(self):
        self.gateway.url = "https://sms.example:13013/cgi-bin/sendsms"
        for url in (
            "kannel",
            "ftp://kannel/",
            "http://",
            "http://a b/",
            "http://kannel:99999/",
            "http://[kannel/",
            "http://kannel/\nHost: x",
        ):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self.gateway.url = url

    def test_headers(self):
        for values in (
            {"password": "a\nX-Kannel-To: 1"},
            {"username": " odoo"},
            {"smsc": "a\rb"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.gateway.write(values)

    def test_password_in_any_script(self):
        """Kannel compares bytes."""
        self.gateway.password = "пароль"
        self._queue().send()
        self.assertEqual(len(self.kannel.requests), 0)
        self.assertIn("user name or the password", self.gateway._test_sending())

    def test_allowed_addresses(self):
        for text, address, is_allowed in (
            ("127.0.0.1\n::1", "127.0.0.1", True),
            ("127.0.0.1\n::1", "::1", True),
            ("127.0.0.1\n::1", "::ffff:127.0.0.1", True),
            ("127.0.0.1\n::1", "10.0.0.1", False),
            ("10.0.0.0/8, 192.168.1.5", "10.9.8.7", True),
            ("10.0.0.0/8, 192.168.1.5", "192.168.1.6", False),
            ("10.0.0.0/8", "", False),
            ("10.0.0.0/8", "unix:", False),
            (False, "8.8.8.8", True),
        ):
            with self.subTest(text=text, address=address):
                self.gateway.allowed_addresses = text
                self.assertIs(self.gateway._is_allowed_address(address), is_allowed)
        with self.assertRaises(ValidationError):
            self.gateway.allowed_addresses = "127.0.0.1\nkannel.example"

    def test_kannel_conf(self):
        """The lines have all that Kannel needs, for this gateway."""
        self.gateway.odoo_url = "http://127.0.0.1:8069"
        self.gateway.write({"smsc": "OPERATOR", "password": 'a "quote" and a \\'})
        conf = self.gateway.with_user(self.system).kannel_conf
        for line in (
            'username = "odoo"',
            r'password = "a \"quote\" and a \\"',
            'accepted-smsc = "OPERATOR"',
            "max-messages = 0",
            'get-url = "http://127.0.0.1:8069/lead_broadcast_kannel/receive/'
            f"{self.gateway.id}?secret={self.gateway.secret}&from=%p&to=%P&text=%b"
            '&charset=%C&coding=%c&smsc=%i&id=%I&time=%T"',
        ):
            self.assertIn(line, conf.splitlines())

    def test_company_settings(self):
        settings = self.env["res.config.settings"].with_user(self.system).create({})
        self.assertEqual(settings.kannel_gateway_id, self.gateway)
        self.assertEqual(
            settings.action_open_kannel_gateway()["res_id"], self.gateway.id
        )
        self.assertEqual(
            settings.action_test_kannel_gateway()["params"]["type"], "success"
        )

    def test_waiting(self):
        """Administrators see how much waits for which gateway, not the messages."""
        other = self._create_company()
        other_gateway = self._create_gateway(self.kannel, other)
        self.kannel.answers[None] = fake_kannel.BUSY
        self._queue(NUMBER, "+919810000002").send()
        gateways = (self.gateway + other_gateway).with_user(self.administrator)
        counts = gateways.sudo().mapped("waiting_count")
        self.assertEqual(counts, [2, 0])
        self.assertEqual(gateways[0].waiting_count, 2)
        self.assertTrue(gateways[0].next_try)
        with self.assertRaises(AccessError):
            self.env["sms.sms"].with_user(self.administrator).search([]).read(["body"])
        action = self.gateway.with_user(self.system).action_open_waiting()
        self.assertEqual(self.env["sms.sms"].search_count(action["domain"]), 2)

    def test_neutralize(self):
        """A copy of the database sends nothing and takes nothing."""
        for query in get_neutralization_queries(["lead_broadcast_kannel"]):
            self.env.cr.execute(query)
        self.gateway.invalidate_recordset()
        self.assertFalse(self.gateway.active)
        self.assertFalse(self.company._get_kannel_gateway())
