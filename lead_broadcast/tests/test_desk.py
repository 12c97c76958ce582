from ast import literal_eval
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common import BroadcastCase

DESK = "lead_broadcast.crm_lead_action_desk"


@tagged("post_install", "-at_install")
class TestDesk(BroadcastCase):
    """What the desk shows, and what it does with many leads at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.env["crm.lead"].with_user(cls.user)

    def _search(self, domain, leads):
        return self.desk.search(
            [*domain, ("id", "in", leads.ids)], order="searching_since, id"
        )

    def _decline(self, partner, reason, lead=None):
        offer = self._get_offer(partner, lead)
        offer._decline("operator", self.user.partner_id, reason)

    def _act(self, leads, action):
        """Press a button of the desk; return what the notification says."""
        result = getattr(leads.with_user(self.user), action)()
        return result["params"]["message"]

    def _let_pass(self, minutes, leads):
        """Let what was told about leads be so many minutes old."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE lead_broadcast_notice SET create_date = create_date - %s"
                " WHERE lead_id = ANY(%s) OR offer_id = ANY(%s)",
                timedelta(minutes=minutes),
                leads.ids,
                leads.sudo().offer_ids.ids,
            )
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------

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
        counts = [self._count_queries(lambda: look(leads)) for leads in (few, many)]
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

    # ------------------------------------------------------------
    # Re-send
    # ------------------------------------------------------------

    def test_resend_tells_those_again_that_can_still_answer(self):
        self._broadcast()
        self._decline(self.green_park, self.price_reason)
        told = self._notices("offered")
        self.assertIn("told a few minutes ago", self._act(self.lead, "action_resend"))
        self.assertEqual(self._notices("offered"), told)

        self._let_pass(11, self.lead)
        self.assertEqual(self._act(self.lead, "action_resend"), "2 offers told again.")
        again = self._notices("offered") - told
        self.assertEqual(again.offer_id.partner_id, self.saket | self.lajpat_nagar)
        self.assertEqual(len(self.lead.sudo().broadcast_ids), 1)
        self.assertIn("told a few minutes ago", self._act(self.lead, "action_resend"))

    def test_resend_asks_those_anew_whose_time_is_over(self):
        self._broadcast()
        self._decline(self.green_park, self.price_reason)
        self._end_validity(self.lead.sudo().broadcast_ids)
        self.assertEqual(
            self._act(self.lead, "action_resend"), "2 partners asked anew."
        )
        anew = self.lead.sudo().broadcast_ids.sorted("sequence")[-1:]
        self.assertEqual(anew.audience, "again")
        self.assertEqual(anew.offer_ids.partner_id, self.saket | self.lajpat_nagar)
        self.assertEqual(anew.state, "open")

    def test_resend_says_why_not(self):
        asked, declined, given, closed = leads = self._create_leads(4)
        self._broadcast(leads)
        self._let_pass(11, leads)
        for partner in (self.green_park, self.saket, self.lajpat_nagar):
            self._decline(partner, self.date_reason, declined)
        self._get_offer(self.saket, given)._accept("portal", self.saket)
        closed.action_set_lost()
        for number, lead in enumerate(leads):
            lead.name = f"Lead {number}"
        message = self._act(leads, "action_resend")
        self.assertEqual(
            message.splitlines(),
            [
                "3 offers told again.",
                "Left as they were, It belongs to Saket Services. Take it back first:"
                " Lead 2",
                "Left as they were, It is closed. Restore the lead first: Lead 3",
                "Left as they were, nobody left who was asked and may be asked again:"
                " Lead 1",
            ],
        )
        self.assertEqual(len(asked.sudo().broadcast_ids), 1)

    def test_only_who_may_change_a_lead(self):
        self._broadcast()
        for action in ("action_resend", "action_pause_search", "action_resume_search"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(self.lead.with_user(self.other_user), action)()

    def test_resend_many_at_once(self):
        few, many = self._create_leads(2), self._create_leads(20)
        self._broadcast(self.lead | few | many)
        self._end_validity((self.lead | few | many).sudo().broadcast_ids)
        self._act(self.lead, "action_resend")
        counts = [
            self._count_queries(lambda leads=leads: self._act(leads, "action_resend"))
            for leads in (few, many)
        ]
        self.assertLessEqual(counts[1] - counts[0], 15)

    # ------------------------------------------------------------
    # Pause
    # ------------------------------------------------------------

    def test_pause_and_resume(self):
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "Once around",
                "step_ids": [
                    Command.create({"name": "Near", "audience": "nearest"}),
                    Command.create({"name": "Us", "audience": "people"}),
                ],
            }
        )
        self.lead.ladder_id = ladder
        self.lead.with_user(self.user).action_start_ladder()
        self.assertEqual(self.lead.search_step, "Near")
        self.assertEqual(self.lead.ladder_audience, "nearest")
        by_hand = self._create_lead(name="By hand")
        self._broadcast(by_hand)
        both = self.lead | by_hand
        self.assertEqual(
            self._act(both, "action_pause_search").splitlines(),
            [
                "1 searches paused.",
                "Left as they were, follows no ladder: its offers end by themselves:"
                " By hand",
            ],
        )
        self.assertEqual(self.lead.ladder_state, "paused")
        self.assertIn("paused already", self._act(self.lead, "action_pause_search"))
        self.assertIn("1 searches go on.", self._act(both, "action_resume_search"))
        self.assertEqual(self.lead.ladder_state, "running")

    # ------------------------------------------------------------
    # To a list
    # ------------------------------------------------------------

    def _open_to_list(self, leads):
        action = leads.with_user(self.user).action_open_to_list()
        wizards = self.env[action["res_model"]].with_user(self.user)
        return Form(wizards.with_context(**action["context"]))

    def test_to_a_list(self):
        far = self.env["lead.broadcast.list"].create(
            {
                "name": "Far",
                "partner_ids": [Command.set((self.dwarka | self.gurugram).ids)],
            }
        )
        closed = self._create_lead(name="Past", closure_date="2020-01-01")
        leads = self.lead | closed
        self._broadcast(self.lead)
        form = self._open_to_list(leads)
        form.list_ids.add(far)
        form.validity_hours = 6
        self.assertEqual((form.ready_count, form.partner_count), (1, 2))
        message = form.save().action_send()["params"]["message"]
        self.assertEqual(
            message.splitlines(),
            [
                "1 leads offered to 2 partners.",
                "Left as they were, Its closure date has passed. Set a later one first:"
                " Past",
            ],
        )
        anew = self.lead.sudo().broadcast_ids.sorted("sequence")[-1:]
        self.assertEqual(anew.audience, "list")
        self.assertEqual(anew.offer_ids.partner_id, self.dwarka | self.gurugram)
        self.assertEqual(anew.valid_until - anew.start_date, timedelta(hours=6))
        form = self._open_to_list(self.lead)
        form.list_ids.add(far)
        self.assertEqual(form.ready_count, 0)
        with self.assertRaisesRegex(UserError, "None of these leads"):
            form.save().action_send()
