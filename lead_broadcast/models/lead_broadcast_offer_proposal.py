from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import format_date

STAFF = "base.group_user"

# round figures a partner understands at a glance, in km
RADIUSES = (1, 2, 3, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)
PAUSES = {"week": relativedelta(weeks=1), "month": relativedelta(months=1)}


class LeadBroadcastOffer(models.Model):
    """What follows from a decline: the team learns what could be changed about the
    lead, the partner is proposed what it could change about its offers."""

    _inherit = "lead.broadcast.offer"

    # what a partner that was not free in time had been asked for
    declined_closure_date = fields.Date(readonly=True, groups=STAFF)
    declined_work_date_from = fields.Date(readonly=True, groups=STAFF)
    declined_work_date_to = fields.Date(readonly=True, groups=STAFF)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _follow_up_decline(self):
        """Do what the reason of a decline asks for."""
        super()._follow_up_decline()
        for offer in self:
            kind, lead = offer.decline_reason_id.kind, offer.lead_id
            is_date = kind == "date"
            offer.write(
                {
                    "declined_closure_date": is_date and lead.closure_date,
                    "declined_work_date_from": is_date and lead.work_date_from,
                    "declined_work_date_to": is_date and lead.work_date_to,
                }
            )
            if kind == "price":
                lead._review_price()

    def _limit_radius(self, by):
        """Offer the partner no more leads as far away as this one.

        :param by: ``res.partner`` of the person who wants it so
        """
        self.ensure_one()
        offer = self.sudo()  # sudo: partners change this one figure, no partners
        if radius := offer._get_radius_proposal():
            offer.partner_id.broadcast_radius_km = radius
            offer._log_proposal(
                lambda env: env._(
                    "After declining %(offer)s: only offers within %(radius)s km.",
                    offer=offer.with_env(env).display_name,
                    radius=radius,
                ),
                by,
            )

    def _pause_partner(self, by, pause):
        """Offer the partner no leads for a while.

        :param by: ``res.partner`` of the person who wants it so
        :param str pause: one of ``PAUSES``; anything else does nothing
        """
        self.ensure_one()
        offer = self.sudo()  # sudo: as in _limit_radius
        if day := offer._get_pause_proposals().get(pause):
            offer.partner_id.broadcast_paused_until = day
            offer._log_proposal(
                lambda env: env._(
                    "After declining %(offer)s: no offers until %(date)s.",
                    offer=offer.with_env(env).display_name,
                    date=format_date(env, day),
                ),
                by,
            )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_radius_proposal(self):
        """Return the distance in km within which the partner may want to work: a round
        figure below that of this offer; 0 where none would help."""
        self.ensure_one()
        if not self.is_located or self._get_declined_kind() != "area":
            return 0
        radius = max((km for km in RADIUSES if km < self.distance), default=0)
        current = self.partner_id.broadcast_radius_km
        return 0 if 0 < current <= radius else radius

    def _get_pause_proposals(self):
        """Return until when the partner may want no offers, as ``{pause: day}``."""
        self.ensure_one()
        if self._get_declined_kind() != "capacity" or self._get_pause_end():
            return {}
        today = fields.Date.context_today(self)
        return {pause: today + length for pause, length in PAUSES.items()}

    def _get_pause_end(self):
        """Return the day from which the partner gets offers again, if it is paused."""
        self.ensure_one()
        end = self.partner_id.broadcast_paused_until
        return end and end > fields.Date.context_today(self) and end

    def _get_declined_kind(self):
        self.ensure_one()
        return self.state == "declined" and self.decline_reason_id.kind

    def _log_proposal(self, tell, by):
        """Log on the partner what it has changed, in the language of the lead's team.

        :param tell: function of an environment, returns the line
        """
        env = self.lead_id._with_team_lang().env
        self.partner_id._message_log(body=tell(env), author_id=by.id)
