from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import email_normalize

# by what a person is told next when a channel fails
NEXT_CHANNELS = {"sms": ("mail", "inbox"), "mail": ("inbox", "sms")}
# what two notices about the same have in common
SAME = ("event", "lead_id", "offer_id", "activity_key", "company_id", "slot")


class LeadBroadcastNotice(models.Model):
    """What does not arrive is told in another way: a person by their own mail, then in
    the app; a company in the app, then by SMS to those of its people that get them.

    Nobody is told the same by a channel twice. Where no channel is left, the lead's
    salesperson is warned.
    """

    _inherit = "lead.broadcast.notice"

    fallback_of_id = fields.Many2one(
        "lead.broadcast.notice",
        "In Place of",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The notice that could not be delivered.",
    )
    fallback_ids = fields.One2many("lead.broadcast.notice", "fallback_of_id")

    # ------------------------------------------------------------
    # FALLING BACK
    # ------------------------------------------------------------

    def _fall_back(self):
        """Tell the recipients of these notices, which do not arrive, by the next
        channel, once and while what they say is true."""
        failed = self.filtered(
            lambda notice: (
                notice.channel in self._get_next_channels() and not notice.fallback_ids
            )
        )
        failed = failed._filter_latest()._filter_true()
        siblings = failed._get_siblings()
        people = failed._get_next_people()
        vals_list, unreachable = [], self.browse()
        for notice in failed:
            told = siblings.get(notice._get_subject(), notice)
            ways = notice._find_next_way(told, people[notice])
            if ways is None:
                unreachable |= notice
            else:
                vals_list += ways
        self._write_notices(vals_list)
        unreachable._give_up()

    @api.model
    def _get_next_channels(self):
        """Return by what a person is told next when a channel fails, in order; for
        addons that add a channel."""
        return NEXT_CHANNELS

    def _find_next_way(self, told, people_by_channel):
        """Return how this notice's recipient is told instead.

        :param told: the notices that say the same
        :param people_by_channel: ``{channel: res.partner}`` that can be told
        :return: values of notices, none where somebody was told already; None where
            nobody can be
        """
        self.ensure_one()
        for channel in self._get_next_channels()[self.channel]:
            tried = {
                self._get_address(notice.recipient_id, channel): notice._is_arriving()
                for notice in told
                if notice.channel == channel
            }
            people = {
                person: self._get_address(person, channel)
                for person in people_by_channel[channel]
            }
            if any(tried.get(address) for address in people.values()):
                return []
            untried = [
                person for person, address in people.items() if address not in tried
            ]
            if untried:
                return self._prepare_fallbacks(untried, channel)
        return None

    def _get_siblings(self):
        """Return the notices that tell the same to the same people or to others of
        their companies, ``{subject: notices}``."""
        companies = self.recipient_id.commercial_partner_id
        return self.search(
            [
                ("event", "in", self.mapped("event")),
                ("slot", "in", self.mapped("slot")),
                ("lead_id", "in", [notice.lead_id.id for notice in self]),
                ("recipient_id.commercial_partner_id", "in", companies.ids),
            ]
        ).grouped(lambda notice: notice._get_subject())

    def _get_subject(self):
        company = self.recipient_id.commercial_partner_id
        return (company, *(self[name] for name in SAME))

    def _is_arriving(self):
        """Tell whether there is hope for this notice: it may wait, but not for so long
        that another way was looked for."""
        is_waiting = "outgoing" in (self.mail_state, self.sms_state)
        if is_waiting and (self.fallback_ids or self.is_unreachable):
            return False
        return self._get_result() in ("pending", "sent", "delivered")

    def _get_next_people(self):
        """Return who can be told in place of the recipients of these notices.

        Queries do not grow with the number of notices.

        :return: ``{notice: {channel: res.partner}}``
        """
        people = self.recipient_id
        companies = people.filtered(  # our own people have phones of their own
            lambda person: (
                person == person.commercial_partner_id and person.partner_share
            )
        )
        contacts = companies._get_alert_contacts()
        in_app = people.filtered("user_ids") | companies._filter_with_portal()
        with_text = self._filter_channels_with_text()
        result = {}
        for notice in self:
            person = notice.recipient_id
            nobody = person.browse()
            text = (notice.event, notice._get_role())
            by_sms = contacts.get(person, person).filtered(
                lambda contact: contact._get_broadcast_sms_number()
            )
            reached = {
                "mail": person.filtered(lambda person: person._get_broadcast_email()),
                "inbox": person & in_app,
                "sms": by_sms if notice.company_id.broadcast_sms_number else nobody,
            }
            result[notice] = {
                channel: found if (*text, channel) in with_text else nobody
                for channel, found in reached.items()
            }
        return result

    def _filter_channels_with_text(self):
        """Return for which events, roles and channels there is a text to fall back
        on."""
        rules = self.env["lead.broadcast.notification.rule"]
        next_channels = self._get_next_channels()
        channels = {
            channel for notice in self for channel in next_channels[notice.channel]
        }
        return {
            (event, role, channel)
            for event, role in {(notice.event, notice._get_role()) for notice in self}
            for channel in channels
            if rules._get_fallback_template(event, channel, role)
        }

    @api.model
    def _get_address(self, person, channel):
        """Return where a person is reached: several may share a mailbox."""
        is_mail = channel == "mail"
        return email_normalize(person._get_broadcast_email()) if is_mail else person

    def _prepare_fallbacks(self, people, channel):
        """Return the values of notices in place of this one."""
        self.ensure_one()
        values = {name: self[name].id for name in ("lead_id", "offer_id", "company_id")}
        return [
            {
                **values,
                "event": self.event,
                # a rule is about the people of its role
                "rule_id": person == self.recipient_id and self.rule_id.id,
                "activity_id": self.activity_id.id,
                "activity_key": self.activity_key,
                "recipient_id": person.id,
                "channel": channel,
                "slot": self.slot,
                "due_date": self.due_date,
                "fallback_of_id": self.id,
                "line_ids": [
                    Command.create(
                        {
                            "rule_id": line.rule_id.id,
                            "lead_id": line.lead_id.id,
                            "offer_id": line.offer_id.id,
                            "activity_id": line.activity_id.id,
                        }
                    )
                    for line in self.line_ids
                ],
            }
            for person in people
        ]
