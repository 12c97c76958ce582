from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalAccept(PortalCase):
    def test_accept_by_token(self):
        page = self._post("accept")
        self.assertEqual(page.history[0].status_code, 303)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertEqual(self.offer.answer_channel, "mail")
        self.assertEqual(self.offer.answered_by_id, self.green_park)
        text = self._text(page)
        self.assertIn("The lead is now yours.", text)
        self.assertIn("Asha Traders", text)
        self.assertIn("12 Aurobindo Marg, 110016 New Delhi, Delhi, India", text)
        self.assertIn('href="tel:+919810012345"', page.text)
        self.assertIn('href="mailto:asha@traders.example"', page.text)
        self.assertIn("openstreetmap.org/search?query=12+Aurobindo+Marg", page.text)
        self.assertNotIn("Wrong figures", page.text)

    def test_accept_by_portal_user(self):
        self._login(self.portal_user)
        self._post("accept", token="")
        self.assertEqual(self.offer.state, "accepted")
        self.assertEqual(self.offer.answer_channel, "portal")
        self.assertEqual(self.offer.answered_by_id, self.portal_user.partner_id)

    def test_accept_by_stranger_with_token(self):
        """A forwarded mail is an answer of the partner it was sent to."""
        self._login(self.other_portal_user)
        self._post("accept")
        self.assertEqual(self.lead.allocated_partner_id, self.green_park)
        self.assertEqual(self.offer.answer_channel, "mail")
        self.assertEqual(self.offer.answered_by_id, self.green_park)

    def test_accept_offer_of_others(self):
        before = self._dump()
        self._login(self.other_portal_user)
        for token in ["", "x", self.rival.access_token]:
            self.assertEqual(self._post("accept", token=token).status_code, 404)
        self.assertEqual(self._dump(), before)

    def test_repeated_click(self):
        self._post("accept")
        before = self._dump()
        text = self._text(self._post("accept"))
        self.assertIn("This lead is already yours.", text)
        self.assertIn("Asha Traders", text)
        self.assertEqual(self._dump(), before)

    def test_too_late(self):
        """Losers and late comers are told what happened, never who won."""
        self._end_validity(self.broadcast)
        before = self._dump()
        page = self._post("accept")
        self.assertIn("The time to answer this offer is over.", self._text(page))
        self.assertSecret(page)
        self.assertEqual(self._dump(), before)

    def test_loser(self):
        self._post("accept", self.rival)
        before = self._dump()
        for action in ["accept", "decline"]:
            page = self._post(action, reason_id=self.other_reason.id)
            self.assertIn("This opportunity has been taken.", self._text(page))
            self.assertSecret(page)
        self.assertEqual(self._dump(), before)

    def test_withdrawn(self):
        self.lead.with_user(self.user).action_stop_broadcast()
        page = self._post("accept")
        self.assertIn("This offer has been withdrawn.", self._text(page))
        self.assertFalse(self.lead.allocated_offer_id)

    def test_bad_csrf(self):
        before = self._dump()
        for token in ["", "wrong"]:
            with self.assertLogs("odoo.http", "WARNING"):
                page = self._post("accept", csrf_token=token)
            self.assertEqual(page.status_code, 400)
        self.assertEqual(self._dump(), before)


@tagged("post_install", "-at_install")
class TestPortalDecline(PortalCase):
    def test_other(self):
        page = self._post(
            "decline", reason_id=self.other_reason.id, note="On holiday", price="12"
        )
        self.assertIn("You declined. Thank you for telling us.", self._text(page))
        self.assertEqual(self.offer.state, "declined")
        self.assertEqual(self.offer.decline_reason_id, self.other_reason)
        self.assertEqual(self.offer.decline_note, "On holiday")
        self.assertFalse(self.offer.proposed_price)
        self.assertEqual(self.offer.answer_channel, "mail")
        self.assertEqual(self.rival.state, "open")

    def test_date(self):
        days = [fields.Date.today() + timedelta(days=days) for days in (9, 2, 9)]
        self._post(
            "decline",
            reason_id=self.date_reason.id,
            **{f"date_{number}": day for number, day in enumerate(days, 1)},
        )
        self.assertEqual(
            self.offer.proposed_date_ids.mapped("date"), [days[1], days[0]]
        )

    def test_price(self):
        self._post("decline", reason_id=self.price_reason.id, price="1250.50")
        self.assertEqual(self.offer.state, "declined")
        self.assertEqual(self.offer.proposed_price, 1250.5)

    def test_no_details(self):
        """A reason is enough."""
        for offer, reason in [
            (self.offer, self.price_reason),
            (self.rival, self.date_reason),
        ]:
            self._post("decline", offer, reason_id=reason.id)
            self.assertEqual(offer.state, "declined")

    def test_change_of_mind(self):
        self._post("decline", reason_id=self.other_reason.id)
        page = self._open()
        self.assertIn("you can still change your mind", self._text(page))
        self.assertIn("Accept after all", page.text)
        self.assertSecret(page)
        self.assertIn("The lead is now yours.", self._text(self._post("accept")))

    def test_change_of_mind_too_late(self):
        self._post("decline", reason_id=self.other_reason.id)
        self._post("accept", self.rival)
        page = self._open()
        self.assertIn("This opportunity has been taken.", self._text(page))
        self.assertNotIn("Accept after all", page.text)

    def test_bad_forms(self):
        """Each is refused with the form as it was filled in, and changes nothing."""
        archived = self.other_reason.copy({"active": False})
        yesterday = fields.Date.today() - timedelta(days=2)
        before = self._dump()
        for reason, values, error in [
            ("", {}, "Choose a reason."),
            ("x", {}, "Choose a reason."),
            (10**30, {}, "Choose a reason."),
            (archived.id, {}, "Choose a reason."),
            (self.date_reason.id, {"date_2": "tomorrow"}, "This is not a date."),
            (self.date_reason.id, {"date_1": "2026-02-30"}, "This is not a date."),
            (self.date_reason.id, {"date_3": yesterday}, "This day has passed."),
            *(
                (self.price_reason.id, {"price": price}, "as a plain number")
                for price in ["-1", "NaN", "inf", "1e400", "1,000", "9" * 20, "abc"]
            ),
            (self.other_reason.id, {"note": "x" * 2001}, "Use at most 2000"),
        ]:
            with self.subTest(reason=reason, values=values):
                page = self._post("decline", reason_id=reason, **values)
                self.assertEqual(page.status_code, 400)
                self.assertIn(error, self._text(page))
                self.assertIn("Nothing was sent yet.", self._text(page))
                for value in values.values():
                    self.assertIn(str(value), page.text)
        self.assertEqual(self._dump(), before)

    def test_only_post_answers(self):
        """Odoo lets OPTIONS pass to any route, and without a CSRF token."""
        before = self._dump()
        params = {
            "access_token": self.offer.access_token,
            "reason_id": self.other_reason.id,
        }
        for action in ("accept", "decline", "seen", "contacted", "done", "message"):
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(action=action, method=method):
                    page = self.url_open(
                        f"{self.offer.access_url}/{action}",
                        params=params,
                        method=method,
                    )
                    self.assertEqual(page.status_code, 405)
        self.assertEqual(self._dump(), before)

    def test_strange_input(self):
        """What PostgreSQL cannot store or no text is does not break anything."""
        file = ("note.txt", b"hello")
        page = self._post(
            "decline", files={"note": file}, reason_id=self.other_reason.id
        )
        self.assertEqual(page.status_code, 200)
        self.assertFalse(self.offer.decline_note)
        self.offer.state = "open"
        self._post("decline", reason_id=self.other_reason.id, note="a\0b 😀")
        self.assertEqual(self.offer.decline_note, "ab 😀")
        page = self._post(
            "accept", self.rival, files={"access_token": file}, access_token=[]
        )
        self.assertEqual(page.status_code, 404)
        self.assertEqual(self.rival.state, "open")


@tagged("post_install", "-at_install")
class TestPortalWork(PortalCase):
    """What the winner reports, and its conversation with the team."""

    def setUp(self):
        super().setUp()
        self.offer._accept("portal", self.portal_user.partner_id)

    def test_progress(self):
        self._login(self.portal_user)
        self._post("contacted", token="")
        self.assertTrue(self.lead.contacted_date)
        self.assertStory("Customer contacted.")
        text = self._text(self._post("done", token=""))
        self.assertTrue(self.lead.completion_date)
        self.assertStory("The work is done.")
        self.assertIn("Completed", text)
        before = self._dump()
        self._post("contacted", token="")
        self._post("done", token="")
        self.assertEqual(self._dump(), before)

    def test_closure(self):
        for days, badge in [(-1, "Overdue"), (0, "Due today"), (9, "Planned")]:
            today = fields.Date.context_today(self.lead.with_context(tz="Asia/Kolkata"))
            self.lead.closure_date = today + timedelta(days=days)
            self.assertIn(badge, self._text(self._open()))

    def test_conversation(self):
        self.lead.message_post(body="do not tell", subtype_xmlid="mail.mt_note")
        self.lead.with_user(self.user).message_post(
            body="The key is with the guard.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        page = self._post("message", message="Thank <b>you</b>\0")
        text = self._text(page)
        self.assertTrue(page.history[0].headers["Location"].endswith("#conversation"))
        self.assertIn("The key is with the guard.", text)
        self.assertIn("Thank <b>you</b>", text)
        self.assertNotIn("do not tell", text)
        message = self.lead.message_ids[0]
        self.assertEqual(message.author_id, self.green_park)
        self._login(self.portal_user)
        self._post("message", token="", message="On our way")
        self.assertEqual(
            self.lead.message_ids[0].author_id, self.portal_user.partner_id
        )

    def test_bad_message(self):
        before = self._dump()
        for message, error in [
            ("", "Write something first."),
            (" \0 ", "Write something first."),
            ("y" * 2001, "Use at most 2000 characters."),
        ]:
            page = self._post("message", message=message)
            self.assertEqual(page.status_code, 400)
            self.assertIn(error, self._text(page))
        self.assertIn("y" * 2001, page.text)
        self.assertEqual(self._dump(), before)

    def test_only_the_winner_reports(self):
        """Losers see their page; strangers see nothing; nothing is changed."""
        before = self._dump()
        for action in ["contacted", "done", "message"]:
            page = self._post(action, self.rival, message="Hello")
            self.assertIn("This opportunity has been taken.", self._text(page))
            page = self._post(action, token=self.rival.access_token, message="Hello")
            self.assertEqual(page.status_code, 404)
        self.assertEqual(self._dump(), before)

    def test_taken_back(self):
        """Whoever had the lead sees no customer any more."""
        self.lead.with_user(self.user).action_release()
        before = self._dump()
        page = self._post("message", message="Hello")
        self.assertIn("This offer has been withdrawn.", self._text(page))
        self.assertSecret(page)
        self.assertEqual(self._dump(), before)
