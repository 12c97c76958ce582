from odoo import models


class CrmLead(models.Model):
    """Requests of programs follow their lead into the one it is merged with."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # sudo: nobody writes requests
        requests = self.env["lead.intake.request"].sudo()
        requests.search([("lead_id", "in", opportunities.ids)]).lead_id = self
        return result
