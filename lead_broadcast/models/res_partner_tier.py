from odoo import api, fields, models
from odoo.exceptions import ValidationError

STAFF = "base.group_user"


class ResPartner(models.Model):
    """Of which tier a service partner is, and which one is above it."""

    _inherit = "res.partner"

    broadcast_tier_id = fields.Many2one(
        "lead.broadcast.tier",
        "Tier",
        compute="_compute_broadcast_tier_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        domain=[("kind", "=", "partner")],
        groups=STAFF,
        help="Decides who is told what about the leads of this partner.",
    )
    broadcast_master_id = fields.Many2one(
        "res.partner",
        "Master Partner",
        index="btree_not_null",
        domain=[("is_service_partner", "=", True)],
        groups=STAFF,
        help="The service partner above this one. It is told about leads, too.",
    )
    broadcast_subpartner_ids = fields.One2many(
        "res.partner",
        "broadcast_master_id",
        "Partners Below",
        readonly=True,
        groups=STAFF,
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("broadcast_tier_id")
    def _check_broadcast_tier(self):
        for partner in self:
            if partner.broadcast_tier_id.kind == "team":
                raise ValidationError(
                    self.env._(
                        "%(tier)s is a tier of sales teams. Choose one of service"
                        " partners for %(partner)s.",
                        tier=partner.broadcast_tier_id.display_name,
                        partner=partner.display_name,
                    )
                )

    @api.constrains("broadcast_master_id")
    def _check_broadcast_master(self):
        for partner in self:
            master = partner.broadcast_master_id
            if master and not master.is_service_partner:
                raise ValidationError(
                    self.env._(
                        "%s is not a service partner, so it cannot be the master of"
                        " one. Tick it on the company first.",
                        master.display_name,
                    )
                )
        if self._has_cycle("broadcast_master_id"):
            raise ValidationError(
                self.env._("A partner cannot be above itself. Choose another master.")
            )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("is_service_partner")
    def _compute_broadcast_tier_id(self):
        service_partners = self.filtered("is_service_partner")
        (self - service_partners).broadcast_tier_id = False
        newcomers = service_partners.filtered(
            lambda partner: not partner.broadcast_tier_id
        )
        if newcomers:
            newcomers.broadcast_tier_id = self.env["lead.broadcast.tier"]._get_default(
                "partner"
            )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _leave_masters_among_themselves(self):
        """Let none of these partners, which become one, be above another of them."""
        for partner in self:
            master = partner.broadcast_master_id
            while master and master not in self:
                master = master.broadcast_master_id
            if master:
                partner.broadcast_master_id = False

    def _get_broadcast_master(self):
        """Return the master of this partner, if it still works as a partner."""
        self.ensure_one()
        return self.broadcast_master_id.filtered(
            lambda master: master.active and master.is_service_partner
        )
