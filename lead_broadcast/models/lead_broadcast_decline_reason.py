from odoo import fields, models


class LeadBroadcastDeclineReason(models.Model):
    _name = "lead.broadcast.decline.reason"
    _description = "Decline Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("date", "Date: asks when the partner is free"),
            ("price", "Price: asks what it would take"),
            ("area", "Area"),
            ("capacity", "Capacity"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="What a partner who gives this reason is asked for in addition.",
    )
