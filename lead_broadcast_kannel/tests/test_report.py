from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import KannelCase

RECEIPT = "id:7 sub:001 dlvrd:001 stat:%s err:000 text:You have a new"


@tagged("post_install", "-at_install")
class TestReport(KannelCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.message = self._queue()
        self.message.write({"state": "process", "to_delete": True})

    def _report(self, report_type, text="", uuid=None, gateway=None, **parameters):
        """Report as Kannel does; return the status of the answer."""
        gateway = gateway or self.gateway
        response = self.url_open(
            f"/lead_broadcast_kannel/report/{gateway.id}/{uuid or self.message.uuid}",
            params={
                "secret": gateway.secret,
                "type": report_type,
                "text": text,
                **parameters,
            },
        )
        self.assertFalse(response.text)
        self.assertFalse(response.cookies)
        return response.status_code

    def test_progress(self):
        for report_type, state in ((8, "pending"), (4, "pending"), (1, "sent")):
            self.assertEqual(self._report(report_type), 200)
            self.assertEqual(self.message.state, state)

    def test_late_reports(self):
        """Delivered is the end, whatever comes after it."""
        notification = self._create_notification(self.message)
        for report_type in (1, 8, 4, 2, 16, 1):
            self.assertEqual(self._report(report_type), 200)
            self.assertEqual(self.message.state, "sent")
            self.assertEqual(notification.notification_status, "sent")

    def test_messages_of_other_applications(self):
        notification = self._create_notification(self.message)
        self._report(8, "ACK/")
        self.assertEqual(notification.notification_status, "pending")
        self._report(2, RECEIPT % "EXPIRED")
        self.assertEqual(notification.notification_status, "exception")
        self.assertEqual(notification.failure_type, "sms_expired")
        self.assertIn("EXPIRED", notification.failure_reason)
        self.assertNotIn("You have a new", notification.failure_reason)

    def test_rejected(self):
        notification = self._create_notification(self.message)
        self._report(16, "NACK/0x0000000b/Invalid Destination Address")
        self.assertEqual(notification.notification_status, "bounce")
        self.assertEqual(notification.failure_type, "sms_invalid_destination")
        self.assertEqual(self.message.state, "error")

    def test_nobody_knew(self):
        """A report tells that Kannel had the message after all: it is not repeated."""
        for report_type, state in ((8, "pending"), (1, "sent"), (16, "error")):
            with self.subTest(type=report_type):
                self._set_waiting(self.message)
                self._report(report_type)
                self.assertEqual(self.message.state, state)
                self.assertFalse(self.message.broadcast_retry_at)
                self.assertTrue(self.message.to_delete)

    def test_uncertain(self):
        """A report tells what became of a message that was in flight at a kill."""
        for report_type, state in ((8, "pending"), (1, "sent"), (16, "error")):
            with self.subTest(type=report_type):
                self.message.write(
                    {
                        "state": "error",
                        "failure_type": "broadcast_uncertain",
                        "to_delete": False,
                    }
                )
                self._report(report_type)
                self.assertEqual(self.message.state, state)
                self.assertTrue(self.message.to_delete)

    def test_before_the_restart_is_noticed(self):
        """What was left behind is certain when it is reported before."""
        self.message.write(
            {"to_delete": False, "broadcast_sending_since": fields.Datetime.now()}
        )
        self._report(8)
        self.assertFalse(self.env["sms.sms"]._find_interrupted())
        self.env["sms.sms"]._settle_interrupted()
        self.assertEqual(self.message.state, "pending")

    def test_deleted_message(self):
        """Core deletes the message, not what it reports to."""
        notification = self._create_notification(self.message)
        uuid = self.message.uuid
        self.message.unlink()
        self.assertEqual(self._report(1, uuid=uuid), 200)
        self.assertEqual(notification.notification_status, "sent")

    def test_unknown(self):
        """Not committed yet, so Kannel is to repeat it; but not for ever."""
        now = fields.Datetime.now()
        uuid = "0" * 32
        for age, status in (
            (timedelta(seconds=5), 503),
            (timedelta(minutes=50), 503),
            (timedelta(minutes=70), 200),
            (timedelta(days=30), 200),
        ):
            sent = int(
                (now - age - fields.Datetime.to_datetime("1970-01-01")).total_seconds()
            )
            self.assertEqual(self._report(1, uuid=uuid, sent=sent), status)
        self.assertEqual(self._report(1, uuid=uuid), 503)

    def test_nonsense(self):
        for report_type, uuid in ((3, None), ("x", None), ("", None), ("9" * 99, None)):
            self.assertEqual(self._report(report_type, uuid=uuid), 200)
        self.assertEqual(self._report(1, uuid="short"), 200)
        self.assertEqual(self._report(2, "\x00" + "x" * 5000), 200)
        self.assertEqual(self.message.state, "error")

    def test_strangers(self):
        """They all get the same answer."""
        other = self._create_gateway(self.kannel, self._create_company())
        self.assertEqual(self._report(1, secret="wrong"), 403)
        self.assertEqual(self._report(1, secret=""), 403)
        self.assertEqual(self._report(1, secret=other.secret), 403)
        self.assertEqual(self._report(1, uuid="0" * 32, secret="wrong"), 403)
        self.gateway.allowed_addresses = "10.0.0.0/8"
        self.assertEqual(self._report(1), 403)
        self.gateway.active = False
        self.assertEqual(self._report(1), 403)
        self.assertEqual(self.message.state, "process")
