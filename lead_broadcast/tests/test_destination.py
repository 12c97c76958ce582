from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .way_common import CONCEPCION, SANTIAGO, TEMUCO, WayCase


@tagged("post_install", "-at_install")
class TestDestination(WayCase):
    """Where a lead leads to and on which days, for staff and for partners."""

    def test_destination_follows_the_address(self):
        lead = self._create_lead(
            destination_city="Concepcion", destination_state_id=self.biobio.id
        )
        self.assertEqual(lead.destination_place, f"Concepcion, {self.biobio.name}")
        self.assertEqual(lead.destination_country_id, self.chile)
        self.assertEqual(self.lead.destination_latitude, SANTIAGO[0])
        self.lead.destination_city = "Temuco"
        self.assertFalse(self.lead.destination_latitude)
        self.assertFalse(self.lead.destination_longitude)

    def test_locate_destination(self):
        geocoder = self.registry["base.geocoder"]  # a service on the internet
        self.startPatcher(patch.object(geocoder, "geo_find", return_value=TEMUCO))
        lead = self.lead.with_user(self.user)
        lead.destination_city = "Temuco"
        lead.action_locate_destination()
        self.assertEqual(
            (lead.destination_latitude, lead.destination_longitude), TEMUCO
        )
        lead.write({"destination_city": False, "destination_zip": False})
        with self.assertRaisesRegex(UserError, "Enter at least the city"):
            lead.action_locate_destination()
        with self.assertRaises(AccessError):
            self.lead.with_user(self.salesman).action_locate_destination()

    def test_due_when_the_work_is_done(self):
        self.assertEqual(self.lead.closure_date, date(2030, 5, 13))
        self.lead.work_date_to = date(2030, 5, 20)
        self.assertEqual(self.lead.closure_date, date(2030, 5, 20))
        self.lead.write({"work_date_from": False, "work_date_to": False})
        self.assertEqual(self.lead.closure_date, date(2030, 5, 20))

    def test_merge(self):
        """The address and the dates of one lead, not a mixture of two."""
        self.lead.write({"destination_city": "Temuco", "work_date_to": False})
        other = self._create_move("Temuco", "Concepcion", 10, 10)
        merged = (self.lead | other).with_user(self.supervisor).merge_opportunity()
        self.assertEqual(merged, self.lead)
        self.assertEqual(merged.destination_city, "Temuco")
        self.assertFalse(merged.destination_latitude)
        self.assertEqual(merged.work_date_from, date(2030, 5, 12))
        self.assertFalse(merged.work_date_to)
        other = self._create_lead() | self._create_move("Temuco", "Concepcion", 9, 9)
        merged = other.with_user(self.supervisor).merge_opportunity()
        self.assertEqual(merged.destination_state_id, self.biobio)
        self.assertEqual(merged.destination_latitude, CONCEPCION[0])
        self.assertEqual(merged.work_date_to, date(2030, 5, 9))

    # ------------------------------------------------------------
    # WHAT PARTNERS READ
    # ------------------------------------------------------------

    def test_offer(self):
        """Partners read the destination as they read the place, and the days."""
        self.lead.write(
            {
                "contact_name": "Asha Gupta",
                "destination_place": "Asha Traders, Las Condes, 98100 12345",
                "destination_street": "Los Leones 220",
            }
        )
        self.lead.with_user(self.user)._allocate(self.green_park)
        offer = self.lead.sudo().allocated_offer_id.with_user(self.portal_user)
        self.assertEqual(offer.destination_place, "***, Las Condes, ***")
        self.assertEqual(offer._get_work_dates(), "Sun 12 May – Mon 13 May")
        address = offer._get_customer_details()["destination"]
        self.assertIn("Los Leones 220", address)

    def test_work_dates_of_an_offer(self):
        self.lead.with_user(self.user)._allocate(self.green_park)
        offer = self.lead.sudo().allocated_offer_id.with_user(self.portal_user)
        for first, last, expected in (
            (12, 12, "Sun 12 May"),
            (12, None, "from Sun 12 May"),
            (None, 13, "until Mon 13 May"),
            (None, None, ""),
        ):
            self.lead.write(
                {
                    "work_date_from": first and date(2030, 5, first),
                    "work_date_to": last and date(2030, 5, last),
                }
            )
            self.assertEqual(offer._get_work_dates(), expected)
