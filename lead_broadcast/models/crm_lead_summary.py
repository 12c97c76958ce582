from odoo import api, fields, models


class CrmLead(models.Model):
    """Where the search stands, in words: for the forms, cards and lists of leads."""

    _inherit = "crm.lead"

    broadcast_valid_until = fields.Datetime(
        "Offers Valid Until", compute="_compute_broadcast_summary"
    )
    broadcast_summary = fields.Char(compute="_compute_broadcast_summary")
    next_step_summary = fields.Char(
        "What Comes Next",
        compute="_compute_broadcast_summary",
        help="A countdown follows it.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "broadcast_state",
        "allocated_partner_id",
        "allocated_team_id",
        "allocated_user_id",
        "broadcast_ids.state",
        "broadcast_ids.valid_until",
        "ladder_state",
        "ladder_step_id",
        "next_step_id",
    )
    @api.depends_context("lang")
    def _compute_broadcast_summary(self):
        """Say in one line where the search stands; a countdown follows it."""
        for lead in self:
            # sudo: a lead's reader may know where the search stands
            lead_sudo = lead.sudo()
            rounds = lead_sudo._get_open_rounds()
            lead.broadcast_valid_until = max(rounds.mapped("valid_until"), default=None)
            lead.broadcast_summary = lead_sudo._get_broadcast_summary(rounds)
            lead.next_step_summary = lead_sudo._get_next_step_summary()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_broadcast_summary(self, rounds):
        self.ensure_one()
        if self.broadcast_state == "allocated":
            return self.env._("Allocated to %s", self._get_owner_name())
        if self.broadcast_state == "searching":
            return self._get_search_summary(rounds)
        if self.ladder_state == "handed":
            return self.env._(
                "Nobody took it: with %s",
                self.ladder_step_id._get_responsible(self)[self].name,
            )
        if self.broadcast_state == "exhausted":
            return self.env._("Nobody took it. Broadcast again?")
        return False

    def _get_search_summary(self, rounds):
        """Return at which step or round the search is, and who can still answer."""
        if self.ladder_state == "paused":
            text = self.env._("Paused at %s", self._get_position())
        elif self.ladder_state == "running":
            text = self._get_position()
        else:
            text = self.env._("Round %s", rounds[:1].sequence)
        if not rounds:
            return text[:1].upper() + text[1:]
        text = self.env._(
            "%(where)s: %(open)s of %(total)s partners can still answer",
            where=text,
            open=sum(rounds.mapped("open_offer_count")),
            total=sum(rounds.mapped("offer_count")),
        )
        return text[:1].upper() + text[1:]

    def _get_position(self):
        """Return how far the ladder is climbed."""
        steps = self.ladder_snapshot_id.step_ids
        if self.ladder_step_id not in steps:
            # not begun, or taken by an earlier version of the ladder
            return self.ladder_step_id.name or self.env._("the first step")
        return self.env._(
            "step %(number)s of %(total)s (%(step)s)",
            number=steps.ids.index(self.ladder_step_id.id) + 1,
            total=len(steps),
            step=self.ladder_step_id.name,
        )

    def _get_next_step_summary(self):
        if self.ladder_state != "running":
            return False
        if not self.next_step_id:
            return self.env._("the search ends")
        return self.env._("next step (%s)", self.next_step_id.name)
