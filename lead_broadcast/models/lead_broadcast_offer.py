import uuid
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import mask_contact_data

STAFF = "base.group_user"

# what became of a notice
RESULT_MARKS = {
    "delivered": "✓✓",
    "sent": "✓",
    "pending": "…",
    "uncertain": "?",
    "skipped": "–",
    "failed": "✗",
}

# figures of which 0 means that nobody knows
KNOWN_IF_SET = ("answer_hours", "distance", "proposed_price")


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
    company_id = fields.Many2one(related="lead_id.company_id")
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
    _partner_last_idx = models.Index("(partner_id, id)")
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
            known = lead._get_customer_traces()
            # a place stays readable when a customer is called after it
            offer.place = mask_contact_data(lead.service_place, **known, words=False)
            offer.description = mask_contact_data(lead.service_description, **known)
            offer.closure_date = lead.closure_date
            offer.team_name = (
                lead.team_id.name or (lead.company_id or self.env.company).name
            )

    @api.depends("state")
    def _compute_is_won(self):
        for offer in self:
            offer.is_won = int(offer.state == "accepted")

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

    @api.depends(
        "notice_ids.state",
        "notice_ids.channel",
        "notice_ids.mail_state",
        "notice_ids.sms_state",
    )
    def _compute_notice_summary(self):
        """Say by which channels the partner was told, with what became of it, and how
        many people that holds for where it is more than one."""
        Notice = self.env["lead.broadcast.notice"]
        channels = Notice._fields["channel"]._description_selection(self.env)
        for offer in self:
            results = Counter(
                (notice.channel, notice._get_result())
                for notice in offer.notice_ids
                if notice.event == "offered"
            )
            offer.notice_summary = " ".join(
                f"{label} {count if count > 1 else ''}{mark}"
                for channel, label in channels
                for result, mark in RESULT_MARKS.items()
                if (count := results[channel, result])
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

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
    # BUSINESS
    # ------------------------------------------------------------

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
