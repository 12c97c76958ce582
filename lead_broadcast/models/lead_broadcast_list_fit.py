from odoo import models


class LeadBroadcastList(models.Model):
    """Which lists fit which leads."""

    _inherit = "lead.broadcast.list"

    def _get_partners_by_lead(self, leads):
        """Return who is on these lists, or on those that fit, for each lead.

        :param self: the lists to use for all leads; none: the lists that fit each
        :return: ``{lead: res.partner}``
        """
        if self:
            lists_by_lead = dict.fromkeys(leads, self.filtered("active"))
        else:
            lists_by_lead = self._fit(leads)
        members = self.union(*lists_by_lead.values())._get_partners_by_list()
        partners = self.env["res.partner"]
        partners_by_lists = {
            ids: partners.union(*(members[plist] for plist in self.browse(ids)))
            for ids in {lists._ids for lists in lists_by_lead.values()}
        }
        return {
            lead: partners_by_lists[lists._ids] for lead, lists in lists_by_lead.items()
        }

    def _fit(self, leads):
        """Return which of these lists, or of all, fit each lead by its size and region.

        :return: ``{lead: lead.broadcast.list}``
        """
        # sudo: what fits does not depend on who looks
        lists_sudo = self.sudo()
        companies = leads.company_id | self.env.company
        lists_sudo = lists_sudo or lists_sudo.search(
            [("company_id", "in", [False, *companies.ids])]
        )
        return {
            lead: lists_sudo.filtered(
                lambda plist, lead=lead: plist._is_for(lead)
            ).sudo(self.env.su)
            for lead in leads
        }

    def _is_for(self, lead):
        """Tell whether this list fits a lead; what is not chosen is open to any."""
        self.ensure_one()
        company = lead.company_id or self.env.company
        wanted = (
            (self.company_id, company),
            (self.size_ids, lead.size_id),
            (self.state_ids, lead.state_id),
            (self.country_ids, lead.country_id),
        )
        return all(not allowed or value in allowed for allowed, value in wanted)
