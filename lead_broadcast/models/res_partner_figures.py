from dataclasses import dataclass, field

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import get_known_zone, to_local
from .lead_broadcast_notification_event import IS_OPEN


@dataclass
class Figures:
    """What a partner did with what it was offered in a period."""

    offers: int = 0
    won: int = 0
    declined: int = 0
    silent: int = 0
    answered: int = 0  # by the partner itself, also after its acceptance was undone
    answer_hours: float | None = None  # the median
    declines: dict = field(default_factory=dict)  # by lead.broadcast.decline.reason
    due: int = 0  # leads completed, or due and not completed
    on_time: int = 0
    scores: list = field(default_factory=list)  # 1 to 5
    response_hours: float | None = None  # working hours, the median
    response_rate: float | None = None  # the share of leads answered on time

    @property
    def decided(self):
        """How many offers could have been answered, and were or were not."""
        return self.answered + self.silent

    @property
    def answer_rate(self):
        """The share of them that was answered, None without any."""
        return self.answered / self.decided if self.decided else None

    @property
    def on_time_rate(self):
        """The share of leads that was completed by their closure date."""
        return self.on_time / self.due if self.due else None

    @property
    def feedback(self):
        """The average score, None without any."""
        return sum(self.scores) / len(self.scores) if self.scores else None


class ResPartner(models.Model):
    """What service partners make of what they are offered, counted."""

    _inherit = "res.partner"

    def _get_broadcast_figures(self, start, end):
        """Return how these partners did with what was offered to them, and with the
        leads they were to complete, in a period.

        Queries do not grow with the number of partners.

        :param datetime start: in UTC
        :param datetime end: in UTC, excluded
        :return: ``{partner: Figures}``
        """
        # sudo: the numbers of a partner are told, not whose leads they are about
        partners = self.sudo()
        figures = {partner_id: Figures() for partner_id in self.ids}
        partners._add_offers(figures, start, end)
        partners._add_declines(figures, start, end)
        partners._add_leads(figures, start, end)
        partners._add_responses(figures, start, end)
        return {partner: figures.get(partner._origin.id, Figures()) for partner in self}

    def _add_offers(self, figures, start, end):
        Offer = self.env["lead.broadcast.offer"]
        Offer.flush_model()
        for partner_id, *numbers, hours in self.env.execute_query(
            SQL(
                """
                SELECT partner_id,
                       count(*),
                       count(*) FILTER (WHERE state = 'accepted'),
                       count(*) FILTER (WHERE state = 'declined'),
                       count(*) FILTER (WHERE is_silent),
                       count(*) FILTER (WHERE answer_channel != 'staff'),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY answer_hours)
                           FILTER (WHERE answer_channel != 'staff')
                  FROM lead_broadcast_offer
                 WHERE partner_id = ANY(%s) AND sent_date >= %s AND sent_date < %s
              GROUP BY partner_id
                """,
                self.ids,
                start,
                end,
            )
        ):
            own = figures[partner_id]
            own.offers, own.won, own.declined, own.silent, own.answered = numbers
            own.answer_hours = hours

    def _add_declines(self, figures, start, end):
        for partner, reason, number in self.env["lead.broadcast.offer"]._read_group(
            [
                ("partner_id", "in", self.ids),
                ("sent_date", ">=", start),
                ("sent_date", "<", end),
                ("state", "=", "declined"),
            ],
            ["partner_id", "decline_reason_id"],
            ["__count"],
        ):
            figures[partner.id].declines[reason] = number

    def _add_leads(self, figures, start, end):
        first_day, end_day = (
            fields.Datetime.context_timestamp(self, moment).date()
            for moment in (start, end)
        )
        leads = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            .search_fetch(
                Domain("allocated_partner_id", "in", self.ids)
                & (
                    Domain("completion_date", ">=", start)
                    & Domain("completion_date", "<", end)
                    | IS_OPEN  # still owed
                    & Domain("closure_date", ">=", first_day)
                    & Domain("closure_date", "<", end_day)
                ),
                [
                    "allocated_partner_id",
                    "closure_date",
                    "completion_date",
                    "feedback_score",
                ],
            )
        )
        for partner, own_leads in leads.grouped("allocated_partner_id").items():
            own = figures[partner.id]
            tz = get_known_zone(partner.tz, self.env.user.tz)
            own.scores = [
                int(lead.feedback_score) for lead in own_leads if lead.feedback_score
            ]
            dated = own_leads.filtered("closure_date")
            own.due = len(dated)
            own.on_time = sum(
                to_local(lead.completion_date, tz).date() <= lead.closure_date
                for lead in dated
                if lead.completion_date
            )

    def _add_responses(self, figures, start, end):
        """What counts as on time is up to the report."""
        for partner, hours, rate in self.env["lead.response.report"]._read_group(
            [
                ("partner_id", "in", self.ids),
                ("start_date", ">=", start),
                ("start_date", "<", end),
            ],
            ["partner_id"],
            ["median_hours:avg", "on_time:avg"],
        ):
            own = figures[partner.id]
            own.response_hours, own.response_rate = hours, rate
