from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmTeam(models.Model):
    _inherit = "crm.team"

    broadcast_tier_id = fields.Many2one(
        "lead.broadcast.tier",
        "Tier",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("kind", "=", "team")],
        help="Decides who is told what about the leads that are given to this team.",
    )

    @api.constrains("broadcast_tier_id")
    def _check_broadcast_tier(self):
        for team in self:
            if team.broadcast_tier_id.kind == "partner":
                raise ValidationError(
                    self.env._(
                        "%(tier)s is a tier of service partners. Choose one of sales"
                        " teams for %(team)s.",
                        tier=team.broadcast_tier_id.display_name,
                        team=team.display_name,
                    )
                )
