from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .lead_broadcast import AUDIENCES

IS_ON_LADDER = Domain("ladder_state", "in", ["running", "paused"])

# written by the methods below and by the engine, never from outside
LADDER_FIELDS = {
    "handed_user_id",
    "ladder_failures",
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
    on it. People steer it in ``crm_lead_steer``, the engine is ``crm_lead_climb``."""

    _inherit = "crm.lead"

    ladder_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Search Ladder",
        domain=[("origin_id", "=", False)],
        check_company=True,
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

    handed_user_id = fields.Many2one(
        "res.users",
        "Handed to",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who takes care of the lead since nobody took it.",
    )
    ladder_failures = fields.Integer(
        readonly=True,
        copy=False,
        help="How often in a row the next step could not be taken.",
    )

    _next_action_idx = models.Index(
        "(next_action_at) WHERE ladder_state IN ('running', 'paused')"
    )
    _ladder_idx = models.Index(
        "(ladder_id, ladder_snapshot_id) WHERE ladder_state IN ('running', 'paused')"
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("ladder_id")
    def _check_ladder(self):
        for lead in self:
            if lead.ladder_id.sudo().origin_id:  # sudo: only what it is
                raise ValidationError(
                    self.env._(
                        "%s is a copy that other leads follow. Choose the ladder.",
                        lead.ladder_id.name,
                    )
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

    def _expand_ladder_audience(self, audiences, _domain):
        """Show the kinds of steps that there are, in the order they usually have."""
        order = [value for value, _label in self._fields["ladder_audience"].selection]
        return sorted(audiences, key=order.index)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._start_by_itself()
        return leads

    def write(self, vals):
        if "ladder_id" in vals:
            self._check_ladder_can_change(vals["ladder_id"])
        new = self.browse()
        if vals.get("service_id"):
            new = self.filtered(lambda lead: not lead.service_id)
        result = super().write(vals)
        new._start_by_itself()
        return result

    def _get_guarded_fields(self):
        def refuse(env):
            return env._("The search of a lead is steered by its buttons only.")

        return {
            **super()._get_guarded_fields(),
            **dict.fromkeys(LADDER_FIELDS, refuse),
        }

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
