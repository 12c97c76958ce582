from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, TwilioCase

API_LOGGER = "odoo.addons.sms_twilio.tools.sms_api"
ONE, TWO, THREE = "+919810013001", "+919810013002", "+919810013003"
BAD_GATEWAY = (502, "<html><h1>502 Bad Gateway</h1></html>")


@tagged("post_install", "-at_install")
class TestSend(TwilioCase):
    def _in_minutes(self, message):
        return round(
            (message.broadcast_retry_at - fields.Datetime.now()).total_seconds() / 60
        )

    def assertWaits(self, message, minutes):
        """Assert that a message is neither lost nor given up."""
        self.assertRecordValues(
            message, [{"failure_type": "sms_server", "to_delete": False}]
        )
        self.assertAlmostEqual(self._in_minutes(message), minutes, delta=1)
        self.assertEqual(self._notice(message).sms_state, "outgoing")

    def test_companies_share_a_queue(self):
        ours = self._queue(ONE)
        theirs = self._queue(TWO, company=self.other_company)
        self._run_queue()
        sent = {message["To"]: message for message in self.twilio.messages}
        self.assertEqual(sent[ONE]["account"], ACCOUNT)
        self.assertEqual(sent[ONE]["credentials"], f"{ACCOUNT}:{TOKEN}")
        self.assertEqual(sent[TWO]["account"], OTHER_ACCOUNT)
        self.assertEqual(sent[TWO]["credentials"], f"{OTHER_ACCOUNT}:{OTHER_TOKEN}")
        for message in ours + theirs:
            self.assertEqual(self._notice(message).sms_state, "pending")
            self.assertTrue(message.sms_tracker_id.sms_twilio_sid)
            self.assertFalse(message.broadcast_sending_since)

    def test_transaction_for_each_message(self):
        """What is uncertain after a kill is one message, whoever it is for."""
        queue = self.env["sms.sms"]
        self.company.sms_provider = "iap"
        self.assertEqual(queue._get_send_batch_size(), 1)
        self.other_company.sms_provider = "iap"
        self.assertGreater(queue._get_send_batch_size(), 1)

    def test_opted_out_at_twilio(self):
        """The number is not written to again, by anybody, and it shows why."""
        blacklist = self.env["phone.blacklist"]
        stopped, other = self._queue(ONE, TWO)
        self.twilio.answers[ONE] = 21610
        self._run_queue()
        self.assertRecordValues(
            stopped, [{"state": "error", "failure_type": "sms_optout"}]
        )
        self.assertFalse(stopped.broadcast_retry_at)
        notice = self._notice(stopped)
        self.assertEqual(notice.sms_state, "error")
        self.assertIn("Error 21610", notice.note)
        self.assertEqual(self._notice(other).sms_state, "pending")
        entry = blacklist.search([])
        self.assertEqual(entry.number, ONE)
        self.assertIn("21610", entry.message_ids[0].body)

        # known already: no second entry, no second message about it
        self._queue(ONE)
        count = len(entry.message_ids)
        self._run_queue()
        self.assertEqual(blacklist.search([]), entry)
        self.assertEqual(len(entry.message_ids), count)

    def test_opted_out_again(self):
        """A number that had come back is taken off once more."""
        blacklist = self.env["phone.blacklist"]
        blacklist._add([ONE])
        blacklist._remove([ONE])
        self.twilio.answers[ONE] = 21610
        self._queue(ONE)
        self._run_queue()
        self.assertEqual(blacklist.search([]).number, ONE)

    @mute_logger(API_LOGGER)
    def test_transient_failures_are_tried_again(self):
        for error in (20429, 20500, 21611):
            with self.subTest(error=error):
                self.twilio.answers[ONE] = error
                message = self._queue(ONE)
                self._run_queue()
                self.assertWaits(message, 1)
                self.twilio.answers.clear()
                message.broadcast_retry_at = fields.Datetime.now()
                self._run("lead_broadcast.ir_cron_retry_sms")
                self._run_queue()
                self.assertEqual(message.state, "pending")
                self.assertEqual(self._notice(message).sms_state, "pending")

    @mute_logger(API_LOGGER)
    def test_page_of_a_proxy_stops_nobody_else(self):
        """Not JSON, or JSON of something else: nobody knows what Twilio did with that
        message, which waits for a report before it is tried again."""
        for page in (BAD_GATEWAY, (200, "[]"), (200, ""), (503, '"busy"')):
            with self.subTest(page=page):
                self.twilio.answers[TWO] = page
                first, second, third = self._queue(ONE, TWO, THREE)
                self._run_queue()
                self.assertEqual(
                    (first + third).mapped("state"), ["pending", "pending"]
                )
                self.assertWaits(second, 5)

    @mute_logger(API_LOGGER)
    def test_answer_that_got_lost(self):
        """A message that Twilio reports after all is not sent twice."""
        self.twilio.answers[ONE] = "hang up"
        message = self._queue(ONE)
        self._run_queue()
        self.assertWaits(message, 5)
        self.assertEqual(self._report(message.uuid, "sent").status_code, 200)
        self.assertEqual(self._notice(message).sms_state, "pending")
        message.broadcast_retry_at = fields.Datetime.now()
        self._run("lead_broadcast.ir_cron_retry_sms")
        self._run_queue()
        self.assertEqual(len(self.twilio.messages), 1)
        self.assertEqual(self._notice(message).sms_state, "pending")

    @mute_logger(API_LOGGER)
    def test_twilio_is_down(self):
        """Nothing was sent for certain: tried again soon."""
        url = self.twilio.url
        self.addCleanup(setattr, self.twilio, "url", url)
        self.twilio.url = "http://127.0.0.1:9"  # nobody listens to that port
        message = self._queue(ONE)
        self._run_queue()
        self.assertWaits(message, 1)

    def test_refused_for_good(self):
        for error, failure_type in (
            (21211, "sms_number_format"),
            (20003, "twilio_authentication"),
            (21608, "sms_acc"),
        ):
            with self.subTest(error=error):
                self.twilio.answers[ONE] = error
                message = self._queue(ONE)
                self._run_queue()
                self.assertRecordValues(
                    message, [{"state": "error", "failure_type": failure_type}]
                )
                self.assertFalse(message.broadcast_retry_at)
                self.assertEqual(self._notice(message).sms_state, "error")

    def test_direct_send(self):
        """Core's other way into the gateway has the same class."""
        self.twilio.answers[ONE] = 21610
        message = self._queue(ONE, company=self.other_company)
        message.send()
        self.assertEqual(self.twilio.messages[0]["account"], OTHER_ACCOUNT)
        self.assertEqual(message.failure_type, "sms_optout")
