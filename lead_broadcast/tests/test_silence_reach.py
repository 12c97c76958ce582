from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .mail_common import UNKNOWN, MailServerCase


@tagged("post_install", "-at_install")
class TestSilenceReach(MailServerCase):
    """What did not arrive is nobody's silence, also when that shows later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.broadcast_silence_limit = 1
        cls.broadcast = cls._broadcast()
        cls._deliver()
        cls.offer = cls._get_offer(cls.lajpat_nagar)  # has only its mail address
        cls.sms_offer = cls._get_offer(cls.saket)
        cls.saket.email = False

    def _expire(self):
        """Let the round end an hour after what was sent by now, and that now."""
        sent = self.broadcast.offer_ids.notice_ids.filtered("sent_date")
        sent.sent_date = fields.Datetime.now() - timedelta(hours=1)
        self._end_validity(self.broadcast)
        self.broadcast._expire()

    def _set_read(self, offer, date):
        notice = offer.notice_ids.filtered(lambda notice: notice.channel == "inbox")
        notice.read_date = date

    def assertSilent(self, offer):
        self.assertTrue(offer.is_silent)
        self.assertTrue(offer.partner_id.broadcast_silenced_date)

    def assertNotSilent(self, offer):
        self.assertFalse(offer.is_silent)
        self.assertFalse(offer.partner_id.broadcast_silenced_date)

    def test_arrived(self):
        self._run_queue()
        self._expire()
        self.assertSilent(self.offer)
        self.assertSilent(self.sms_offer)

    def test_over_at_once(self):
        """The closure date was moved before anybody could have answered."""
        self._run_queue()
        self.lead.with_user(self.user).closure_date = fields.Date.today() - timedelta(1)
        self.broadcast._expire()
        self.assertEqual(self.offer.state, "expired")
        self.assertNotSilent(self.offer)
        self.assertNotSilent(self.sms_offer)

    def test_still_in_the_queue(self):
        self._expire()
        self.assertNotSilent(self.offer)

    def test_refused(self):
        self._refuse(self.lajpat_nagar.email, UNKNOWN)
        self._run_queue()
        self._expire()
        self.assertNotSilent(self.offer)

    def test_came_back_later(self):
        self._run_queue()
        self._expire()
        self._return_mail(self._get_mail_notice(self.lajpat_nagar))
        self.assertNotSilent(self.offer)
        self.assertFalse(self.offer.silenced_date)
        self.assertFalse(self.lajpat_nagar.broadcast_returned_date)
        self.assertSilent(self.sms_offer)

    def test_lost_by_the_operator_later(self):
        """Nobody read it in the app either."""
        mail = self._get_mail_notice(self.saket)
        mail.mail_id.cancel()
        self._expire()
        self.assertSilent(self.sms_offer)
        tracker = self.env["sms.tracker"].search(
            [("broadcast_notice_id.offer_id", "=", self.sms_offer.id)]
        )
        tracker._action_update_from_provider_error("not_delivered")
        self.assertNotSilent(self.sms_offer)

    def test_one_of_two_ways_is_enough(self):
        self._run_queue()
        self._expire()
        self._return_mail(self._get_mail_notice(self.saket))
        self.assertSilent(self.sms_offer)

    def test_in_the_app(self):
        """What waits in the app counts when it was read in time."""
        notices = self.sms_offer.notice_ids
        notices.filtered(lambda notice: notice.channel != "inbox").unlink()
        [notice] = notices.exists()
        self._expire()
        self.assertNotSilent(self.sms_offer)
        for date, is_silent in (
            (fields.Datetime.now(), False),  # the round was over since a minute
            (fields.Datetime.subtract(fields.Datetime.now(), minutes=15), True),
        ):
            notice.read_date = date
            self.broadcast.offer_ids._note_silence()
            self.assertEqual(self.sms_offer.is_silent, is_silent)

    def test_seen_page(self):
        self.offer.viewed_date = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=15
        )
        self._expire()
        self.assertSilent(self.offer)

    def test_master_is_somebody_else(self):
        """A mail to the master has not reached the partner."""
        self._run_queue()
        notice = self._get_mail_notice(self.lajpat_nagar)
        self.assertEqual(notice.mail_state, "sent")
        notice.recipient_id = self.connaught_place
        self._expire()
        self.assertNotSilent(self.offer)
