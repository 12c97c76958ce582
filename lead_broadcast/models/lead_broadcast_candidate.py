from odoo import api, fields, models
from odoo.tools import format_date

EXCLUSION_REASONS = [
    ("preferred_only", "The preferred partner is asked first"),
    ("rank", "Enough nearer partners"),
    ("unticked", "Not chosen"),
    ("service", "Does not offer the service"),
    ("declined", "Declined this lead"),
    ("answering", "Can still answer an earlier offer"),
    ("asked", "Was asked before"),
    ("silent", "Paused: did not answer several offers"),
    ("paused", "Paused"),
    ("capacity", "No capacity left"),
    ("unreachable", "No email, portal or SMS"),
    ("no_place", "Has no coordinates"),
    ("search_radius", "Outside the search radius"),
    ("own_radius", "Too far for this partner"),
]


class LeadBroadcastCandidateMixin(models.AbstractModel):
    """One partner looked at for one lead, and what was found.

    The wizard's lines and a broadcast's audit trail are the same list, so they
    share their fields: what was shown before sending is what stays on record.
    """

    _name = "lead.broadcast.candidate.mixin"
    _description = "Candidate for a Broadcast (mixin)"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    selected = fields.Boolean("Ask")
    distance = fields.Float(
        "Distance (km)",
        aggregator="avg",
        help="Great-circle distance. Empty when one of the places is unknown.",
    )
    is_located = fields.Boolean("Distance Known")
    reason = fields.Selection(EXCLUSION_REASONS, "Left Out Because")
    reason_text = fields.Char(compute="_compute_reason_text", string="Why Not")
    why = fields.Char(
        readonly=True,
        help="What speaks for the partner beside its distance, or against it.",
    )
    is_preferred = fields.Boolean("Preferred")
    by_mail = fields.Boolean("Email")
    by_inbox = fields.Boolean("Portal")
    by_sms = fields.Boolean("By SMS")
    sms_recipient_count = fields.Integer(
        "SMS Recipients", help="People of the partner that get the offer by SMS."
    )
    sms_segment_count = fields.Integer(
        "Segments per SMS",
        help="What the operator charges for each message. Of the longest text where the"
        " people read different languages.",
    )
    sms_summary = fields.Char("SMS", compute="_compute_sms_summary")
    open_lead_count = fields.Integer("Open Leads")
    last_offer_date = fields.Datetime("Last Asked")

    @api.depends("reason", "partner_id", "open_lead_count", "distance")
    def _compute_reason_text(self):
        """Say the reason with its figures, so that nobody has to look them up."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for line in self:
            line.reason_text = line._get_reason_detail() or labels.get(line.reason)

    @api.depends("sms_recipient_count", "sms_segment_count")
    def _compute_sms_summary(self):
        for line in self:
            people, segments = line.sms_recipient_count, line.sms_segment_count
            if not people:
                line.sms_summary = False
            elif segments == 1:
                line.sms_summary = self.env._("%s × 1 segment", people)
            else:
                line.sms_summary = self.env._(
                    "%(people)s × %(segments)s segments",
                    people=people,
                    segments=segments,
                )

    def _get_reason_detail(self):
        """Return the reason with its figures, or False where there are none."""
        partner = self.partner_id
        if self.reason == "paused" and partner.broadcast_paused_until:
            return self.env._(
                "Paused until %s",
                format_date(self.env, partner.broadcast_paused_until),
            )
        if self.reason == "capacity":
            return self.env._(
                "%(open)s open leads, takes %(capacity)s",
                open=self.open_lead_count,
                capacity=partner.broadcast_capacity,
            )
        if self.reason == "own_radius":
            return self.env._(
                "%(distance).0f km, works within %(radius).0f km",
                distance=self.distance,
                radius=partner.broadcast_radius_km,
            )
        if self.reason == "search_radius":
            return self.env._(
                "%(distance).0f km, outside the search radius", distance=self.distance
            )
        return False


class LeadBroadcastCandidate(models.Model):
    _name = "lead.broadcast.candidate"
    _inherit = "lead.broadcast.candidate.mixin"
    _description = "Candidate for a Broadcast"
    _order = "broadcast_id, selected desc, distance, id"
    _rec_name = "partner_id"

    broadcast_id = fields.Many2one(
        "lead.broadcast", required=True, index=True, ondelete="cascade"
    )
