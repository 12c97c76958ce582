from odoo import fields, models


class LeadBroadcastOffer(models.Model):
    """Until when a partner is to attend to a lead that it has, on its own pages."""

    _inherit = "lead.broadcast.offer"

    def _get_customer_details(self):
        details = super()._get_customer_details()
        if details:
            lead = self.sudo().lead_id  # sudo: as for the other details
            waits = lead.response_state in ("new", "overdue")
            answer_date = waits and lead.response_assignment_id.due_date
            details["answer_date"] = answer_date
            details["is_answer_overdue"] = bool(
                answer_date and answer_date < fields.Datetime.now()
            )
        return details
