from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .lead_broadcast import AUDIENCES

IS_ON_LADDER = Domain("ladder_state", "in", ["running", "paused"])

# written by the methods below and by the engine, never from outside
LADDER_FIELDS = {
    "ladder_run",
    "ladder_snapshot_id",
    "ladder_state",
    "ladder_step_id",
    "next_action_at",
    "next_step_id",
    "searching_since",
}


class CrmLead(models.Model):
    """The ladder that is climbed until somebody takes the lead: where the lead stands
    on it, and what people can do about it. Climbing itself: ``crm_lead_climb``."""

    _inherit = "crm.lead"

    ladder_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Search Ladder",
        domain=[("origin_id", "=", False)],
        copy=False,
        tracking=True,
        index="btree_not_null",
        ondelete="set null",
        help="How partners are searched for. None: by the rules of the ladders.",
    )
    matching_ladder_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Ladder by the Rules",
        compute="_compute_matching_ladder_id",
        compute_sudo=True,
    )
    ladder_snapshot_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Ladder Followed",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The ladder as it was when the search started.",
    )
    ladder_step_id = fields.Many2one(
        "lead.broadcast.ladder.step",
        "Step",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The step that was taken last.",
    )
    ladder_audience = fields.Selection(
        [*AUDIENCES, ("people", "People of ours")],
        "Kind of Step",
        compute="_compute_ladder_audience",
        store=True,
        group_expand="_expand_ladder_audience",
        help="Of the step of the ladder, else of the latest round started by hand.",
    )
    next_step_id = fields.Many2one(
        "lead.broadcast.ladder.step",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_action_at = fields.Datetime(
        "Next Action",
        readonly=True,
        copy=False,
        help="When the search goes on, if nobody takes the lead before.",
    )
    ladder_state = fields.Selection(
        [
            ("none", "No ladder"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("handed", "With a person"),
            ("ended", "At its end"),
        ],
        default="none",
        required=True,
        readonly=True,
        copy=False,
    )
    ladder_run = fields.Integer(
        readonly=True,
        copy=False,
        help="How often the ladder was started or changed by hand: within one run"
        " no step is taken twice.",
    )

    _next_action_idx = models.Index("(next_action_at) WHERE ladder_state = 'running'")
    _ladder_idx = models.Index(
        "(ladder_id, ladder_snapshot_id) WHERE ladder_state IN ('running', 'paused')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("service_id", "company_id")
    def _compute_matching_ladder_id(self):
        """Rules look at anything of a lead: this is as true as the last reading."""
        matches = self.env["lead.broadcast.ladder"]._match(self)
        for lead in self:
            lead.matching_ladder_id = matches[lead]

    @api.depends("ladder_step_id", "ladder_state", "broadcast_ids")
    def _compute_ladder_audience(self):
        for lead in self:
            step = lead.ladder_state != "none" and lead.ladder_step_id
            last = lead.broadcast_ids.sorted("sequence")[-1:]
            lead.ladder_audience = (step or last).audience

    def _expand_ladder_audience(self, audiences, domain):
        """Show the kinds of steps that there are, in the order they usually have."""
        order = [value for value, _label in self._fields["ladder_audience"].selection]
        return sorted(audiences, key=order.index)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_climbs_by_itself(vals)
        leads = super().create(vals_list)
        leads._start_by_itself()
        return leads

    def write(self, vals):
        self._check_climbs_by_itself(vals)
        if "ladder_id" in vals:
            self._check_ladder_can_change(vals["ladder_id"])
        new = self.browse()
        if vals.get("service_id"):
            new = self.filtered(lambda lead: not lead.service_id)
        result = super().write(vals)
        new._start_by_itself()
        return result

    def _check_climbs_by_itself(self, vals):
        if not self.env.su and LADDER_FIELDS & vals.keys():
            raise AccessError(
                self.env._("The search of a lead is steered by its buttons only.")
            )

    def _check_ladder_can_change(self, ladder_id):
        for lead in self:
            if (
                lead.ladder_state in ("running", "paused")
                and lead.ladder_id.id != ladder_id
            ):
                raise UserError(
                    self.env._(
                        "%s is searching by another ladder. Stop the search first, then"
                        " choose the ladder and start again.",
                        lead.name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start_ladder(self):
        """Start to search by the ladder chosen, or that of the rules."""
        self._check_can_broadcast()
        self._check_no_problem(lambda lead: lead._get_ladder_problem())
        self._start_ladder()

    def action_pause_ladder(self):
        """Take no further step for now; offers stay valid."""
        self.check_access("write")
        self._pause_ladder()

    def action_resume_ladder(self):
        """Go on with the step that is next."""
        self.check_access("write")
        self._resume_ladder()

    def action_restart_ladder(self):
        """Begin at the first step of the ladder as it is now."""
        self._check_can_broadcast()
        self._check_no_problem(lambda lead: lead._get_ladder_problem())
        self._restart_ladder()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _start_ladder(self, ladder=None):
        """Climb from the first step: at once, or when working hours begin.

        :param ladder: instead of each lead's own, or that of the rules; leads without
            any are left as they are
        """
        matches = self.env["lead.broadcast.ladder"]._match(self)
        # sudo: users steer searches by these methods only, not by writing
        for own, leads in (
            self.sudo()
            .grouped(lambda lead: ladder or lead.ladder_id or matches[lead])
            .items()
        ):
            if own:
                leads._follow(own._get_snapshot())

    def _restart_ladder(self):
        """Climb from the first step again, by the ladder as it is now."""
        self._start_ladder()

    def _follow(self, snapshot):
        now = fields.Datetime.now()
        self._start_searching(now)
        self._end_ladder()  # the ladder of a running search is not changed
        self.write(
            {
                "ladder_id": snapshot.origin_id.id,
                "ladder_snapshot_id": snapshot.id,
                "ladder_step_id": False,
            }
        )
        self._go_on_with(snapshot.step_ids[:1])

    def _go_on_with(self, step):
        """Begin a new run with a step, now or when its working hours begin."""
        now = fields.Datetime.now()
        for run, leads in self.grouped("ladder_run").items():
            leads._end_ladder()
            leads.write(
                {
                    "ladder_state": "running",
                    "ladder_run": run + 1,
                    "next_step_id": step.id,
                    "next_action_at": now,
                }
            )
        self._climb()

    def _jump_to(self, step):
        """Take a step out of turn, now or when its working hours begin; offers of the
        steps before stay valid.

        :param step: of the copy of the ladder that these leads follow
        """
        leads = self.sudo()  # sudo: as in _start_ladder
        if leads.ladder_snapshot_id != step.ladder_id:
            raise UserError(
                self.env._("%s is no step of the ladder of this lead.", step.name)
            )
        leads._start_searching(fields.Datetime.now())
        leads._go_on_with(step)

    def _pause_ladder(self):
        """Take no further step until somebody resumes the search."""
        leads = self.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: lead.ladder_state == "running"
        )
        leads.write({"ladder_state": "paused", "next_action_at": False})
        leads._log_ladder(lambda lead, env: env._("The search is paused."))

    def _resume_ladder(self):
        """Go on: after the offers that are still valid, else now."""
        leads = self.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: lead.ladder_state == "paused"
        )
        if not leads:
            return
        now = fields.Datetime.now()
        for moment, group in leads.grouped(
            lambda lead: max([now, *lead._get_open_rounds().mapped("valid_until")])
        ).items():
            group.write({"ladder_state": "running", "next_action_at": moment})
        leads._log_ladder(lambda lead, env: env._("The search goes on."))
        leads._climb()

    def _end_ladder(self, state="none"):
        """Take no further step: somebody has the lead, it is closed, or the search was
        stopped."""
        leads = self.sudo().filtered(  # sudo: as in _start_ladder
            lambda lead: lead.ladder_state not in ("none", state)
        )
        if not leads:
            return
        handed = leads.filtered(lambda lead: lead.ladder_state == "handed")
        leads.write(
            {"ladder_state": state, "next_step_id": False, "next_action_at": False}
        )
        if handed:
            # the person need not look for a partner any more
            handed.activity_unlink(["lead_broadcast.mail_activity_type_find_partner"])

    def _start_by_itself(self):
        """Search for partners of new leads whose ladder starts by itself: soon, not
        while the lead is being entered."""
        leads = self.filtered("service_id")
        if not leads or not self.env["lead.broadcast.ladder"]._has_auto_start():
            return
        leads = leads.filtered(lambda lead: not lead._get_broadcast_problem())
        matches = self.env["lead.broadcast.ladder"]._match(leads)
        now = fields.Datetime.now()
        for ladder, group in (
            leads.sudo()
            .grouped(  # sudo: as in _start_ladder
                lambda lead: lead.ladder_id or matches[lead]
            )
            .items()
        ):
            if not ladder.auto_start:
                continue
            group._start_searching(now)
            snapshot = ladder._get_snapshot()
            group.write(
                {
                    "ladder_id": ladder.id,
                    "ladder_snapshot_id": snapshot.id,
                    "ladder_state": "running",
                    "ladder_run": 1,
                    "next_step_id": snapshot.step_ids[:1].id,
                    "next_action_at": now,
                }
            )
            group._set_climb_alarm([now])

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_ladder_problem(self):
        """Return why this lead cannot follow a ladder and what to do, or False."""
        self.ensure_one()
        ladder = self.ladder_id or self.matching_ladder_id
        if not ladder:
            return self.env._(
                "No ladder matches it. Choose one, or broadcast the lead by hand."
            )
        if not ladder.sudo().step_ids:  # sudo: only whether there are some
            return self.env._("The ladder %s has no steps.", ladder.name)
        return False

    def _get_open_rounds(self):
        return self.broadcast_ids.filtered(lambda broadcast: broadcast.state == "open")

    def _log_ladder(self, tell):
        """Log one line on each lead, in the language of its team.

        :param tell: function of a lead and an environment, returns the line
        """
        self._message_log_batch(
            {lead.id: tell(lead, lead._with_team_lang().env) for lead in self}
        )
