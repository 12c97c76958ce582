from odoo import fields, models
from odoo.fields import Domain

from .crm_lead_ladder import IS_ON_LADDER


class LeadBroadcastLadder(models.Model):
    """Leads follow a copy of their ladder, so that editing it changes nothing for
    those under way unless it is applied to them."""

    _inherit = "lead.broadcast.ladder"

    origin_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Copy of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    snapshot_ids = fields.One2many(
        "lead.broadcast.ladder",
        "origin_id",
        readonly=True,
        context={"active_test": False},
    )
    snapshot_id = fields.Many2one(
        "lead.broadcast.ladder",
        "Current Copy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The copy that leads started from now on follow; none after an edit,"
        " until the next lead is started.",
    )
    running_count = fields.Integer("Leads Under Way", compute="_compute_counts")
    outdated_count = fields.Integer(
        "On an Earlier Version",
        compute="_compute_counts",
        help="Leads under way that follow this ladder as it was before an edit.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_counts(self):
        # sudo: how many there are, also of leads of others
        groups = (
            self.env["crm.lead"]
            .sudo()
            ._read_group(
                IS_ON_LADDER & Domain("ladder_id", "in", self.ids),
                ["ladder_id", "ladder_snapshot_id"],
                ["__count"],
            )
        )
        for ladder in self:
            counts = {
                snapshot: count for own, snapshot, count in groups if own == ladder
            }
            ladder.running_count = sum(counts.values())
            ladder.outdated_count = ladder.running_count - counts.get(
                ladder.snapshot_id, 0
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if {"name", "calendar_id"} & vals.keys():
            self._forget_snapshot()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_apply_to_running(self):
        """Let leads that are under way follow these ladders as they are now, from the
        step they are to take next."""
        self.check_access("write")
        for ladder in self:
            # sudo: the rule holds for all leads, also those of others
            leads = (
                self.env["crm.lead"]
                .sudo()
                .search(IS_ON_LADDER & Domain("ladder_id", "=", ladder.id))
            )
            ladder._get_snapshot()._take_over(leads)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_snapshot(self):
        """Return the copy of this ladder that leads follow from now on."""
        self.ensure_one()
        ladder = self.sudo()  # sudo: copies are not for editing
        if not ladder.snapshot_id:
            snapshot = ladder.copy(
                {
                    "name": ladder.name,
                    "origin_id": ladder.id,
                    "active": False,
                    "auto_start": False,
                    "domain": "[]",  # a rule that is broken stops nobody
                }
            )
            # steps are copied by their ids, whatever their order
            copies = snapshot.step_ids.sorted("id")
            for step, copied in zip(ladder.step_ids.sorted("id"), copies, strict=True):
                copied.origin_id = step
            snapshot.invalidate_recordset(["step_ids"])
            ladder.snapshot_id = snapshot
        return ladder.snapshot_id

    def _forget_snapshot(self):
        """After an edit the next lead needs a new copy."""
        # sudo: whoever edits a ladder does not write copies
        edited = self.sudo().filtered("snapshot_id")
        if edited:
            edited.snapshot_id = False

    def _take_over(self, leads):
        """Let leads follow this copy instead of an earlier one."""
        self.ensure_one()
        leads = leads.filtered(lambda lead: lead.ladder_snapshot_id != self)
        for step, group in leads.grouped(self._find_step).items():
            group.write({"ladder_snapshot_id": self.id, "next_step_id": step.id})

    def _find_step(self, lead):
        """Return the step of this copy with which a lead of an earlier one goes on:
        the one that was to be next, else the first after it that was not taken yet."""
        left = self.step_ids._filter_left(lead)
        upcoming = lead.next_step_id
        same = left.filtered(
            lambda step: upcoming and step.origin_id == upcoming.origin_id
        )
        start = (upcoming or lead.ladder_step_id).sequence
        return same or left.filtered(lambda step: step.sequence >= start)[:1]
