from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date

from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalProposal(PortalCase):
    """What a partner that declines can change about its offers, by one click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area_reason = cls.env.ref("lead_broadcast.decline_reason_area")
        cls.capacity_reason = cls.env.ref("lead_broadcast.decline_reason_capacity")
        cls.rival.distance = 42.4
        cls.today = fields.Date.context_today(
            cls.offer.with_context(tz=cls.green_park.tz)
        )

    def _decline(self, reason, offer=None):
        offer = offer or self.offer
        offer._decline("portal", offer.partner_id, reason)

    def test_radius(self):
        self.saket.broadcast_radius_km = 50
        self._decline(self.area_reason, self.rival)
        text = self._text(self._open(self.rival))
        self.assertIn("You get offers within 50 km.", text)
        self.assertIn("Only offers within 40 km", text)
        page = self._post("proposal", self.rival, choice="radius")
        self.assertEqual(page.history[0].status_code, 303)
        self.assertEqual(self.saket.broadcast_radius_km, 40)
        text = self._text(page)
        self.assertIn("You get offers within 40 km.", text)
        self.assertNotIn("Only offers within", text)
        message = self.saket.message_ids[:1]
        self.assertIn("Only offers within 40 km", message.body)
        self.assertIn("Data Rectification in Hauz Khas", message.body)
        self.assertEqual(message.author_id, self.saket)

    def test_round_figures(self):
        self._decline(self.area_reason)
        for distance, current, proposal in [
            (0.9, 50, 0),
            (1.0, 50, 0),
            (1.04, 50, 1),
            (15.0, 50, 10),
            (15.1, 0, 15),
            (15.1, 15, 0),
            (15.1, 12, 0),
            (60, 50, 0),
            (4000, 0, 1000),
        ]:
            with self.subTest(distance=distance, current=current):
                self.offer.distance = distance
                self.green_park.broadcast_radius_km = current
                self.assertEqual(self.offer._get_smaller_radius(), proposal)
        self.offer.is_located = False
        self.assertFalse(self.offer._get_smaller_radius())

    def test_radius_twice(self):
        """Only what is proposed is done, and it is logged once."""
        self._decline(self.area_reason, self.rival)
        self._post("proposal", self.rival, choice="radius", radius=1)
        messages = self.saket.message_ids
        self.saket.broadcast_radius_km = 30
        self._post("proposal", self.rival, choice="radius")
        self.assertEqual(self.saket.broadcast_radius_km, 30)
        self.assertEqual(self.saket.message_ids, messages)

    def test_pause(self):
        self._decline(self.capacity_reason)
        self._login(self.portal_user)
        text = self._text(self._open(token=""))
        self.assertIn("Fully booked for longer?", text)
        self.assertEqual(text.count("No offers before"), 2)
        page = self._post("proposal", token="", choice="week")
        day = self.today + timedelta(days=7)
        self.assertEqual(self.green_park.broadcast_paused_until, day)
        text = self._text(page)
        self.assertIn("You get no offers before", text)
        self.assertNotIn("No offers before", text)
        message = self.green_park.message_ids[:1]
        self.assertIn("No offers before", message.body)
        self.assertEqual(message.author_id, self.portal_user.partner_id)
        self._post("proposal", token="", choice="month")
        self.assertEqual(self.green_park.broadcast_paused_until, day)

    def test_pause_month(self):
        self._decline(self.capacity_reason)
        for wrong in ("", "year", "WEEK", "x" * 5000):
            self._post("proposal", choice=wrong)
            self.assertFalse(self.green_park.broadcast_paused_until)
        self._post("proposal", choice="month")
        days = (self.green_park.broadcast_paused_until - self.today).days
        self.assertIn(days, range(28, 32))

    def test_pause_over(self):
        """Whose pause is over may pause again."""
        self._decline(self.capacity_reason)
        self.green_park.broadcast_paused_until = self.today
        self.assertIn("No offers before", self._text(self._open()))

    def test_too_late_for_the_lead(self):
        """The proposals hold beyond the offer."""
        self._decline(self.capacity_reason)
        self.rival._accept("portal", self.saket)
        text = self._text(self._open())
        self.assertIn("This opportunity has been taken.", text)
        self.assertIn("No offers before", text)

    def test_other_reasons(self):
        """Whoever declined for something else, or not at all, is proposed nothing."""
        self.offer.distance = 42
        for reason in (None, self.other_reason):
            if reason:
                self._decline(reason)
            text = self._text(self._open())
            self.assertNotIn("No offers before", text)
            self.assertNotIn("Only offers within", text)
            for choice in ("radius", "week"):
                self._post("proposal", choice=choice)
        self.assertFalse(self.green_park.broadcast_radius_km)
        self.assertFalse(self.green_park.broadcast_paused_until)

    def test_staff(self):
        """Staff that record a decline by phone do not decide for the partner."""
        executive = new_test_user(
            self.env, login="phone", groups="lead_broadcast.group_supervisor"
        )
        for reason, choice in [
            (self.area_reason, "radius"),
            (self.capacity_reason, "week"),
        ]:
            self.offer.write({"state": "open", "distance": 42})
            self._decline(reason)
            self._login(executive)
            text = self._text(self._open())
            self.assertNotIn("Only offers within", text)
            self.assertNotIn("No offers before", text)
            page = self._post("proposal", choice=choice)
            self.assertEqual(page.status_code, 403)
        self.assertFalse(self.green_park.broadcast_radius_km)
        self.assertFalse(self.green_park.broadcast_paused_until)

    def test_strangers_and_scanners(self):
        """Only a POST by the partner does anything."""
        self._decline(self.capacity_reason)
        url = f"{self.offer.access_url}/proposal"
        params = {"access_token": self.offer.access_token, "choice": "week"}
        for method in ("GET", "HEAD", "OPTIONS"):
            page = self.url_open(url, params=params, method=method)
            self.assertEqual(page.status_code, 405)
        page = self._post("proposal", token=self.rival.access_token, choice="week")
        self.assertEqual(page.status_code, 404)
        self._open()
        self.assertFalse(self.green_park.broadcast_paused_until)

    def test_languages(self):
        """The partner reads its own language, the team its own."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.green_park.lang = "es_ES"
        self._decline(self.capacity_reason)
        day = self.today + timedelta(days=7)
        text = self._text(self._open())
        self.assertIn(format_date(self.env, day, "es_ES", "long"), text)
        self._post("proposal", choice="week")
        body = self.green_park.message_ids[:1].body
        self.assertIn(format_date(self.env, day, "en_US", "long"), body)
