from odoo.tests import BaseCase, tagged

from ..tools import mask_contact_data
from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestMask(BaseCase):
    def assertMasked(self, expectations, *args, **kwargs):
        for text, expected in expectations.items():
            with self.subTest(text=text):
                self.assertEqual(mask_contact_data(text, *args, **kwargs), expected)

    def test_names(self):
        self.assertMasked(
            {
                "Call Asha Traders now": "Call *** now",
                "asha TRADERS, gate 2": "***, gate 2",
                "call Asha on Friday": "call *** on Friday",
                "Asha's ledger": "***'s ledger",
                "Ashanti is a place": "Ashanti is a place",
                "the services and the company": "the services and the company",
                "mend Pvt. Ltd. stamp": "mend Pvt. Ltd. stamp",
                "ask Gupta (owner)": "ask *** (owner)",
                "": "",
            },
            ["Asha Traders", "The Asha Services Company Pvt. Ltd.", "Gupta-Rao", False],
        )

    def test_full_names_only(self):
        self.assertMasked(
            {
                "Hauz Khas, New Delhi": "Hauz Khas, New Delhi",
                "Delhi Traders, Hauz Khas": "***, Hauz Khas",
                "Hauz Khas, 98100 12345": "Hauz Khas, ***",
                "New Delhi 110016": "New Delhi 110016",
            },
            ["Delhi Traders"],
            region="IN",
            words=False,
        )

    def test_what_looks_like_contact_data(self):
        self.assertMasked(
            {
                "mail a.b+c@mail.example.org!": "mail ***!",
                "ring 98100 12345 first": "ring *** first",
                "or +91-98100-12345.": "or ***.",
                "98111 22222 98111 33333": "***",
                "98111, 22222 or 98111_22222": "*** or ***",
                "98111\n22222": "***",
                "12 printers, about 3500 rupees": "12 printers, about 3500 rupees",
                "a" * 20000: "a" * 20000,
            },
            region="IN",
        )

    def test_moments_stay(self):
        for moment in (
            "28 November 2026",
            "28.11.2026",
            "28/11/2026",
            "28-11-2026",
            "2026-11-28",
            "2026-11-28 10:30",
            "10:30",
            "10:30-12:00",
        ):
            text = f"Come {moment}, 98100 12345"
            with self.subTest(text=text):
                self.assertEqual(
                    mask_contact_data(text, contacts=["9810012345"], region="IN"),
                    f"Come {moment}, ***",
                )

    def test_known_contact_data(self):
        """Without a country, too, and where no pattern would find it."""
        self.assertMasked(
            {
                "ring 98100 12345": "ring ***",
                "ring 098100-12345 first": "ring *** first",
                "+91 (98100) 12345": "***",
                "gate 2, 9810012345.": "gate 2, ***.",
                "in Tver 32-12-45": "in Tver ***",
                "invoice 1298100123456": "invoice 1298100123456",
                "user asha@intranet": "user ***",
                "see https://www.asha.example/shop?a=1 there": "see *** there",
                "(ASHA.example)": "(***)",
                "host www.traders.example": "host ***",
                "myasha.example": "myasha.example",
            },
            contacts=[
                "+91 98100 12345",
                "32 12 45",
                "asha@intranet",
                "http://www.asha.example/en",
                "@traders.example",
                False,
            ],
        )

    def test_nothing_to_mask(self):
        self.assertFalse(mask_contact_data(False))
        self.assertEqual(mask_contact_data("To Al", ["Al"]), "To Al")


@tagged("post_install", "-at_install")
class TestOfferPrivacy(BroadcastCase):
    def _read_offer(self, **values):
        """Return the offer of a lead as the partner reads it."""
        self.lead.write(values)
        self._broadcast()
        return self._get_offer(self.green_park).with_user(self.portal_user)

    def test_what_a_partner_reads(self):
        """Executives write contact data into the job; partners do not read it."""
        offer = self._read_offer(
            contact_name="Asha Gupta",
            service_place="Asha Traders, Hauz Khas",
            service_description="Asha Gupta, +91 98100 12345 or"
            " (asha@traders.example), has wrong figures.",
        )
        self.assertEqual(offer.place, "***, Hauz Khas")
        self.assertEqual(offer.description, "***, *** or (***), has wrong figures.")
        self.assertEqual(offer.display_name, "Data Rectification in ***, Hauz Khas")

    def test_customer_without_country(self):
        """Numbers are read as those of the company's country."""
        self.env.company.country_id = self.india
        offer = self._read_offer(
            country_id=False,
            service_latitude=self.customer.partner_latitude,
            service_longitude=self.customer.partner_longitude,
            service_description="Ring 98111 22233 for Asha.",
        )
        self.assertEqual(offer.description, "Ring *** for ***.")

    def test_contact_data_of_lead_and_company(self):
        company = self.env["res.partner"].create(
            {
                "name": "Meena Holding",
                "is_company": True,
                "phone": "22 33 44",
                "website": "https://meena.example",
            }
        )
        self.customer.parent_id = company
        offer = self._read_offer(
            phone="55-66-77",
            email_from="asha@shop.example",
            service_description="Meena: 223344, 55 66 77, meena.example, shop.example",
        )
        self.assertEqual(offer.description, "***: ***, ***, ***, ***")

    def test_place_that_is_in_the_name(self):
        self.customer.name = "Delhi Traders"
        offer = self._read_offer(service_description="Ask Delhi traders.")
        self.assertEqual(offer.place, "Hauz Khas, New Delhi")
        self.assertEqual(offer.description, "Ask ***.")
