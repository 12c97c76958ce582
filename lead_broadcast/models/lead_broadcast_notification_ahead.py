from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import to_local
from .lead_broadcast_notification_event import ACTIVITY, EVENTS, OFFER
from .lead_broadcast_notification_plan import Message
from .lead_broadcast_notification_recipient import Target
from .lead_broadcast_schedule import SLOT_FORMAT, Slot

PREVIEW_DAYS = 14


class PlannedMessage(NamedTuple):
    """What will be sent about a lead if nothing changes."""

    moment: object  # naive UTC
    slot: str  # date and time of the recipient's clock
    tz: str
    recipient: models.BaseModel
    role: str
    channel: str
    rule: models.BaseModel
    lead: models.BaseModel
    activity: models.BaseModel
    warning: str | bool
    escalation: object = None  # PlannedEscalation it tells of, if nobody answers


class LeadBroadcastNotificationRule(models.Model):
    """Which messages will be due: by the same code that plans those that are."""

    _inherit = "lead.broadcast.notification.rule"

    @api.model
    def _get_planned_messages(self, leads, days=PREVIEW_DAYS):
        """Return what will be sent about leads if nothing changes.

        :return: list of :class:`PlannedMessage`, in order of time
        """
        now = fields.Datetime.now()
        end = now + timedelta(days=days)
        messages = []
        # sudo: whoever reads a lead may know whom it makes us write to
        leads = leads.sudo().with_context(active_test=True)
        rules = self.sudo().with_context(active_test=True)
        for rule in rules._search_rules("once") + rules._search_rules("times"):
            records = rule._get_records_of(leads)
            if rule.schedule_id.kind == "times":
                messages += rule._get_messages(
                    records,
                    lambda schedule, company, tz: schedule._get_slots(
                        tz, company, now, end
                    ),
                )
            elif rule._is_planned():
                messages += [
                    message
                    for message in rule._get_messages_once(records)
                    if now < message.slot.moment <= end
                ]
        planned = [self._prepare_planned_message(message) for message in messages]
        planned += rules._get_planned_alerts(leads, end)
        return sorted(planned, key=lambda message: message.moment)

    @api.model
    def _prepare_planned_message(self, message, escalation=None):
        target = message.target
        is_activity = target.record._name == ACTIVITY
        no_text = not message.rule.template_ref and self.env._("The rule has no text")
        return PlannedMessage(
            moment=message.slot.moment,
            slot=message.slot.label,
            tz=message.tz,
            recipient=target.recipient,
            role=message.rule.role,
            channel=target.channel,
            rule=message.rule,
            lead=target.lead,
            activity=target.record if is_activity else self.env[ACTIVITY],
            warning=target.problem or no_text,
            escalation=escalation,
        )

    @api.model
    def _get_planned_alerts(self, leads, end):
        """Return whom the levels to come will tell, until a moment, if nobody answers.

        :return: list of :class:`PlannedMessage`
        """
        rules = self._search_rules(
            "once", Domain("event", "=", "escalated") & Domain("threshold", "=", 0)
        )
        return [
            self._prepare_planned_message(message, escalation)
            for lead in leads
            for escalation in lead._get_planned_escalations(end)
            for rule in rules
            for message in rule._get_alerts(lead, escalation)
        ]

    def _get_alerts(self, lead, escalation):
        """Return what this rule sends when a level has run out.

        :return: list of :class:`Message`
        """
        self.ensure_one()
        following = escalation.following
        tier = (following.partner or following.team).broadcast_tier_id
        if self.tier_id and self.tier_id != tier:
            return []
        company = lead._get_sms_company()
        people = self._get_people_of_escalations({lead: escalation})[lead]
        reach = self._get_reach(people)
        messages = []
        for person in people:
            target = Target(lead, lead, company, person, *reach[person])
            target = target._replace(problem=self._get_problem(target))
            tz = person._get_broadcast_tz(company)
            moment = escalation.moment
            label = to_local(moment, tz).strftime(SLOT_FORMAT)
            messages.append(Message(self, target, tz, Slot(label, moment)))
        return messages

    def _get_records_of(self, leads):
        """Return the records of this rule's event that belong to leads."""
        self.ensure_one()
        model = EVENTS[self.event].model
        if model == OFFER:
            return leads.offer_ids
        if model == ACTIVITY:
            return self.env[model].search(
                [("res_model", "=", leads._name), ("res_id", "in", leads.ids)]
            )
        return leads
