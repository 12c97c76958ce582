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
        result = super()._follow_up_decline()
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
        return result

    def _apply_proposal(self, choice, by):
        """Change what the partner chose to change about its offers.

        :param str choice: one of the choices of ``_get_proposal``; anything else does
            nothing
        :param by: ``res.partner`` of the person who chose
        """
        self.ensure_one()
        offer = self.sudo()  # sudo: partners change only what they are proposed
        team_env = offer.lead_id._with_team_lang().env
        proposal = offer.with_env(team_env)._get_proposal()
        if not proposal or choice not in proposal["choices"]:
            return
        if choice == "radius":
            offer.partner_id.broadcast_radius_km = offer._get_smaller_radius()
        else:
            offer.partner_id.broadcast_paused_until = offer._get_pause_end(choice)
        offer.partner_id._message_log(
            body=team_env._(
                "Chosen after declining %(offer)s: %(choice)s.",
                offer=offer.with_env(team_env).display_name,
                choice=proposal["choices"][choice],
            ),
            author_id=by.id,
        )

    # ------------------------------------------------------------
    # PROPOSALS
    # ------------------------------------------------------------

    def _get_proposal(self):
        """Return what the partner may change about its offers after this decline, or
        how they are now.

        :return: dict with ``title`` and ``text``, and the label of each of the
            ``choices``, which are none where there is nothing to change; or None
        """
        self.ensure_one()
        kind = self.state == "declined" and self.decline_reason_id.kind
        if kind == "area":
            return self._propose_radius()
        if kind == "capacity":
            return self._propose_pause()
        return None

    def _propose_radius(self):
        current = self.partner_id.broadcast_radius_km
        if radius := self._get_smaller_radius():
            return {
                "title": self.env._("Too far away?"),
                "text": self.env._("You get offers within %s km.", f"{current:g}")
                if current
                else self.env._("You get offers from any distance."),
                "choices": {
                    "radius": self.env._("Only offers within %s km", radius),
                },
            }
        if 0 < current < self.distance:
            return {
                "title": self.env._("You get offers within %s km.", f"{current:g}"),
                "text": self.env._("If that is to change, tell us."),
                "choices": {},
            }
        return None

    def _propose_pause(self):
        end = self.partner_id.broadcast_paused_until
        if end and end > fields.Date.context_today(self):
            day = format_date(self.env, end, date_format="long")
            return {
                "title": self.env._("You get no offers before %s.", day),
                "text": self.env._("If that is to change, tell us."),
                "choices": {},
            }
        return {
            "title": self.env._("Fully booked for longer?"),
            "text": self.env._(
                "You can get no offers for a while. What is yours stays yours."
            ),
            "choices": {
                pause: self.env._(
                    "No offers before %s",
                    format_date(
                        self.env, self._get_pause_end(pause), date_format="long"
                    ),
                )
                for pause in PAUSES
            },
        }

    def _get_smaller_radius(self):
        """Return the distance in km within which the partner may want to work: a round
        figure below that of this offer; 0 where none would help."""
        if not self.is_located:
            return 0
        radius = max((km for km in RADIUSES if km < self.distance), default=0)
        current = self.partner_id.broadcast_radius_km
        return 0 if 0 < current <= radius else radius

    def _get_pause_end(self, pause):
        """Return the day from which the partner would get offers again."""
        return fields.Date.context_today(self) + PAUSES[pause]
