from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

STAFF = "base.group_user"

ANSWER_CHANNELS = [
    ("portal", "Portal"),
    ("mail", "Email link"),
    ("sms", "SMS"),
    ("operator", "By phone, through an operator"),
    ("staff", "Given by staff"),
]


class LeadBroadcastOffer(models.Model):
    """What partners answer to an offer: the one way to win a lead, or to decline it."""

    _inherit = "lead.broadcast.offer"

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
        "lead.broadcast.decline.reason",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
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
    answer_message_id = fields.Many2one(
        "mail.message",
        "Line in the Story",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=STAFF,
    )
    answer_summary = fields.Char(
        "Answer", compute="_compute_answer_summary", groups=STAFF
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

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

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_operator_accept(self):
        """Accept for a partner that answered by phone."""
        self.ensure_one()
        self.check_access("read")
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
        if not (self.partner_id.active and self.partner_id.is_service_partner):
            return "withdrawn"
        if lead.allocated_offer_id or lead.allocated_team_id:
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
        # as the system, not only as superuser: partners can read who last wrote their
        # offers, and must not read there who won. Whoever answers was let in by a
        # token, a portal rule or the lead.
        self = self.with_user(SUPERUSER_ID)
        refusal = self._get_refusal(received_at or fields.Datetime.now())
        if refusal:
            return refusal
        if not self.lead_id._claim(offer=self):
            return "taken"
        self._write_answer("accepted", channel, by)
        self.lead_id._end_search(self)
        self.broadcast_id._win()
        self.lead_id._receive_allocation(self)
        return "accepted"

    def _decline(self, channel, by, reason, note=None, dates=(), price=0.0):
        """Decline this offer, and end the round when nobody is left to answer. Whoever
        declined may say another reason as long as the offer can be answered.

        :param reason: ``lead.broadcast.decline.reason`` record
        :param str note: what the partner wrote
        :param dates: days on which the partner would be free
        :param float price: what it would take, in the offer's currency
        :return: ``declined``, or why there was nothing to decline: see
            ``_get_refusal``
        """
        self.ensure_one()
        self = self.with_user(SUPERUSER_ID)  # as in _accept
        refusal = self._get_refusal(fields.Datetime.now())
        if refusal:
            return refusal
        if self.state == "declined" and self._is_said(reason, note, dates, price):
            return "declined"  # clicked twice
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
        self._log_decline(by)
        self._follow_up_decline()
        self.broadcast_id._expire_if_answered()
        return "declined"

    def _log_decline(self, by):
        """Log on the lead what the partner said, in one line however often it changes
        its mind."""
        lead = self.lead_id._with_team_lang()
        author = lead._get_story_author(by)
        body = lead.env._(
            "%(partner)s declined: %(answer)s",
            partner=self.partner_id.name,
            answer=self.with_env(lead.env).answer_summary,
        )
        if line := self.answer_message_id:
            line.author_id = author
            lead._message_update_content(line, body=body, strict=False)
        else:
            self.answer_message_id = lead._message_log(body=body, author_id=author.id)

    def _follow_up_decline(self):
        """Do what the reason of a decline asks for."""

    def _withdraw(self):
        """Take back offers that are still open, tell the partners, and end rounds in
        which nobody is left to answer."""
        offers = self.filtered(lambda offer: offer.state == "open")
        offers.write({"state": "withdrawn"})
        self.env["lead.broadcast.notification.rule"]._notify("withdrawn", offers)
        offers.broadcast_id._expire_if_answered()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _is_said(self, reason, note, dates, price):
        """Tell whether this is what the partner said when it declined."""
        said = (self.decline_reason_id, self.decline_note or "", self.proposed_price)
        days = self.proposed_date_ids.mapped("date")
        return said == (reason, note or "", price) and set(days) == set(dates)

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
