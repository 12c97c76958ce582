from odoo.tests import BaseCase, tagged

from ..tools import mask_contact_data
from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestMask(BaseCase):
    def test_mask(self):
        for text, expected in {
            "Call Asha Traders now": "Call *** now",
            "asha TRADERS, gate 2": "***, gate 2",
            "mail a.b+c@mail.example.org!": "mail ***!",
            "ring 98100 12345 first": "ring *** first",
            "or +91-98100-12345.": "or ***.",
            "Complete by 28 November 2026": "Complete by 28 November 2026",
            "12 printers, about 3500 rupees": "12 printers, about 3500 rupees",
            "": "",
        }.items():
            with self.subTest(text=text):
                self.assertEqual(
                    mask_contact_data(text, ["Asha Traders", False], "IN"), expected
                )

    def test_nothing_to_mask(self):
        self.assertFalse(mask_contact_data(False))
        self.assertEqual(mask_contact_data("To Al", ["Al"]), "To Al")


@tagged("post_install", "-at_install")
class TestOfferPrivacy(BroadcastCase):
    def test_what_a_partner_reads(self):
        """Executives write contact data into the job; partners do not read it."""
        self.lead.write(
            {
                "contact_name": "Asha Gupta",
                "service_place": "Asha Traders, Hauz Khas",
                "service_description": "Asha Gupta, +91 98100 12345 or"
                " (asha@traders.example), has wrong figures.",
            }
        )
        self._broadcast()
        offer = self._get_offer(self.green_park).with_user(self.portal_user)
        self.assertEqual(offer.place, "***, Hauz Khas")
        self.assertEqual(offer.description, "***, *** or (***), has wrong figures.")
        self.assertEqual(offer.display_name, "Data Rectification in ***, Hauz Khas")
