from odoo.tests import HttpCase, tagged

from .common import NUMBER, SMS_NUMBER, KannelCase


@tagged("post_install", "-at_install")
class TestOffer(KannelCase, HttpCase):
    """An offer goes out, is reported on, comes back, and is answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.portal_user.partner_id
        cls.owner.write(
            {"broadcast_alert_number": NUMBER, "broadcast_alert_authorized": True}
        )

    def _run_crons(self):
        """Do what the outbox's cron and core's queue do."""
        self.env["lead.broadcast.notice"].search([("state", "=", "pending")])._deliver()
        self.env["sms.sms"].search([("state", "=", "outgoing")])._send()

    def _call(self, url, **parameters):
        response = self.url_open(url, params=parameters)
        self.assertEqual(response.status_code, 200)

    def _report(self, headers, report_type, text):
        """Call the address that came with a message, as Kannel does."""
        url = headers["X-Kannel-DLR-URL"].replace("%d", report_type)
        url = url.replace(self.gateway.get_base_url(), self.base_url())
        self._call(url.replace("%A", text))

    def test_there_and_back(self):
        self._broadcast()
        self._run_crons()
        [(headers, text)] = self.kannel.requests
        offer = self._get_offer(self.green_park)
        self.assertIn(offer.request_code, text)
        self.assertEqual(headers["X-Kannel-To"], NUMBER)
        self.assertTrue(239 <= int(headers["X-Kannel-Validity"]) <= 240)
        [notice] = self._notices("offered").filtered("sms_number")
        self.assertEqual(notice.sms_state, "process")

        self._report(headers, "1", "")
        self.assertEqual(notice.sms_state, "sent")

        self.kannel.clear()
        self._call(
            f"/lead_broadcast_kannel/receive/{self.gateway.id}",
            **{"secret": self.gateway.secret, "from": NUMBER, "to": SMS_NUMBER},
            text=f"Fwd: {text}",
            charset="UTF-8",
            coding="0",
            smsc="FAKE",
            id="1",
        )
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertEqual(offer.answer_channel, "sms")
        self._run_crons()
        replies = [
            reply
            for headers, reply in self.kannel.requests
            if headers["X-Kannel-To"] == NUMBER
        ]
        self.assertEqual(replies, [self.Inbound.search([]).reply_body])

    def test_not_delivered(self):
        """The person is told by mail instead."""
        self._broadcast()
        self._run_crons()
        [notice] = self._notices("offered").filtered("sms_number")
        [(headers, _text)] = self.kannel.requests
        url = (
            headers["X-Kannel-DLR-URL"].replace("%d", "2").replace("%A", "stat:UNDELIV")
        )
        self._call(url.replace(self.gateway.get_base_url(), self.base_url()))
        self.assertEqual(notice.sms_state, "error")
        self.assertEqual(notice.fallback_ids.channel, "mail")
