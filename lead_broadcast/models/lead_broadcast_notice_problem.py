import logging
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import mute_logger

from .lead_broadcast_notification_event import OFFER

_logger = logging.getLogger(__name__)


class LeadBroadcastNotice(models.Model):
    """What staff see of notices that did not arrive, and what they can do."""

    _inherit = "lead.broadcast.notice"

    is_unreachable = fields.Boolean(
        "No Other Way",
        readonly=True,
        copy=False,
        help="It could not be delivered, and there is no other channel.",
    )

    delivery = fields.Char(
        compute="_compute_delivery", help="What became of it on its way."
    )
    can_retry = fields.Boolean(compute="_compute_can_retry")

    _unreachable_idx = models.Index("(lead_id) WHERE is_unreachable")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("mail_state", "sms_state")
    @api.depends_context("lang")
    def _compute_delivery(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("mail_state", "sms_state")
        }
        for notice in self:
            notice.delivery = labels["mail_state"].get(notice.mail_state) or labels[
                "sms_state"
            ].get(notice.sms_state)

    @api.depends("state", "mail_state", "sms_state", "note")
    def _compute_can_retry(self):
        for notice in self:
            is_waiting = notice.mail_state == "outgoing" and notice.note
            failed = ("failed", "uncertain")
            notice.can_retry = is_waiting or notice._get_result() in failed

    @api.depends("event", "channel", "recipient_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("event", "channel")
        }
        for notice in self:
            notice.display_name = self.env._(
                "%(event)s: %(channel)s to %(recipient)s",
                event=labels["event"].get(notice.event),
                channel=labels["channel"].get(notice.channel),
                recipient=notice.recipient_id.display_name,
            )

    # ------------------------------------------------------------
    # NO WAY LEFT
    # ------------------------------------------------------------

    @api.model
    def _write_unreachable(self, messages):
        """Note which partners are told of their offers by no channel at all, and warn
        of them.

        :param messages: of ``lead.broadcast.notification.rule``
        """
        parties = defaultdict(list)
        for message in messages:
            target = message.target
            if target.record._name != OFFER:
                continue
            parties[target.record, target.recipient.commercial_partner_id].append(
                message
            )
        parties = {
            key: party
            for key, party in parties.items()
            if all(message.target.problem for message in party)
        }
        # whom SMS reaches is told so of what concerns them, if not of each event
        companies = self.env["res.partner"].union(*(key[1] for key in parties))
        by_sms = companies._get_alert_contacts() if companies else {}
        hopeless = [
            party[0]
            for (_record, company), party in parties.items()
            if not (by_sms[company] and party[0].target.company.broadcast_sms_number)
        ]
        self.sudo().create(  # sudo: nobody writes the outbox
            [
                {
                    **self._prepare_notice(message),
                    "state": "failed",
                    "note": message.target.problem,
                }
                for message in hopeless
            ]
        )._give_up()

    @api.model
    def _write_unreachable_reminders(self, messages):
        """Note who has no address at all for their reminders, and warn of them once:
        each salesperson by one of their leads.

        :param messages: of ``lead.broadcast.notification.rule``
        """
        people = self.env["res.partner"].union(
            *(
                message.target.recipient
                for message in messages
                if message.target.problem
            )
        )
        people = people.filtered(
            lambda person: (
                not (
                    person._get_broadcast_email()
                    or person._get_broadcast_sms_number()
                    or person.user_ids
                )
            )
        )
        people -= people._filter_with_portal()
        if not people:
            return
        # sudo: nobody reads or writes the outbox
        notices = self.sudo()
        warned = {
            (warning.slot, warning.lead_id.user_id)
            for warning in notices.search(
                [
                    ("event", "=", "undeliverable"),
                    ("slot", "in", [f"partner-{person.id}" for person in people]),
                ]
            )
        }
        hopeless = {}
        for message in messages:
            person = message.target.recipient
            key = (f"partner-{person.id}", message.target.lead.user_id)
            if person in people and key not in warned:
                hopeless.setdefault(key, message)
        notices.create(
            [
                {
                    **self._prepare_notice(message),
                    "state": "failed",
                    "note": message.target.problem,
                }
                for message in hopeless.values()
            ]
        )._give_up()

    def _give_up(self):
        """Warn the salespersons, once of each lead and of whom cannot be told of it; of
        a digest by one of their leads."""
        self.is_unreachable = True
        failed = self.filtered(lambda notice: notice.event != "undeliverable")
        if not failed:
            return
        leads = failed._get_leads_to_warn()
        warned = {
            (warning.lead_id, warning.slot)
            for warning in self.search(
                [("event", "=", "undeliverable"), ("lead_id", "in", leads.ids)]
            )
        }
        rules = self.env["lead.broadcast.notification.rule"]
        for recipient, notices in failed.grouped("recipient_id").items():
            slot = f"partner-{recipient.id}"
            leads = notices._get_leads_to_warn().filtered(
                lambda lead, slot=slot: (lead, slot) not in warned
            )
            try:
                with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                    rules._notify("undeliverable", leads, slot=slot)
            except UniqueViolation:
                # another worker has just warned of it; what this one has said to a
                # server cannot be undone
                _logger.info("Already warned of %s", slot)

    def _get_leads_to_warn(self):
        """Return the leads whose salespersons are warned: a digest may be about
        hundreds of the same one."""
        by_salesperson = self.line_ids.lead_id.sorted("id").grouped("user_id")
        return self.lead_id.union(*(leads[0] for leads in by_salesperson.values()))

    @api.model
    def _search_problems(self, leads=None):
        """Search what did not arrive and still should: not about offers that are over,
        nor reminders that were followed by others.

        :param leads: about which; any if unset
        """
        yesterday = fields.Datetime.now() - timedelta(days=1)
        domain = (
            Domain("is_unreachable", "=", True)
            & Domain("state", "!=", "pending")
            & Domain("mail_state", "!=", "sent")
            & Domain("sms_state", "not in", ("pending", "sent"))
            & (
                Domain("offer_id", "=", False)
                | Domain("offer_id.state", "in", ("open", "accepted"))
            )
            & (
                Domain("rule_id.schedule_id.kind", "!=", "times")
                | Domain("create_date", ">=", yesterday)
            )
        )
        if leads is not None:
            domain &= Domain("lead_id", "in", leads.ids) | Domain(
                "line_ids.lead_id", "in", leads.ids
            )
        return self.search(domain)

    def _get_unreached(self):
        """Return the names of who cannot be told about the lead of this notice; what
        templates read."""
        self.ensure_one()
        people = self._search_problems(self.lead_id).recipient_id
        return ", ".join(people.mapped("display_name"))

    def _describe_problems(self, limit):
        """Say who could not be told and why, with links to correct the address.

        :param int limit: so many people are named
        :return: Markup, empty without notices
        """
        people = self.grouped("recipient_id")
        lines = [
            notices[0]._describe_problem() for notices in list(people.values())[:limit]
        ]
        if len(people) > limit:
            lines.append(self.env._("And %s others.", len(people) - limit))
        return Markup().join(Markup("<div>%s</div>") % line for line in lines)

    def _describe_problem(self):
        self.ensure_one()
        person = self.recipient_id
        values = {
            "person": Markup('<a class="alert-link" href="/odoo/res.partner/%s">%s</a>')
            % (person.id, person.display_name),
            "reason": self.note or self.delivery,
        }
        if self.mail_state == "outgoing" or self.sms_state == "outgoing":
            return self.env._(
                "%(person)s could not be told so far. %(reason)s. No other way is"
                " known.",
                **values,
            )
        return self.env._(
            "%(person)s could not be told: %(reason)s. No other way is known.", **values
        )

    def _retry(self):
        self.is_unreachable = False
        return super()._retry()
