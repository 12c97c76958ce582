from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..controllers.portal import ServicePartnerPortal
from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalLists(PortalCase):
    """Green Park Services has two open offers, one it won, and three past ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead.service_place = "Open far"
        cls.offer.distance = 20
        names = ["Open near", "Won", "Taken", "Declined", "Overtime"]
        cls.leads = {name: cls._create_lead(service_place=name) for name in names}
        cls._broadcast(sum(cls.leads.values(), cls.env["crm.lead"]))
        cls._get_offer(cls.green_park, cls.leads["Won"])._accept(
            "portal", cls.portal_user.partner_id
        )
        cls._get_offer(cls.saket, cls.leads["Taken"])._accept("mail", cls.saket)
        cls._get_offer(cls.green_park, cls.leads["Declined"])._decline(
            "mail", cls.green_park, cls.other_reason
        )
        cls._end_validity(cls.leads["Overtime"].broadcast_ids)

    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    def _list(self, path="/my/offers", **params):
        """Return a list's entries, each as one line."""
        page = self.url_open(path, params=params)
        self.assertEqual(page.status_code, 200)
        self.page = page
        return [
            " ".join(entry.text_content().split())
            for entry in html.fromstring(page.text).xpath(
                "//a[contains(@class, 'list-group-item')]"
            )
        ]

    def _list_links(self, path="/my/offers"):
        """Return where a list's entries lead to; unlike their texts it does not change
        with the time that is left."""
        self._list(path)
        return html.fromstring(self.page.text).xpath(
            "//a[contains(@class, 'list-group-item')]/@href"
        )

    def assertPlaces(self, entries, places):
        self.assertEqual(len(entries), len(places), entries)
        for entry, place in zip(entries, places, strict=True):
            self.assertIn(place, entry)

    def test_all(self):
        """Open offers come first, then the won ones, then the rest."""
        entries = self._list()
        self.assertEqual(len(entries), 6)
        self.assertIn("valid for", entries[0])
        self.assertIn("valid for", entries[1])
        self.assertIn("Won Yours", entries[2])
        past = " ".join(entries[3:])
        for entry in ["Taken Taken", "Declined Declined", "Overtime Expired"]:
            self.assertIn(entry, past)
        self.assertNotIn("valid for", past)
        self.assertSecret(self.page)

    def test_filters(self):
        for filterby, count in [("open", 2), ("won", 1), ("past", 3), ("x", 6)]:
            self.assertEqual(len(self._list(filterby=filterby)), count)
        self.assertPlaces(self._list(filterby="won"), ["Won"])

    def test_sorting(self):
        for sortby, places in [
            ("nearest", ["Open near", "Open far"]),
            ("newest", ["Open near", "Open far"]),
            ("x", ["Open near", "Open far"]),
        ]:
            self.assertPlaces(self._list(sortby=sortby, filterby="open"), places)
        self.offer.valid_until -= timedelta(hours=1)
        self.assertPlaces(
            self._list(sortby="ending", filterby="open"), ["Open far", "Open near"]
        )
        self.assertPlaces(
            self._list(sortby="service", filterby="open"), ["Open near", "Open far"]
        )

    def test_paging(self):
        """Pages cut through the groups without losing or repeating anything."""
        everything = self._list_links()
        with patch.object(ServicePartnerPortal, "_items_per_page", 4):
            first, second = self._list_links(), self._list_links("/my/offers/page/2")
            self.assertEqual(self._list_links("/my/offers/page/99"), second)
        self.assertEqual([len(first), len(second)], [4, 2])
        self.assertEqual(first + second, everything)

    def test_bad_page_numbers(self):
        """What is no number asks for the first page."""
        for path in ("/my/offers", "/my/service_leads"):
            first = self._list(path)
            for page in ("²", "-1", "x", "9" * 5000):
                with self.subTest(path=path, page=page[:5]):
                    self.assertEqual(self._list(path, page=page), first)
                    self.assertEqual(self._list(f"{path}/page/{page}"), first)

    def test_own_company_only(self):
        self._login(self.other_portal_user)
        self.assertPlaces(self._list(filterby="won"), ["Taken"])
        lonely = self._create_portal_user(self.dwarka, "dwarkaservices")
        self._login(lonely)
        self.assertFalse(self._list())
        self.assertIn("Nothing yet.", self._text(self.page))
        self.assertFalse(self._list("/my/service_leads"))

    def test_staff(self):
        """Staff see the portal of their own company, which is offered nothing."""
        self._login(self.supervisor)
        self.assertFalse(self._list())
        self.assertFalse(self._list("/my/service_leads", filterby="all"))
        clerk = new_test_user(self.env, login="clerk123", groups="base.group_user")
        self._login(clerk)
        for path in ["/my/offers", "/my/service_leads"]:
            page = self.url_open(path, allow_redirects=False)
            self.assertEqual(page.headers["Location"], "/my")

    def test_login_needed(self):
        self.authenticate(None, None)
        for path in ["/my/offers", "/my/service_leads"]:
            self.assertIn("/web/login", self.url_open(path).url)

    def test_counters(self):
        counters = ["service_offer_open_count", "service_offer_count"]
        counters.append("service_lead_count")
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", {"counters": counters}),
            dict(zip(counters, [2, 6, 1], strict=True)),
        )
        home = self.url_open("/my").text
        for text in ["Service opportunities", "My service leads", counters[0]]:
            self.assertIn(text, home)
        self._login(new_test_user(self.env, login="clerk123", groups="base.group_user"))
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", {"counters": counters[:1]}),
            {"service_offer_open_count": 0},
        )

    def test_leads(self):
        lead = self.leads["Won"]
        path = "/my/service_leads"
        [entry] = self._list(path)
        for text in ["Asha Traders", "Won", "Planned", "customer not contacted yet"]:
            self.assertIn(text, entry)
        self.assertNotIn("Wrong figures", self.page.text)
        self.assertFalse(self._list(path, filterby="overdue"))
        lead.closure_date = fields.Date.today() - timedelta(days=2)
        lead._mark_contacted(self.portal_user.partner_id)
        [entry] = self._list(path, filterby="overdue", sortby="newest")
        self.assertIn("Overdue", entry)
        self.assertIn("customer contacted", entry)
        lead._mark_completed(self.portal_user.partner_id)
        for filterby, count in [("todo", 0), ("overdue", 0), ("done", 1), ("all", 1)]:
            self.assertEqual(len(self._list(path, filterby=filterby)), count)
        self.assertIn("Completed", self._list(path, filterby="all")[0])
