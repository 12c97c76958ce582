from odoo import fields, models


class ResPartner(models.Model):
    """What a partner said when it declined, as far as it holds for other leads, too."""

    _inherit = "res.partner"

    broadcast_free_date_ids = fields.One2many(
        "lead.broadcast.offer.date",
        "partner_id",
        "Said to Be Free on",
        domain=[("date", ">=", "today")],
        groups="lead_broadcast.group_user",
    )
