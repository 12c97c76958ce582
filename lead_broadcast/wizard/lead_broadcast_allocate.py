from odoo import api, fields, models


class LeadBroadcastAllocate(models.TransientModel):
    _name = "lead.broadcast.allocate"
    _description = "Give a Lead to a Partner or Team"

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="lead_id.company_id")
    kind = fields.Selection(
        [("partner", "Service partner"), ("team", "Sales team")],
        "To a",
        compute="_compute_kind",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Service Partner",
        domain=[("is_service_partner", "=", True)],
        ondelete="cascade",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales Team",
        domain="[('company_id', 'in', [False, company_id])]",
        ondelete="cascade",
    )
    people_ids = fields.Many2many("res.users", compute="_compute_people_ids")
    user_id = fields.Many2one(
        "res.users",
        "Person",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', people_ids)]",
        ondelete="cascade",
    )
    warning = fields.Char(compute="_compute_warning")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_id")
    def _compute_kind(self):
        """Partners carry out services; other leads are for teams."""
        for wizard in self:
            wizard.kind = "partner" if wizard.lead_id.service_id else "team"

    @api.depends("team_id")
    def _compute_people_ids(self):
        for wizard in self:
            wizard.people_ids = wizard.team_id._get_broadcast_people()

    @api.depends("team_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.user_id &= wizard.people_ids

    @api.depends("lead_id", "kind", "partner_id", "team_id")
    def _compute_warning(self):
        """Say what speaks against who was chosen; staff may decide all the same."""
        for wizard in self:
            is_partner = wizard.kind == "partner"
            chosen = wizard.partner_id if is_partner else wizard.team_id
            warnings = (
                wizard._get_partner_warnings()
                if is_partner
                else wizard._get_team_warnings()
            )
            wizard.warning = bool(chosen and warnings) and self.env._(
                "%(chosen)s %(warnings)s.",
                chosen=chosen.display_name,
                warnings=", ".join(warnings),
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_allocate(self):
        """Give the lead to the partner, the team or the person."""
        self.ensure_one()
        if self.kind == "partner":
            self.lead_id._allocate(self.partner_id)
        else:
            self.lead_id._allocate_to_team(self.team_id, self.user_id)
        if self.lead_id.has_access("read"):
            return {"type": "ir.actions.act_window_close"}
        return self._leave_lead()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _leave_lead(self):
        """Take users who see their own leads only to these: the lead is now somebody
        else's, and its form could not be shown any more."""
        lead = self.lead_id.sudo()  # sudo: says what the user has just done
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.crm_lead_action_service"
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(lead)s now belongs to %(owner)s.",
                    lead=lead.name,
                    owner=lead._get_owner_name(),
                ),
                "next": {**action, "target": "main"},
            },
        }

    def _get_partner_warnings(self):
        self.ensure_one()
        partner, lead = self.partner_id, self.lead_id
        declined = lead.offer_ids.filtered(
            lambda offer: offer.partner_id == partner and offer.state == "declined"
        )
        capacity = partner.broadcast_capacity
        today = fields.Date.context_today(self)
        warnings = []
        if declined:
            warnings.append(
                self.env._(
                    "declined this lead: %s",
                    declined[0].answer_summary or declined[0].decline_reason_id.name,
                )
            )
        if capacity and partner.broadcast_open_lead_count >= capacity:
            warnings.append(self.env._("has no capacity left"))
        if partner.broadcast_paused_until and partner.broadcast_paused_until > today:
            warnings.append(self.env._("is paused"))
        if lead.service_id not in partner.broadcast_service_ids:
            warnings.append(self.env._("does not offer this service"))
        return warnings

    def _get_team_warnings(self):
        self.ensure_one()
        warnings = []
        if not self.people_ids:
            warnings.append(self.env._("has nobody in it"))
        if not self.team_id.broadcast_tier_id:
            warnings.append(self.env._("has no tier, which decides what it is told"))
        return warnings
