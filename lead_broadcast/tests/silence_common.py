from datetime import timedelta

from odoo import fields

from .common import BroadcastCase


class SilenceCase(BroadcastCase):
    """The small world, in which leads are offered an hour apart to three partners,
    whose mails arrive, and nobody answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.broadcast_silence_limit = 3
        cls.partner = cls.lajpat_nagar
        cls.started = fields.Datetime.now() - timedelta(days=10)

    def setUp(self):
        super().setUp()
        self.asked = 0

    def _offer(self, number=1):
        """Offer so many leads; return the rounds."""
        broadcasts = self._broadcast(self._create_leads(number))
        self._tell(broadcasts)
        for broadcast in broadcasts:
            self.asked += 1
            broadcast.offer_ids.sent_date = self.started + timedelta(hours=self.asked)
        return broadcasts

    def _tell(self, broadcasts):
        """Note what the outbox and the mail server would have, an hour ago."""
        mails = broadcasts.offer_ids.notice_ids.filtered(
            lambda notice: notice.channel == "mail"
        )
        mails._finish("sent")
        mails._update_mail_state("sent")
        mails.sent_date = fields.Datetime.now() - timedelta(hours=1)

    def _keep_silent(self, number=1):
        """Offer leads, and let their time pass; return the offers to the partner."""
        broadcasts = self._offer(number)
        self._expire(broadcasts)
        return self._get_own(broadcasts)

    def _get_own(self, broadcasts):
        return broadcasts.offer_ids.filtered(
            lambda offer: offer.partner_id == self.partner
        )

    def _expire(self, broadcasts):
        self._end_validity(broadcasts)
        broadcasts._expire()

    def _answer(self, broadcast):
        """Let the partner decline what it was offered, ten minutes later."""
        offer = self._get_own(broadcast)
        offer._decline("mail", self.partner, self.other_reason)
        offer.answer_date = offer.sent_date + timedelta(minutes=10)
        return offer

    def _get_told(self, channel="mail"):
        """Return what told the partner that it is paused."""
        return self.env["lead.broadcast.notice"].search(
            [
                ("event", "=", "silenced"),
                ("recipient_id", "=", self.partner.id),
                ("channel", "=", channel),
            ]
        )

    def assertPaused(self, partner=None):
        self.assertTrue((partner or self.partner).broadcast_silenced_date)

    def assertNotPaused(self, partner=None):
        self.assertFalse((partner or self.partner).broadcast_silenced_date)
