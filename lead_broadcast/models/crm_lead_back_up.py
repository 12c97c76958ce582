from odoo import SUPERUSER_ID, models


class CrmLead(models.Model):
    """Who stands in for whoever has a lead, and how it is given to them."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _pick_back_up(self, holder, moment):
        """Return who of our people takes this lead when its holder does not answer, or
        is absent: the back-up of a person, else the team's leader; of a partner, the
        leader of the team that gave it the lead.

        :param holder: the :class:`Holder` to stand in for
        :param datetime moment: in naive UTC, at which the back-up must not be absent
        :return: the same holder where there is nobody else
        """
        self.ensure_one()
        former = holder.user or holder.team.user_id
        named = former._get_backup(moment)[former] if former else former
        return self._pick_person(
            [named, (holder.team or self.team_id).user_id, self.user_id],
            moment,
            holder,
        )

    def _pick_person(self, preferred, moment, holder):
        """Return the first of these people who may be given this lead and is not
        absent; at last the head, or any supervisor.

        :param preferred: list of ``res.users``
        :return: the holder where there is nobody else
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        candidates = [
            *preferred,
            company.broadcast_head_id,
            self._get_first_supervisor(),
        ]
        people = self.env["res.users"].union(*candidates) - holder.user
        present = people - people._filter_absent(moment)
        usable = (
            user for user in candidates if user in present and self._is_open_to(user)
        )
        person = next(usable, None)
        return self._make_holder(user=person) if person else holder

    def _pick_master(self, holder):
        """Return the master partner of a partner, as far as it can take this lead."""
        master = holder.partner.broadcast_master_id
        usable = master.active and master.is_service_partner
        return self._make_holder(partner=master if usable else None)

    def _is_open_to(self, user):
        """Tell whether a person may be given this lead."""
        self.ensure_one()
        return (
            user.active
            and not user.share
            and (not self.company_id or self.company_id in user.company_ids)
        )

    def _get_first_supervisor(self):
        supervisors = self.env.ref("lead_broadcast.group_supervisor").all_user_ids
        return supervisors.filtered(
            lambda user: user.id != SUPERUSER_ID and self._is_open_to(user)
        ).sorted("id")[:1]

    # ------------------------------------------------------------
    # GIVE
    # ------------------------------------------------------------

    def _pass_on(self, holders, reason):
        """Give leads to those who stand in, whose time then begins where that of the
        former ones has ended: the levels of the policy go on.

        :param holders: ``{lead: Holder}``
        :param str reason: ``escalated`` or ``absent``
        """
        leads = self.browse([lead.id for lead in holders]).sudo()
        policies = {lead: lead.response_policy_id for lead in leads}
        for lead in leads:
            lead._hand_to(holders[lead])
        leads._sync_assignee(reason, policies)

    def _hand_to(self, holder):
        """Give this lead to a partner or person, whoever has it now."""
        self.ensure_one()
        # on hold: it passes through several hands on the way
        lead = self.with_context(
            assignee_on_hold=True, mail_auto_subscribe_no_notify=True
        )
        if holder.partner:
            lead._release()
            lead._allocate(holder.partner)
            return
        team = lead.allocated_team_id
        if holder.user in team._get_broadcast_people():
            lead.write({"allocated_user_id": holder.user.id, "user_id": holder.user.id})
            return
        lead._release()
        # it stays with its team, whose leader is told what becomes of it
        lead.write({"user_id": holder.user.id, "team_id": lead.team_id.id})
