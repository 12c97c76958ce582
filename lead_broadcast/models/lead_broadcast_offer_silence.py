from datetime import timedelta

from odoo import fields, models

STAFF = "base.group_user"
# what tells of an offer while it can be answered
TELLING = ("offered", "expiring")
TIME_TO_ANSWER = timedelta(minutes=10)  # who has less is not silent


class LeadBroadcastOffer(models.Model):
    """Which offers reached their partners and got no answer.

    Nobody is silent about what did not arrive, or was over as soon as it did, nor about
    what another partner took before its time was over.
    """

    _inherit = "lead.broadcast.offer"

    is_silent = fields.Boolean(
        "Not Answered",
        readonly=True,
        groups=STAFF,
        help="The partner was told, or saw it, and did not answer in time.",
    )
    silenced_date = fields.Datetime(
        "Partner Paused",
        readonly=True,
        groups=STAFF,
        help="Since when the partner is paused, as neither this offer nor those before"
        " it were answered.",
    )

    _silent_idx = models.Index("(partner_id, sent_date) WHERE is_silent")
    _answer_date_idx = models.Index(
        "(partner_id, answer_date) WHERE answer_date IS NOT NULL"
    )
    _silenced_idx = models.Index("(partner_id) WHERE silenced_date IS NOT NULL")

    # ------------------------------------------------------------
    # SILENCE
    # ------------------------------------------------------------

    def _note_silence(self):
        """Note which of these offers, whose time is over, were not answered though they
        arrived, and pause the partners to whom that happens again and again."""
        ended = self.filtered(lambda offer: offer.state == "expired")
        silent = ended._filter_reached()
        if silent:
            silent.is_silent = True
            silent._pause_silent_partners()

    def _excuse_unreached(self):
        """Take back what was noted as silence: a message has come back."""
        noted = self.filtered("is_silent")
        excused = noted - noted._filter_reached()
        if excused:
            excused.is_silent = False
            excused._resume_excused_partners()

    def _filter_reached(self):
        """Return the offers that their partners saw, or were told of by a message that
        did not come back. What waits in the app has reached nobody.

        Queries do not grow with the number of offers.
        """
        seen = self.filtered(lambda offer: offer._could_be_answered(offer.viewed_date))
        others = self - seen
        notices = self.env["lead.broadcast.notice"].search(
            [("event", "in", TELLING), ("offer_id", "in", others.ids)]
        )
        lines = self.env["lead.broadcast.notice.line"].search(
            [("rule_id.event", "in", TELLING), ("offer_id", "in", others.ids)]
        )
        told = notices.filtered(lambda notice: notice._has_reached(notice.offer_id))
        in_digests = lines.filtered(
            lambda line: line.notice_id._has_reached(line.offer_id)
        )
        return seen | told.offer_id | in_digests.offer_id

    def _could_be_answered(self, told_date):
        """Tell whether who was told at a moment, if ever, had the time to answer."""
        self.ensure_one()
        return bool(told_date) and told_date + TIME_TO_ANSWER <= self.valid_until

    def _pause_silent_partners(self):
        """Pause the partners of these offers that were silent about as many leads in a
        row as their company minds, and tell them."""
        heard = self.filtered(
            lambda offer: not offer.partner_id.broadcast_silenced_date
        )
        latest = {offer.partner_id: offer for offer in heard.sorted("id")}
        offers = self.browse().union(*latest.values())
        for company, sent in offers.grouped(
            lambda offer: offer.lead_id._get_sms_company()
        ).items():
            partners = sent.partner_id._filter_silent(company.broadcast_silence_limit)
            last_straws = sent.filtered(
                lambda offer, partners=partners: offer.partner_id in partners
            )
            last_straws.silenced_date = fields.Datetime.now()
            partners._pause_for_silence()
            self.env["lead.broadcast.notification.rule"]._notify(
                "silenced", last_straws
            )

    def _resume_excused_partners(self):
        """Go on with partners that were not silent that often after all."""
        for company, offers in self.grouped(
            lambda offer: offer.lead_id._get_sms_company()
        ).items():
            paused = offers.partner_id.filtered("broadcast_silenced_date")
            limit = company.broadcast_silence_limit
            (paused - paused._filter_silent(limit))._excuse_silence()

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _accept(self, channel, by, received_at=None):
        outcome = super()._accept(channel, by, received_at=received_at)
        self._note_sign_of_life(channel, by)
        return outcome

    def _decline(self, channel, by, *args, **kwargs):
        outcome = super()._decline(channel, by, *args, **kwargs)
        self._note_sign_of_life(channel, by)
        return outcome

    def _note_sign_of_life(self, channel, by):
        """Whoever answers is there, even if it is too late for this offer; not who is
        given a lead by staff."""
        if channel == "staff":
            return
        offer = self.sudo()  # sudo: as whoever was let in to answer
        if offer.is_silent:
            offer.is_silent = False
        offer.partner_id._return_to_offers(by)
