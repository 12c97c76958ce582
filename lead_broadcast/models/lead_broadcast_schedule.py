from odoo import api, fields, models
from odoo.exceptions import ValidationError


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

    @api.constrains("kind", "time_ids")
    def _check_time_ids(self):
        for schedule in self:
            if schedule.kind == "times" and not schedule.time_ids:
                raise ValidationError(
                    self.env._("%s needs at least one time of the day.", schedule.name)
                )
