from odoo import SUPERUSER_ID, api, fields, models


class LeadBroadcastNotificationRule(models.Model):
    """Who is told as management: somebody, whoever has left or is away."""

    _inherit = "lead.broadcast.notification.rule"

    def _get_management_people(self, records, leads):
        nobody = self.env["res.users"]
        named = dict.fromkeys(leads.values(), nobody)
        told = self._get_management(named, fields.Datetime.now())
        return self._get_staff(
            {record: told[leads[record]] for record in records}, leads
        )

    @api.model
    def _get_management_of_escalations(self, escalations):
        """Return whom levels tell that tell management.

        :param escalations: ``{lead: PlannedEscalation}``, one if it is still to come
        :return: ``{lead: res.users}``
        """
        moment, named = fields.Datetime.now(), {}
        for lead, escalation in escalations.items():
            # those who are archived are replaced, too
            level = escalation.level.with_context(active_test=False)
            if level.action == "management":
                named[lead] = level.management_ids
                moment = max(moment, escalation.moment or moment)
        told = self._get_management(named, moment)
        nobody = self.env["res.users"]
        return {lead: told.get(lead, nobody) for lead in escalations}

    @api.model
    def _get_management(self, named, moment):
        """Return who is told as management: those who are named, or the back-ups of the
        absent; if that is nobody the head, and at last our administrators.

        :param named: ``{lead: res.users}``
        :param datetime moment: naive UTC
        :return: ``{lead: res.users}``
        """
        if not named:
            return {}
        administrators = self._get_administrators()
        groups = {
            lead: (
                users,
                (lead.company_id or self.env.company).broadcast_head_id,
                administrators,
            )
            for lead, users in named.items()
        }
        everybody = administrators.union(
            *(each for group in groups.values() for each in group)
        )
        backups = everybody._filter_absent(moment)._get_backup(moment)
        return {
            lead: next(
                filter(None, (self._replace(users, backups, lead) for users in group)),
                administrators.browse(),
            )
            for lead, group in groups.items()
        }

    @api.model
    def _replace(self, users, backups, lead):
        """Return users, or their back-ups, as far as they may know of a lead.

        :param backups: ``{user: res.users}`` of those who are absent
        """
        present = users.browse().union(*(backups.get(user, user) for user in users))
        return present.filtered(
            lambda user: not lead.company_id or lead.company_id in user.company_ids
        )

    @api.model
    def _get_administrators(self):
        # sudo: whoever acts on a lead need not know who administers
        group = self.env.ref("lead_broadcast.group_administrator").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and user.id != SUPERUSER_ID
        )
