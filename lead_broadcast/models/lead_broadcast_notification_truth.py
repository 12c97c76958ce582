from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.fields import Domain

from ..tools import shift, to_local, to_utc
from .lead_broadcast_notification_event import (
    ACTIVITY,
    EVENTS,
    IS_OPEN,
    IS_SERVICE,
    IS_UNATTENDED,
    LEAD,
)

MORNING = time(9)  # of days that are reached without a time
STOP_DOMAINS = {
    "attended": IS_OPEN & IS_UNATTENDED,
    "closed": IS_OPEN,
    "never": Domain.TRUE,
}


class LeadBroadcastNotificationRule(models.Model):
    """What a rule is true of: one domain for planning, for looking ahead, and for
    looking again before something is sent."""

    _inherit = "lead.broadcast.notification.rule"

    def _search_true(self, moments):
        """Search the records this rule is true of at any of these moments.

        :param moments: ``{(naive UTC, time zone)}``
        """
        self.ensure_one()
        event = EVENTS[self.event]
        Model = self.env[event.model].with_context(active_test=False)
        domain = Domain.OR(self._get_domain(*moment) for moment in moments)
        if event.model == ACTIVITY:
            Lead = self.env[LEAD].with_context(active_test=False)
            lead_domain = self._get_stop_domain() & IS_SERVICE
            domain &= Domain("res_id", "in", Lead._search(lead_domain))
        return Model.search_fetch(domain, self._get_needed_fields(), order="id")

    def _filter_true(self, records, moment, tz, due=None):
        """Return those of these records this rule is true of at a moment.

        :param datetime moment: naive UTC
        :param str tz: whose days count
        :param datetime due: when the thresholds must be met, if not at the moment
        """
        self.ensure_one()
        true = records.filtered_domain(self._get_domain(moment, tz, due))
        if EVENTS[self.event].model == ACTIVITY:
            leads = self._get_leads(true)
            open_leads = self.env[LEAD].union(*leads.values())
            open_leads = set(
                open_leads.filtered_domain(self._get_stop_domain() & IS_SERVICE)
            )
            true = true.filtered(lambda activity: leads[activity] in open_leads)
        return true

    def _get_people_if_true(self, records, due=None, tz=None):
        """Return whom this rule tells of these records now that a message is to be
        sent: of those that it is still true of.

        :param datetime due: when the message was due, for which thresholds are taken;
            None if they do not matter
        :param str tz: of the recipients, with ``due``
        :return: ``{record: res.partner}``
        """
        self.ensure_one()
        if not self.active:
            return {}
        records.fetch(self._get_needed_fields())
        now = fields.Datetime.now()
        true = self._filter_true(records, now, tz or "UTC", due or now)
        people = self._get_people(true, self._get_leads(true))
        return {record: group.filtered("active") for record, group in people.items()}

    def _get_needed_fields(self):
        """Return what planning reads of each record, so that it comes in one query."""
        model = EVENTS[self.event].model
        wanted = {
            "allocated_offer_id",
            "allocated_partner_id",
            "allocated_team_id",
            "allocated_tier_id",
            "allocated_user_id",
            "company_id",
            "lead_id",
            "partner_id",
            "res_id",
            "team_id",
            "user_id",
        }
        domains = self._get_domain(fields.Datetime.now(), "UTC")
        wanted |= {leaf.field_expr for leaf in domains.iter_conditions()}
        return [name for name in wanted if name in self.env[model]._fields]

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    def _get_domain(self, moment, tz, due=None):
        """Return which records this rule is true of at a moment."""
        event = EVENTS[self.event]
        domain = event.get_truth(moment, to_local(moment, tz))
        domain &= self._get_window(due or moment, tz)
        if event.model == LEAD:
            domain &= self._get_stop_domain()
        return domain

    def _get_stop_domain(self):
        """Return which leads still need to be reminded of."""
        return STOP_DOMAINS[self.stop_condition]

    def _get_window(self, moment, tz):
        """Return for which records the moment lies within the thresholds."""
        event = EVENTS[self.event]
        if event.is_before:
            return Domain(event.since, "<=", self._shift(moment, tz, self.threshold))
        domain = Domain.TRUE
        if self._is_planned():
            reached = self._shift(moment, tz, -self.threshold, later=True)
            domain &= Domain(event.since, "<=", reached)
        if self.threshold_until:
            over = self._shift(moment, tz, -self.threshold_until)
            domain &= Domain(event.since, ">=", over)
        return domain

    def _shift(self, moment, tz, amount, later=False):
        """Move a moment by a threshold; a day, where the event counts from one."""
        event = EVENTS[self.event]
        shifted = shift(moment, tz, amount, self.threshold_unit, later)
        is_date = self.env[event.model]._fields[event.since].type == "date"
        return to_local(shifted, tz).date() if is_date else shifted

    # ------------------------------------------------------------
    # THRESHOLDS
    # ------------------------------------------------------------

    def _search_reaching(self, now):
        """Search the records that reach this rule's threshold about now, give or take
        a day or two, whatever the recipient's clock shows."""
        self.ensure_one()
        event = EVENTS[self.event]
        amount = self.threshold if event.is_before else -self.threshold
        middle = shift(now, "UTC", amount, self.threshold_unit)
        return self.env[event.model].search_fetch(
            Domain(event.since, ">", middle - timedelta(days=3))
            & Domain(event.since, "<", middle + timedelta(days=2)),
            self._get_needed_fields(),
            order="id",
        )

    def _get_reached(self, record, tz):
        """Return when a record reaches this rule's threshold, in naive UTC.

        A date is reached, or has passed, in the morning.
        """
        event = EVENTS[self.event]
        since = record[event.since]
        amount = -self.threshold if event.is_before else self.threshold
        if self.env[event.model]._fields[event.since].type == "date":
            day = since + timedelta(days=not event.is_before)
            since = to_utc(datetime.combine(day, MORNING), tz)
        return shift(since, tz, amount, self.threshold_unit)
