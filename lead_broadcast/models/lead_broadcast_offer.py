import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools import mask_contact_data

STAFF = "base.group_user"

# figures of which 0 means that nobody knows
KNOWN_IF_SET = ("answer_hours", "distance", "proposed_price")

ANSWER_CHANNELS = [
    ("portal", "Portal"),
    ("mail", "Email link"),
    ("operator", "By phone, through an operator"),
    ("staff", "Given by staff"),
]


class LeadBroadcastOffer(models.Model):
    """One lead offered to one partner in one round.

    Partners read offers, never leads: every field without ``groups`` can be read by
    the portal users of the partner, so it holds nothing of the customer.
    """

    _name = "lead.broadcast.offer"
    _description = "Service Opportunity"
    _inherit = ["portal.mixin"]
    _order = "sent_date desc, distance, id"

    broadcast_id = fields.Many2one(
        "lead.broadcast",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        groups=STAFF,
    )
    broadcast_sequence = fields.Integer(related="broadcast_id.sequence", groups=STAFF)
    lead_id = fields.Many2one(
        related="broadcast_id.lead_id", store=True, index=True, groups=STAFF
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Service Partner",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_email = fields.Char(
        compute="_compute_partner_email",
        compute_sudo=True,
        groups=STAFF,
        help="Where mails about this offer go.",
    )
    company_id = fields.Many2one(
        related="broadcast_id.company_id", store=True, index="btree_not_null"
    )
    service_id = fields.Many2one(
        related="broadcast_id.service_id", store=True, index="btree_not_null"
    )
    access_token = fields.Char(default=lambda self: str(uuid.uuid4()), readonly=True)
    # what the partner may know
    place = fields.Char(compute="_compute_public_details", compute_sudo=True)
    description = fields.Text(compute="_compute_public_details", compute_sudo=True)
    closure_date = fields.Date(
        "Complete by", compute="_compute_public_details", compute_sudo=True
    )
    team_name = fields.Char(compute="_compute_public_details", compute_sudo=True)
    valid_until = fields.Datetime(
        related="broadcast_id.valid_until", store=True, readonly=True
    )
    distance = fields.Float("Distance (km)", readonly=True, aggregator="avg")
    is_located = fields.Boolean("Distance Known", readonly=True)
    # what became of it
    state = fields.Selection(
        [
            ("open", "Open"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("expired", "Expired"),
            ("lost", "Taken by another partner"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    is_won = fields.Integer(
        "Won", compute="_compute_is_won", store=True, aggregator="sum", groups=STAFF
    )
    sent_date = fields.Datetime("Sent", readonly=True, default=fields.Datetime.now)
    viewed_date = fields.Datetime("Seen", readonly=True)
    answer_date = fields.Datetime("Answered", readonly=True)
    answer_hours = fields.Float(
        "Hours to Answer",
        compute="_compute_answer_hours",
        store=True,
        aggregator="avg",
        groups=STAFF,
    )
    answer_channel = fields.Selection(ANSWER_CHANNELS, readonly=True, groups=STAFF)
    answered_by_id = fields.Many2one(
        "res.partner", "Answered by", readonly=True, groups=STAFF
    )
    decline_reason_id = fields.Many2one(
        "lead.broadcast.decline.reason", readonly=True, index="btree_not_null"
    )
    decline_note = fields.Text(readonly=True)
    proposed_date_ids = fields.One2many(
        "lead.broadcast.offer.date",
        "offer_id",
        "Free on",
        readonly=True,
        groups=STAFF,
    )
    proposed_price = fields.Monetary("Price Wanted", readonly=True, aggregator="avg")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", compute_sudo=True
    )
    answer_summary = fields.Char(
        "Answer", compute="_compute_answer_summary", groups=STAFF
    )
    notice_ids = fields.One2many("lead.broadcast.notice", "offer_id", groups=STAFF)
    notice_summary = fields.Char(
        "Told by", compute="_compute_notice_summary", groups=STAFF
    )

    _accepted_uniq = models.UniqueIndex(
        "(lead_id) WHERE state = 'accepted'",
        "This lead has already been given to a partner.",
    )
    _broadcast_partner_uniq = models.Constraint(
        "UNIQUE (broadcast_id, partner_id)",
        "A partner can be asked only once in a round.",
    )
    _partner_sent_idx = models.Index("(partner_id, sent_date)")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id.broadcast_email", "partner_id.email")
    def _compute_partner_email(self):
        for offer in self:
            partner = offer.partner_id
            offer.partner_email = partner.broadcast_email or partner.email

    @api.depends(
        "lead_id.service_place",
        "lead_id.service_description",
        "lead_id.closure_date",
        "lead_id.team_id",
    )
    def _compute_public_details(self):
        for offer in self:
            lead = offer.lead_id
            names = lead._get_customer_names()
            region = lead.country_id.code
            offer.place = mask_contact_data(lead.service_place, names, region)
            offer.description = mask_contact_data(
                lead.service_description, names, region
            )
            offer.closure_date = lead.closure_date
            offer.team_name = (
                lead.team_id.name or (lead.company_id or self.env.company).name
            )

    @api.depends("state")
    def _compute_is_won(self):
        for offer in self:
            offer.is_won = int(offer.state == "accepted")

    @api.depends("sent_date", "answer_date")
    def _compute_answer_hours(self):
        for offer in self:
            offer.answer_hours = (
                (offer.answer_date - offer.sent_date).total_seconds() / 3600
                if offer.answer_date and offer.sent_date
                else 0
            )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for offer in self:
            offer.currency_id = (offer.company_id or self.env.company).currency_id

    @api.depends("service_id", "lead_id.service_place")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = offer._get_title()

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for offer in self:
            offer.access_url = f"/my/offers/{offer.id}"
        return result

    @api.depends("decline_reason_id", "decline_note", "proposed_date_ids.date")
    @api.depends_context("lang")
    def _compute_answer_summary(self):
        for offer in self:
            dates = ", ".join(
                format_date(self.env, day)
                for day in offer.proposed_date_ids.mapped("date")
            )
            price = offer.proposed_price and offer.currency_id.format(
                offer.proposed_price
            )
            parts = [
                offer.decline_reason_id.name,
                dates and self.env._("free on %s", dates),
                price and self.env._("wants %s", price),
                offer.decline_note,
            ]
            offer.answer_summary = ", ".join(filter(None, parts))

    @api.depends("notice_ids.state", "notice_ids.channel")
    def _compute_notice_summary(self):
        Notice = self.env["lead.broadcast.notice"]
        channels = dict(Notice._fields["channel"]._description_selection(self.env))
        marks = {"sent": "✓", "pending": "…", "failed": "✗", "skipped": "–"}
        for offer in self:
            offer.notice_summary = " ".join(
                f"{channels[notice.channel]} {marks[notice.state]}"
                for notice in offer.notice_ids
                if notice.event == "offered"
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_operator_accept(self):
        """Accept for a partner that answered by phone."""
        self.ensure_one()
        # sudo: users may read offers; the right to answer is the right to the lead
        self.sudo().lead_id.with_user(self.env.user).check_access("write")
        outcome = self._accept("operator", self.env.user.partner_id)
        if outcome not in ("accepted", "already_yours"):
            raise UserError(self._get_outcome_message(outcome))

    def action_operator_decline(self):
        """Ask an operator for the reason of a partner that declined by phone."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_decline_action"
        )
        action["context"] = {"default_offer_id": self.id}
        return action

    def action_open_portal(self):
        """Show the page the partner sees."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": self.get_portal_url(),
            "target": "new",
        }

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _get_refusal(self, received_at):
        """Tell why this offer cannot be accepted, or None when it can.

        What counts is the moment an answer was received, not whether some job has
        run since: an offer that was ended a second ago may still be accepted by an
        answer received before its end, and one that nobody ended yet may not.

        :return: ``already_yours``, ``taken``, ``withdrawn``, ``expired`` or None
        """
        lead = self.lead_id
        if self.state == "accepted":
            return "already_yours"
        if self.state == "lost":
            return "taken"  # even if its round was stopped for a partner not asked
        if self.state == "withdrawn" or self.broadcast_id.state == "cancelled":
            return "withdrawn"
        if lead.allocated_offer_id:
            return "taken"
        if not lead._is_open_for_broadcast():
            return "withdrawn"
        if received_at >= self.valid_until:
            return "expired"
        return None

    def _accept(self, channel, by, received_at=None):
        """Accept this offer: the only way to win a lead, whatever the channel.

        Of many answers at the same moment exactly one wins: the winner sets the
        lead's row, which every other transaction finds set, at the latest after a
        serialization failure and a retry. Accepting twice is harmless.

        :param str channel: one of ``ANSWER_CHANNELS``
        :param by: ``res.partner`` of the person who answered
        :param datetime received_at: moment the answer came in, in UTC; now if unset
        :return: ``accepted``, or why not: see ``_get_refusal``
        """
        self.ensure_one()
        # sudo: whoever answers was let in by a token, a portal rule or the lead
        self = self.sudo()
        refusal = self._get_refusal(received_at or fields.Datetime.now())
        if refusal:
            return refusal
        if not self.lead_id._claim(self):
            return "taken"
        self._write_answer("accepted", channel, by)
        self._withdraw_others()
        self.broadcast_id._win()
        self.lead_id._receive_allocation(self)
        return "accepted"

    def _decline(self, channel, by, reason, note=None, dates=(), price=0.0):
        """Decline this offer, and end the round when nobody is left to answer.

        :param reason: ``lead.broadcast.decline.reason`` record
        :param str note: what the partner wrote
        :param dates: days on which the partner would be free
        :param float price: what it would take, in the offer's currency
        :return: ``declined``, or why there was nothing to decline: see
            ``_get_refusal``
        """
        self.ensure_one()
        self = self.sudo()  # as in _accept
        refusal = self._get_refusal(fields.Datetime.now())
        if refusal:
            return refusal
        self._write_answer(
            "declined",
            channel,
            by,
            decline_reason_id=reason.id,
            decline_note=note,
            proposed_price=price,
            proposed_date_ids=[fields.Command.clear()]
            + [fields.Command.create({"date": day}) for day in sorted(set(dates))],
        )
        lead = self.lead_id._with_team_lang()
        lead._message_log(
            body=lead.env._(
                "%(partner)s declined: %(answer)s",
                partner=self.partner_id.name,
                answer=self.with_env(lead.env).answer_summary,
            ),
            author_id=by.id,
        )
        self.broadcast_id._expire_if_answered()
        return "declined"

    def _withdraw(self):
        """Take back offers that are still open, tell the partners, and end rounds in
        which nobody is left to answer."""
        offers = self.filtered(lambda offer: offer.state == "open")
        offers.write({"state": "withdrawn"})
        self.env["lead.broadcast.notice"]._notify_partners(offers, "withdrawn")
        offers.broadcast_id._expire_if_answered()

    def _withdraw_others(self):
        """Tell the partners that were beaten by this offer, in all rounds, and close
        the other rounds of the lead."""
        offers = self.lead_id.offer_ids.filtered(lambda offer: offer.state == "open")
        offers.write({"state": "lost"})
        self.env["lead.broadcast.notice"]._notify_partners(offers, "taken")
        others = self.lead_id.broadcast_ids - self.broadcast_id
        others.filtered(lambda broadcast: broadcast.state == "open").write(
            {"state": "cancelled", "end_date": fields.Datetime.now()}
        )

    def _mark_viewed(self):
        """Note that the partner has looked at these offers, once."""
        self.sudo().filtered(lambda offer: not offer.viewed_date).write(
            {"viewed_date": fields.Datetime.now()}
        )

    # ------------------------------------------------------------
    # REPORTING
    # ------------------------------------------------------------

    def _read_group_select(self, aggregate_spec, query):
        """Average what is known: a partner that never answered did not answer in no
        time, and one without coordinates is not next door."""
        name, _, function = aggregate_spec.partition(":")
        if function == "avg" and name in KNOWN_IF_SET:
            column = self._field_to_sql(self._table, name, query)
            return SQL("AVG(NULLIF(%s, 0))", column)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _write_answer(self, state, channel, by, **values):
        self.write(
            {
                "state": state,
                "answer_date": fields.Datetime.now(),
                "answer_channel": channel,
                "answered_by_id": by.id,
                **values,
            }
        )

    def _get_title(self):
        """Return what partners know this offer by: the service and the place."""
        self.ensure_one()
        offer = self.sudo()  # the service's name and the masked place are public
        return offer._join_title(offer.service_id.name, offer.place)

    @api.model
    def _join_title(self, service, place):
        """Put a service and a place into one title; either may be missing."""
        if service and place:
            return self.env._("%(service)s in %(place)s", service=service, place=place)
        return service or place or self.env._("Service opportunity")

    @api.model
    def _get_outcome_message(self, outcome):
        """Return the sentence that says what became of an answer."""
        return {
            "accepted": self.env._("The lead is now yours."),
            "declined": self.env._("Thank you for telling us."),
            "already_yours": self.env._("This lead is already yours."),
            "taken": self.env._(
                "This opportunity has been taken. You will get the next one."
            ),
            "expired": self.env._("The time to answer this offer is over."),
            "withdrawn": self.env._("This offer has been withdrawn."),
        }[outcome]
