from odoo import models


class CrmLead(models.Model):
    """Whoever becomes a lead's salesperson takes over the work of one of our people
    before: for the team that has the lead, or after a search that found nobody."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id"):
            leads = self.sudo()  # sudo: by the right to say whose the lead is
            if "allocated_user_id" not in vals:
                leads._follow_in_team()
            leads._follow_after_search()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _follow_in_team(self):
        """Have another salesperson of the team that has these leads do the work; take
        them back from the team for somebody else."""
        leads = self.filtered(
            lambda lead: (
                lead.allocated_team_id and lead.allocated_user_id != lead.user_id
            )
        )
        colleagues = leads.filtered(
            lambda lead: lead.user_id in lead.allocated_team_id._get_broadcast_people()
        )
        for user, group in (
            colleagues.filtered("allocated_user_id").grouped("user_id").items()
        ):
            group.allocated_user_id = user
        (leads - colleagues)._release()

    def _follow_after_search(self):
        """Have another salesperson look for a partner where the search found none."""
        leads = self.filtered(
            lambda lead: (
                lead.ladder_state == "handed" and lead.handed_user_id != lead.user_id
            )
        )
        for user, group in leads.grouped("user_id").items():
            group._get_search_tasks().user_id = user
            group.handed_user_id = user
