from odoo import api, models
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
        self.service_latitude, self.service_longitude = self._locate_address(
            self.street, self.zip, self.city, self.state_id, self.country_id
        )

    @api.model
    def _locate_address(self, street, zip_code, city, state, country):
        """Return the latitude and longitude of an address.

        :raise UserError: as above
        """
        if not (city or zip_code):
            raise UserError(
                self.env._(
                    "Enter at least the city or the ZIP code to locate the lead."
                )
            )
        english = self.with_context(lang="en_US").env  # geocoders know these names best
        try:
            found = english["res.partner"]._geo_localize(
                street or "",
                zip_code or "",
                city or "",
                state.with_env(english).name or "",
                country.with_env(english).name or "",
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
        return found
