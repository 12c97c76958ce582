from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.tests import tagged

from ..controllers.master import MasterPortal
from .portal_common import PortalCase

PATH = "/my/partner_leads"


@tagged("post_install", "-at_install")
class TestPortalMaster(PortalCase):
    """Saket Services is the master of Green Park Services, which has four leads: a new
    one, one it attends to, an overdue one and a completed one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.green_park.broadcast_master_id = cls.saket
        names = ["New", "Attended", "Overdue", "Completed", "Foreign"]
        cls.leads = {name: cls._create_lead(service_place=name) for name in names}
        cls._broadcast(sum(cls.leads.values(), cls.env["crm.lead"]))
        by = cls.portal_user.partner_id
        for number, lead in enumerate(cls.leads.values()):
            if lead == cls.leads["Foreign"]:
                cls._get_offer(cls.lajpat_nagar, lead)._accept("mail", cls.lajpat_nagar)
            else:
                cls._get_offer(cls.green_park, lead)._accept("portal", by)
            lead.sudo().allocated_date -= timedelta(days=number)
        cls.leads["Attended"]._mark_contacted(by)
        cls.leads["Attended"].sudo().first_response_date = fields.Datetime.now()
        cls.leads["Overdue"].closure_date = fields.Date.today() - timedelta(days=2)
        cls.leads["Completed"]._mark_completed(by)

    def setUp(self):
        super().setUp()
        self._login(self.other_portal_user)

    def _list(self, path=PATH, **params):
        """Return the entries of the list as ``{place: text}``, in their order."""
        self.page = self.url_open(path, params=params)
        self.assertEqual(self.page.status_code, 200)
        entries = {}
        for entry in html.fromstring(self.page.text).xpath(
            "//*[contains(@class, 'o_lead_partner_lead')]"
        ):
            text = " ".join(entry.text_content().split())
            [place] = [name for name in self.leads if f"in {name} " in text]
            entries[place] = text
        return entries

    def _get_id(self, name):
        return self.leads[name].allocated_offer_id.id

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def test_open(self):
        """The open leads first, the oldest first."""
        entries = self._list()
        self.assertEqual(list(entries), ["Overdue", "Attended", "New"])
        self.assertIn("Data Rectification in New", entries["New"])
        for text in entries.values():
            self.assertIn("Green Park Services", text)
        self.assertIn("2 days ago", entries["Overdue"])
        self.assertIn("Overdue", entries["Overdue"].split("Overdue", 1)[1])
        self.assertIn("not attended to yet", entries["New"])
        self.assertIn("attended to", entries["Attended"])
        self.assertNotIn("not attended to", entries["Attended"])

    def test_filters(self):
        for filterby, places in (
            ("all", ["Completed", "Overdue", "Attended", "New"]),
            ("open", ["Overdue", "Attended", "New"]),
            ("overdue", ["Overdue"]),
            ("unattended", ["Overdue", "New"]),
            ("x", ["Overdue", "Attended", "New"]),
        ):
            with self.subTest(filterby=filterby):
                self.assertEqual(list(self._list(filterby=filterby)), places)
        self.assertIn("done", self._list(filterby="all")["Completed"])

    def test_closed_by_us(self):
        """Leads that staff have closed are told to be over, not to be late."""
        self.leads["Overdue"].action_set_lost()
        self.assertNotIn("Overdue", self._list())
        text = self._list(filterby="all")["Overdue"]
        self.assertIn("Closed", text)
        self.assertNotIn("not attended to", text)

    def test_sortings(self):
        for sortby, places in (
            ("newest", ["New", "Attended", "Overdue"]),
            ("closure", ["Overdue", "New", "Attended"]),
            ("partner", ["Overdue", "Attended", "New"]),
            ("x", ["Overdue", "Attended", "New"]),
        ):
            with self.subTest(sortby=sortby):
                self.assertEqual(list(self._list(sortby=sortby)), places)

    def test_paging(self):
        with patch.object(MasterPortal, "_items_per_page", 2):
            self.assertEqual(list(self._list()), ["Overdue", "Attended"])
            self.assertEqual(list(self._list(f"{PATH}/page/2")), ["New"])
            self.assertEqual(
                list(self._list(f"{PATH}/page/x", filterby="overdue")), ["Overdue"]
            )

    def test_linked_lead(self):
        """Messages link to one lead: the page that has it is shown, whatever its
        state."""
        new, completed = self._get_id("New"), self._get_id("Completed")
        with patch.object(MasterPortal, "_items_per_page", 2):
            self.assertEqual(list(self._list(f"{PATH}/{new}")), ["New"])
            self.assertIn(f'id="lead-{new}"', self.page.text)
            self.assertIn("Completed", self._list(f"{PATH}/{completed}"))
            first = ["Overdue", "Attended"]
            for offer_id in (self._get_id("Foreign"), 0, "x", "9" * 5000, "²"):
                with self.subTest(offer_id=str(offer_id)[:9]):
                    self.assertEqual(list(self._list(f"{PATH}/{offer_id}")), first)

    # ------------------------------------------------------------
    # PRIVACY
    # ------------------------------------------------------------

    def test_nothing_of_the_customer(self):
        """Nor anything that opens what is not the master's."""
        self.leads["New"].service_place = "Asha Traders' shop, +91 98100 12345"
        page = self.url_open(PATH, params={"filterby": "all"})
        self.assertIn("shop", page.text)
        for secret in ["98100", "asha@traders", "Aurobindo", "110016", "Wrong figures"]:
            self.assertNotIn(secret, page.text)
        self.assertNotIn("/my/offers/", page.text)
        for lead in self.leads.values():
            self.assertNotIn(lead.allocated_offer_id.access_token, page.text)
        offer_id = self._get_id("New")
        self.assertEqual(self.url_open(f"/my/offers/{offer_id}").status_code, 404)

    def test_masters_only(self):
        for user in (self.portal_user, self.supervisor):
            self._login(user)
            for path in (PATH, f"{PATH}/{self._get_id('New')}"):
                self.assertEqual(self.url_open(path).status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(PATH).url)

    def test_former_master(self):
        self.saket.is_service_partner = False
        self.assertEqual(self.url_open(PATH).status_code, 404)

    def test_home_card(self):
        params = {"counters": ["service_master_count"]}
        for user, count in ((self.other_portal_user, 1), (self.portal_user, 0)):
            self._login(user)
            counts = self.make_jsonrpc_request("/my/counters", params)
            self.assertEqual(counts, {"service_master_count": count})
        self.assertIn("Leads of my partners", self.url_open("/my").text)

    def test_looking_changes_nothing(self):
        before = self._dump()
        self._list(filterby="all")
        self._list(f"{PATH}/{self._get_id('New')}")
        self.assertEqual(self._dump(), before)

    # ------------------------------------------------------------
    # SCALE
    # ------------------------------------------------------------

    def test_queries(self):
        """A long list takes as many queries as a short one."""
        self._list(filterby="all")
        counts = []
        for number in (0, 12):
            leads = self._create_leads(number)
            self._broadcast(leads)
            for lead in leads:
                offer = self._get_offer(self.green_park, lead)
                offer._accept("mail", self.green_park)
            self._open_list()
            counts.append(self._count_queries(self._open_list))
        self.assertLessEqual(counts[1], counts[0])

    def _open_list(self):
        page = self.url_open(PATH)
        self.assertEqual(page.status_code, 200)
