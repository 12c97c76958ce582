from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import mask_contact_data


class LeadBroadcastOffer(models.Model):
    """Where an offered job ends, and on which days it is to be done."""

    _inherit = "lead.broadcast.offer"

    destination_place = fields.Char(
        "Destination", compute="_compute_way_details", compute_sudo=True
    )
    work_date_from = fields.Date(
        "Work Dates", compute="_compute_way_details", compute_sudo=True
    )
    work_date_to = fields.Date(
        "Work Ends on", compute="_compute_way_details", compute_sudo=True
    )

    @api.depends(
        "lead_id.destination_place", "lead_id.work_date_from", "lead_id.work_date_to"
    )
    def _compute_way_details(self):
        for offer in self:
            lead = offer.lead_id
            offer.destination_place = mask_contact_data(
                lead.destination_place, **lead._get_customer_traces(), words=False
            )
            offer.work_date_from = lead.work_date_from
            offer.work_date_to = lead.work_date_to

    def _get_customer_details(self):
        """Tell the partner that has won where the job ends."""
        customer = super()._get_customer_details()
        if customer:
            lead = self.sudo().lead_id  # sudo: as the rest of the dict
            customer["destination"] = lead._get_destination_address()
            customer["destination_url"] = self._get_map_url(customer["destination"])
        return customer

    def _get_work_dates(self):
        """Return the days of the work as a text in the reader's language, or an empty
        one."""
        self.ensure_one()
        first, last = (
            day and format_date(self.env, day, date_format="EEE d MMM")
            for day in (self.work_date_from, self.work_date_to)
        )
        if first and last and first != last:
            return f"{first} – {last}"
        if first and not last:
            return self.env._("from %s", first)
        if last and not first:
            return self.env._("until %s", last)
        return first or ""
