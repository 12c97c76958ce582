from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import get_known_zone, to_local, to_utc

SLOT_FORMAT = "%Y-%m-%d %H:%M"
SATURDAY = 5


class Slot(NamedTuple):
    """A time at which reminders go out: what the recipient's calendar and clock show,
    which tells slots apart, and the moment in naive UTC."""

    label: str
    moment: datetime


class LeadBroadcastSchedule(models.Model):
    """When reminders go out: once, or at times of the recipient's day."""

    _name = "lead.broadcast.schedule"
    _description = "Notification Schedule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("once", "Once"), ("times", "At times of the day")],
        required=True,
        default="times",
    )
    time_ids = fields.One2many(
        "lead.broadcast.schedule.time", "schedule_id", "Times", copy=True
    )
    working_days_only = fields.Boolean()
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Days of",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: the working hours of the company that sends.",
    )
    grace_hours = fields.Float(
        "May be Late by (hours)",
        default=3.0,
        help="What could not be sent at its time is sent within these hours, or not"
        " at all.",
    )
    effective_date = fields.Datetime(
        readonly=True,
        default=fields.Datetime.now,
        help="Since when the times are what they are: nothing is made up for.",
    )

    _check_grace_hours = models.Constraint(
        "CHECK(grace_hours > 0 AND grace_hours <= 24)",
        "Reminders may be late by more than zero and at most 24 hours.",
    )

    @api.constrains("kind")
    def _check_digests(self):
        """A digest goes out at times of the day."""
        rules = self.env["lead.broadcast.notification.rule"].search(
            [("schedule_id", "in", self.ids)]
        )
        rules._check_is_digest()

    @api.constrains("kind", "time_ids")
    def _check_time_ids(self):
        for schedule in self:
            if schedule.kind == "times" and not schedule.time_ids:
                raise ValidationError(
                    self.env._("%s needs at least one time of the day.", schedule.name)
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if {"active", "kind", "working_days_only", "calendar_id"} & vals.keys():
            self._note_change()
        return result

    def _note_change(self):
        """Nothing is made up for that would have been sent as the schedule is now."""
        self.effective_date = fields.Datetime.now()

    # ------------------------------------------------------------
    # SLOTS
    # ------------------------------------------------------------

    def _get_slots(self, tz, company, start, end):
        """Return when reminders go out after ``start`` and up to ``end``.

        :param str tz: time zone of the recipient
        :param company: ``res.company`` that sends
        :param datetime start: naive UTC, as ``end``
        :return: list of :class:`Slot`, in order of time
        """
        self.ensure_one()
        return self._filter_working(self._get_daily_slots(tz, start, end), company)

    def _get_daily_slots(self, tz, start, end):
        """Return the slots of all days, see ``_get_slots``."""
        self.ensure_one()
        if self.kind == "once":
            return []
        first = to_local(start, tz).date()
        last = to_local(end, tz).date()
        times = [
            datetime.combine(first + timedelta(days=day), at._get_time())
            for day in range((last - first).days + 1)
            for at in self.time_ids
        ]
        slots = [
            Slot(local.strftime(SLOT_FORMAT), to_utc(local, tz)) for local in times
        ]
        return [slot for slot in slots if start < slot.moment <= end]

    def _get_due_slots(self, tz, now):
        """Return the slot that is due, as a list of at most one, also if it is not on
        a working day.

        Of several that were missed only the last counts, and none that is older than
        the grace, or than the schedule as it is now.
        """
        self.ensure_one()
        start = max(now - timedelta(hours=self.grace_hours), self.effective_date)
        return self._get_daily_slots(tz, start, now)[-1:]

    def _filter_working(self, slots, company):
        """Return those of these slots on which reminders go out.

        :param company: ``res.company`` that sends
        """
        self.ensure_one()
        if not (slots and self.working_days_only):
            return slots
        days = [datetime.strptime(slot.label, SLOT_FORMAT).date() for slot in slots]
        working_days = self._get_working_days(company, min(days), max(days))
        return [
            slot for slot, day in zip(slots, days, strict=True) if day in working_days
        ]

    def _get_working_days(self, company, first, last):
        """Return the days, from ``first`` to ``last``, on which somebody works: Monday
        to Friday where working hours are not set, or flexible."""
        calendar = self.calendar_id or company.resource_calendar_id
        if not calendar or calendar.flexible_hours:
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            return {day for day in days if day.weekday() < SATURDAY}
        zone = pytz.timezone(get_known_zone(calendar.tz))
        intervals = calendar._work_intervals_batch(
            zone.localize(datetime.combine(first, time.min)),
            zone.localize(datetime.combine(last, time.max)),
            tz=zone,
        )[False]
        return {start.date() for start, _end, _meta in intervals}
