from babel.units import format_unit

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse, get_lang

from .lead_broadcast_notification_event import EVENTS, OFFER

UNITS = {
    "minutes": "duration-minute",
    "hours": "duration-hour",
    "days": "duration-day",
}


class LeadBroadcastNotificationRule(models.Model):
    """What a rule does, in words: in one for a cell of the matrix, in a sentence for
    whoever wants to be sure."""

    _inherit = "lead.broadcast.notification.rule"

    summary = fields.Char("In Words", compute="_compute_summary")

    @api.depends_context("lang")
    @api.depends(
        "event",
        "tier_id.code",
        "role",
        "channel",
        "schedule_id.kind",
        "schedule_id.working_days_only",
        "schedule_id.time_ids.display_name",
        "threshold",
        "threshold_until",
        "threshold_unit",
        "stop_condition",
        "is_digest",
    )
    def _compute_summary(self):
        for rule in self:
            if not (rule.event and rule.role and rule.channel):
                rule.summary = False
                continue
            parts = [
                rule._say_recipient(),
                rule._say_schedule(),
                rule._say_event(),
                rule._say_threshold(),
                rule._say_tier(),
                rule._say_end(),
                rule._say_digest(),
            ]
            rule.summary = ", ".join(filter(None, parts)) + "."

    # ------------------------------------------------------------
    # PARTS OF THE SENTENCE
    # ------------------------------------------------------------

    def _say_recipient(self):
        recipients = {
            "partner_admin": self.env._("the partner's admin"),
            "executives": self.env._("the partner's executives"),
            "master": self.env._("the master partner"),
            "team": self.env._("the sales team"),
            "owner": self.env._("the lead's owner"),
            "assignee": self.env._("whom it is assigned to"),
            "previous": self.env._("whom it was assigned to before"),
            "supervisor": self.env._("the supervisor"),
            "management": self.env._("management"),
            "customer": self.env._("the customer"),
        }
        recipient = recipients.get(self.role) or self._get_label("role")
        if self.channel == "inbox":
            return self.env._("In-app message to %s", recipient)
        if self.channel == "mail":
            return self.env._("Email to %s", recipient)
        if self.channel == "sms":
            return self.env._("SMS to %s", recipient)
        return f"{self._get_label('channel')}: {recipient}"

    def _say_schedule(self):
        schedule = self.schedule_id
        if not schedule or schedule.kind == "once":
            return self.env._("once")
        times = schedule.time_ids.mapped("display_name")
        values = {"number": len(times), "times": ", ".join(times)}
        if schedule.working_days_only:
            if len(times) == 1:
                return self.env._("every working day at %(times)s", **values)
            return self.env._(
                "%(number)s times every working day (%(times)s)", **values
            )
        if len(times) == 1:
            return self.env._("every day at %(times)s", **values)
        return self.env._("%(number)s times a day (%(times)s)", **values)

    def _say_event(self):
        events = {
            "offered": self.env._("when a lead is offered"),
            "expiring": self.env._("when an offer is about to expire"),
            "won": self.env._("when an offer has won the lead"),
            "taken": self.env._("when another partner has taken the lead"),
            "withdrawn": self.env._("when an offer is withdrawn"),
            "silenced": self.env._("when a partner is paused for its silence"),
            "exhausted": self.env._("when nobody took a lead"),
            "allocated": self.env._("after a lead is allocated")
            if self.schedule_id.kind == "times"
            else self.env._("when a lead is allocated"),
            "pending": self.env._("while a lead is pending"),
            "unattended": self.env._("while a lead is unattended"),
            "closure_near": self.env._("when a lead's closure date is near"),
            "closure_passed": self.env._("when a lead's closure date has passed"),
            "activity": self.env._("when a task or appointment is assigned"),
            "activity_pending": self.env._("while a task or appointment is pending"),
            "assigned": self.env._("when a lead is assigned to one of our people"),
            "escalated": self.env._("when a lead is not answered in time"),
            "undeliverable": self.env._("when a partner cannot be reached"),
        }
        return events.get(self.event) or self._get_label("event")

    def _say_threshold(self):
        if not self.threshold:
            return ""
        event, duration = EVENTS[self.event], self._format_span(self.threshold)
        if event.is_before:
            return self.env._("from %s before", duration)
        if event.is_strict:
            return self.env._("after more than %s", duration)
        return self.env._("after %s", duration)

    def _say_tier(self):
        if not self.tier_id:
            return ""
        if EVENTS[self.event].model == OFFER:
            return self.env._("for offers to %s", self.tier_id.code)
        return self.env._("for leads allocated to %s", self.tier_id.code)

    def _say_end(self):
        """Until when it is repeated; what is told once has no end."""
        if not self.schedule_id or self.schedule_id.kind == "once":
            return ""
        until = self._format_span(self.threshold_until) if self.threshold_until else ""
        if self.stop_condition == "attended":
            if until:
                return self.env._("until attended or %s have passed", until)
            return self.env._("until attended")
        if self.stop_condition == "closed":
            if until:
                return self.env._("until closed or %s have passed", until)
            return self.env._("until closed")
        return self.env._("until %s have passed", until) if until else ""

    def _say_digest(self):
        return self.env._("all leads in one message") if self.is_digest else ""

    # ------------------------------------------------------------
    # WORDS OF THE MATRIX
    # ------------------------------------------------------------

    def _get_schedule_word(self):
        """Return how often, in a word that fits into a cell."""
        schedule = self.schedule_id
        number = len(schedule.time_ids)
        if schedule.kind == "once":
            return self.env._("once")
        if number > 1:
            return self.env._("%s×", number)
        if schedule.working_days_only:
            return self.env._("workday")
        return self.env._("daily")

    def _get_span_word(self, length):
        """Return from when until when, in a word that fits into a header or cell.

        :param str length: ``short`` or ``narrow``
        """
        event = EVENTS[self.event]
        start, end = self.threshold, self.threshold_until
        if start and end:
            return f"{start:g} – {self._format_span(end, length)}"
        if start and event.is_before:
            return f"< {self._format_span(start, length)}"
        if start:
            sign = ">" if event.is_strict else "≥"
            return f"{sign} {self._format_span(start, length)}"
        return f"≤ {self._format_span(end, length)}" if end else ""

    def _format_span(self, value, length="long"):
        locale = babel_locale_parse(get_lang(self.env).code)
        unit = UNITS[self.threshold_unit]
        return format_unit(value, unit, length=length, locale=locale)

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]
