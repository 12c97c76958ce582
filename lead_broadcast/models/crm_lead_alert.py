from odoo import fields, models
from odoo.fields import Domain

from .crm_lead_escalation import PlannedEscalation

ASSIGNED = "mail.message_user_assigned"  # core's text


class CrmLead(models.Model):
    """What whoever is given a lead is told, and those around."""

    _inherit = "crm.lead"

    assigned_date = fields.Datetime(
        related="response_assignment_id.start_date",
        string="Assigned on",
        help="Since when whoever has the lead has it.",
    )

    def _get_escalation(self):
        """Return the last level that has run out unanswered, and who had the lead then
        and who has it now: what alerts are about."""
        self.ensure_one()
        late, nobody = self._get_last_escalation(), self._make_holder()
        return PlannedEscalation(
            moment=late.overdue_date,
            level=self._get_last_level(),
            number=self.response_level,
            previous=late._get_holder() if late else nobody,
            following=self._get_holder() if self._needs_answer() else nobody,
        )

    def _message_auto_subscribe_notify(self, partner_ids, template):
        """Whom the matrix tells of a lead that is assigned to them is not told twice.

        Core comes here before the lead's new assignment is written.
        """
        told = self._filter_told_by_matrix() if template == ASSIGNED else self.browse()
        return super(CrmLead, self - told)._message_auto_subscribe_notify(
            partner_ids, template
        )

    def _filter_told_by_matrix(self):
        """Return the leads whose new assignee a rule tells in the app or by mail."""
        policies = self.env["lead.response.policy"].sudo()  # sudo: as the clock does
        if not policies._has_any():
            return self.browse()
        leads = self.sudo().filtered(
            lambda lead: lead._needs_answer() and not lead.allocated_date
        )
        matches = policies._match(leads)
        leads = leads.filtered(lambda lead: matches.get(lead))
        rules = policies.env["lead.broadcast.notification.rule"]
        is_told = leads and rules._search_rules(
            "once",
            Domain("event", "=", "assigned")
            & Domain("role", "=", "assignee")
            & Domain("channel", "in", ("inbox", "mail"))
            & Domain("tier_id", "=", False)
            & Domain("threshold", "=", 0),
        )
        return leads.with_env(self.env) if is_told else self.browse()
