from odoo.http import Request
from odoo.tests import tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .alert_common import NEW_NUMBER
from .portal_alert_common import ACTIONS, PortalAlertCase

RIGHTS = ["right", "role"]


@tagged("post_install", "-at_install")
class TestPortalAlertRights(PortalAlertCase):
    """What people do about others, and what they try."""

    def test_grant_and_withdraw(self):
        self._login(self.owner_user)
        page = self._post(f"{self.newcomer.id}/right", granted="1")
        self.assertTrue(
            page.history[0].headers["Location"].endswith(f"#person_{self.newcomer.id}")
        )
        self.assertTrue(self.newcomer.broadcast_alert_authorized)
        message = self.newcomer.message_ids[0]
        self.assertEqual(message.author_id, self.owner)
        self.assertEqual(
            message.tracking_value_ids.field_id.name, "broadcast_alert_authorized"
        )
        self._post(f"{self.newcomer.id}/right", granted="0")
        self.assertFalse(self.newcomer.broadcast_alert_authorized)
        self._login(self.manager_user)
        self._post(f"{self.newcomer.id}/right", granted="1")
        self.assertTrue(self.newcomer.broadcast_alert_authorized)

    def test_roles(self):
        self._login(self.owner_user)
        page = self._post(f"{self.newcomer.id}/role", role="owner")
        self.assertIn("Owner", self._read_person(page, self.newcomer))
        self.assertEqual(self.newcomer.broadcast_role, "owner")
        page = self._post(f"{self.owner.id}/role", role="executive")
        self.assertEqual(self.owner.broadcast_role, "executive")
        self.assertIn("Who decides at Green Park Services", self._text(page))

    def test_last_owner(self):
        self._login(self.owner_user)
        page = self._post(f"{self.owner.id}/role", role="executive")
        self.assertEqual(page.status_code, 400)
        self.assertIn("Name another owner first.", self._read_person(page, self.owner))
        self.assertEqual(self.owner.broadcast_role, "owner")

    def test_refused(self):
        """Not by changing the id in a form, not for oneself, not for other partners."""
        for user, contact, path, values in [
            (self.newcomer_user, self.newcomer, "right", {"granted": "1"}),
            (self.newcomer_user, self.newcomer, "role", {"role": "owner"}),
            (self.newcomer_user, self.executive, "right", {"granted": "0"}),
            (self.manager_user, self.manager, "right", {"granted": "1"}),
            (self.manager_user, self.owner, "right", {"granted": "0"}),
            (self.manager_user, self.manager, "role", {"role": "owner"}),
            (self.owner_user, self.rival, "right", {"granted": "0"}),
            (self.owner_user, self.rival, "role", {"role": "executive"}),
            (self.owner_user, self.customer, "right", {"granted": "1"}),
            (self.rival_user, self.newcomer, "right", {"granted": "1"}),
        ]:
            self._login(user)
            before = self._dump()
            with self.subTest(user=user.login, contact=contact.name, path=path):
                page = self._post(f"{contact.id}/{path}", **values)
                self.assertEqual(page.status_code, 403)
                self.assertEqual(self._dump(), before)
                if contact in (self.rival, self.customer):
                    self.assertNotIn(contact.name, page.text)

    def test_unknown_people_look_alike(self):
        """A page never tells whether somebody exists."""
        self._login(self.owner_user)
        pages = {
            self._text(self._post(f"{contact_id}/right", granted="1"))
            for contact_id in (self.rival.id, 2**31 - 1, 2**40, "x", "1" * 9999, "-1")
        }
        self.assertEqual(len(pages), 1)
        self.assertIn("This is not one of the people of your company.", pages.pop())

    def test_strange_input(self):
        """What no form sends is refused like any other wrong value."""
        self._login(self.owner_user)
        file = ("note.txt", b"hello")
        before = self._dump()
        for path, name in [
            ("number", "number"),
            ("confirm", "code"),
            (f"{self.newcomer.id}/role", "role"),
        ]:
            for value in ("a\0b", "\ud83d\ude00 😀".encode("utf-16", "surrogatepass")):
                self.assertEqual(self._post(path, **{name: value}).status_code, 400)
            page = self._post(path, files={name: file})
            self.assertEqual(page.status_code, 400)
            self.assertEqual(self._post(path).status_code, 400)
        self.assertEqual(self._dump(), before)
        for path in ("subscription", f"{self.owner.id}/right"):
            page = self._post(path, granted=["1", "2"], subscribed="maybe")
            self.assertEqual(page.status_code, 200)

    def test_only_post(self):
        self._login(self.owner_user)
        before = self._dump()
        params = {"granted": "0", "role": "manager", "number": NEW_NUMBER}
        for path in [*ACTIONS, *(f"{self.newcomer.id}/{name}" for name in RIGHTS)]:
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(path=path, method=method):
                    page = self._open(f"/{path}", params=params, method=method)
                    self.assertEqual(page.status_code, 405)
        self.assertEqual(self._dump(), before)

    @mute_logger("odoo.http")
    def test_csrf(self):
        self._login(self.owner_user)
        before = self._dump()
        for path in [*ACTIONS, *(f"{self.newcomer.id}/{name}" for name in RIGHTS)]:
            page = self._post(path, csrf_token="", granted="1", role="owner")
            self.assertEqual(page.status_code, 400)
        self.assertEqual(self._dump(), before)

    # ------------------------------------------------------------
    # BY OTHER WAYS
    # ------------------------------------------------------------

    def assertRefused(self, model, method, *args, **kwargs):
        with (
            mute_logger("odoo.http"),
            self.assertRaisesRegex(JsonRpcException, "AccessError"),
        ):
            self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {"model": model, "method": method, "args": args, "kwargs": kwargs},
            )

    def test_rpc(self):
        """An executive can call any model, and gets nowhere."""
        self._login(self.newcomer_user)
        before = self._dump()
        values = {"broadcast_alert_authorized": True, "broadcast_role": "owner"}
        user = self.newcomer_user
        for name, value in values.items():
            self.assertRefused("res.partner", "write", self.newcomer.ids, {name: value})
            self.assertRefused("res.users", "write", user.ids, {name: value})
        for record in (self.owner, self.rival, self.newcomer):
            for name in (*values, "broadcast_alert_number"):
                self.assertRefused("res.partner", "read", record.ids, [name])
                self.assertRefused("res.partner", "search_count", [(name, "!=", False)])
        self.assertRefused("res.users", "read", user.ids, ["broadcast_role"])
        self.assertRefused("lead.broadcast.alert.confirmation", "search", [])
        self.assertRefused("sms.sms", "search_read", [], ["body"])
        self.assertRefused("phone.blacklist", "search", [])
        for method in ("_set_alert_right", "_set_broadcast_role"):
            self.assertRefused(
                "res.partner", method, self.newcomer.ids, True, self.owner.id
            )
        self.assertEqual(self._dump(), before)

    def test_own_address_form(self):
        """The portal's own form for the address writes as superuser, but not these."""
        self._login(self.newcomer_user)
        self.url_open(
            "/my/address/submit",
            data={
                "csrf_token": Request.csrf_token(self),
                "partner_id": self.newcomer.id,
                "address_type": "billing",
                "name": "Nikhil Anew",
                "email": "nikhil@greenpark.example",
                "phone": "+91 98100 00011",
                "street": "1 Street",
                "city": "New Delhi",
                "zip": "110016",
                "country_id": self.india.id,
                "state_id": self.delhi.id,
                "broadcast_alert_authorized": "1",
                "broadcast_alert_number": NEW_NUMBER,
                "broadcast_role": "owner",
            },
        )
        self.assertEqual(self.newcomer.name, "Nikhil Anew")
        self.assertEqual(self.newcomer.broadcast_role, "executive")
        self.assertEqual(self.newcomer.broadcast_alert_state, "no_number")
        self.assertFalse(self.newcomer.broadcast_alert_authorized)
