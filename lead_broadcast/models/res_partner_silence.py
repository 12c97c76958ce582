from odoo import fields, models

STAFF = "base.group_user"


class ResPartner(models.Model):
    """Partners that do not answer are left in peace until they want offers again."""

    _inherit = "res.partner"

    broadcast_silenced_date = fields.Datetime(
        "Paused for Silence",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Since then no leads are offered, as several offers were not answered.",
    )
    broadcast_returned_date = fields.Datetime(
        "Back since",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Offers made before do not count as silence any more.",
    )
