from odoo import fields
from odoo.http import Request
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .portal_common import TABLES, PortalCase

LIST = "/my/offers"


@tagged("post_install", "-at_install")
class TestPortalSilence(PortalCase):
    """Green Park Services is paused for its silence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offer.silenced_date = fields.Datetime.now()
        cls.green_park.broadcast_silenced_date = fields.Datetime.now()

    def _open_page(self, offer=None, token=None):
        offer = offer or self.offer
        token = offer.access_token if token is None else token
        return self.url_open(f"{offer.access_url}/return?access_token={token}")

    def _return(self, path="/my/offers/return"):
        return self.url_open(path, data={"csrf_token": Request.csrf_token(self)})

    def assertPaused(self):
        self.assertTrue(self.green_park.broadcast_silenced_date)

    def assertBack(self):
        self.assertRecordValues(self.green_park, [{"broadcast_silenced_date": False}])
        self.assertTrue(self.green_park.broadcast_returned_date)
        self.assertFalse(self.offer.silenced_date)

    # ------------------------------------------------------------
    # BY THE LINK
    # ------------------------------------------------------------

    def test_link(self):
        """One click, without a login; opening the page changes nothing."""
        before = self._dump()
        page = self._open_page()
        self.assertEqual(page.status_code, 200)
        self.assertIn("We have paused your offers", self._text(page))
        self.assertIn("Green Park Services", self._text(page))
        self.assertSecret(page)
        self.assertEqual(self._dump(), before)
        self.assertPaused()
        page = self._post("return")
        self.assertBack()
        self.assertIn("You get offers", self._text(page))
        self.assertNotIn("Get offers again", page.text)
        [line] = self.green_park.message_ids.filtered(
            lambda message: "Gets offers again" in message.body
        )
        self.assertIn("Green Park Services", line.body)
        since = self.green_park.broadcast_returned_date
        self._post("return")
        self.assertEqual(self.green_park.broadcast_returned_date, since)

    def test_paused_by_date(self):
        """The page promises nothing that is not so."""
        self.green_park.broadcast_paused_until = "2099-11-28"
        self.assertIn("November 28, 2099", self._text(self._post("return")))

    def test_link_of_others(self):
        self.assertEqual(self._open_page(token="wrong").status_code, 404)
        self.assertEqual(
            self._open_page(token=self.rival.access_token).status_code, 404
        )
        self.assertEqual(self._post("return", token="wrong").status_code, 404)
        self._post("return", offer=self.rival)
        self.assertPaused()

    def test_only_a_form_does_it(self):
        token = {"access_token": self.offer.access_token}
        url = f"{self.offer.access_url}/return"
        for method in ("HEAD", "GET", "OPTIONS"):
            self.url_open(url, params=token, method=method)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url, data=token).status_code, 400)
        self.assertPaused()

    def test_staff(self):
        self._login(self.other_user)  # not their lead
        self.assertNotIn("Get offers again", self._open_page().text)
        self.assertEqual(self._post("return").status_code, 403)
        self.assertPaused()
        self._login(self.user)
        self._post("return")
        self.assertBack()

    # ------------------------------------------------------------
    # LOGGED IN
    # ------------------------------------------------------------

    def test_home_and_list(self):
        self._login(self.portal_user)
        for path in ("/my", LIST):
            page = self.url_open(path)
            self.assertIn("Get offers again", self._text(page))
        page = self._return()
        self.assertBack()
        self.assertIn("You get offers again.", self._text(page))
        self.assertNotIn("were not answered", self._text(self.url_open("/my")))

    def test_not_for_others(self):
        self._login(self.other_portal_user)
        for path in ("/my", LIST):
            self.assertNotIn("were not answered", self.url_open(path).text)
        self._return()
        self.assertPaused()

    def test_notice_leads_there(self):
        notice = self.env["lead.broadcast.notice"].create(
            {
                "event": "silenced",
                "lead_id": self.lead.id,
                "offer_id": self.offer.id,
                "recipient_id": self.green_park.id,
                "channel": "inbox",
                "state": "sent",
            }
        )
        [values] = notice._get_portal_values()
        self.assertEqual(values["url"], f"{self.offer.access_url}/return")
        self.assertEqual(values["title"], "You did not answer the last offers")


@tagged("post_install", "-at_install")
class TestPortalFigures(PortalCase):
    """How a partner does: itself, this month and last month."""

    def _open_figures(self, user):
        self._login(user)
        return self.url_open("/my/figures")

    def test_page(self):
        self.offer._decline("mail", self.green_park, self.other_reason)
        before = {table: rows for table, rows in self._dump().items() if rows}
        self.assertEqual(set(before), set(TABLES))
        page = self._open_figures(self.portal_user)
        self.assertEqual(page.status_code, 200)
        text = self._text(page)
        self.assertIn("Offers 1 0", text)
        self.assertIn("Declined 1 0", text)
        self.assertIn("Answered 100 % –", text)
        self.assertSecret(page)
        self.assertEqual(self._dump(), before)

    def test_own_only(self):
        self.offer._decline("mail", self.green_park, self.other_reason)
        text = self._text(self._open_figures(self.other_portal_user))
        self.assertIn("Offers 1 0", text)
        self.assertIn("Declined 0 0", text)

    def test_only_partners(self):
        customer = new_test_user(self.env, "customer", groups="base.group_portal")
        self.assertEqual(self._open_figures(customer).status_code, 404)
