from odoo import api, fields, models
from odoo.exceptions import UserError


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
        compute="_compute_allocated_tier_id",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _check_one_owner = models.Constraint(
        "CHECK(allocated_offer_id IS NULL OR allocated_team_id IS NULL)",
        "A lead cannot belong to a partner and to a team at the same time.",
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

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _allocate_to_team(self, team, user=None):
        """Give this lead to a team of ours, or to one of its people, by hand.

        It passes the same race as any answer of a partner: of a team and a partner
        that take the lead at the same moment exactly one gets it.

        :param team: ``crm.team``
        :param user: ``res.users`` of that team; nobody means the whole team
        :raise UserError: when the lead belongs to somebody already
        """
        self.ensure_one()
        user = user or self.env["res.users"]
        self._check_can_allocate()
        self._check_is_of_team(team, user)
        # sudo: as in _allocate
        lead = self.sudo().with_context(mail_auto_subscribe_no_notify=True)
        if not lead._claim(team=team):
            raise UserError(
                self.env._("%s was given to somebody else meanwhile.", lead.name)
            )
        people = team._get_broadcast_people()
        lead.write(
            {
                "allocated_user_id": user.id,
                "allocated_date": fields.Datetime.now(),
                "contacted_date": False,
                "completion_date": False,
                "first_response_date": False,
                "team_id": team.id,
                # of the whole team, whoever has the lead may keep it
                "user_id": (user or lead.user_id & people).id,
            }
        )
        lead._end_search(self.env["lead.broadcast.offer"].sudo())
        team_lead = lead._with_team_lang()
        line = team_lead._message_log(
            body=team_lead.env._("Given to %s.", team_lead._get_owner_name())
        )
        self.env["lead.broadcast.notification.rule"]._notify(
            "allocated", self, slot=f"message-{line.id}"
        )

    def _check_is_of_team(self, team, user):
        """Refuse teams that are gone, and people of other teams."""
        if not team.active:
            raise UserError(
                self.env._(
                    "The team %s is archived. Choose another one.", team.display_name
                )
            )
        if user - team._get_broadcast_people():
            raise UserError(
                self.env._(
                    "%(person)s does not belong to the team %(team)s. Choose one of"
                    " its people, or add the person to the team first.",
                    person=user.display_name,
                    team=team.display_name,
                )
            )
