from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .lead_broadcast_notification_event import ACTIVITY, EVENTS, LEAD, OFFER

KEPT_DAYS = 30
SUBJECTS = {LEAD: "lead_id", ACTIVITY: "activity_id", OFFER: "offer_id"}


class LeadBroadcastNoticeLine(models.Model):
    """What a digest is about: a lead, or a task on it, and the rule that says so."""

    _name = "lead.broadcast.notice.line"
    _description = "Line of a Digest"
    _order = "id"

    notice_id = fields.Many2one(
        "lead.broadcast.notice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    rule_id = fields.Many2one(
        "lead.broadcast.notification.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, index=True, ondelete="cascade"
    )
    offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="cascade"
    )

    @api.autovacuum
    def _gc_lines(self):
        """Forget what digests were about, not that they were sent: there may be a
        hundred thousand lines a day, so they are not deleted one by one."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.env.cr.execute(
            "DELETE FROM lead_broadcast_notice_line WHERE create_date < %s", [limit]
        )

    @api.model
    def _write_lines(self, entries):
        """Write the lines of digests, tens of thousands at a time.

        :param entries: list of ``(notice, message)``
        """
        if not entries:
            return
        values = [
            (
                notice.id,
                message.rule.id,
                message.target.lead.id,
                message.rule._get_offer(message.target.record, message.target.lead).id
                or None,
                message.target.record.id
                if message.target.record._name == ACTIVITY
                else None,
            )
            for notice, message in entries
        ]
        columns = [list(column) for column in zip(*values, strict=True)]
        self.env.execute_query(
            SQL(
                "INSERT INTO lead_broadcast_notice_line"
                " (notice_id, rule_id, lead_id, offer_id, activity_id, create_date)"
                " SELECT line.*, %s FROM unnest"
                " (%s::int[], %s::int[], %s::int[], %s::int[], %s::int[]) line"
                " RETURNING id",
                fields.Datetime.now(),
                *columns,
            )
        )
        self.env["lead.broadcast.notice"].invalidate_model(["line_ids"], flush=False)

    def _filter_true(self):
        """Return those of these lines that still hold for the recipient, or for whom
        somebody else is told in place of."""
        self.fetch(["notice_id", "rule_id", *SUBJECTS.values()])
        true_ids = []
        origins = {notice: notice._get_origin() for notice in self.notice_id}
        for (rule, due, tz), lines in self.grouped(
            lambda line: (
                line.rule_id,
                line.notice_id.due_date,
                origins[line.notice_id].recipient_id._get_broadcast_tz(
                    line.notice_id.company_id
                ),
            )
        ).items():
            if not rule:
                continue  # deleted meanwhile
            field = SUBJECTS[EVENTS[rule.event].model]
            people = rule._get_people_if_true(lines[field], due, tz)
            true_ids += [
                line.id
                for line in lines
                if origins[line.notice_id].recipient_id
                in people.get(line[field], line.notice_id.recipient_id[:0])
            ]
        return self.browse(true_ids)
