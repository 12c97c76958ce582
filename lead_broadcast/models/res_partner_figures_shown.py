from datetime import timedelta

from odoo import fields, models
from odoo.tools.misc import formatLang

STAFF = "base.group_user"
SHOWN_DAYS = 90


class ResPartner(models.Model):
    """How service partners do lately, in figures and words for people."""

    _inherit = "res.partner"

    broadcast_recent_offer_count = fields.Integer(
        "Offers Made", compute="_compute_broadcast_figures", groups=STAFF
    )
    broadcast_recent_won_count = fields.Integer(
        "Accepted", compute="_compute_broadcast_figures", groups=STAFF
    )
    broadcast_declines = fields.Char(
        "Declined", compute="_compute_broadcast_figures", groups=STAFF
    )
    broadcast_silent_count = fields.Integer(
        "Not Answered",
        compute="_compute_broadcast_figures",
        groups=STAFF,
        help="Offers that reached the partner and ended without an answer.",
    )
    broadcast_answer_rate = fields.Char(
        "Answer Rate", compute="_compute_broadcast_figures", groups=STAFF
    )
    broadcast_answer_hours = fields.Float(
        "Time to Answer",
        compute="_compute_broadcast_figures",
        groups=STAFF,
        help="Half of the answers took no longer.",
    )
    broadcast_on_time_rate = fields.Char(
        "Done on Time",
        compute="_compute_broadcast_figures",
        groups=STAFF,
        help="Leads completed by their closure date, of those completed or due.",
    )
    broadcast_feedback = fields.Char(
        "Feedback",
        compute="_compute_broadcast_figures",
        groups=STAFF,
        help="The average of what staff noted on completed leads, 5 being the best.",
    )

    def _compute_broadcast_figures(self):
        now = fields.Datetime.now()
        start = now - timedelta(days=SHOWN_DAYS)
        figures = self._get_broadcast_figures(start, now)
        for partner in self:
            own = figures[partner]
            partner.broadcast_recent_offer_count = own.offers
            partner.broadcast_recent_won_count = own.won
            partner.broadcast_declines = self._say_declines(own)
            partner.broadcast_silent_count = own.silent
            partner.broadcast_answer_rate = self._say_share(own.answered, own.decided)
            partner.broadcast_answer_hours = own.answer_hours or 0
            partner.broadcast_on_time_rate = self._say_share(own.on_time, own.due)
            partner.broadcast_feedback = self._say_feedback(own)

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    def _say_rate(self, rate):
        return rate is not None and self.env._("%s %%", round(100 * rate))

    def _say_average(self, average):
        return average is not None and formatLang(self.env, average, digits=1)

    def _say_hours(self, hours):
        """Write a time in hours and minutes, at least one."""
        options = {"unit": "hour", "round": "minute", "format": "short"}
        duration = self.env["ir.qweb.field.duration"]
        return hours is not None and duration.value_to_html(max(hours, 1 / 60), options)

    def _say_share(self, part, whole):
        """Write a share with what it is a share of, which may be little."""
        if not whole:
            return False
        return self.env._(
            "%(percent)s %% (%(part)s of %(whole)s)",
            percent=round(100 * part / whole),
            part=part,
            whole=whole,
        )

    def _say_feedback(self, figures):
        if not figures.scores:
            return False
        return self.env._(
            "%(average)s of 5 (leads: %(number)s)",
            average=self._say_average(figures.feedback),
            number=len(figures.scores),
        )

    def _say_declines(self, figures):
        """Write how many offers were declined, and why, most frequent reasons first."""
        reasons = sorted(figures.declines.items(), key=lambda item: -item[1])
        parts = [
            f"{reason.with_env(self.env).name} {number}"
            for reason, number in reasons
            if reason
        ]
        total = str(figures.declined)
        return f"{total}: {', '.join(parts)}" if parts else total
