from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalPage(PortalCase):
    """What the page of an offer shows, to whom, and that showing changes nothing."""

    def test_open_without_login(self):
        self.offer.lead_id.service_description = "Ring Asha Traders on 98100 12345."
        page = self._open()
        text = self._text(page)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Data Rectification", text)
        self.assertIn("Hauz Khas, New Delhi", text)
        self.assertIn("about 1 km from you", text)
        self.assertIn("Ring *** on ***.", text)
        self.assertRegex(text, r"Offer valid for (4 hr|3 hr 59 min)")
        self.assertIn("(Asia/Kolkata)", text)
        self.assertIn("Accept", text)
        self.assertIn("Not this time", text)
        self.assertIn("<title>Data Rectification in Hauz Khas", page.text)
        self.assertSecret(page)

    def test_distance(self):
        for distance, is_located, shown in [
            (0.3, True, "less than 1 km from you"),
            (12.6, True, "about 13 km from you"),
        ]:
            self.offer.write({"distance": distance, "is_located": is_located})
            self.assertIn(shown, self._text(self._open()))
        self.offer.is_located = False
        self.assertNotIn("km from you", self._text(self._open()))

    def test_headers(self):
        self.assertEqual(self._open(token="wrong").status_code, 404)
        for response in [
            self._open(),
            self._open(token="wrong"),
            self._post("decline"),
            self._post("accept").history[0],
            self._open(),
        ]:
            self.assertEqual(response.headers["Cache-Control"], "no-store")
            self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(response.headers["X-Robots-Tag"], "noindex")

    def test_who_may_see(self):
        """The partner's own people see it, others only with the token."""
        self._login(self.portal_user)
        self.assertEqual(self._open(token="").status_code, 200)
        self.assertEqual(self._open(token="wrong").status_code, 200)
        self._login(self.other_portal_user)
        self.assertEqual(self._open(token="").status_code, 404)
        self.assertEqual(self._open().status_code, 200)
        self._login(self.salesman)
        self.assertEqual(self._open(token="").status_code, 404)

    def test_not_found(self):
        """Whatever is wrong, the page is the same and tells nothing."""
        right = self.offer.access_token
        expected = self._text(self._open(token=""))
        self.assertIn("We cannot show this opportunity", expected)
        for token in ["", right[:-1], right + "x", self.rival.access_token, "é", "\0"]:
            page = self._open(token=token)
            self.assertEqual(page.status_code, 404)
            self.assertEqual(self._text(page), expected)
        for offer_id in [0, -1, 2**31, 10**12, "9" * 5000, "x", self.rival.id + 1000]:
            page = self.url_open(
                f"/my/offers/{offer_id}", params={"access_token": right}
            )
            self.assertEqual(page.status_code, 404)
            self.assertEqual(self._text(page), expected)

    def test_reading_changes_nothing(self):
        """Mail scanners open links, and ask for headers."""
        offers = [self.offer, self.rival]
        before = self._dump()
        for offer in offers:
            self._open(offer)
            self._open(offer, method="HEAD")
            self._open(offer, outcome="accepted")
        self._login(self.portal_user)
        self._open()
        self.url_open("/my/offers")
        self.url_open("/my/service_leads")
        self.assertEqual(self._dump(), before)

    def test_get_on_an_answer(self):
        before = self._dump()
        for action in ["accept", "decline", "seen", "contacted", "done", "message"]:
            response = self.url_open(
                f"{self.offer.access_url}/{action}",
                params={"access_token": self.offer.access_token},
            )
            self.assertEqual(response.status_code, 405)
        self.assertEqual(self._dump(), before)

    def test_taken(self):
        self._post("accept", self.rival)
        page = self._open()
        self.assertIn(
            "This opportunity has been taken. You will get the next one.",
            self._text(page),
        )
        self.assertNotIn("Not this time", page.text)
        self.assertSecret(page)

    def test_expired(self):
        """Expiry does not wait for a cron."""
        self._end_validity(self.broadcast)
        page = self._open()
        self.assertIn("The time to answer this offer is over.", self._text(page))
        self.assertNotIn("Not this time", page.text)
        self.assertSecret(page)

    def test_withdrawn(self):
        self.lead.with_user(self.user).action_stop_broadcast()
        page = self._open()
        self.assertIn("This offer has been withdrawn.", self._text(page))
        self.assertSecret(page)

    def test_forged_outcome(self):
        """An address cannot make the page say what is not so."""
        for outcome in ["accepted", "already_yours", "declined", "<script>"]:
            page = self._open(outcome=outcome)
            self.assertNotIn("yours", self._text(page))
            self.assertNotIn("Thank you", self._text(page))
            self.assertNotIn("<script>'", page.text)
            self.assertSecret(page)

    def test_language_and_zone_of_the_partner(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.service.with_context(lang="fr_FR").name = "Correction des données"
        self.green_park.write({"lang": "fr_FR", "tz": "Europe/Paris"})
        self.broadcast.valid_until = fields.Datetime.to_datetime(
            fields.Date.today() + timedelta(days=2)
        ).replace(hour=12, minute=30)
        text = self._text(self._open())
        self.assertIn("Correction des données", text)
        self.assertIn('<html lang="fr-FR">', self._open().text)
        self.assertIn("(Europe/Paris)", text)
        self.assertRegex(text, r"1[34]:30 \(Europe/Paris\)")
        self._login(self.portal_user)  # reads English, in a zone of the user's own
        self.portal_user.tz = "America/Santiago"
        self.assertIn("Data Rectification", self._text(self._open()))
        self.assertIn("(America/Santiago)", self._text(self._open()))

    def test_seen(self):
        """The page's script tells that it was seen, not the GET."""
        self._open()
        self.assertFalse(self.offer.viewed_date)
        self._login(self.user)
        self.assertEqual(self._post("seen").status_code, 204)
        self.assertFalse(self.offer.viewed_date)
        self.authenticate(None, None)
        self.assertEqual(self._post("seen").status_code, 204)
        seen = self.offer.viewed_date
        self.assertTrue(seen)
        with patch.object(
            fields.Datetime, "now", lambda *args: seen + timedelta(minutes=5)
        ):
            self.assertEqual(self._post("seen").status_code, 204)
        self.assertEqual(self.offer.viewed_date, seen)
        self.assertEqual(self._post("seen", self.rival, token="x").status_code, 404)
        self.assertFalse(self.rival.viewed_date)


@tagged("post_install", "-at_install")
class TestPortalScript(PortalCase):
    def _run_in_page(self, code):
        self.browser_js(
            f"{self.offer.access_url}?access_token={self.offer.access_token}#decline",
            f"({code})().then(() => console.log('test successful'))",
            ready="document.readyState === 'complete'",
        )

    def test_seen_and_decline_link(self):
        """The script notes the view and opens the form the mail links to."""
        self._run_in_page(
            """async () => {
                const isOpen = () => document.querySelector("details").open;
                const isTold = () =>
                    performance.getEntriesByType("resource").some(
                        (entry) => entry.name.endsWith("/seen") && entry.responseEnd
                    );
                while (!isOpen() || !isTold()) {
                    await new Promise(requestAnimationFrame);
                }
            }"""
        )
        self.assertTrue(self.offer.viewed_date)

    def test_countdown_to_zero(self):
        """When the time is over the page says so and hides the buttons."""
        self.broadcast.valid_until = fields.Datetime.now() + timedelta(seconds=5)
        self._run_in_page(
            """async () => {
                const over = document.querySelector(".o_lead_offer_over");
                while (over.classList.contains("d-none")) {
                    await new Promise(requestAnimationFrame);
                }
                if (document.querySelector(".o_lead_offer_answer:not(.d-none)")) {
                    throw new Error("The offer can still be answered");
                }
            }"""
        )
        self.assertEqual(self.offer._get_page_state(), "expired")


@tagged("post_install", "-at_install")
class TestPortalPreview(PortalCase):
    """Staff who look at the partner's page do not answer as the partner."""

    def test_answer_of_the_salesperson(self):
        self._login(self.user)
        self.assertIn("This is the partner's page", self._open().text)
        self._post("accept")
        self.assertEqual(self.offer.state, "accepted")
        self.assertEqual(self.offer.answer_channel, "operator")
        self.assertEqual(self.offer.answered_by_id, self.user.partner_id)

    def test_parameter_that_is_named_as_the_controller(self):
        params = {"access_token": self.offer.access_token, "self": "x"}
        page = self.url_open(self.offer.access_url, params=params)
        self.assertEqual(page.status_code, 200)

    def test_answer_of_others(self):
        internal = new_test_user(self.env, login="accountant", groups="base.group_user")
        for user in (internal, self.salesman, self.other_user):
            self._login(user)
            page = self._open()
            self.assertIn("You may not answer for the partner.", page.text)
            self.assertNotIn("Not this time", page.text)
            before = self._dump()
            for action in ["accept", "decline", "contacted", "done", "message"]:
                page = self._post(action, message="Hello")
                self.assertEqual(page.status_code, 403)
                self.assertIn("You cannot answer for this partner", page.text)
            self.assertEqual(self._dump(), before)
