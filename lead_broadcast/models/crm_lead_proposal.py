from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .lead_broadcast_audience import Rules


class CrmLead(models.Model):
    """The days on which partners that declined would be free, and how one of them
    becomes the date of the work."""

    _inherit = "crm.lead"

    proposed_date_ids = fields.One2many(
        "lead.broadcast.offer.date",
        "lead_id",
        "Dates Proposed by Partners",
        copy=False,
        groups="lead_broadcast.group_user",
    )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _use_date(self, day):
        """Have the work done on a day, and ask the partners that said they are free
        then, in a round of their own.

        Offers for another date are withdrawn. A ladder that is being climbed goes on
        when none of these partners takes the lead.

        :param date day: first day of the work
        :return: the new round
        :raise UserError: when the day has passed, or nobody can be asked
        """
        self.ensure_one()
        self._check_can_allocate()
        self._check_can_use_date(day)
        lead = self.sudo()  # the right to the lead is enough
        is_searched = lead.broadcast_state in ("searching", "exhausted")
        since = is_searched and lead.searching_since
        if day != (self.work_date_from or self.closure_date):
            lead._get_open_rounds()._cancel()
            self._move_work(day)
        candidates = {self: self._find_free_partners(day)}
        broadcast = self._broadcast(candidates, audience="date")
        if since:
            lead.searching_since = since  # it is the same search, on another date
        if self.ladder_state == "running":
            lead.next_action_at = broadcast.valid_until
            self._set_climb_alarm([broadcast.valid_until])
        return broadcast

    def _move_work(self, day):
        """Set the dates of the work: it begins on this day, takes as long as before,
        and is to be completed when it ends."""
        values = {"closure_date": day}
        if self.work_date_from:
            values["work_date_from"] = day
        if self.work_date_to:
            length = self.work_date_to - (self.work_date_from or self.work_date_to)
            values["closure_date"] = values["work_date_to"] = day + length
        self.write(values)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _check_can_use_date(self, day):
        today = fields.Date.context_today(self.with_context(tz=self._get_team_tz()))
        if day < today:
            raise UserError(
                self.env._(
                    "%s has passed. Choose a later day.", format_date(self.env, day)
                )
            )

    def _find_free_partners(self, day):
        """Find who can be asked of those that said they would be free on a day, which
        is the date of the work by now.

        Their capacity does not count: it is that of today.

        :return: values of ``lead.broadcast.candidate.mixin``
        :raise UserError: when it is nobody
        """
        # sudo: as in _use_date
        proposals = self.sudo().proposed_date_ids.filtered(
            lambda proposal: proposal.date == day
        )
        env = self._with_team_lang().env
        why = env._("free on %s", format_date(env, day))
        partners = proposals._get_current().partner_id
        lines = self.env["lead.broadcast.audience"]._search_partners(
            self,
            Rules(look_at=("given",), ask_again=True, is_anywhere=True),
            sizes={self: None},
            given={self: dict.fromkeys(partners.ids, (None, why))},
        )[self]
        for line in lines:
            is_reachable = line["by_mail"] or line["by_inbox"] or line["by_sms"]
            if line["reason"] == "capacity" and is_reachable:
                line.update(reason=False, selected=True)
        if not any(line["selected"] for line in lines):
            raise UserError(self._explain_nobody_free(lines, day))
        return lines

    def _explain_nobody_free(self, lines, day):
        candidates = self.env["lead.broadcast.candidate"].concat(
            *(self.env["lead.broadcast.candidate"].new(line) for line in lines)
        )
        return self.env._(
            "Nobody who would be free on %(date)s can be asked now. %(reasons)s",
            date=format_date(self.env, day),
            reasons=" ".join(
                f"{line.partner_id.name}: {line.reason_text}." for line in candidates
            ),
        )
