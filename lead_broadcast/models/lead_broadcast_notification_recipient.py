from typing import NamedTuple

from odoo import api, models

from .lead_broadcast_notification_event import ACTIVITY, EVENTS, OFFER


class Target(NamedTuple):
    """Whom a rule tells of a record, and why it cannot (``problem``, or False)."""

    record: models.BaseModel  # offer, lead or activity
    lead: models.BaseModel
    company: models.BaseModel  # that sends
    recipient: models.BaseModel  # res.partner
    channel: str
    problem: str | bool


class LeadBroadcastNotificationRule(models.Model):
    """Whom a rule tells: the people of its role, as far as its channel reaches them."""

    _inherit = "lead.broadcast.notification.rule"

    def _get_targets(self, records):
        """Return whom these rules tell of records, also those that cannot be reached.

        Queries do not grow with the number of records.

        :param records: what the event is about: offers, leads or activities
        :return: list of :class:`Target`
        """
        targets = []
        for rule in self:
            leads = rule._get_leads(records)
            concerned = rule._filter_channel(rule._filter_tier(records, leads))
            people = rule._get_people(concerned, leads)
            everybody = self.env["res.partner"].union(*people.values())
            reach = rule._get_reach(everybody)
            for record in concerned:
                lead = leads[record]
                company = lead._get_sms_company()
                targets += [
                    Target(record, lead, company, person, *reach[person])
                    for person in people[record]
                ]
        return [
            target._replace(problem=self._get_problem(target)) for target in targets
        ]

    @api.model
    def _get_problem(self, target):
        """Return why a target cannot be told, or False."""
        if not target.recipient.active:
            return self.env._("Is archived")
        if target.channel == "sms" and not target.company.broadcast_sms_number:
            return self.env._(
                "%s has no number for SMS in the settings", target.company.name
            )
        return target.problem

    def _get_leads(self, records):
        """Return the lead of each record."""
        self.ensure_one()
        Lead = self.env["crm.lead"]
        if EVENTS[self.event].model == OFFER:
            return {record: record.lead_id for record in records}
        if EVENTS[self.event].model == ACTIVITY:
            leads = Lead.browse(records.mapped("res_id"))
            return dict(zip(records, leads, strict=True))
        return {record: record for record in records}

    def _filter_tier(self, records, leads):
        self.ensure_one()
        if not self.tier_id:
            return records
        if EVENTS[self.event].model == OFFER:
            return records.filtered(
                lambda offer: offer.partner_id.broadcast_tier_id == self.tier_id
            )
        return records.filtered(
            lambda record: leads[record].allocated_tier_id == self.tier_id
        )

    def _filter_channel(self, records):
        """Offers of a ladder's step are told by the channels of the step only."""
        self.ensure_one()
        if self.event not in ("offered", "expiring"):
            return records
        return records.filtered(
            lambda offer: (
                not (step := offer.broadcast_id.step_id)
                or self.channel in step._get_channels()
            )
        )

    # ------------------------------------------------------------
    # ROLES
    # ------------------------------------------------------------

    def _get_people(self, records, leads):
        """Return the people of this rule's role.

        :param leads: ``{record: lead}``
        :return: ``{record: res.partner}``
        """
        self.ensure_one()
        get_people = getattr(self, f"_get_{self.role}_people")
        return get_people(records, leads)

    def _get_service_partners(self, records, leads):
        """Return the service partner each record is about, if any."""
        if EVENTS[self.event].model == OFFER:
            return {record: record.partner_id for record in records}
        return {record: leads[record].allocated_partner_id for record in records}

    def _get_partner_admin_people(self, records, leads):
        return self._get_service_partners(records, leads)

    def _get_master_people(self, records, leads):
        return self._get_masters(self._get_service_partners(records, leads))

    @api.model
    def _get_masters(self, partners):
        """Return the masters of partners, ``{record: res.partner}`` both: one that is
        archived, or no service partner any more, is not used."""
        return {
            record: partner.broadcast_master_id.filtered(
                lambda master: master.active and master.is_service_partner
            )
            for record, partner in partners.items()
        }

    def _get_executives_people(self, records, leads):
        """Not who has just answered by SMS and is replied to."""
        people = self._get_contacts(self._get_service_partners(records, leads))
        if self.channel == "sms":
            for record in records:
                offer = self._get_offer(record, leads[record])
                if offer.state == "accepted" and offer.answer_channel == "sms":
                    people[record] -= offer.answered_by_id
        return people

    def _get_contacts(self, partners):
        """Return the people of partners that are authorized, ``{record: res.partner}``
        both: for SMS those that get it now."""
        everybody = self.env["res.partner"].union(*partners.values())
        if self.channel == "sms":
            contacts = everybody._get_alert_contacts()
        else:
            contacts = everybody._get_authorized_contacts()
        return {
            record: contacts.get(partner, everybody.browse())
            for record, partner in partners.items()
        }

    def _get_team_people(self, records, leads):
        """The members of the team; the person the lead was given to, if it was."""
        users = {}
        for record in records:
            lead = leads[record]
            team = lead.allocated_team_id or lead.team_id
            users[record] = lead.allocated_user_id or team.member_ids or team.user_id
        return self._get_staff(users, leads)

    def _get_owner_people(self, records, leads):
        """The lead's salesperson, else who started the round."""
        orphans = self.env["crm.lead"].union(*leads.values())
        orphans = orphans.filtered(lambda lead: not lead.user_id)
        starters = {}
        for broadcast in self.env["lead.broadcast"].search_fetch(
            [("lead_id", "in", orphans.ids)], ["lead_id", "user_id"], order="id"
        ):
            starters[broadcast.lead_id] = broadcast.user_id
        users = {
            record: leads[record].user_id
            or starters.get(leads[record], orphans.user_id)
            for record in records
        }
        return self._get_staff(users, leads)

    def _get_supervisor_people(self, records, leads):
        users = {record: leads[record].team_id.user_id for record in records}
        return self._get_staff(users, leads)

    def _get_assignee_people(self, records, leads):
        """Who has the task; of a lead, the person it is assigned to."""
        is_activity = EVENTS[self.event].model == ACTIVITY
        users = {
            record: record.user_id if is_activity else leads[record]._get_holder().user
            for record in records
        }
        return self._get_staff(users, leads)

    def _get_customer_people(self, records, leads):
        return {record: leads[record].partner_id for record in records}

    @api.model
    def _get_staff(self, users, leads):
        """Return the people of users, as far as they may know of the leads' company.

        :param users: ``{record: res.users}``
        :return: ``{record: res.partner}``
        """
        people = {}
        for record, group in users.items():
            key = (group, leads[record].company_id)
            if key not in people:
                people[key] = group.filtered(
                    lambda user, company=key[1]: (
                        user.active
                        and (user.share or not company or company in user.company_ids)
                    )
                ).partner_id
        return {
            record: people[group, leads[record].company_id]
            for record, group in users.items()
        }

    @api.model
    def _get_offer(self, record, lead):
        """Return the offer that a record is about, by which partners see it."""
        return record if record._name == OFFER else lead.allocated_offer_id

    # ------------------------------------------------------------
    # REACH
    # ------------------------------------------------------------

    def _get_reach(self, people):
        """Return by which channel these people are told, and what prevents it.

        :return: ``{person: (channel, problem or False)}``
        """
        self.ensure_one()
        get_reach = getattr(self, f"_get_{self.channel}_reach")
        return get_reach(people)

    def _get_mail_reach(self, people):
        problem = self.env._("No email address")
        return {
            person: ("mail", not person._get_broadcast_email() and problem)
            for person in people
        }

    def _get_sms_reach(self, people):
        problem = self.env._("Gets no SMS: no number, not authorized, or wrote STOP")
        return {
            person: ("sms", not person._get_broadcast_sms_number() and problem)
            for person in people
        }

    def _get_inbox_reach(self, people):
        """In Odoo for users who want it there; those who handle notifications by
        email get one, so that they are not told twice. On the portal for partners."""
        users = people.user_ids.filtered(lambda user: user._is_internal())
        by_mail = users.filtered(lambda user: user.notification_type == "email")
        in_app = (people - users.partner_id)._filter_with_portal()
        in_app |= (users - by_mail).partner_id
        no_login = self.env._("Has no login")
        no_address = self.env._("No email address")
        return {
            person: (
                ("mail", not person._get_broadcast_email() and no_address)
                if person in by_mail.partner_id
                else ("inbox", person not in in_app and no_login)
            )
            for person in people
        }
