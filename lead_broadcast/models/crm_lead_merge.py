from odoo import models
from odoo.exceptions import UserError

from .crm_lead_ladder import IS_ON_LADDER

# what the lead that is kept takes over of the one that somebody has
ALLOCATION = (
    "allocated_offer_id",
    "allocated_team_id",
    "allocated_user_id",
    "allocated_date",
    "contacted_date",
    "completion_date",
    "feedback_score",
    "first_response_date",
)

# of the search that goes on
LADDER = (
    "ladder_id",
    "ladder_snapshot_id",
    "ladder_step_id",
    "next_step_id",
    "next_action_at",
    "ladder_state",
)


class CrmLead(models.Model):
    """What becomes of rounds and offers when leads are merged."""

    _inherit = "crm.lead"

    def _merge_get_fields(self):
        return super()._merge_get_fields() + [
            "service_id",
            "size_id",
            "closure_date",
            "service_place",
            "service_description",
            "service_latitude",
            "service_longitude",
        ]

    def _merge_opportunity(self, *args, **kwargs):
        owned = self.filtered(lambda lead: lead.broadcast_state == "allocated")
        if len(owned) > 1:
            raise UserError(
                self.env._(
                    "These leads belong to several partners or teams: %s. Take all but"
                    " one back before merging them.",
                    ", ".join(lead._get_owner_name() for lead in owned),
                )
            )
        return super()._merge_opportunity(*args, **kwargs)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self._merge_broadcasts(opportunities)
        return result

    def _merge_broadcasts(self, others):
        """Take over the rounds of other leads.

        The partner or team that has one of the leads keeps it, and whoever was asked
        for the others is told that it is taken. While nobody has any, running offers
        stay valid, now for this lead.
        """
        self.ensure_one()
        # sudo: whoever may merge leads need not see their rounds
        # on hold: who has what is settled at the end
        head, others = (
            leads.sudo().with_context(assignee_on_hold=True) for leads in (self, others)
        )
        owned = (head | others).filtered(
            lambda lead: lead.broadcast_state == "allocated"
        )
        winner = owned.allocated_offer_id
        values = {name: owned[name] for name in ALLOCATION if owned - head}
        others.write({"allocated_offer_id": False, "allocated_team_id": False})
        head._merge_ladder(others)
        rounds = head.broadcast_count
        for broadcast in others.broadcast_ids.sorted("start_date"):
            rounds += 1
            # run 0: none of this lead's own ladder
            broadcast.write({"lead_id": head.id, "sequence": rounds, "ladder_run": 0})
        head._merge_notices(others)
        self.env["lead.response.assignment"]._merge(head, others, owned or head)
        head.write(values)
        if owned:
            head._end_search(winner)
        self.sudo()._sync_assignee()

    def _merge_ladder(self, others):
        """Go on with the search of another lead, if this one has none, and remember
        since when somebody is searched for."""
        since = (self | others).filtered("searching_since").mapped("searching_since")
        self.searching_since = min(since, default=False)
        searching = others.filtered_domain(IS_ON_LADDER).sorted(
            lambda lead: lead.ladder_state == "paused"
        )
        if searching and self.ladder_state not in ("running", "paused"):
            self._end_ladder()
            values = {name: searching[0][name] for name in LADDER}
            runs = (self | others).mapped("ladder_run")
            self.write({**values, "ladder_run": max(runs) + 1})
        others._end_ladder()

    def _merge_notices(self, others):
        """Take over what was told about other leads, and what digests say of them;
        what was told about this one, too, stays once."""
        notices = self.env["lead.broadcast.notice"]
        notices._delete_twins("lead_id", self | others, self)
        notices.search([("lead_id", "in", others.ids)]).lead_id = self
        lines = self.env["lead.broadcast.notice.line"].search(
            [("lead_id", "in", (self | others).ids)]
        )
        lines.filtered(lambda line: line.lead_id != self).lead_id = self
        for twins in lines.grouped(
            lambda line: (line.notice_id, line.rule_id, line.activity_id)
        ).values():
            twins[1:].unlink()
