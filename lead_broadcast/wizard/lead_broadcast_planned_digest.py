from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..models.lead_broadcast_notification_event import IS_OPEN
from ..models.lead_broadcast_schedule import Slot

MAX_LEADS = 1000  # that are looked at while somebody waits

# how leads are tied to companies and people
COMPANY_PATHS = (
    "allocated_partner_id",
    "allocated_partner_id.commercial_partner_id",
    "allocated_partner_id.broadcast_master_id",
    "offer_ids.partner_id",
)
PERSON_PATHS = (
    "partner_id",
    "user_id.partner_id",
    "team_id.user_id.partner_id",
    "team_id.member_ids.partner_id",
    "allocated_user_id.partner_id",
    "allocated_team_id.user_id.partner_id",
    "allocated_team_id.member_ids.partner_id",
    "activity_ids.user_id.partner_id",
)


class LeadBroadcastPlanned(models.TransientModel):
    """With how many others a lead shares its digests.

    Other leads are counted as they stand now, at the first of the coming days that has
    a digest at that time: what becomes of them until a later one nobody knows.
    """

    _inherit = "lead.broadcast.planned"

    @api.model
    def _count_others(self, lead, messages):
        """Return how many other leads are in digests about a lead.

        :param messages: of the engine, those that go out in digests, in order of time
        :return: ``{message: number}``; None instead where they are too many to count
        """
        firsts = {}
        for message in messages:
            firsts.setdefault(self._get_digest(message), message)
        slots = {(Slot(m.slot, m.moment), m.tz) for m in firsts.values()}
        people = self.env["res.partner"].union(*(m.recipient for m in messages))
        leads = self._get_leads_of(people) - lead
        if len(leads) >= MAX_LEADS:
            return dict.fromkeys(messages)
        others = defaultdict(set)
        company = lead._get_sms_company()
        for rule_message in self._get_digest_messages(leads, slots):
            target = rule_message.target
            if target.company == company and not target.problem:
                key = target.recipient, target.channel, rule_message.slot.label
                others[key].add(target.lead)
        return {
            message: len(others[first.recipient, first.channel, first.slot])
            for message in messages
            for first in [firsts[self._get_digest(message)]]
        }

    @api.model
    def _get_digest(self, message):
        """Return what tells the digests of a day apart."""
        return message.recipient, message.channel, message.slot[11:]

    @api.model
    def _get_digest_messages(self, leads, slots):
        """Return what goes out about leads in digests.

        :param slots: ``{(Slot, time zone)}``
        """
        now = fields.Datetime.now()
        end = max(slot.moment for slot, _tz in slots)
        messages = []
        for rule in leads.env["lead.broadcast.notification.rule"].search(
            [("is_digest", "=", True), ("schedule_id.kind", "=", "times")]
        ):
            messages += rule._get_messages(
                rule._get_records_of(leads),
                lambda schedule, company, tz: [
                    slot
                    for slot in schedule._get_slots(tz, company, now, end)
                    if (slot, tz) in slots
                ],
            )
        return messages

    @api.model
    def _get_leads_of(self, people):
        """Return the open leads of which somebody could be told in any role: more than
        enough, the rules say which."""
        companies = people | people.commercial_partner_id
        domain = Domain.OR(
            [Domain(path, "in", companies.ids) for path in COMPANY_PATHS]
            + [Domain(path, "in", people.ids) for path in PERSON_PATHS]
        )
        # sudo: only their number is told
        leads = self.env["crm.lead"].sudo()
        return leads.search(IS_OPEN & domain, limit=MAX_LEADS + 1)
