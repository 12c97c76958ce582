from ast import literal_eval
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .common import BroadcastCase

DESK = "lead_broadcast.crm_lead_action_desk"


class DeskCase(BroadcastCase):
    """The desk of an executive."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.env["crm.lead"].with_user(cls.user)

    def _decline(self, partner, reason, lead=None):
        offer = self._get_offer(partner, lead)
        offer._decline("operator", self.user.partner_id, reason)


@tagged("post_install", "-at_install")
class TestDesk(DeskCase):
    """What the desk shows."""

    def _search(self, domain, leads):
        return self.desk.search(
            [*domain, ("id", "in", leads.ids)], order="searching_since, id"
        )

    def test_figures(self):
        self._broadcast()
        self._decline(self.green_park, self.price_reason)
        self._decline(self.saket, self.price_reason)
        lead = self.lead.with_user(self.user)
        self.assertEqual(lead.open_offer_count, 1)
        self.assertEqual(lead.declined_offer_count, 2)
        self.assertEqual(
            lead.decline_summary, [{"kind": "price", "label": "Price", "count": 2}]
        )
        self.assertEqual(lead.search_step, "Nearest partners")
        # an offer whose time is over is not out, whether or not somebody tidied up
        self._end_validity(self.lead.sudo().broadcast_ids)
        lead.invalidate_recordset()
        self.assertEqual(lead.open_offer_count, 0)

    def test_shows_what_somebody_must_mind(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(DESK)
        domain = literal_eval(action["domain"])
        quiet, given, nobody = self._create_leads(3)
        self._broadcast(self.lead | given | nobody)
        self._get_offer(self.saket, given)._accept("portal", self.saket)
        self._end_validity(nobody.sudo().broadcast_ids)
        nobody.sudo().broadcast_ids._expire()
        shown = self._search(domain, quiet | given | nobody | self.lead)
        self.assertEqual(shown, self.lead | nobody)

    def test_searching_too_long(self):
        late, fresh, given = leads = self._create_leads(3)
        self._broadcast(leads)
        self.env.company.broadcast_search_alert_hours = 3
        hours_ago = fields.Datetime.now() - timedelta(hours=3, minutes=1)
        (late | given).searching_since = hours_ago
        fresh.searching_since = hours_ago + timedelta(minutes=2)
        self._get_offer(self.saket, given)._accept("portal", self.saket)
        self.assertEqual(
            leads.with_user(self.user).mapped("is_search_overdue"),
            [True, False, False],
        )
        for value, expected in ((True, late), (False, fresh | given)):
            found = self._search([("is_search_overdue", "=", value)], leads)
            self.assertEqual(found, expected)
        self.assertEqual(late.search_alert_date, hours_ago + timedelta(hours=3))
        self.env.company.broadcast_search_alert_hours = 4
        self.assertFalse(self._search([("is_search_overdue", "=", True)], leads))

    def test_each_company_has_its_own_patience(self):
        company = self.env["res.company"].create(
            {"name": "Patient Ltd", "broadcast_search_alert_hours": 10}
        )
        self.user.company_ids += company
        self._broadcast()
        theirs = self._create_lead(company_id=company.id, team_id=False)
        leads = self.lead | theirs
        leads.write(
            {
                "broadcast_state": "searching",
                "searching_since": fields.Datetime.now() - timedelta(hours=5),
            }
        )
        both = {"allowed_company_ids": (self.env.company | company).ids}
        found = self.desk.with_context(**both).search(
            [("is_search_overdue", "=", True), ("id", "in", leads.ids)]
        )
        self.assertEqual(found, self.lead)
        self.assertFalse(theirs.is_search_overdue)

    def test_columns_follow_the_order_of_a_search(self):
        self.lead.preferred_partner_id = self.dwarka
        other = self._create_lead()
        self._broadcast(self.lead | other)
        self.assertEqual(
            (self.lead | other).mapped("ladder_audience"), ["preferred", "nearest"]
        )
        desk = self.desk.with_context(read_group_expand=True)
        groups = desk.web_read_group(
            [("id", "in", (self.lead | other).ids)], ["ladder_audience"]
        )["groups"]
        self.assertEqual(
            [group["ladder_audience"] for group in groups], ["preferred", "nearest"]
        )

    def test_queries_do_not_grow_with_leads(self):
        view = self.desk.get_view(
            self.env.ref("lead_broadcast.crm_lead_view_list_desk").id
        )
        names = view["models"]["crm.lead"]
        few, many = self._create_leads(2), self._create_leads(20)
        for leads in (few, many):
            self._broadcast(leads)
            for lead in leads:
                self._decline(self.saket, self.date_reason, lead)

        def look(leads):
            self.desk.web_search_read(
                [("id", "in", leads.ids)], dict.fromkeys(names, {})
            )

        look(self.lead)  # fills the caches of the registry
        counts = [
            self._count_queries(lambda leads=leads: look(leads))
            for leads in (few, many)
        ]
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 25)

    def test_order_comes_from_an_index(self):
        self.env.flush_all()
        with self.env.cr.savepoint():
            self.env.cr.execute("SET LOCAL enable_seqscan = off")
            self.env.cr.execute("SET LOCAL enable_sort = off")
            query = self.env["crm.lead"]._search(
                [("broadcast_state", "in", ["searching", "exhausted"])],
                order="searching_since, id",
                limit=80,
            )
            plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertIn("crm_lead_desk_idx", str(plan))
