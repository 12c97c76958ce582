from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from psycopg2.pool import PoolError

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sms.tools.sms_api import SmsApi

from ..tools.sms_api import SmsApiKannel
from . import fake_kannel
from .common import NUMBER, SMS_NUMBER, KannelCase

API = "odoo.addons.lead_broadcast_kannel.tools.sms_api"
HEALTH = "odoo.addons.lead_broadcast_kannel.models.lead_broadcast_kannel_gateway_health"


@tagged("post_install", "-at_install")
class TestSend(KannelCase):
    def _send(self, *numbers, **values):
        """Send messages to these numbers, as core's ``send`` does."""
        messages = self._queue(*numbers, **values)
        messages.send()
        return messages

    def _sent_headers(self):
        [(headers, _text)] = self.kannel.requests
        return headers

    # -- what Kannel is told -----------------------------------------------------------

    def test_message(self):
        self.gateway.smsc = "OPERATOR"
        message = self._send(body="You have a new service opportunity")
        [(headers, text)] = self.kannel.requests
        self.assertEqual(text, "You have a new service opportunity")
        self.assertEqual(headers["X-Kannel-To"], NUMBER)
        self.assertEqual(headers["X-Kannel-From"], SMS_NUMBER)
        self.assertEqual(headers["X-Kannel-SMSC"], "OPERATOR")
        self.assertEqual(headers["X-Kannel-DLR-Mask"], "31")
        self.assertNotIn("X-Kannel-Coding", headers)
        self.assertNotIn("X-Kannel-Validity", headers)
        self.assertEqual(message.state, "process")
        self.assertTrue(message.to_delete)

    def test_report_address(self):
        """Kannel fills in ``%d`` and ``%A`` and calls the address."""
        self.gateway.odoo_url = "http://127.0.0.1:8069/"
        message = self._send()
        url = urlsplit(self._sent_headers()["X-Kannel-DLR-URL"])
        self.assertEqual(url.netloc, "127.0.0.1:8069")
        self.assertEqual(
            url.path,
            f"/lead_broadcast_kannel/report/{self.gateway.id}/{message.uuid}",
        )
        self.assertEqual(parse_qs(url.query)["secret"], [self.gateway.secret])
        self.assertTrue(url.query.endswith("&type=%d&text=%A"))

    def test_sender(self):
        self.gateway.sender = "NIMBUS"
        self._send()
        self.assertEqual(self._sent_headers()["X-Kannel-From"], "NIMBUS")

    def test_unicode(self):
        """What does not fit into GSM-7 goes out in UCS-2."""
        texts = {"Price 5 € [x]": None, "नई सेवा": "2", "Новая заявка": "2"}
        for text in texts:
            self._send(body=text)
        self.assertEqual(
            {text: headers.get("X-Kannel-Coding") for headers, text in self._requests},
            texts,
        )

    @property
    def _requests(self):
        return self.kannel.requests

    def test_validity(self):
        """The operator gives up when the offer ends."""
        now = fields.Datetime.now()
        for seconds, minutes in ((5430, "90"), (20, "1")):
            self.kannel.clear()
            self._send(broadcast_valid_until=now + timedelta(seconds=seconds))
            self.assertEqual(self._sent_headers()["X-Kannel-Validity"], minutes)

    def test_one_recipient_only(self):
        """Kannel would send to each number among blanks."""
        messages = self._send("+919810000001 +919810000002", "call me", "", NUMBER)
        self.assertEqual(self._sent_headers()["X-Kannel-To"], NUMBER)
        self.assertEqual(messages.mapped("state"), ["error"] * 3 + ["process"])
        self.assertEqual(messages[0].failure_type, "sms_number_format")
        self.assertFalse(messages[0].broadcast_retry_at)

    # -- what Kannel answers -----------------------------------------------------------

    def test_queued_for_later(self):
        self.kannel.answers[None] = fake_kannel.QUEUED
        self.assertEqual(self._send().state, "process")

    def test_refused_number(self):
        """One bad number does not stop the others, and is not tried again."""
        numbers = ["+919810000001", "+919810000002", "+919810000003"]
        self.kannel.answers[numbers[1]] = fake_kannel.BAD_NUMBER
        messages = self._send(*numbers)
        self.assertEqual(len(self.kannel.requests), 3)
        self.assertEqual(messages.mapped("state"), ["process", "error", "process"])
        self.assertEqual(messages[1].failure_type, "sms_number_format")
        self.assertFalse(messages[1].broadcast_retry_at)
        self.assertFalse(self.gateway.waiting_count)

    def test_not_routable(self):
        self.kannel.answers[None] = fake_kannel.NOT_ROUTABLE
        message = self._send()
        self.assertEqual(message.failure_type, "sms_country_not_supported")
        self.assertFalse(message.broadcast_retry_at)

    def test_gateway_takes_nothing(self):
        """Everything waits, and only the first message costs an attempt."""
        for answer in (
            fake_kannel.FORBIDDEN,
            fake_kannel.NO_SENDER,
            fake_kannel.NOT_FOUND,
            fake_kannel.BUSY,
            fake_kannel.FAILED,
            (200, "<html>Welcome to the shop</html>"),
            (302, ""),
        ):
            with self.subTest(answer=answer):
                self.kannel.clear()
                self.kannel.answers[None] = answer
                messages = self._send(*[f"+91981000000{digit}" for digit in range(5)])
                self.assertEqual(len(self.kannel.requests), 1)
                self.assertEqual(set(messages.mapped("state")), {"error"})
                self.assertTrue(all(messages.mapped("broadcast_retry_at")))

    @mute_logger(API)
    def test_gateway_is_down(self):
        stopped = self._start_kannel()
        stopped.stop()
        self.gateway.url = stopped.url
        message = self._send()
        self.assertEqual(message.failure_type, "sms_server")
        wait = message.broadcast_retry_at - fields.Datetime.now()
        self.assertLessEqual(wait, timedelta(minutes=1))
        self.gateway.url = self.kannel.url
        message.broadcast_retry_at = fields.Datetime.now()
        self.env["sms.sms"]._cron_retry()
        message.send()
        self.assertEqual(message.state, "process")
        self.assertEqual(len(self.kannel.requests), 1)

    @mute_logger(API)
    def test_nobody_knows(self):
        """Kannel went away before it answered: a report may still come, first."""
        self.kannel.answers[None] = fake_kannel.HANG_UP
        self.gateway.report_minutes = 30
        message = self._send()
        wait = message.broadcast_retry_at - fields.Datetime.now()
        self.assertGreater(wait, timedelta(minutes=29))

    @mute_logger(API)
    def test_password_goes_nowhere_else(self):
        self.kannel.answers[None] = (302, "")
        self._send()
        self.assertEqual(len(self.kannel.requests), 1)

    # -- the health of the gateway -----------------------------------------------------

    def test_pause(self):
        """A gateway that takes nothing is left alone for a moment."""
        self.kannel.answers[None] = fake_kannel.BUSY
        with self.enter_registry_test_mode():
            self.env.flush_all()
            self._send()
            self.assertEqual(self.gateway.state, "failing")
            self.assertTrue(self.gateway.last_error)
            self._send()
            self.assertEqual(len(self.kannel.requests), 1)
            self.assertEqual(self.gateway.waiting_count, 2)
            self.assertTrue(self.gateway.next_try)
            self.gateway.pause_until = fields.Datetime.now()
            self.env.flush_all()
            self.kannel.answers.clear()
            self._send()
            self.assertEqual(len(self.kannel.requests), 2)
            self.assertEqual(self.gateway.state, "working")

    @mute_logger(HEALTH)
    def test_health_that_cannot_be_noted(self):
        """The message is with Kannel all the same, and is not sent again."""
        full = PoolError("The Connection Pool Is Full")
        with patch.object(self.registry, "cursor", side_effect=full):
            message = self._send()
        self.assertEqual(message.state, "process")
        self.assertFalse(message.broadcast_retry_at)

    def test_retry_now(self):
        """Who sees the gateway can have it tried again."""
        self.kannel.answers[None] = fake_kannel.BUSY
        message = self._send()
        message.broadcast_retry_at += timedelta(hours=1)
        self.gateway.with_user(self.administrator).action_retry_waiting()
        self.assertLessEqual(message.broadcast_retry_at, fields.Datetime.now())

    def test_query_count(self):
        """Many messages cost as many queries as few."""
        sms_api = SmsApiKannel(self.env)
        sms_api._set_company(self.company)
        counts = []
        for amount in (1, 2, 20):  # the first one fills the caches
            messages = self._queue(*[NUMBER] * amount)
            numbers = [
                {"number": message.number, "uuid": message.uuid} for message in messages
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            sms_api._send_sms_batch([{"content": "Hello", "numbers": numbers}])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(self.kannel.requests), 23)
        self.assertEqual(counts[1], counts[2])

    # -- the queue ---------------------------------------------------------------------

    def test_queue(self):
        """A transaction for each message: what is uncertain after a kill is one."""
        queue = self.env["sms.sms"]
        self.assertEqual(queue._get_send_batch_size(), 1)
        self._queue("+919810000001", "+919810000002", "+919810000003")
        with self.enter_registry_test_mode():
            self.env.flush_all()
            cron = self.env.ref("sms.ir_cron_sms_scheduler_action")
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(
            [headers["X-Kannel-To"] for headers, _text in self.kannel.requests],
            ["+919810000001", "+919810000002", "+919810000003"],
        )
        self.gateway.active = False
        self.assertGreater(queue._get_send_batch_size(), 1)

    def test_messages_of_other_applications(self):
        """They go the same way, and wait when it is blocked."""
        self.kannel.answers[None] = fake_kannel.BUSY
        message = self.env["sms.sms"].create({"number": NUMBER, "body": "Hello"})
        notification = self._create_notification(message)
        message.with_company(self.company).send()
        self.assertTrue(message.broadcast_retry_at)
        self.assertEqual(notification.notification_status, "exception")
        self.kannel.clear()
        message.broadcast_retry_at = fields.Datetime.now()
        self.env["sms.sms"]._cron_retry()
        message.send()
        self.assertEqual(message.state, "process")
        self.assertEqual(notification.notification_status, "process")

    def test_companies(self):
        """Each company's messages go through its own gateway, whoever sends them."""
        other, other_kannel = self._create_company(), self._start_kannel()
        self._create_gateway(other_kannel, other)
        first = self._queue("+919810000001")
        second = self._queue("+919810000002", broadcast_company_id=other.id)
        for send in ("send", "_send"):
            with self.subTest(send=send):
                self.kannel.clear()
                other_kannel.clear()
                messages = first + second
                messages.write({"state": "outgoing", "to_delete": False})
                getattr(messages, send)()
                for kannel, message in ((self.kannel, first), (other_kannel, second)):
                    [(headers, _text)] = kannel.requests
                    self.assertEqual(headers["X-Kannel-To"], message.number)
                    self.assertEqual(
                        headers["X-Kannel-From"],
                        message.broadcast_company_id.broadcast_sms_number,
                    )

    def test_company_without_gateway(self):
        """It keeps its own provider: core's, or Twilio where that is installed."""
        other = self._create_company()
        expected = SmsApi
        if "sms_provider" in other._fields:
            other.sms_provider = "twilio"
            expected = type(self)._get_twilio_class()
        self.assertTrue(issubclass(other._get_sms_api_class(), expected))
        self.assertIs(self.company._get_sms_api_class(), SmsApiKannel)
        ours, theirs = self._queue(NUMBER), self._queue(broadcast_company_id=other.id)
        split = {
            messages: (type(api), api.company)
            for api, messages in (ours + theirs)._split_by_api()
        }
        self.assertEqual(split[ours], (SmsApiKannel, self.company))
        self.assertTrue(issubclass(split[theirs][0], expected))

    @classmethod
    def _get_twilio_class(cls):
        from odoo.addons.sms_twilio.tools.sms_api import SmsApiTwilio  # noqa: PLC0415

        return SmsApiTwilio

    def test_archived_gateway(self):
        self.gateway.active = False
        self.assertIsNot(self.company._get_sms_api_class(), SmsApiKannel)
