import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .list_common import ListCase


@tagged("post_install", "-at_install")
class TestListFit(ListCase):
    """Which lists are asked for which leads."""

    def test_fit(self):
        every = self._create_list(name="1")
        light = self._create_list(name="2", size_ids=self.light.ids)
        delhi = self._create_list(name="3", state_ids=self.delhi.ids)
        chile = self._create_list(name="4", country_ids=self.env.ref("base.cl").ids)
        light_delhi = self._create_list(
            name="5",
            size_ids=(self.light | self.full).ids,
            state_ids=self.delhi.ids,
            country_ids=self.india.ids,
        )
        abroad = self._create_lead(
            size_id=self.light.id,
            state_id=False,
            country_id=self.env.ref("base.cl").id,
        )
        leads = (self.lead | self.light_lead | abroad).with_user(self.user)
        self.assertEqual(
            self.List.with_user(self.user)._fit(leads),
            {
                self.lead: every | delhi,
                self.light_lead: every | light | delhi | light_delhi,
                abroad: every | light | chile,
            },
        )
        self.assertEqual(
            (light | chile)._fit(leads),
            {self.lead: self.List, self.light_lead: light, abroad: light | chile},
        )

    def test_size_that_is_gone(self):
        """A list for some sizes is not one for all when these are not used any more."""
        plist = self._create_list(size_ids=self.light.ids)
        self._create_list(name="Full ones", size_ids=self.full.ids, active=False)
        with self.assertRaisesRegex(UserError, "used by Full ones"):
            self.full.with_user(self.administrator).unlink()
        self.light.with_user(self.administrator).action_archive()
        self.env.invalidate_all()
        self.assertFalse(self.List._fit(self.lead)[self.lead])
        self.assertEqual(self.List._fit(self.light_lead)[self.light_lead], plist)
        self.assertEqual(plist.with_user(self.user).size_ids, self.light)

    @mute_logger("odoo.sql_db")
    def test_region_that_is_gone(self):
        for name, value in (
            ("state_ids", {"country_id": self.india.id}),
            ("country_ids", {}),
        ):
            region = self.env[self.List._fields[name].comodel_name].create(
                {"name": "Nowhere", "code": "0X", **value}
            )
            self._create_list(**{name: region.ids})
            with (
                self.subTest(field=name),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                region.unlink()

    def test_fit_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self._create_list(company_id=other.id)
        own = self._create_list(company_id=self.env.company.id)
        self.assertEqual(self.List._fit(self.lead)[self.lead], own)
        self.lead.write({"user_id": False, "team_id": False, "company_id": other.id})
        self.assertEqual(self.List._fit(self.lead)[self.lead], theirs)

    def test_partners_by_lead(self):
        self._create_list(partners=[self.saket], size_ids=self.light.ids)
        every = self._create_list(partners=[self.saket, self.dwarka])
        leads = (self.lead | self.light_lead).with_user(self.user)
        members = self.List.with_user(self.user)._get_partners_by_lead(leads)
        self.assertEqual(members[self.lead], self.saket | self.dwarka)
        self.assertEqual(members[self.light_lead], self.saket | self.dwarka)
        every.active = False
        members = self.List._get_partners_by_lead(leads)
        self.assertFalse(members[self.lead])
        self.assertEqual(members[self.light_lead], self.saket)

    def test_chosen_lists_need_not_fit(self):
        light = self._create_list(partners=[self.saket], size_ids=self.light.ids)
        gone = self._create_list(partners=[self.dwarka], active=False)
        members = (light | gone)._get_partners_by_lead(self.lead)
        self.assertEqual(members[self.lead], self.saket)
        # a list that was archived is not replaced by all others
        self.assertFalse(gone._get_partners_by_lead(self.lead)[self.lead])

    def test_costs_no_query_per_lead(self):
        self._create_list(partners=self.partners, size_ids=self.light.ids)
        self._create_list(domain="[('name', 'like', 'Green')]")
        few, many = self._create_leads(2), self._create_leads(30)
        for leads in (few, many):
            leads[::2].size_id = self.light
        counts = [
            self._count_queries(
                lambda leads=leads: self.List._get_partners_by_lead(leads)
            )
            for leads in (few, few, many)
        ]
        self.assertGreater(counts[1], 0)
        self.assertLessEqual(counts[2], counts[1])
