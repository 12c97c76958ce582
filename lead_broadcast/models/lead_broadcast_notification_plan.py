import logging
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.misc import clean_context

from .lead_broadcast_notification_event import ACTIVITY, EVENTS, OFFER
from .lead_broadcast_notification_recipient import Target
from .lead_broadcast_schedule import SLOT_FORMAT, Slot

_logger = logging.getLogger(__name__)

# How late a message that is sent once may be: longer ago, nobody is told any more.
ONCE_GRACE = timedelta(days=1)


class Message(NamedTuple):
    """What one rule sends about one record, and when."""

    rule: models.BaseModel
    target: Target
    tz: str
    slot: Slot


class LeadBroadcastNotificationRule(models.Model):
    """Which messages are due: of what has just happened, of the times of schedules,
    and of thresholds."""

    _inherit = "lead.broadcast.notification.rule"

    # ------------------------------------------------------------
    # HAPPENINGS
    # ------------------------------------------------------------

    @api.model
    def _notify(self, event, records, slot=None):
        """Write notices that tell of what has just happened.

        :param str event: one that is a happening
        :param records: what it happened to: offers, leads or activities
        :param str slot: what tells repeated notices of one record apart; the moment
            if unset, which is all that most events need
        :return: the notices
        """
        # whatever the caller's defaults, and whether archived records show there
        context = {**clean_context(self.env.context), "active_test": True}
        self = self.with_env(self.env(context=context))
        # sudo: whoever causes an event tells of it
        rules = self.sudo()._search_rules(
            "once", Domain("event", "=", event) & Domain("threshold", "=", 0)
        )
        records = records.with_env(self.env).sudo()
        now = fields.Datetime.now()
        messages = [
            Message(
                rule,
                target,
                "UTC",
                Slot(slot or self._get_happening_label(target.record, now), now),
            )
            for rule in rules
            for target in rule._get_targets(records)
        ]
        notices = self.env["lead.broadcast.notice"]._write_messages(messages)
        notices._write_unreachable(messages)
        return notices

    @api.model
    def _get_happening_label(self, record, now):
        """An offer is won or lost only once; leads and tasks are given repeatedly."""
        if record._name == OFFER:
            return "once"
        return f"{record.id} {now}" if record._name == ACTIVITY else str(now)

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _cron_plan(self):
        """Write the notices that are due by the clock.

        At most one for each slot: what was planned already is remembered, and of
        several slots that were missed only the last is planned, if it is not too old.
        """
        now = fields.Datetime.now()
        self._plan_slots(now)
        self._plan_thresholds(now)
        self._trigger_next(now)

    @api.model
    def _plan_slots(self, now):
        """Write what goes out at the times of schedules."""
        rules = self._search_rules("times")
        runs = self.env["lead.broadcast.schedule.run"]._start_runs(
            rules.schedule_id, now
        )
        messages = []
        for rule in rules:
            moments = {
                (slot.moment, tz)
                for (schedule, _company, tz), slot in runs.items()
                if schedule == rule.schedule_id
            }
            if moments:
                with rule._go_on():
                    messages += rule._get_messages(
                        rule._search_true(moments),
                        lambda *key: [runs[key]] if key in runs else [],
                    )
        return self.env["lead.broadcast.notice"]._write_messages(messages, planned=True)

    def _get_messages(self, records, get_slots):
        """Return what this rule sends about records.

        :param get_slots: function of a schedule, a company and a time zone that
            returns the :class:`Slot` in question
        :return: list of :class:`Message`, also of those that cannot be told
        """
        self.ensure_one()
        messages = []
        for (company, tz), targets in self._group_by_clock(
            self._get_targets(records)
        ).items():
            for slot in get_slots(self.schedule_id, company, tz):
                if slot.moment < self.effective_date:
                    continue
                true = set(self._filter_true(records, slot.moment, tz))
                messages += [
                    Message(self, target, tz, slot)
                    for target in targets
                    if target.record in true
                ]
        return messages

    @api.model
    def _group_by_clock(self, targets):
        """Return ``{(company, time zone of the recipient): targets}``."""
        zones = {}
        groups = defaultdict(list)
        for target in targets:
            key = (target.recipient, target.company)
            if key not in zones:
                zones[key] = target.recipient._get_broadcast_tz(target.company)
            groups[target.company, zones[key]].append(target)
        return groups

    @api.model
    def _plan_thresholds(self, now):
        """Write what goes out once, when a threshold is reached."""
        messages = []
        for rule in self._search_rules("once").filtered(
            lambda rule: rule._is_planned()
        ):
            start = max(now - ONCE_GRACE, rule.effective_date)
            with rule._go_on():
                messages += [
                    message
                    for message in rule._get_messages_once(rule._search_reaching(now))
                    if start < message.slot.moment <= now
                ]
        return self.env["lead.broadcast.notice"]._write_messages(messages, planned=True)

    @api.model
    def _search_rules(self, kind, domain=Domain.TRUE):
        """Return the rules that are switched on, of schedules of a kind."""
        return self.search(
            domain
            & Domain("active", "=", True)
            & Domain("schedule_id.active", "=", True)
            & Domain("schedule_id.kind", "=", kind)
        )

    @contextmanager
    def _go_on(self):
        """One rule that cannot be followed does not silence the others."""
        try:
            with self.env.cr.savepoint():
                yield
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("Notification rule %s cannot be followed", self.id)

    def _is_planned(self):
        """Tell whether this rule waits for the clock, not for something to happen."""
        return bool(
            self.schedule_id.kind == "times"
            or self.threshold
            or (self.event and not EVENTS[self.event].is_happening)
        )

    def _get_messages_once(self, records):
        """Return what this rule, whose schedule is once, sends about records, and
        when. They differ in their slots: one for each time the record gets there."""
        self.ensure_one()
        messages = []
        since = EVENTS[self.event].since
        for target in self._get_targets(records.filtered(since)):
            tz = target.recipient._get_broadcast_tz(target.company)
            moment = self._get_reached(target.record, tz)
            if target.record._name == OFFER and moment <= target.record.sent_date:
                continue  # it was shorter than the threshold from the start
            if self._filter_true(target.record, moment, tz):
                slot = Slot(moment.strftime(SLOT_FORMAT), moment)
                messages.append(Message(self, target, tz, slot))
        return messages

    @api.model
    def _trigger_next(self, now):
        """Have the next times of schedules met to the minute."""
        run = self.env["lead.broadcast.schedule.run"]
        schedules = self._search_rules("times").schedule_id
        moments = run._get_next_moments(schedules, now)
        if moments:
            self.env.ref("lead_broadcast.ir_cron_plan_notices")._trigger(min(moments))
