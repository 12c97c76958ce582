from odoo import fields, models

STAFF = "base.group_user"


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["lead.broadcast.guard.mixin", "res.partner"]

    # as a service partner
    is_service_partner = fields.Boolean(
        "Service Partner",
        groups=STAFF,
        help="This company carries out services and is offered leads.",
    )
    broadcast_service_ids = fields.Many2many(
        "lead.broadcast.service",
        "lead_broadcast_service_partner_rel",
        "partner_id",
        "service_id",
        string="Services",
        groups=STAFF,
    )
    broadcast_radius_km = fields.Float(
        "Works Within (km)",
        groups=STAFF,
        help="Leads further away are not offered. 0 means no limit but that of the"
        " search.",
    )
    broadcast_capacity = fields.Integer(
        "Capacity",
        groups=STAFF,
        help="How many leads the partner can work on at a time. 0 means no limit.",
    )
    broadcast_paused_until = fields.Date(
        "Paused Until",
        groups=STAFF,
        help="No leads are offered before this day.",
    )
    broadcast_email = fields.Char(
        "Email for Offers",
        groups=STAFF,
        help="Address of the partner's administration. Without it offers go to the"
        " email of the company.",
    )
    broadcast_offer_ids = fields.One2many(
        "lead.broadcast.offer", "partner_id", string="Offers", groups=STAFF
    )
    broadcast_offer_count = fields.Integer(
        compute="_compute_broadcast_counts", groups=STAFF
    )
    broadcast_won_count = fields.Integer(
        compute="_compute_broadcast_counts", groups=STAFF
    )
    broadcast_open_lead_count = fields.Integer(
        "Open Leads", compute="_compute_broadcast_open_lead_count", groups=STAFF
    )
    # as a customer
    preferred_service_partner_id = fields.Many2one(
        "res.partner",
        domain=[("is_service_partner", "=", True)],
        index="btree_not_null",
        groups=STAFF,
        help="Leads of this customer are offered to this partner only, as long as"
        " it is available.",
    )

    _check_broadcast_radius_km = models.Constraint(
        "CHECK(broadcast_radius_km >= 0)",
        "The distance within which a partner works cannot be negative."
        " Use 0 for no limit.",
    )
    _check_broadcast_capacity = models.Constraint(
        "CHECK(broadcast_capacity >= 0)",
        "The capacity of a partner cannot be negative. Use 0 for no limit.",
    )

    _broadcast_region_idx = models.Index(
        "(country_id, state_id) WHERE is_service_partner AND active"
    )
    _broadcast_no_place_idx = models.Index(
        "(country_id, state_id) WHERE is_service_partner AND active"
        " AND COALESCE(partner_latitude, 0) = 0"
        " AND COALESCE(partner_longitude, 0) = 0"
    )

    def _compute_broadcast_counts(self):
        counts = {
            partner: (offers, won)
            for partner, offers, won in self.env["lead.broadcast.offer"]._read_group(
                [("partner_id", "in", self.ids)],
                ["partner_id"],
                ["__count", "is_won:sum"],
            )
        }
        for partner in self:
            offers, won = counts.get(partner, (0, 0))
            partner.broadcast_offer_count = offers
            partner.broadcast_won_count = won

    def _compute_broadcast_open_lead_count(self):
        counts = dict(
            self.env["crm.lead"]._read_group(
                [
                    ("allocated_partner_id", "in", self.ids),
                    ("completion_date", "=", False),
                ],
                ["allocated_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.broadcast_open_lead_count = counts.get(partner, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def init(self):
        result = super().init()
        self.env["lead.broadcast.audience"]._create_place_index()
        return result

    def write(self, vals):
        """An archived partner, or one that is no longer a service partner, cannot
        win: its open offers are withdrawn."""
        result = super().write(vals)
        if vals.get("active") is False or vals.get("is_service_partner") is False:
            # sudo: whoever may archive a partner need not see its offers
            self.sudo().env["lead.broadcast.offer"].search(
                [("partner_id", "in", self.ids), ("state", "=", "open")]
            )._withdraw()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_broadcast_offers(self):
        """Open the offers made to this partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_offer_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _filter_with_portal(self):
        """Return those of these partners whose notices somebody sees on the portal."""
        users = (
            self.env["res.users"]
            .sudo()  # sudo: only the existence of users is told
            .search_fetch(
                [
                    ("share", "=", True),
                    (
                        "partner_id.commercial_partner_id",
                        "in",
                        self.commercial_partner_id.ids,
                    ),
                ],
                ["partner_id"],
            )
        )
        people = users.partner_id
        companies = people.commercial_partner_id
        return self.filtered(
            lambda partner: (
                partner in people
                or partner._is_shared_recipient()
                and partner.commercial_partner_id in companies
            )
        )

    def _is_shared_recipient(self):
        """Tell whether what is sent to this partner is for all people of its company,
        and not for one of them."""
        self.ensure_one()
        partner = self.sudo()  # sudo: tells only that
        return partner.is_service_partner or partner == partner.commercial_partner_id
