from odoo import fields, models

from .lead_broadcast_notice_line import SUBJECTS
from .lead_broadcast_notification_event import EVENTS, LEAD


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
        for (rule, event, *clock), notices in self.grouped(
            lambda notice: (notice.rule_id, notice.event, *notice._get_clock())
        ).items():
            field = SUBJECTS[EVENTS[event].model]
            records = notices[field]
            if rule:
                people = rule._get_people_if_true(records, *clock)
                true |= notices.filtered(
                    lambda notice, people=people, field=field: (
                        notice.recipient_id
                        in people.get(notice[field], self.recipient_id[:0])
                        and notice._is_about_owner()
                    )
                )
            else:  # the rule was deleted meanwhile
                now = fields.Datetime.now()
                records = records.filtered_domain(EVENTS[event].get_truth(now, now))
                true |= notices.filtered(
                    lambda notice, records=records, field=field: notice[field] & records
                )
        return true

    def _get_clock(self):
        """Return when this notice was due and whose clock counts, if they matter."""
        self.ensure_one()
        if not self.rule_id._is_planned():
            return None, None
        return self.due_date, self.recipient_id._get_broadcast_tz(self.company_id)

    def _is_about_owner(self):
        """Tell whether the lead still belongs to whom it did: a notice about a lead
        that was given to somebody is void once it was given to somebody else."""
        self.ensure_one()
        return (
            EVENTS[self.event].model != LEAD
            or not self.offer_id
            or self.offer_id == self.lead_id.allocated_offer_id
        )
