from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

# written by the clock only
RESPONSE_FIELDS = {
    "response_assignment_id",
    "response_deadline",
    "response_level",
    "response_state",
}

# whatever may give a lead to somebody else, begin or end its search, or close it
ASSIGNING_FIELDS = {
    "active",
    "allocated_date",
    "allocated_user_id",
    "handed_user_id",
    "completion_date",
    "ladder_state",
    "probability",
    "stage_id",
    "team_id",
    "user_id",
}

# of staff: allocations begin with no answer anyway
HOLDER_FIELDS = {"handed_user_id", "team_id", "user_id"}


class Holder(NamedTuple):
    """Who has a lead: a partner, a team or somebody of it, or one of our people."""

    partner: models.BaseModel
    team: models.BaseModel
    user: models.BaseModel

    def __bool__(self):
        return any(self)

    @property
    def party(self):
        names = (name for name, record in self._asdict().items() if record)
        return next(names, "nobody")

    @property
    def name(self):
        return (self.partner or self.user or self.team).display_name or ""

    def _get_people(self):
        """Return the people who belong to a party of ours."""
        return (self.user or self.team._get_broadcast_people()).partner_id


class CrmLead(models.Model):
    """Who the lead is assigned to now, and since when; the time of that party runs in
    ``crm_lead_clock``."""

    _inherit = "crm.lead"

    response_assignment_id = fields.Many2one(
        "lead.response.assignment",
        "Assignment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Of who has the lead now, or had it last.",
    )
    response_assignment_ids = fields.One2many(
        "lead.response.assignment", "lead_id", "Who Had It", readonly=True, copy=False
    )
    response_policy_id = fields.Many2one(
        related="response_assignment_id.policy_id", string="Response Policy"
    )
    response_deadline = fields.Datetime(
        "To Be Answered by",
        readonly=True,
        copy=False,
        help="When the time of the present level runs out, as long as nobody has"
        " answered.",
    )
    response_level = fields.Integer(
        "Level Reached",
        readonly=True,
        copy=False,
        help="How many levels of the response policy have run out.",
    )
    response_state = fields.Selection(
        [
            ("new", "New"),
            ("open", "Open"),
            ("overdue", "Overdue"),
            ("closed", "Closed"),
        ],
        "Response",
        compute="_compute_response_state",
        store=True,
        index=True,
        copy=False,
        help="For whoever the lead is assigned to now. New: not answered yet. Open:"
        " answered, or offered to partners. Overdue: the time ran out unanswered.",
    )

    _response_deadline_idx = models.Index(
        "(response_deadline) WHERE response_deadline IS NOT NULL"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "active",
        "won_status",
        "completion_date",
        "first_response_date",
        "broadcast_state",
        "ladder_state",
        "broadcast_ids.state",
        "response_assignment_id.overdue_date",
        "response_assignment_id.end_date",
    )
    def _compute_response_state(self):
        for lead in self:
            if not lead._is_open_for_broadcast():
                lead.response_state = "closed"
            elif lead.first_response_date or not lead._needs_answer():
                lead.response_state = "open"
            elif (row := lead.response_assignment_id.sudo()) and (
                row.overdue_date and not row.end_date
            ):
                lead.response_state = "overdue"
            else:
                lead.response_state = "new"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._sync_assignee()
        return leads

    def write(self, vals):
        holders = {}
        if HOLDER_FIELDS & vals.keys():
            answered = self.filtered("first_response_date")
            holders = {lead: lead._get_holder() for lead in answered.sudo()}
        result = super().write(vals)
        for lead, holder in holders.items():
            if lead._get_holder() != holder:  # the answer was another one's
                lead.first_response_date = False
        watched = self.env["lead.response.policy"]._get_watched_fields()
        if (ASSIGNING_FIELDS | watched) & vals.keys():
            self._sync_assignee()
        return result

    def _get_guarded_fields(self):
        def refuse(env):
            return env._("How a lead is answered is noted by the response clock only.")

        return {
            **super()._get_guarded_fields(),
            **dict.fromkeys(RESPONSE_FIELDS, refuse),
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_set_lost(self, **additional_values):
        """Core archives leads before it says that they are lost, which is what came of
        them."""
        held = self.with_context(assignee_on_hold=True)
        result = super(CrmLead, held).action_set_lost(**additional_values)
        self._sync_assignee()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _sync_assignee(self, reason=None, levels=None):
        """Keep the record of who has these leads: when somebody else has one now, the
        time of the former assignee ends, and that of the new one begins.

        :param str reason: why, one of those of ``lead.response.assignment``
        :param levels: ``{lead: level}`` of the policy that goes on; by default the
            first one of the policy that each lead follows by the rules
        """
        if self.env.context.get("assignee_on_hold"):
            return
        # sudo: whoever moves a lead on keeps its record by that
        leads = self.sudo()
        # whoever has a lead after a search has not answered it by what was before
        leads.filtered(
            lambda lead: (
                lead.first_response_date and lead.broadcast_state == "searching"
            )
        ).first_response_date = False
        if not self.env["lead.response.policy"]._has_any():
            leads = leads.filtered("response_assignment_id")
        changed = leads.filtered(lambda lead: lead._has_changed_hands())
        if not changed:
            return
        now = fields.Datetime.now()
        reasons = {lead: reason or lead._get_assignment_reason() for lead in changed}
        former = changed.response_assignment_id.filtered(lambda row: not row.end_date)
        former._end(now, reasons)
        changed._begin_assignments(now, reasons, levels)

    def _claim_record(self):
        """Have two that move a lead on at the same moment collide, so that one of them
        is tried again: a real UPDATE, for the reason that ``_claim`` has."""
        self.flush_recordset(["response_level"])
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead SET response_level = response_level
                 WHERE id = ANY(%s)
             RETURNING id
                """,
                self.ids,
            )
        )

    def _has_changed_hands(self):
        """Tell whether the record of who has this lead is out of date."""
        self.ensure_one()
        current = self.response_assignment_id
        running = current and not current.end_date
        if not current and self.first_response_date:
            return False  # answered before there was a policy
        if not self._needs_answer():
            return running
        return not running or current._get_holder() != self._get_holder()

    def _needs_answer(self):
        """Tell whether somebody must take care of this lead. While partners are asked
        nobody has it; a search that is paused is somebody's again when the last offer
        has ended."""
        self.ensure_one()
        if not self._is_open_for_broadcast():
            return False
        if self.broadcast_state != "searching":
            return True
        lead = self.sudo()  # sudo: whoever writes a lead need not see its rounds
        return lead.ladder_state == "paused" and not lead._get_open_rounds()

    def _get_assignment_reason(self):
        """Return why somebody has this lead now."""
        self.ensure_one()
        if self.allocated_offer_id:
            by_staff = self.allocated_offer_id.answer_channel == "staff"
            return "hand" if by_staff else "offer"
        if self.response_assignment_id.result == "offered":
            return "returned"
        by_rule = self.env.context.get("assignment_reason")
        return by_rule or ("rule" if self.env.uid == SUPERUSER_ID else "hand")

    # ------------------------------------------------------------
    # HOLDER
    # ------------------------------------------------------------

    def _get_holder(self):
        """Return who has this lead, see :class:`Holder`: whom it was allocated to, else
        whom a search that found nobody ended with, its salesperson, or its team."""
        self.ensure_one()
        if self.allocated_partner_id:
            return self._make_holder(partner=self.allocated_partner_id)
        if self.allocated_team_id:
            return self._make_holder(
                team=self.allocated_team_id, user=self.allocated_user_id
            )
        handed = self.ladder_state == "handed" and self.handed_user_id
        if user := handed or self.user_id:
            return self._make_holder(user=user)
        return self._make_holder(team=self.team_id)

    @api.model
    def _make_holder(self, partner=None, team=None, user=None):
        return Holder(
            partner or self.env["res.partner"],
            team or self.env["crm.team"],
            user or self.env["res.users"],
        )
