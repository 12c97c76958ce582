from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    broadcast_radius_km = fields.Float("Search Radius (km)", default=50.0)
    broadcast_wave_size = fields.Integer("Partners per Round", default=5)
    broadcast_validity_hours = fields.Float("Offer Validity (hours)", default=4.0)
    broadcast_closure_delay_days = fields.Integer("Days to Complete", default=7)

    _check_broadcast_defaults = models.Constraint(
        "CHECK(broadcast_radius_km >= 0 AND broadcast_wave_size > 0"
        " AND broadcast_validity_hours > 0 AND broadcast_validity_hours <= 8760"
        " AND broadcast_closure_delay_days BETWEEN 0 AND 3650)",
        "Broadcast settings: the number of partners and the validity must be above"
        " zero, the validity at most a year, the days to complete between zero and ten"
        " years, and the radius cannot be negative.",
    )
