from odoo import api, fields, models


class CrmLead(models.Model):
    """Leads that a team of ours does itself, instead of a service partner."""

    _inherit = "crm.lead"

    allocated_team_id = fields.Many2one(
        "crm.team",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    allocated_user_id = fields.Many2one(
        "res.users",
        "Allocated Person",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who of the team does the work. Nobody means the whole team.",
    )
    allocated_tier_id = fields.Many2one(
        "lead.broadcast.tier",
        "Allocated Tier",
        compute="_compute_allocated_tier_id",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "allocated_partner_id.broadcast_tier_id", "allocated_team_id.broadcast_tier_id"
    )
    def _compute_allocated_tier_id(self):
        for lead in self:
            owner = lead.allocated_partner_id or lead.allocated_team_id
            lead.allocated_tier_id = owner.broadcast_tier_id
