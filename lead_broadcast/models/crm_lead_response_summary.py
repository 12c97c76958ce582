from odoo import api, fields, models


class CrmLead(models.Model):
    """In a line: who is to answer a lead, until when, and what happens otherwise."""

    _inherit = "crm.lead"

    response_overdue_date = fields.Datetime(
        related="response_assignment_id.overdue_date"
    )
    response_summary = fields.Char(compute="_compute_response_summary")
    response_next = fields.Char(
        "What Follows",
        compute="_compute_response_next",
        help="What happens if nobody answers; a countdown precedes it.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("response_assignment_id", "response_level", "response_state")
    @api.depends_context("lang")
    def _compute_response_summary(self):
        for lead in self:
            # sudo: who reads a lead may know who is to answer it
            lead.response_summary = lead.sudo()._get_response_summary()

    @api.depends("response_assignment_id", "response_deadline", "response_level")
    @api.depends_context("lang")
    def _compute_response_next(self):
        for lead in self:
            planned = lead._get_planned_escalations(lead.response_deadline)
            lead.response_next = next(
                (
                    plan.level._tell_plan(plan.previous, plan.following)
                    for plan in planned
                ),
                False,
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_mark_contacted(self):
        """Note that the customer was spoken to, for example on the phone: whoever has
        the lead has answered it by that."""
        self.check_access("write")
        if self._is_reception():
            self._refuse_reception()
        self._mark_contacted(self.env.user.partner_id)
        leads = self.sudo()  # sudo: as in _mark
        leads.filtered(lambda lead: lead._is_running())._answer()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_response_summary(self):
        self.ensure_one()
        row = self.response_assignment_id
        names = {
            "number": self.response_level,
            "person": row.assignee_name,
            "former": row.previous_id.assignee_name,
        }
        if not row or row.end_date:
            return False
        if self.response_state == "overdue":
            return self.env._("Level %(number)s: %(person)s has not answered", **names)
        if self.response_state == "open":
            return self._get_answer_summary(row)
        if row.previous_id and row.reason == "absent":
            return self.env._("%(person)s stands in for %(former)s", **names)
        if row.previous_id:
            return self.env._(
                "Level %(number)s: %(former)s has not answered, now with %(person)s",
                **names,
            )
        return self.env._("To be answered by %s", row.assignee_name)

    def _get_answer_summary(self, row):
        """Return how long the first response took, nothing while partners are asked."""
        if not row.first_response_date:
            return False
        names = {
            "person": row.assignee_name,
            "time": self.env["res.partner"]._say_hours(row.response_hours),
        }
        if row.is_on_time:
            return self.env._("%(person)s answered in time, after %(time)s", **names)
        return self.env._("%(person)s answered late, after %(time)s", **names)
