from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_datetime, format_time

from ..models.lead_broadcast_notification_event import EVENTS
from ..models.lead_broadcast_schedule import SLOT_FORMAT
from ..tools import to_local


class LeadBroadcastPlanned(models.TransientModel):
    """A message that will be sent about a lead if nothing changes: the answer of the
    engine that sends, kept for as long as somebody looks at it."""

    _name = "lead.broadcast.planned"
    _description = "Planned Message"
    _order = "slot, moment, id"
    _rec_name = "rule_id"

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    day = fields.Date(required=True, help="In the recipient's time zone.")
    slot = fields.Char(required=True, help="Local date and time.")
    moment = fields.Datetime("Your Time", required=True)
    tz = fields.Char("Time Zone", required=True)
    local_time = fields.Char(compute="_compute_local_time")
    recipient_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    role = fields.Selection(related="rule_id.role", string="Recipient's Role")
    channel = fields.Selection(lambda self: self._get_channels(), required=True)
    rule_id = fields.Many2one(
        "lead.broadcast.notification.rule", required=True, ondelete="cascade"
    )
    rule_ids = fields.Many2many(
        "lead.broadcast.notification.rule",
        string="All Rules",
        help="A digest names a lead once, under the most urgent of its rules.",
    )
    note = fields.Char()
    is_sent = fields.Boolean(help="Nothing speaks against it today.")

    @api.depends("moment", "tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for message in self:
            day = format_datetime(
                self.env, message.moment, tz=message.tz, dt_format="EEE"
            )
            time = format_time(
                self.env, message.moment, tz=message.tz, time_format="short"
            )
            message.local_time = f"{day} {time}"

    @api.model
    def _get_channels(self):
        """Return those of the rules, with what other addons have added."""
        channel = self.env["lead.broadcast.notification.rule"]._fields["channel"]
        return channel._description_selection(self.env)

    @api.model
    def _plan(self, lead):
        """Write down what will be sent about a lead.

        :return: records of this model, to be read by this user only
        """
        lead = lead.sudo()  # sudo: whoever reads a lead may know whom it is told to
        messages = defaultdict(list)
        rules = lead.env["lead.broadcast.notification.rule"]
        for planned in rules._get_planned_messages(lead):
            message = planned._replace(warning=self._get_warning(planned))
            messages[self._get_key(message)].append(message)
        digests = [same[0] for same in messages.values() if self._is_digest(same[0])]
        others = self._count_others(lead, digests) if digests else {}
        return self.sudo().create(  # sudo: nobody makes plans by hand
            [self._prepare_planned(same, others) for same in messages.values()]
        )

    @api.model
    def _get_warning(self, message):
        """Say why a message cannot be sent, as far as is known, or return False."""
        rule = message.rule
        problems = dict(rule._fields["problem"]._description_selection(self.env))
        return message.warning or problems.get(rule.problem, False)

    @api.model
    def _is_digest(self, message):
        return message.rule.is_digest and not message.warning

    @api.model
    def _get_key(self, message):
        """Return what messages have in common that are sent as one."""
        key = (message.recipient, message.channel, message.slot)
        if self._is_digest(message):
            return key
        return (*key, message.rule.event, message.activity, message.warning)

    @api.model
    def _prepare_planned(self, same, others):
        """Return the values of what is sent as one message.

        :param same: messages of the engine, one for each rule
        :param others: how many other leads are in a digest: ``{message: number}``
        """
        urgent = min(same, key=lambda message: EVENTS[message.rule.event].urgency)
        rules = urgent.rule.union(*(message.rule for message in same))
        local = to_local(urgent.moment, urgent.tz)
        return {
            "lead_id": urgent.lead.id,
            "day": local.date(),
            "slot": local.strftime(SLOT_FORMAT),
            "moment": urgent.moment,
            "tz": urgent.tz,
            "recipient_id": urgent.recipient.id,
            "channel": urgent.channel,
            "rule_id": urgent.rule.id,
            "rule_ids": [Command.set(rules.ids)],
            "note": self._get_note(urgent, others.get(same[0])),
            "is_sent": not urgent.warning,
        }

    @api.model
    def _get_note(self, message, others):
        """Say what is special about a message, or return False."""
        if message.warning:
            return self.env._("Not sent: %s", message.warning)
        if message.escalation:
            return self.env._("Level %s, if nobody answers", message.escalation.number)
        if not message.rule.is_digest:
            return False
        if others is None:
            return self.env._("In a digest with many others")
        if not others:
            return self.env._("In a digest, alone")
        if others == 1:
            return self.env._("In a digest with 1 other")
        return self.env._("In a digest with %s others", others)
