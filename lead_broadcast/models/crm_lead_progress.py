from odoo import api, fields, models


class CrmLead(models.Model):
    """What became of each step of a lead's ladder, and what is still to come."""

    _inherit = "crm.lead"

    matching_ladder_name = fields.Char(
        "Name of the Ladder by the Rules", compute="_compute_ladder_progress"
    )
    ladder_progress = fields.Json(
        compute="_compute_ladder_progress",
        help="The steps that are taken, or would be if the search started now: a list"
        " of id, name, summary, state, label of the state, and outcome.",
    )

    @api.depends(
        "broadcast_ids.state",
        "ladder_id",
        "ladder_snapshot_id",
        "ladder_state",
        "ladder_step_id",
        "matching_ladder_id",
        "next_step_id",
    )
    @api.depends_context("lang")
    def _compute_ladder_progress(self):
        # sudo: who reads a lead may know how partners are searched for
        for lead, lead_sudo in zip(self, self.sudo(), strict=True):
            lead.matching_ladder_name = lead_sudo.matching_ladder_id.name
            lead.ladder_progress = lead_sudo._get_ladder_progress()

    def _get_ladder_progress(self):
        self.ensure_one()
        labels = {
            "done": self.env._("Done"),
            "skipped": self.env._("Skipped"),
            "current": self.env._("Now"),
            "next": self.env._("Next"),
            "ahead": False,
        }
        rounds = {
            broadcast.step_id: broadcast
            for broadcast in self.broadcast_ids.sorted("id")
        }
        progress = []
        for step in self._get_ladder_steps():
            broadcast = rounds.get(step, self.env["lead.broadcast"])
            state = self._get_step_state(step, broadcast)
            progress.append(
                {
                    "id": step.id,
                    "name": step.name,
                    "summary": step.summary,
                    "state": state,
                    "label": labels[state],
                    "outcome": self._get_step_outcome(step, broadcast),
                }
            )
        return progress

    def _get_ladder_steps(self):
        """Return the steps of the copy that this lead follows, or of the ladder it
        would follow if it started now."""
        ladder = self.ladder_id or self.matching_ladder_id
        followed = self.ladder_snapshot_id
        return (followed if followed.origin_id == ladder else ladder).step_ids

    def _get_step_state(self, step, broadcast):
        """Return where a step is, seen from where the search is.

        :param broadcast: the latest round of this step, if any
        """
        steps, current = self.ladder_snapshot_id.step_ids.ids, self.ladder_step_id
        if step == self.next_step_id:
            return "next"
        if step == current:
            is_over = self.ladder_state in ("none", "ended")
            return "done" if is_over or broadcast.state == "won" else "current"
        is_before = (
            step.id in steps
            and current.id in steps
            and steps.index(step.id) < steps.index(current.id)
        )
        if not is_before:
            return "ahead"
        return "done" if broadcast else "skipped"

    def _get_step_outcome(self, step, broadcast):
        if step.audience == "people" and step == self.ladder_step_id:
            return self.env._("Handed to %s", step._get_responsible(self)[self].name)
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
            return self.env._("Taken by %s", self._get_owner_name())
        if broadcast.state == "cancelled":
            return self.env._("%(total)s asked, then stopped", **figures)
        return self.env._(
            "%(total)s asked: %(declined)s declined, %(silent)s did not answer",
            **figures,
        )
