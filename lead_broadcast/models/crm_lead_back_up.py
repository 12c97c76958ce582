from odoo import SUPERUSER_ID, api, models


class CrmLead(models.Model):
    """Who stands in for whoever has a lead, and how it is given to them."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _pick_back_ups(self, holders, moment, past=None):
        """Return who of our people takes these leads when their holders do not answer,
        or are absent: the back-up of a person, else the team's leader; of a partner,
        the leader of the team that gave it the lead.

        :param holders: ``{lead: Holder}`` to stand in for
        :param datetime moment: in naive UTC, at which nobody absent stands in
        :param past: ``{lead: res.users}`` who had it before and did not answer either
        :return: ``{lead: Holder}``, the same one where there is nobody else
        """
        former = {
            lead: holders[lead].user or holders[lead].team.user_id for lead in self
        }
        named = self.env["res.users"].union(*former.values())._get_backup(moment)
        preferred = {
            lead: [
                named.get(former[lead], former[lead][:0]),
                (holders[lead].team or lead.team_id).user_id,
                lead.user_id,
            ]
            for lead in self
        }
        return self._pick_people(preferred, holders, moment, past)

    def _pick_people(self, preferred, holders, moment, past=None):
        """Return the first of some people who may be given each of these leads and is
        not absent; at last the head, or any supervisor.

        :param preferred: ``{lead: [res.users, ...]}``
        :param holders: ``{lead: Holder}``, who is not meant
        :return: as ``_pick_back_ups``
        """
        if not self:
            return {}
        past = past or {}
        supervisors = self._get_supervisors()
        candidates = {
            lead: self.env["res.users"].union(
                *preferred[lead],
                (lead.company_id or self.env.company).broadcast_head_id,
                supervisors,
            )
            - (holders[lead].user | past.get(lead, holders[lead].user))
            for lead in self
        }
        everybody = self.env["res.users"].union(*candidates.values())
        absent = everybody._filter_absent(moment)
        people = {
            lead: (candidates[lead] - absent).filtered(
                lambda user, lead=lead: lead._is_open_to(user)
            )[:1]
            for lead in self
        }
        return {
            lead: self._make_holder(user=user) if user else holders[lead]
            for lead, user in people.items()
        }

    def _pick_master(self, holder):
        """Return the master partner of a partner, as far as it can take this lead."""
        self.ensure_one()
        master = holder.partner.broadcast_master_id
        usable = master.active and master.is_service_partner and self._can_be_offered()
        return self._make_holder(partner=master if usable else None)

    def _is_open_to(self, user):
        """Tell whether a person may be given this lead."""
        self.ensure_one()
        return (
            user.active
            and user.has_group("sales_team.group_sale_salesman")
            and (not self.company_id or self.company_id in user.company_ids)
        )

    @api.model
    def _get_supervisors(self):
        """Return those who are asked at last, administrators after the others."""
        supervisors = self.env.ref("lead_broadcast.group_supervisor").all_user_ids
        administrators = self.env.ref("lead_broadcast.group_administrator").all_user_ids
        return supervisors.filtered(lambda user: user.id != SUPERUSER_ID).sorted(
            lambda user: (user in administrators, user.id)
        )

    # ------------------------------------------------------------
    # GIVE
    # ------------------------------------------------------------

    def _pass_on(self, holders, reason, levels):
        """Give these leads to those who stand in: the levels of the policy go on.

        :param holders: ``{lead: Holder}``
        :param str reason: ``escalated`` or ``absent``
        :param levels: ``{lead: level}`` whose time begins for them
        """
        leads = self.sudo()
        for (holder, _team), group in leads.grouped(
            lambda lead: (holders[lead], lead.team_id)
        ).items():
            group._hand_to(holder)
        leads._sync_assignee(reason, {lead: levels[lead] for lead in leads})

    def _hand_to(self, holder):
        """Give these leads of one team to a partner or person, whoever has them now."""
        # on hold: they pass through several hands on the way
        leads = self.with_context(
            assignee_on_hold=True, mail_auto_subscribe_no_notify=True
        )
        if holder.partner:
            leads._release()
            for lead in leads:
                lead._allocate(holder.partner)
            return
        within_team = leads.filtered(
            lambda lead: holder.user in lead.allocated_team_id._get_broadcast_people()
        )
        within_team.write(
            {"allocated_user_id": holder.user.id, "user_id": holder.user.id}
        )
        others = leads - within_team
        others._release()
        # they stay with their team, whose leader is told what becomes of them
        others.write({"user_id": holder.user.id, "team_id": self.team_id.id})
