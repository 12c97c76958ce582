from odoo import fields, models


class LeadBroadcastOfferDate(models.Model):
    _name = "lead.broadcast.offer.date"
    _description = "Date Proposed by a Partner"
    _order = "date, id"
    _rec_name = "date"

    offer_id = fields.Many2one(
        "lead.broadcast.offer", required=True, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True)

    _offer_date_uniq = models.UniqueIndex(
        "(offer_id, date)", "A date can be proposed only once for an offer."
    )
