from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError


class LeadBroadcastDecline(models.TransientModel):
    _name = "lead.broadcast.decline"
    _description = "Decline an Offer for a Partner"

    offer_id = fields.Many2one(
        "lead.broadcast.offer", required=True, ondelete="cascade"
    )
    reason_id = fields.Many2one(
        "lead.broadcast.decline.reason", required=True, ondelete="cascade"
    )
    kind = fields.Selection(related="reason_id.kind")
    note = fields.Text()
    date_1 = fields.Date("Free on")
    date_2 = fields.Date("Or on")
    date_3 = fields.Date("Or also on")
    price = fields.Monetary("Price Wanted")
    currency_id = fields.Many2one(related="offer_id.currency_id")

    @api.constrains("price")
    def _check_price(self):
        for wizard in self:
            if wizard.price < 0:
                raise UserError(self.env._("A price cannot be negative."))

    def action_decline(self):
        """Decline the offer, as the partner said by phone."""
        self.ensure_one()
        offer = self.offer_id
        # sudo: users may read offers; the right to answer is the right to the lead
        offer.sudo().lead_id.with_user(self.env.user).check_access("write")
        outcome = offer._decline(
            "operator",
            self.env.user.partner_id,
            self.reason_id,
            note=self.note,
            dates=self._get_dates() if self.kind == "date" else [],
            price=self.price if self.kind == "price" else 0,
        )
        if outcome != "declined":
            raise UserError(offer._get_outcome_message(outcome))
        return {"type": "ir.actions.act_window_close"}

    def _get_dates(self) -> list[date]:
        return [day for day in (self.date_1, self.date_2, self.date_3) if day]
