from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

NAMED = 5  # leads that are called by name of those left as they were


class LeadBroadcastAllocate(models.TransientModel):
    """Gives leads to a partner, a team or a person, after showing what speaks
    against it."""

    _name = "lead.broadcast.allocate"
    _description = "Give Leads to a Partner or Team"

    lead_ids = fields.Many2many(
        "crm.lead", string="Leads", required=True, context={"active_test": False}
    )
    lead_id = fields.Many2one("crm.lead", compute="_compute_lead_id")
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
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
    line_ids = fields.One2many(
        "lead.broadcast.allocate.line", "wizard_id", compute="_compute_line_ids"
    )
    ready_count = fields.Integer(compute="_compute_line_ids")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_ids")
    def _compute_lead_id(self):
        """Only a single lead is shown by itself."""
        for wizard in self:
            leads = wizard.lead_ids
            wizard.lead_id = leads._origin if len(leads) == 1 else False

    @api.depends("lead_ids")
    def _compute_company_id(self):
        """Teams of one company do not get leads of another."""
        for wizard in self:
            wizard.company_id = wizard.lead_ids.company_id[:1]

    @api.depends("lead_ids")
    def _compute_kind(self):
        """Partners carry out services; other leads are for teams."""
        for wizard in self:
            wizard.kind = "partner" if wizard.lead_ids.service_id else "team"

    @api.depends("team_id")
    def _compute_people_ids(self):
        for wizard in self:
            wizard.people_ids = wizard.team_id._get_broadcast_people()

    @api.depends("team_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.user_id &= wizard.people_ids

    @api.depends("lead_ids", "kind", "partner_id", "team_id")
    def _compute_warning(self):
        """Say what speaks against who was chosen; staff may decide all the same."""
        for wizard in self:
            conflicts = wizard._get_conflicts()
            if wizard.lead_id:
                conflicts += wizard._get_lead_conflicts(wizard.lead_id)
            wizard.warning = bool(conflicts) and self.env._(
                "%(chosen)s %(conflicts)s.",
                chosen=wizard._get_chosen().display_name,
                conflicts=", ".join(conflicts),
            )

    @api.depends("lead_ids", "kind", "partner_id", "team_id")
    def _compute_line_ids(self):
        """Say for each of several leads what speaks against it, problems first."""
        for wizard in self:
            lines = [wizard._prepare_line(lead) for lead in wizard.lead_ids._origin]
            lines.sort(key=lambda line: (not line["is_left_out"], not line["remark"]))
            wizard.line_ids = [Command.clear()] + [
                Command.create(line) for line in lines
            ]
            wizard.ready_count = sum(not line["is_left_out"] for line in lines)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_allocate(self):
        """Give the leads to the partner, the team or the person."""
        self.ensure_one()
        if not self.lead_id:
            return self._allocate_many()
        self._allocate(self.lead_id)
        if not self.lead_id.has_access("read"):
            return self._leave_lead()
        if self.kind == "partner":
            return self._open_conversation()
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _prepare_line(self, lead):
        problem = self._get_problem(lead)
        conflicts = ", ".join(self._get_lead_conflicts(lead))
        return {
            "lead_id": lead.id,
            "is_left_out": bool(problem),
            "remark": problem or conflicts[:1].upper() + conflicts[1:],
        }

    def _allocate(self, lead):
        if self.kind == "partner":
            lead._allocate(self.partner_id)
        else:
            lead._allocate_to_team(self.team_id, self.user_id)

    def _allocate_many(self):
        """Give the leads that can be given; say how many, and why not the others."""
        problems = {lead: self._get_problem(lead) for lead in self.lead_ids}
        ready = self.lead_ids.filtered(lambda lead: not problems[lead])
        if not ready:
            raise UserError(
                self.env._("None of these leads can be given. See the problems.")
            )
        for lead in ready:
            self._allocate(lead)
        given = self.env._(
            "%(count)s leads now belong to %(owner)s.",
            count=len(ready),
            owner=(self.user_id or self._get_chosen()).display_name,
        )
        left = (self.lead_ids - ready).grouped(problems.get)
        return self._notify_user(
            "\n".join([given, *map(self._describe_left, left.values(), left)]),
            {"type": "ir.actions.act_window_close"},
            type="warning" if left else "success",
            sticky=bool(left),
        )

    @api.model
    def _describe_left(self, leads, problem):
        names = leads[:NAMED].mapped("name") + ["…"] * (len(leads) > NAMED)
        return self.env._(
            "%(leads)s: %(problem)s", leads=", ".join(names), problem=problem
        )

    def _open_conversation(self):
        """Show the lead with its composer open towards the partner."""
        return {
            "type": "ir.actions.client",
            "tag": "lead_broadcast.write_to",
            "params": {
                "leadId": self.lead_id.id,
                "recipient": self.partner_id.read(["name", "email"])[0],
                "action": self.lead_id._get_records_action(),
            },
        }

    def _leave_lead(self):
        """Take users who see their own leads only to these: the lead is now somebody
        else's, and its form could not be shown any more."""
        lead = self.lead_id.sudo()  # sudo: says what the user has just done
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.crm_lead_action_service"
        )
        message = self.env._(
            "%(lead)s now belongs to %(owner)s.",
            lead=lead.name,
            owner=lead._get_owner_name(),
        )
        return self._notify_user(message, {**action, "target": "main"}, type="success")

    @api.model
    def _notify_user(self, message, next_action, **params):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "next": next_action, **params},
        }

    # ------------------------------------------------------------
    # CONFLICTS
    # ------------------------------------------------------------

    def _get_chosen(self):
        return self.partner_id if self.kind == "partner" else self.team_id

    def _get_problem(self, lead):
        """Return why a lead cannot be given to who was chosen, or False."""
        if self.kind == "partner":
            return lead._get_broadcast_problem()
        return lead._get_allocation_problem()

    def _get_conflicts(self):
        """Return what speaks against who was chosen, whatever the lead."""
        if not self._get_chosen():
            return []
        if self.kind == "team":
            return self._get_team_conflicts()
        partner = self.partner_id
        today = fields.Date.context_today(self)
        conflicts = []
        capacity, wanted = partner.broadcast_capacity, len(self.lead_ids)
        if capacity and partner.broadcast_open_lead_count + wanted > capacity:
            conflicts.append(
                self.env._(
                    "has no capacity left: %(open)s open leads, takes %(capacity)s",
                    open=partner.broadcast_open_lead_count,
                    capacity=capacity,
                )
            )
        if partner.broadcast_paused_until and partner.broadcast_paused_until > today:
            conflicts.append(self.env._("is paused"))
        if partner.broadcast_silenced_date:
            conflicts.append(self.env._("gets no offers, as it did not answer"))
        return conflicts

    def _get_team_conflicts(self):
        conflicts = []
        if not self.people_ids:
            conflicts.append(self.env._("has nobody in it"))
        if not self.team_id.broadcast_tier_id:
            conflicts.append(self.env._("has no tier, which decides what it is told"))
        return conflicts

    def _get_lead_conflicts(self, lead):
        """Return what speaks against giving this lead to the partner chosen."""
        partner = self.partner_id
        if self.kind == "team" or not partner:
            return []
        offers = lead.offer_ids.filtered(lambda offer: offer.partner_id == partner)
        states = {offer.state: offer for offer in reversed(offers)}
        conflicts = []
        if offer := states.get("declined"):
            conflicts.append(
                self.env._(
                    "declined this lead: %s",
                    offer.answer_summary or offer.decline_reason_id.name,
                )
            )
        if "open" in states:
            conflicts.append(self.env._("was offered this lead and can still answer"))
        elif "expired" in states:
            conflicts.append(self.env._("was offered this lead and did not answer"))
        if lead.service_id not in partner.broadcast_service_ids:
            conflicts.append(self.env._("does not offer this service"))
        return conflicts
