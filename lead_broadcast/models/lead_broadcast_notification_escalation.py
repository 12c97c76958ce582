from odoo import api, models


class LeadBroadcastNotificationRule(models.Model):
    """Whom a rule tells of a lead that is given on because nobody has answered in
    time: by the level that ran out, by who had the lead and by who has it now."""

    _inherit = "lead.broadcast.notification.rule"

    # ------------------------------------------------------------
    # ROLES OF ANY EVENT
    # ------------------------------------------------------------

    def _get_previous_people(self, records, leads):
        """Who had the lead before it was given on to whoever has it now."""
        former = {
            record: leads[record].response_assignment_id.previous_id
            for record in records
        }
        users = {record: row._get_holder().user for record, row in former.items()}
        people = self._get_staff(users, leads)
        return {record: people[record] | former[record].partner_id for record in people}

    # ------------------------------------------------------------
    # ESCALATIONS
    # ------------------------------------------------------------

    def _get_people(self, records, leads):
        if self.event != "escalated":
            return super()._get_people(records, leads)
        return self._get_people_of_escalations(
            {lead: lead._get_escalation() for lead in records}
        )

    def _get_people_of_escalations(self, escalations):
        """Return the people of this rule's role for levels that have run out, or will.

        :param escalations: ``{lead: PlannedEscalation}``
        :return: ``{lead: res.partner}``
        """
        self.ensure_one()
        leads = {lead: lead for lead in escalations}
        partners = {lead: own.following.partner for lead, own in escalations.items()}
        if self.role == "customer":
            return self._get_customer_people(leads, leads)
        if self.role == "partner_admin":
            return partners
        if self.role == "executives":
            return self._get_contacts(partners)
        if self.role == "master":
            return self._get_masters(partners)
        if self.role == "management":
            users = self._get_management_of_escalations(escalations)
        else:
            users = {
                lead: self._get_users_of_escalation(lead, escalation)
                for lead, escalation in escalations.items()
            }
        people = self._get_staff(users, leads)
        if self.role == "previous":
            for lead, escalation in escalations.items():
                if escalation.previous != escalation.following:
                    people[lead] |= escalation.previous.partner
        return people

    def _get_users_of_escalation(self, lead, escalation):
        """Return who of our people has this rule's role. Of a lead that the whole of a
        team has, each of them is the assignee."""
        self.ensure_one()
        previous, following = escalation.previous, escalation.following
        team = following.team or lead.team_id
        nobody = lead.env["res.users"]
        if self.role == "previous":
            is_given_on = previous != following
            return self._get_users(previous) if is_given_on else nobody
        return {
            "assignee": self._get_users(following),
            "owner": following.user or lead.user_id,
            "supervisor": team.user_id,
            "team": following.user or team._get_broadcast_people(),
        }[self.role]

    @api.model
    def _get_users(self, holder):
        return holder.user or holder.team._get_broadcast_people()
