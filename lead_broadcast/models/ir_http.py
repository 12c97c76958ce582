from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        """Drop a parameter called ``self``: it would be taken for the controller's
        own, and whoever sends it would be answered with a server error."""
        request.params.pop("self", None)
        return super()._dispatch(endpoint)
