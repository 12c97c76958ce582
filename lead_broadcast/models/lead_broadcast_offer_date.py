from odoo import api, fields, models


class LeadBroadcastOfferDate(models.Model):
    """A day on which a partner that declined would be free: kept with the lead, for
    which it can become the new date, and with the partner."""

    _name = "lead.broadcast.offer.date"
    _description = "Date Proposed by a Partner"
    _order = "date, id"
    _rec_name = "date"

    offer_id = fields.Many2one(
        "lead.broadcast.offer", required=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one(related="offer_id.lead_id", store=True, index=True)
    partner_id = fields.Many2one(related="offer_id.partner_id", store=True, index=True)
    date = fields.Date("Free on", required=True)
    distance = fields.Float(related="offer_id.distance")
    is_located = fields.Boolean(related="offer_id.is_located")
    is_past = fields.Boolean(compute="_compute_is_past")

    _offer_date_uniq = models.UniqueIndex(
        "(offer_id, date)", "A date can be proposed only once for an offer."
    )

    @api.depends("date")
    @api.depends_context("tz")
    def _compute_is_past(self):
        today = fields.Date.context_today(self)
        for proposal in self:
            proposal.is_past = proposal.date < today

    def action_use(self):
        """Make this day the lead's new date, and ask whoever is free then."""
        self.ensure_one()
        self.check_access("read")
        self.lead_id._use_date(self.date)

    def _get_current(self):
        """Return those of these dates that still stand: partners that declined once
        more have taken back what they had proposed before."""
        declined = self.env["lead.broadcast.offer"].search(
            [
                ("lead_id", "in", self.lead_id.ids),
                ("partner_id", "in", self.partner_id.ids),
                ("state", "=", "declined"),
            ],
            order="answer_date, id",
        )
        last = {(offer.lead_id, offer.partner_id): offer for offer in declined}
        return self.filtered(
            lambda proposal: (
                last.get((proposal.lead_id, proposal.partner_id)) == proposal.offer_id
            )
        )
