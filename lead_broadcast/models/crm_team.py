from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_allocated(self):
        """What a team was given is taken back first, not forgotten."""
        # sudo: whoever may delete a team need not see its leads
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        leads = leads.search([("allocated_team_id", "in", self.ids)], limit=5)
        if leads:
            raise UserError(
                self.env._(
                    "Leads were given to %(team)s, such as %(leads)s. Take them back"
                    " first, or archive the team.",
                    team=leads[0].allocated_team_id.display_name,
                    leads=", ".join(leads.mapped("name")),
                )
            )

    def _get_broadcast_people(self):
        """Return who works on the leads that are given to these teams."""
        return self.member_ids | self.user_id
