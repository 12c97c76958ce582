from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.crm_lead_ladder import IS_ON_LADDER


class LeadBroadcastWizard(models.TransientModel):
    """The other way to search: step by step, instead of one round by hand."""

    _inherit = "lead.broadcast.wizard"

    ladder_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Search Ladder",
        compute="_compute_ladder_id",
        store=True,
        readonly=False,
        domain=[("origin_id", "=", False)],
        help="What is tried step by step, instead of one round by hand.",
    )
    is_on_ladder = fields.Boolean(compute="_compute_can_climb")
    can_climb = fields.Boolean(compute="_compute_can_climb")
    climb_count = fields.Integer(compute="_compute_climb_count")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("lead_id")
    def _compute_ladder_id(self):
        for wizard in self:
            lead = wizard.lead_id
            wizard.ladder_id = lead.ladder_id or lead.matching_ladder_id

    @api.depends("lead_id", "ladder_id")
    def _compute_can_climb(self):
        for wizard in self:
            on_ladder = wizard.lead_id.filtered_domain(IS_ON_LADDER)
            wizard.is_on_ladder = bool(on_ladder)
            wizard.can_climb = wizard.lead_id and wizard.ladder_id and not on_ladder

    @api.depends("lead_line_ids.can_climb")
    def _compute_climb_count(self):
        for wizard in self:
            wizard.climb_count = len(wizard.lead_line_ids.filtered("can_climb"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start_ladder(self):
        """Search step by step, each lead by its ladder."""
        self.ensure_one()
        if self.lead_id:
            self._start_single()
            return self._leave_single()
        leads = self.lead_line_ids.filtered("can_climb").lead_id
        if not leads:
            raise UserError(
                self.env._("None of these leads can start a ladder. See the problems.")
            )
        leads.action_start_ladder()
        return self._leave_many(
            self.env._(
                "%(started)s leads started their ladder, %(left)s left as they were.",
                started=len(leads),
                left=len(self.lead_ids - leads),
            )
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _start_single(self):
        lead = self.lead_id
        if self.ladder_id != (lead.ladder_id or lead.matching_ladder_id):
            lead.ladder_id = self.ladder_id
        lead.action_start_ladder()

    def _get_warning(self):
        if self.lead_id.ladder_state == "running":
            return self.env._(
                "This lead follows a ladder, which goes on by itself: who is asked here"
                " is asked besides. Pause the ladder to search by hand alone."
            )
        return super()._get_warning()

    def _prepare_lead_line(self, lead, candidates):
        ladder = lead.ladder_id or lead.matching_ladder_id
        return {
            **super()._prepare_lead_line(lead, candidates),
            "ladder_id": ladder.id,
            "can_climb": not lead._get_broadcast_problem()
            and not lead._get_ladder_problem()
            and not lead.filtered_domain(IS_ON_LADDER),
        }
