from odoo import api, fields, models


class LeadBroadcastLadderStep(models.Model):
    """What became of a step for one lead: the one named by the context key
    ``ladder_lead_id``, as on the lead's form."""

    _inherit = "lead.broadcast.ladder.step"

    lead_state = fields.Selection(
        [
            ("done", "Done"),
            ("skipped", "Nobody to ask"),
            ("current", "Now"),
            ("next", "Next"),
            ("ahead", "To come"),
        ],
        "Status",
        compute="_compute_lead_outcome",
    )
    lead_outcome = fields.Char("What Became of It", compute="_compute_lead_outcome")

    @api.depends_context("ladder_lead_id", "lang", "uid")
    def _compute_lead_outcome(self):
        lead = self._get_context_lead()
        rounds = {}
        for broadcast in lead.broadcast_ids.sorted("id"):
            rounds[broadcast.step_id] = broadcast
        for step in self:
            broadcast = rounds.get(step, self.env["lead.broadcast"])
            step.lead_state = lead and step._get_lead_state(lead, broadcast)
            step.lead_outcome = lead and step._get_lead_outcome(lead, broadcast)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_jump(self):
        """Ask whether to take this step of a lead out of turn."""
        self.ensure_one()
        action = self._get_context_lead().sudo(False).action_jump_ladder()
        return {**action, "context": {**action["context"], "default_step_id": self.id}}

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _get_context_lead(self):
        """Return the lead whose steps these are, as superuser: who reads the lead may
        know where its search stands."""
        lead = self.env["crm.lead"].browse(self.env.context.get("ladder_lead_id"))
        return lead.exists()._filtered_access("read").sudo()

    def _get_lead_state(self, lead, broadcast):
        steps = lead.ladder_snapshot_id.step_ids
        if self not in steps:
            return "ahead"
        if self == lead.next_step_id:
            return "next"
        if self == lead.ladder_step_id:
            is_over = lead.ladder_state in ("none", "ended")
            return "done" if is_over or broadcast.state == "won" else "current"
        if lead.ladder_step_id not in steps:
            return "ahead"
        if steps.ids.index(self.id) > steps.ids.index(lead.ladder_step_id.id):
            return "ahead"
        return "done" if broadcast else "skipped"

    def _get_lead_outcome(self, lead, broadcast):
        if self.audience == "people" and self == lead.ladder_step_id:
            return self.env._("With %s", self._get_responsible(lead).name)
        if not broadcast:
            return False
        figures = {
            "total": broadcast.offer_count,
            "open": broadcast.open_offer_count,
            "declined": broadcast.declined_offer_count,
            "silent": broadcast.offer_count - broadcast.declined_offer_count,
        }
        if broadcast.state == "open":
            return self.env._(
                "%(total)s asked: %(open)s can still answer, %(declined)s declined",
                **figures,
            )
        if broadcast.state == "won":
            return self.env._("Taken by %s", lead._get_owner_name())
        if broadcast.state == "cancelled":
            return self.env._("%(total)s asked, then stopped", **figures)
        return self.env._(
            "%(total)s asked: %(declined)s declined, %(silent)s did not answer",
            **figures,
        )
