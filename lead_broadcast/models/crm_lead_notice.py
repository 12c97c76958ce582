from odoo import api, fields, models
from odoo.fields import Domain

from .lead_broadcast_notification_event import IS_OPEN

STAFF = "lead_broadcast.group_user"
MAX_NAMED = 5  # people that could not be told, on the form of their lead


class CrmLead(models.Model):
    """Who could not be told of a lead by any channel, while it matters."""

    _inherit = "crm.lead"

    has_delivery_problem = fields.Boolean(
        "Delivery Problem",
        compute="_compute_delivery_problems",
        search="_search_has_delivery_problem",
        compute_sudo=True,  # digests are about the leads of others, too
        groups=STAFF,
        help="Somebody could not be told of it by any channel.",
    )
    delivery_problems = fields.Html(
        "Not Told",
        compute="_compute_delivery_problems",
        compute_sudo=True,
        sanitize=False,
        groups=STAFF,
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("active", "won_status", "completion_date", "offer_ids.state")
    @api.depends_context("lang")
    def _compute_delivery_problems(self):
        for lead, problems in self._get_delivery_problems().items():
            lead.has_delivery_problem = bool(problems)
            lead.delivery_problems = problems._describe_problems(MAX_NAMED)

    def _search_has_delivery_problem(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: as in the computation
        problems = self.env["lead.broadcast.notice"].sudo()._search_problems()
        leads = problems.lead_id | problems.line_ids.lead_id
        has_problem = IS_OPEN & Domain("id", "in", leads.ids)
        return Domain.OR(has_problem if flag else ~has_problem for flag in value)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_retry_notices(self):
        """Try to tell those once more who could not be told."""
        self._check_may_steer()
        leads = self.sudo()  # sudo: nobody may write notices
        problems = leads.env["lead.broadcast.notice"].union(
            *leads._get_delivery_problems().values()
        )
        problems._retry()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_delivery_problems(self):
        """Return the notices that did not arrive and still should.

        :return: ``{lead: notices}``, the latest first
        """
        leads = self._origin.filtered_domain(IS_OPEN)
        problems = self.env["lead.broadcast.notice"]._search_problems(leads)
        return {
            lead: problems.filtered(
                lambda notice, lead=lead: (
                    lead._origin in leads
                    and lead._origin in (notice.lead_id | notice.line_ids.lead_id)
                )
            )
            for lead in self
        }
