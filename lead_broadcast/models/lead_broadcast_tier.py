from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class LeadBroadcastTier(models.Model):
    """The kind of party that leads are allocated to, as the notification matrix
    tells them apart."""

    _name = "lead.broadcast.tier"
    _description = "Tier"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short name, as in the matrix.")
    kind = fields.Selection(
        [("partner", "Service partner"), ("team", "Sales team")],
        required=True,
        default="partner",
        help="Who can be of this tier: service partners, or teams of our own.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    partner_ids = fields.One2many(
        "res.partner", "broadcast_tier_id", "Service Partners", readonly=True
    )
    team_ids = fields.One2many(
        "crm.team", "broadcast_tier_id", "Sales Teams", readonly=True
    )

    _code_uniq = models.UniqueIndex("(code)", "Another tier has this code already.")

    @api.constrains("kind")
    def _check_kind(self):
        for tier in self.with_context(active_test=False):
            users = tier.team_ids if tier.kind == "partner" else tier.partner_ids
            if users:
                raise ValidationError(
                    self.env._(
                        "%(tier)s is the tier of %(users)s. Give them another one"
                        " before you change what kind of tier it is.",
                        tier=tier.display_name,
                        users=", ".join(users.mapped("display_name")),
                    )
                )

    @api.depends("name", "code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = f"[{tier.code}] {tier.name}" if tier.code else tier.name

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        """The tier of leads, partners and teams is what their messages follow."""
        # sudo: whoever may delete tiers need not see all that uses them
        for tier in self.sudo().with_context(active_test=False):
            if users := tier._get_users():
                raise UserError(
                    self.env._(
                        "%(tier)s is in use: %(users)s. Give them another tier, or"
                        " archive this one.",
                        tier=tier.display_name,
                        users=", ".join(user.display_name for user in users[:5]),
                    )
                )

    def _get_users(self):
        """Return some of what has this tier, as a list of records of several models."""
        self.ensure_one()
        users = [*self.partner_ids, *self.team_ids]
        for model, field_name in (
            ("crm.lead", "allocated_tier_id"),
            ("lead.broadcast.notification.rule", "tier_id"),
        ):
            users += self.env[model].search([(field_name, "=", self.id)], limit=5)
        return users

    @api.model
    def _get_default(self, kind):
        """Return the first tier of a kind, which newcomers get."""
        # sudo: partners are created by users that read no tiers, too
        return self.sudo().search([("kind", "=", kind)], limit=1)
