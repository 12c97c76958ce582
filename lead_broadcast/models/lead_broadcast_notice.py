from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from .lead_broadcast_notification_event import (
    ACTIVITY,
    CHANNEL_SELECTION,
    EVENT_SELECTION,
    EVENTS,
    IS_OPEN,
)

KEPT_DAYS = 365
# what tells notices apart, see _once_uniq
ONCE_FIELDS = (
    "event",
    "lead_id",
    "offer_id",
    "activity_key",
    "recipient_id",
    "channel",
    "company_id",
    "slot",
)


class LeadBroadcastNotice(models.Model):
    """The outbox: what is to be told, to whom, by which channel, and whether it was.

    A state change, or the clock, writes notices in its own transaction; a cron delivers
    them in another one. So nothing is sent for a change that was rolled back, nothing
    is lost when a mail server is down, and nothing is sent that is no longer true.

    What is written is decided by ``lead.broadcast.notification.rule``. A further
    channel adds itself to ``channel`` here and there, ``_deliver_<channel>`` here, and
    ``_get_<channel>_reach`` there.
    """

    _name = "lead.broadcast.notice"
    _description = "Notice"
    _order = "id desc"
    _rec_name = "event"

    event = fields.Selection(
        EVENT_SELECTION + [("digest", "Digest")], required=True, readonly=True
    )
    rule_id = fields.Many2one(
        "lead.broadcast.notification.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Why it was written. A digest follows the most urgent of its rules.",
    )
    lead_id = fields.Many2one(
        "crm.lead",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty for a digest, which is about the leads of its lines.",
    )
    line_ids = fields.One2many(
        "lead.broadcast.notice.line", "notice_id", "About", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    activity_key = fields.Integer(
        "Task ID",
        readonly=True,
        help="Tells notices about several tasks apart, also when these are done.",
    )
    recipient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNEL_SELECTION, required=True, readonly=True)
    slot = fields.Char(
        required=True,
        readonly=True,
        default="once",
        help="What tells repeated notices of the same event apart.",
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sent", "Sent"),
            ("skipped", "Not sent"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    note = fields.Char("Why Not", readonly=True)
    due_date = fields.Datetime(
        "Due", readonly=True, default=fields.Datetime.now, index=True
    )
    sent_date = fields.Datetime("Sent on", readonly=True)
    read_date = fields.Datetime("Read on", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", "Email", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _once_uniq = models.UniqueIndex(
        "(event, COALESCE(lead_id, 0), COALESCE(offer_id, 0),"
        " COALESCE(activity_key, 0), recipient_id, channel, COALESCE(company_id, 0),"
        " slot)",
        "The same notice cannot be sent twice.",
    )
    _pending_idx = models.Index("(id) WHERE state = 'pending'")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry(self):
        """Send notices that failed once more."""
        (self.lead_id | self.line_ids.lead_id).check_access("write")
        self.sudo()._retry()  # sudo: nobody may write notices or mails directly

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_messages(self, messages, planned=False):
        """Write what rules send, of what can be sent: digests as one notice for each
        recipient, channel and slot.

        :param messages: of ``lead.broadcast.notification.rule``
        :param bool planned: whether some of them may have been written already
        :return: the new notices
        """
        singles, digests = {}, defaultdict(list)
        for message in messages:
            if message.target.problem:
                continue
            if message.rule.is_digest:
                digests[self._get_digest_key(message)].append(message)
            else:
                values = self._prepare_notice(message)
                singles.setdefault(self._get_once_key(values), values)
        for group in digests.values():
            group.sort(key=lambda message: EVENTS[message.rule.event].urgency)
        values = {
            **singles,
            **{
                self._get_once_key(values): values
                for values in map(self._prepare_digest, digests.values())
            },
        }
        if planned:
            values = self._drop_written(values)
        notices = self._write_notices(list(values.values()))
        self.env["lead.broadcast.notice.line"]._write_lines(
            [
                (notice, message)
                for notice in notices
                if notice.event == "digest"
                for message in digests[
                    notice.company_id, notice.recipient_id, notice.channel, notice.slot
                ]
            ]
        )
        if planned:
            self._write_unreachable_reminders(messages)
        return notices

    @api.model
    def _get_digest_key(self, message):
        target = message.target
        return target.company, target.recipient, target.channel, message.slot.label

    @api.model
    def _prepare_notice(self, message):
        """Return the values of a notice about one record."""
        target = message.target
        is_activity = target.record._name == ACTIVITY
        offer = message.rule._get_offer(target.record, target.lead)
        return {
            "event": message.rule.event,
            "rule_id": message.rule.id,
            "company_id": target.company.id,
            "lead_id": target.lead.id,
            "offer_id": offer.id,
            "activity_id": is_activity and target.record.id,
            "activity_key": is_activity and target.record.id,
            "recipient_id": target.recipient.id,
            "channel": target.channel,
            "slot": message.slot.label,
            "due_date": message.slot.moment,
        }

    @api.model
    def _prepare_digest(self, messages):
        """Return the values of one notice about several records."""
        values = self._prepare_notice(messages[0])
        subjects = ("lead_id", "offer_id", "activity_id", "activity_key")
        no_record = dict.fromkeys(subjects, False)
        return {**values, **no_record, "event": "digest"}

    @api.model
    def _get_once_key(self, values):
        """Return what no two notices have in common."""
        return tuple(values[name] or 0 for name in ONCE_FIELDS)

    @api.model
    def _drop_written(self, values):
        """Leave out what was written before.

        :param values: ``{key: values}``
        """
        # sudo: nobody reads the whole outbox
        written = self.sudo().search_fetch(
            [
                (name, "in", list({vals[name] for vals in values.values()}))
                for name in ("slot", "event", "recipient_id")
            ],
            ONCE_FIELDS,
        )
        keys = {
            tuple(
                notice[name].id if name.endswith("_id") else notice[name]
                for name in ONCE_FIELDS
            )
            for notice in written
        }
        return {
            key: vals
            for key, vals in values.items()
            if key not in {tuple(part or 0 for part in key) for key in keys}
        }

    @api.model
    def _write_notices(self, vals_list):
        notices = self.sudo().create(vals_list)  # sudo: nobody writes the outbox
        if notices:
            notices._trigger_delivery()
        return notices

    @api.autovacuum
    def _gc_notices(self):
        """Forget what was told long ago, but for what leads that are still open were
        about."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = Domain("create_date", "<", limit) & Domain("state", "!=", "pending")
        closed = Domain("lead_id", "=", False) | ~Domain("lead_id", "any", IS_OPEN)
        notices = self.search(old & closed, limit=GC_UNLINK_LIMIT)
        notices.unlink()
        return len(notices), len(notices) == GC_UNLINK_LIMIT

    @api.model
    def _delete_twins(self, field, records, kept):
        """Delete the notices that would be the same once records are merged: else the
        database refuses to merge them.

        :param str field: by which notices refer to them
        :param kept: the one of them that remains, with its notices
        """
        self.flush_model()
        key = [
            SQL("COALESCE(%s, 0)", SQL.identifier(name))
            if self._fields[name].type in ("many2one", "integer")
            else SQL.identifier(name)
            for name in ONCE_FIELDS
            if name != field
        ]
        # deleted by records: with all that goes with a notice
        twins = self.env.execute_query(
            SQL(
                "SELECT id FROM (SELECT id, row_number() OVER"
                " (PARTITION BY %s ORDER BY %s = %s DESC, id) AS number"
                " FROM lead_broadcast_notice WHERE %s = ANY(%s)) notice"
                " WHERE number > 1",
                SQL(", ").join(key),
                SQL.identifier(field),
                kept.id,
                SQL.identifier(field),
                records.ids,
            )
        )
        self.browse([id_ for [id_] in twins]).unlink()

    @api.model
    def _trigger_delivery(self):
        cron = self.env.ref("lead_broadcast.ir_cron_send_notices")
        cron.sudo()._trigger()  # sudo: whoever causes a notice starts its delivery
