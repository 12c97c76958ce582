import socket

import requests

from odoo.tests import tagged

from . import fake_kannel
from .common import KannelCase

STATUS = """<?xml version="1.0"?>
<gateway><status>running, uptime 0d 0h 0m 4s</status><smscs><count>2</count>
<smsc><name>FAKE:8144</name><admin-id>FAKE</admin-id><id>FAKE</id>
<status>%s</status></smsc>
<smsc><name>SMPP:host:2775</name><id>OPERATOR</id><status>%s</status></smsc>
</smscs></gateway>"""


@tagged("post_install", "-at_install")
class TestConnection(KannelCase):
    """The test says what is wrong, and sends no SMS."""

    def _test(self):
        """Test the connection as the weakest user who may."""
        gateway = self.gateway.with_user(self.administrator)
        params = gateway.action_test_connection()["params"]
        self.assertFalse(self.kannel.requests)
        return params["type"], params["message"]

    def assertProblem(self, text):
        kind, message = self._test()
        self.assertEqual(kind, "danger")
        self.assertIn(text, message)

    def test_works(self):
        self.assertEqual(self._test(), ("success", "Kannel takes messages."))

    def test_wrong_password(self):
        self.gateway.password = "wrong"
        self.assertProblem("user name or the password")

    def test_wrong_path(self):
        self.kannel.answers[None] = fake_kannel.NOT_FOUND
        self.assertProblem("/cgi-bin/sendsms")

    def test_not_kannel(self):
        self.kannel.server_name = "nginx"
        self.addCleanup(setattr, self.kannel, "server_name", "Kannel/1.4.5")
        for answer in ((404, "Not Found"), (200, "<html>Welcome</html>"), (302, "")):
            self.kannel.answers[None] = answer
            self.assertProblem("not Kannel")

    def test_busy(self):
        self.kannel.answers[None] = fake_kannel.BUSY
        self.assertProblem("too busy")

    def test_other_answer(self):
        self.kannel.answers[None] = fake_kannel.FAILED
        self.assertProblem("500 Sending failed.")

    def test_refused(self):
        stopped = self._start_kannel()
        stopped.stop()
        self.gateway.url = stopped.url
        self.assertProblem("refuses the connection")

    def test_broken(self):
        self.kannel.answers[None] = fake_kannel.HANG_UP
        self.assertProblem("broke")

    def test_not_encrypted(self):
        self.gateway.url = self.kannel.url.replace("http:", "https:")
        self.assertProblem("no secure connection")

    def test_unknown_host(self):
        try:
            socket.getaddrinfo("kannel.invalid", 13013)
        except socket.gaierror as cause:
            error = requests.ConnectionError()
            error.__cause__ = cause
        self.gateway.url = "http://kannel.invalid:13013/cgi-bin/sendsms"
        self.assertIn("kannel.invalid:13013", self.gateway._describe_error(error))
        self.assertIn("no host", self.gateway._describe_error(error))

    def test_timeouts(self):
        for error, text in (
            (requests.ConnectTimeout(), "cannot be reached"),
            (requests.ReadTimeout(), "does not answer"),
        ):
            self.assertIn(text, self.gateway._describe_error(error))

    def test_operators(self):
        self.gateway.status_url = f"{self.kannel.url}/status.xml?password=x"
        for smsc, states, kind in (
            (False, ("online 4s", "connecting"), "success"),
            (False, ("re-connecting", "connecting"), "warning"),
            ("OPERATOR", ("online 4s", "dead"), "warning"),
            ("OPERATOR", ("dead", "online 4s"), "success"),
            ("ELSEWHERE", ("online 4s", "online 4s"), "warning"),
        ):
            with self.subTest(smsc=smsc, states=states):
                self.kannel.status_page = STATUS % states
                self.gateway.smsc = smsc
                self.assertEqual(self._test()[0], kind)
        self.assertIn("ELSEWHERE", self._test()[1])

    def test_unreadable_status(self):
        self.gateway.status_url = f"{self.kannel.url}/status.xml"
        for page in (
            "",
            "Denied",
            "<gateway/>",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        ):
            with self.subTest(page=page):
                self.kannel.status_page = page
                kind, message = self._test()
                self.assertEqual(kind, "warning")
                self.assertNotIn("root:", message)

    def test_waiting_messages(self):
        """A test that succeeds sends what waits."""
        self.kannel.answers["+919810000001"] = fake_kannel.BUSY
        message = self._queue()
        message.send()
        self.kannel.clear()
        retry_at = message.broadcast_retry_at
        self._test()
        self.assertLess(message.broadcast_retry_at, retry_at)
