from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .lead_broadcast_notice_digest import PORTAL_LISTS
from .lead_broadcast_notification_event import EVENTS

SHOWN_DAYS = 90
BUS_TYPE = "lead_broadcast.notices"


class LeadBroadcastNotice(models.Model):
    """In-app notices of portal users: what their list shows, and its live counter.

    Notices to a person are that person's. Those to a company are seen by all its
    portal users, and read for all of them by the first who reads them, as the mail
    in an office's letter box. A branch without people of its own shares its parent's.

    Partners have no access to notices: the methods with people as parameter read as
    superuser, and only what is theirs.
    """

    _inherit = "lead.broadcast.notice"

    _portal_unread_idx = models.Index(
        "(recipient_id) WHERE channel = 'inbox' AND state = 'sent'"
        " AND read_date IS NULL"
    )

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _get_portal_domain(self, people, *, unread=False):
        """Return what these people (``res.partner``) see on the portal."""
        recipients = self._get_portal_recipients(people)
        return self._get_inbox_domain(recipients, unread=unread)

    @api.model
    def _get_inbox_domain(self, recipients, *, unread=False):
        """As above, of what `_get_portal_recipients` has returned."""
        partners = self.env["res.partner"].union(*recipients.values())
        since = fields.Datetime.now() - timedelta(days=SHOWN_DAYS)
        domain = Domain(
            [
                ("channel", "=", "inbox"),
                ("state", "=", "sent"),
                ("recipient_id", "in", partners.ids),
                ("sent_date", ">=", since),
            ]
        )
        return domain & Domain("read_date", "=", False) if unread else domain

    @api.model
    def _get_portal_recipients(self, people):
        """Return ``{person: whose notices this person sees}``."""
        companies = people.sudo().commercial_partner_id
        branches = companies.search(
            [
                ("commercial_partner_id", "in", companies.ids),
                ("is_service_partner", "=", True),
            ]
        )
        shared = (companies | branches).grouped("commercial_partner_id")
        return {
            person: person.sudo() | shared[person.sudo().commercial_partner_id]
            for person in people
        }

    @api.model
    def _count_unread(self, people):
        """Return ``{person: how many notices are new to this person}``."""
        recipients = self._get_portal_recipients(people)
        domain = self._get_inbox_domain(recipients, unread=True)
        # sudo: only numbers are told, to whom they are about
        counts = dict(self.sudo()._read_group(domain, ["recipient_id"], ["__count"]))
        return {
            person: sum(counts.get(recipient, 0) for recipient in recipients[person])
            for person in people
        }

    @api.model
    def _get_bell_count(self, user):
        """Return what the bell in the portal's header shows to a user; None where
        there is no bell: those who are told nothing need not wonder what it is."""
        person = user.partner_id.sudo()
        count = self._count_unread(person)[person]
        is_partner = person.commercial_partner_id.is_service_partner
        return count if count or is_partner else None

    @api.model
    def _mark_lead_read(self, lead, person):
        """Note that a person looked at the page of a lead: what is there to be told
        about it is known."""
        domain = self._get_portal_domain(person, unread=True)
        self.sudo().search(domain & Domain("lead_id", "=", lead.id))._mark_read()

    def _mark_read(self):
        """Note that these notices were read, and let all counters know."""
        unread = self.filtered(lambda notice: not notice.read_date)
        if unread:
            unread.read_date = fields.Datetime.now()
            unread._push_counters()

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _get_portal_values(self):
        """Return what the list shows of these notices to who sees them all.

        :return: list of dicts of plain values
        """
        events = dict(self._fields["event"]._description_selection(self.env))
        digests = self._read_digests()
        with_own_leads = self._filter_with_own_leads()
        values_list = []
        for notice in self:
            values = {
                "id": notice.id,
                "event": events[notice.event],
                "date": notice.sent_date,
                "is_unread": not notice.read_date,
            }
            if notice.event == "digest":
                lead_count, rules = digests.get(notice, (0, []))
                labels = [events[rule.event] for rule in rules]
                is_own = notice in with_own_leads
                values["event"] = ", ".join(dict.fromkeys(labels)) or values["event"]
                values["title"] = self.env._("Leads that wait for you: %s", lead_count)
                values["url"] = PORTAL_LISTS["partner" if is_own else "master"]
            else:
                values["title"] = (
                    self.env._("You did not answer the last offers")
                    if notice.event == "silenced"
                    else notice._get_title()
                )
                values["url"] = notice._get_portal_path()
            values_list.append(values)
        return values_list

    def _get_portal_path(self):
        """Return the page on which its recipient goes on, or nothing.

        Unlike `_get_link` for messages: this reader has logged in, here.
        """
        self.ensure_one()
        reason, offer = self._get_reason(), self._get_offer()
        if reason == "partner" and self.event == "silenced":
            return f"{offer.access_url}/return"
        if reason == "partner":
            return offer.access_url + ("#tasks" if self.activity_id else "")
        if reason == "master":
            return f"{PORTAL_LISTS['master']}/{offer.id}#lead-{offer.id}"
        return None

    def _read_digests(self):
        """Return ``{notice: (how many leads, rules)}`` of those that are digests."""
        groups = self.env["lead.broadcast.notice.line"]._read_group(
            [("notice_id", "in", self._filter_digests().ids)],
            ["notice_id"],
            ["lead_id:count_distinct", "rule_id:recordset"],
        )
        return {
            notice: (lead_count, rules.sorted(lambda rule: EVENTS[rule.event].urgency))
            for notice, lead_count, rules in groups
        }

    def _filter_with_own_leads(self):
        """Return the digests about leads that the recipient's own company has."""
        company = self.recipient_id.commercial_partner_id
        is_own = Domain("partner_id.commercial_partner_id", "in", company.ids)
        groups = self.env["lead.broadcast.notice.line"]._read_group(
            [
                ("notice_id", "in", self._filter_digests().ids),
                ("lead_id.allocated_offer_id", "any", is_own),
            ],
            ["notice_id"],
        )
        return self.browse().union(*(notice for [notice] in groups))

    def _filter_digests(self):
        return self.filtered(lambda notice: notice.event == "digest")

    # ------------------------------------------------------------
    # LIVE
    # ------------------------------------------------------------

    def _push_to_portal(self):
        """Tell the open portal pages of their recipients that there are new ones.

        To be called when they are ``sent``; the bus speaks when that is committed.
        """
        self._push_counters(is_new=True)

    def _push_counters(self, *, is_new=False):
        people = self._get_portal_readers()
        for person, count in self._count_unread(people).items():
            person._bus_send(BUS_TYPE, {"unread": count, "is_new": is_new})

    def _get_portal_readers(self):
        """Return the contacts of all portal users that see these notices."""
        recipients = self.recipient_id
        shared = recipients.filtered(lambda partner: partner._is_shared_recipient())
        users = self.env["res.users"].sudo()  # sudo: whoever causes a notice
        return users.search_fetch(
            Domain("share", "=", True)
            & (
                Domain("partner_id", "in", recipients.ids)
                | Domain(
                    "partner_id.commercial_partner_id",
                    "in",
                    shared.commercial_partner_id.ids,
                )
            ),
            ["partner_id"],
        ).partner_id
