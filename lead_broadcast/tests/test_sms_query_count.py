from odoo.tests import tagged

from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestSmsQueryCount(SmsCase):
    """Messages about many leads cost as many queries as those about a few."""

    def _assert_constant(self, prepare, act, allowed):
        """Assert that doing it for many leads takes hardly more queries.

        :param prepare: function of leads, returns what is to be done
        :param act: does it
        """
        records = [prepare(self._create_leads(number)) for number in (1, 2, 20)]
        counts = [self._count_queries(lambda rec=rec: act(rec)) for rec in records]
        self.assertGreater(counts[1], 0)
        self.assertLessEqual(counts[2] - counts[1], allowed)

    def _prepare_notices(self, leads):
        notices = self._broadcast(leads).offer_ids.notice_ids
        return notices.filtered(lambda notice: notice.channel == "sms")

    def _prepare_messages(self, leads):
        notices = self._prepare_notices(leads)
        notices._deliver()
        trackers = self.env["sms.tracker"].search(
            [("broadcast_notice_id", "in", notices.ids)]
        )
        return self.env["sms.sms"].search([("uuid", "in", trackers.mapped("sms_uuid"))])

    def test_broadcast(self):
        self._assert_constant(lambda leads: leads, self._broadcast, 10)

    def test_deliver_notices(self):
        self._assert_constant(
            self._prepare_notices, lambda notices: notices._deliver(), 6
        )

    def test_send(self):
        self._assert_constant(
            self._prepare_messages, lambda messages: messages._send(), 6
        )
