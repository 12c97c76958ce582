from odoo import fields, models


class LeadBroadcastService(models.Model):
    _name = "lead.broadcast.service"
    _description = "Service"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    closure_delay_days = fields.Integer(
        "Days to Complete",
        default=lambda self: self.env.company.broadcast_closure_delay_days,
        help="A new lead for this service is to be completed this many days later.",
    )
    validity_hours = fields.Float(
        "Offer Validity (hours)",
        default=lambda self: self.env.company.broadcast_validity_hours,
        help="How long partners may accept an offer. Never past the closure date.",
    )
    wave_size = fields.Integer(
        "Partners per Round",
        default=lambda self: self.env.company.broadcast_wave_size,
        help="How many of the nearest available partners are asked in one round.",
    )
    radius_km = fields.Float(
        "Search Radius (km)",
        default=lambda self: self.env.company.broadcast_radius_km,
        help="Partners further away are not asked. 0 means no limit.",
    )
    ladder_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Search Ladder",
        domain=[("origin_id", "=", False)],
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="How partners are searched for. None: by the rules of the ladders.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "lead_broadcast_service_partner_rel",
        "service_id",
        "partner_id",
        string="Service Partners",
        domain=[("is_service_partner", "=", True)],
        groups="base.group_user",
    )
    partner_count = fields.Integer(
        compute="_compute_partner_count", groups="base.group_user"
    )

    _check_validity_hours = models.Constraint(
        "CHECK(validity_hours > 0 AND validity_hours <= 8760)",
        "The validity of an offer must be longer than zero hours and at most a year.",
    )
    _check_wave_size = models.Constraint(
        "CHECK(wave_size > 0)",
        "At least one partner must be asked in a round.",
    )
    _check_closure_delay_days = models.Constraint(
        "CHECK(closure_delay_days >= 0 AND closure_delay_days <= 3650)",
        "The days to complete a service must be between zero and ten years.",
    )
    _check_radius_km = models.Constraint(
        "CHECK(radius_km >= 0)",
        "The search radius cannot be negative. Use 0 for no limit.",
    )

    def _compute_partner_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("broadcast_service_ids", "in", self.ids)],
                ["broadcast_service_ids"],
                ["__count"],
            )
        )
        for service in self:
            service.partner_count = counts.get(service, 0)

    def action_open_partners(self):
        """Open the partners that carry out this service."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.res_partner_action_service_partner"
        )
        action["domain"] = [("broadcast_service_ids", "in", self.ids)]
        return action
