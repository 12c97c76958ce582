from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .lead_broadcast_notification_event import CHANNEL_SELECTION, EVENT_SELECTION

# what changes whom is told when: what would have been told before is not made up for
BEHAVIOUR = {
    "event",
    "tier_id",
    "role",
    "channel",
    "schedule_id",
    "threshold",
    "threshold_until",
    "threshold_unit",
    "stop_condition",
    "is_digest",
}


class LeadBroadcastNotificationRule(models.Model):
    """One cell of the notification matrix: on which event who is told, by which
    channel, with which text and how often.

    ``_notify`` tells of what has just happened; what depends on the clock is planned
    by ``_cron_plan``. Both only write the outbox.
    """

    _name = "lead.broadcast.notification.rule"
    _description = "Notification Rule"
    _order = "sequence, id"
    _rec_names_search = ["event", "role", "channel"]

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    event = fields.Selection(EVENT_SELECTION, required=True, index=True)
    tier_id = fields.Many2one(
        "lead.broadcast.tier",
        "Allocated to",
        index="btree_not_null",
        ondelete="restrict",
        help="Only leads allocated, or offered, to this tier. Empty: any.",
    )
    role = fields.Selection(
        [
            ("partner_admin", "Partner admin"),
            ("executives", "Executives"),
            ("master", "Master partner"),
            ("team", "Sales team"),
            ("owner", "Lead owner"),
            ("assignee", "Assignee"),
            ("previous", "Previous assignee"),
            ("supervisor", "Supervisor"),
            ("management", "Management"),
            ("customer", "Customer"),
        ],
        "Recipient",
        required=True,
    )
    channel = fields.Selection(CHANNEL_SELECTION, required=True)
    template_ref = fields.Reference(
        [("mail.template", "Mail template"), ("sms.template", "SMS template")],
        "Template",
        help="In-app messages use mail templates, too.",
    )
    schedule_id = fields.Many2one(
        "lead.broadcast.schedule",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "lead_broadcast.schedule_once", raise_if_not_found=False
        ),
    )
    threshold = fields.Float(
        help="How long the event must have lasted; how long before it where it lies"
        " ahead, such as the end of an offer."
    )
    threshold_until = fields.Float(
        "Until", help="For how long it is reminded of. 0 means without end."
    )
    threshold_unit = fields.Selection(
        [("minutes", "Minutes"), ("hours", "Hours"), ("days", "Days")],
        "Unit",
        required=True,
        default="days",
    )
    stop_condition = fields.Selection(
        [
            ("attended", "Attended: the assignee has done something"),
            ("closed", "Closed: completed, won or lost"),
            ("never", "Never"),
        ],
        "Stops When",
        required=True,
        default="closed",
    )
    is_digest = fields.Boolean(
        "Digest",
        help="One message for all leads of a recipient, instead of one per lead.",
    )
    effective_date = fields.Datetime(
        readonly=True,
        default=fields.Datetime.now,
        help="Since when the rule is in force as it is: nothing is made up for.",
    )

    _cell_uniq = models.UniqueIndex(
        "(event, COALESCE(tier_id, 0), role, channel)",
        "There is a rule for this event, tier, recipient and channel already. Change"
        " that one, or switch it on.",
    )
    _check_threshold = models.Constraint(
        "CHECK(threshold >= 0 AND threshold_until >= 0"
        " AND (threshold_until = 0 OR threshold_until > threshold))",
        "A threshold cannot be negative, and the end must come after the start.",
    )

    @api.constrains("event", "role", "channel", "is_digest", "template_ref")
    def _check_template_ref(self):
        for rule in self.filtered("template_ref"):
            is_sms = rule.template_ref._name == "sms.template"
            if is_sms != (rule.channel == "sms"):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: choose a mail template for messages by mail or"
                        " in-app, and an SMS template for SMS.",
                        rule=rule.display_name,
                    )
                )
            if (
                rule.template_ref.sudo().model
                not in rule._get_allowed_template_models()
            ):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: %(template)s is about something that this message"
                        " is not about. Choose another text.",
                        rule=rule.display_name,
                        template=rule.template_ref.display_name,
                    )
                )

    @api.constrains("schedule_id", "is_digest")
    def _check_is_digest(self):
        for rule in self:
            if rule.is_digest and rule.schedule_id.kind == "once":
                raise ValidationError(
                    self.env._(
                        "%s: a digest goes out at times of the day. Choose a schedule"
                        " with times.",
                        rule.display_name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("event", "tier_id.code", "role", "channel")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("event", "role", "channel")
        }
        for rule in self:
            parts = [labels["event"].get(rule.event), rule.tier_id.code]
            parts += [labels[name].get(rule[name]) for name in ("role", "channel")]
            rule.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if vals.get("active") or BEHAVIOUR & vals.keys():
            vals = {"effective_date": fields.Datetime.now(), **vals}
        return super().write(vals)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _get_fallback_template(self, event, channel, role="partner_admin"):
        """Return the text of an event for a channel that none of its rules chose: that
        of another rule, else the one that comes with the addon, if any is left.

        :param str role: of who reads it; texts about offers are for partners only
        """
        kind = "sms" if channel == "sms" else "mail"
        rules = self.sudo().search(  # sudo: whoever is told, by whatever way
            [
                ("event", "=", event),
                ("channel", "=", channel),
                ("template_ref", "!=", False),
            ]
        )
        own = self.env.ref(
            f"lead_broadcast.{kind}_template_{event}", raise_if_not_found=False
        )
        reader = self.new({"event": event, "channel": channel, "role": role})
        allowed = reader._get_allowed_template_models()
        for template in [*rules.mapped("template_ref"), own]:
            if template and template.exists() and template.sudo().model in allowed:
                return template
        return None
