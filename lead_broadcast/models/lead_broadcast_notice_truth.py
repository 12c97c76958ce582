from datetime import datetime

from odoo import api, fields, models

from .lead_broadcast_notice_line import SUBJECTS
from .lead_broadcast_notification_event import EVENTS, LEAD
from .lead_broadcast_schedule import SLOT_FORMAT


class LeadBroadcastNotice(models.Model):
    """Whether what a notice says still holds when it is to be sent."""

    _inherit = "lead.broadcast.notice"

    def _filter_true(self, drop_lines=False):
        """Return those of these notices that are still true, for people who are still
        concerned; of digests, those with a line that is.

        Queries do not grow with the number of notices.

        :param bool drop_lines: delete the lines of digests that are not true
        """
        digests = self.filtered(lambda notice: notice.event == "digest")
        lines = digests.line_ids
        true_lines = lines._filter_true()
        if drop_lines:
            (lines - true_lines).unlink()
        return (self - digests)._filter_singles_true() | true_lines.notice_id

    def _filter_singles_true(self):
        """Return those of these notices, none of them a digest, that are true."""
        true = self.browse()
        for (rule, *clock), notices in (
            self.filtered(lambda notice: notice._is_about_owner())
            .grouped(lambda notice: notice._get_origin()._get_clock())
            .items()
        ):
            if not rule:
                true |= notices._filter_without_rule()
                continue
            named = notices._filter_named(rule, clock)
            if named != notices:
                for twin in self._get_twins(rule):
                    others = (notices - named)._filter_tier(twin)
                    named |= others._filter_named(twin, clock)
            true |= named
        return true

    def _filter_named(self, rule, clock):
        """Return those of these notices that a rule would still send to whom it did,
        or that stand in for such."""
        field = SUBJECTS[EVENTS[rule.event].model]
        people = rule._get_people_if_true(self[field], *clock)
        return self.filtered(
            lambda notice: (
                notice._get_origin().recipient_id
                in people.get(notice[field], self.recipient_id[:0])
            )
        )

    def _filter_tier(self, rule):
        """Return those of these notices that are about the tier of a rule."""
        field = SUBJECTS[EVENTS[rule.event].model]
        records = self[field]
        in_tier = set(rule._filter_tier(records, rule._get_leads(records)))
        return self.filtered(lambda notice: notice[field] in in_tier)

    @api.model
    def _get_twins(self, rule):
        """Return the other rules that would have written the same notices: who is told
        in several roles is told once, and still when they have left one of them."""
        twins = rule.search(
            [
                ("id", "!=", rule.id),
                ("event", "=", rule.event),
                ("channel", "=", rule.channel),
                ("schedule_id", "=", rule.schedule_id.id),
                ("is_digest", "=", False),
            ]
        )
        return twins.filtered(lambda twin: twin._is_planned() == rule._is_planned())

    def _filter_without_rule(self):
        """Return those of these notices that are true though their rule was deleted:
        of what happened somebody is still told, of reminders nobody is."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda notice: (
                notice.recipient_id.active
                and not notice._is_reminder()
                and notice[SUBJECTS[EVENTS[notice.event].model]].filtered_domain(
                    EVENTS[notice.event].get_truth(now, now)
                )
            )
        )

    def _is_reminder(self):
        """Tell whether the clock has written this notice."""
        self.ensure_one()
        if not EVENTS[self.event].is_happening:
            return True
        try:
            datetime.strptime(self.slot, SLOT_FORMAT)
        except ValueError:
            return False
        return True

    def _get_origin(self):
        """Return the notice that this one is sent in place of, if any: it says why, and
        whom the rule names."""
        self.ensure_one()
        origin = self
        while origin.fallback_of_id:
            origin = origin.fallback_of_id
        return origin

    def _get_clock(self):
        """Return the rule of this notice, when it was due and whose clock counts, if
        they matter."""
        self.ensure_one()
        if not self.rule_id._is_planned():
            return self.rule_id, None, None
        tz = self.recipient_id._get_broadcast_tz(self.company_id)
        return self.rule_id, self.due_date, tz

    def _is_about_owner(self):
        """Tell whether the lead still belongs to whom it did: a notice about a lead
        that was given to somebody is void once it was given to somebody else."""
        self.ensure_one()
        return (
            EVENTS[self.event].model != LEAD
            or not self.offer_id
            or self.offer_id == self.lead_id.allocated_offer_id
        )
