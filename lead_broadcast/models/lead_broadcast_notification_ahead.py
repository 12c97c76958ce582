from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models

from .lead_broadcast_notification_event import ACTIVITY, EVENTS, OFFER

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
        return [
            PlannedMessage(
                moment=message.slot.moment,
                slot=message.slot.label,
                tz=message.tz,
                recipient=message.target.recipient,
                role=message.rule.role,
                channel=message.target.channel,
                rule=message.rule,
                lead=message.target.lead,
                activity=message.target.record
                if message.target.record._name == ACTIVITY
                else self.env[ACTIVITY],
                warning=message.target.problem
                or (
                    not message.rule.template_ref and self.env._("The rule has no text")
                ),
            )
            for message in sorted(messages, key=lambda message: message.slot.moment)
        ]

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
