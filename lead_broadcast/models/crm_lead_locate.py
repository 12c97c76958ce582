from odoo import models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """Where the work is, asked of a geocoder: by hand only, never in a broadcast."""

    _inherit = "crm.lead"

    def action_locate_service(self):
        """Look up the coordinates of the lead's address.

        :raise UserError: when there is no address, no answer or no match
        """
        self.ensure_one()
        self.check_access("write")
        if not (self.city or self.zip):
            raise UserError(
                self.env._(
                    "Enter at least the city or the ZIP code to locate the lead."
                )
            )
        lead = self.with_context(lang="en_US")  # geocoders know English names best
        try:
            found = self.env["res.partner"]._geo_localize(
                lead.street or "",
                lead.zip or "",
                lead.city or "",
                lead.state_id.name or "",
                lead.country_id.name or "",
            )
        except UserError as error:
            raise UserError(
                self.env._(
                    "The map service did not answer. Try again later, or enter the"
                    " coordinates by hand.\n\n%s",
                    error,
                )
            ) from error
        if not found:
            raise UserError(
                self.env._(
                    "The map service does not know this address. Correct it, or enter"
                    " the coordinates by hand."
                )
            )
        self.service_latitude, self.service_longitude = found
