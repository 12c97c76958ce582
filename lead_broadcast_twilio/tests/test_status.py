from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OTHER_TOKEN, TOKEN, TwilioCase

ONE = "+919810013001"
CONTROLLER = "odoo.addons.sms_twilio.controllers.controllers"


@tagged("post_install", "-at_install")
class TestStatus(TwilioCase):
    def _send(self, **values):
        message = self._queue(ONE, **values)
        self._run_queue()
        return message

    def test_delivered(self):
        message = self._send()
        notice = self._notice(message)
        self.assertEqual(self._report(message.uuid, "delivered").status_code, 200)
        self.assertEqual(notice.sms_state, "sent")

    def test_late_report(self):
        """Phones are off for days; the message itself is deleted within one."""
        for company, token in (
            (self.company, TOKEN),
            (self.other_company, OTHER_TOKEN),
        ):
            with self.subTest(company=company.name):
                message = self._send(company=company)
                notice = self._notice(message)
                uuid = message.uuid
                self.env["sms.sms"]._gc_device()
                self.env.invalidate_all()
                self.assertFalse(message.exists())
                report = self._report(uuid, "delivered", token)
                self.assertEqual(report.status_code, 200)
                self.assertEqual(notice.sms_state, "sent")

    @mute_logger(CONTROLLER)
    def test_signature(self):
        message = self._send(company=self.other_company)
        notice = self._notice(message)
        path = f"/sms_twilio/status/{message.uuid}"
        form = {"SmsStatus": "delivered"}
        for signature in (None, "", "x", "ÿ".encode("latin-1")):
            answer = self._post_signed(path, form, signature)
            self.assertEqual(answer.status_code, 404)
        # that of another company is none
        self.assertEqual(
            self._report(message.uuid, "delivered", TOKEN).status_code, 404
        )
        self.assertEqual(notice.sms_state, "pending")
        answer = self._report(message.uuid, "delivered", OTHER_TOKEN)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(notice.sms_state, "sent")

    @mute_logger(CONTROLLER)
    def test_company_without_account(self):
        message = self._send()
        self.company.sms_twilio_auth_token = False
        for token in ("", "False"):
            answer = self._report(message.uuid, "delivered", token)
            self.assertEqual(answer.status_code, 404)

    def test_reports_overtake_each_other(self):
        """What waits in Twilio's queue has left ours, for good."""
        for reports, state in (
            (["queued", "sending", "sent", "delivered"], "sent"),
            (["delivered", "sent", "queued", "accepted"], "sent"),
            (["sent", "undelivered", "queued", "scheduled", "sending"], "error"),
        ):
            with self.subTest(reports=reports):
                message = self._send()
                notice = self._notice(message)
                for report in reports:
                    self._report(message.uuid, report, ErrorCode="30005")
                self.assertEqual(notice.sms_state, state)

    def test_undelivered(self):
        message = self._send()
        notice = self._notice(message)
        self._report(
            message.uuid, "undelivered", ErrorCode="30003", ErrorMessage="Switched off"
        )
        self.assertEqual(notice.sms_state, "error")
        self.assertIn("Switched off", notice.note)
        self.assertFalse(self.env["phone.blacklist"].search([]))

    def test_opt_out_that_is_found_late(self):
        message = self._send()
        notice = self._notice(message)
        self._report(
            message.uuid, "failed", ErrorCode="21610", ErrorMessage="Unsubscribed"
        )
        self.assertEqual(notice.sms_state, "error")
        self.assertIn("Unsubscribed", notice.note)
        self.assertEqual(self.env["phone.blacklist"].search([]).number, ONE)
