from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .rights_common import RightsCase

# of models that belong to leads: the path to the lead
PATHS = {
    "crm.lead": "id",
    "lead.broadcast": "lead_id",
    "lead.broadcast.candidate": "broadcast_id.lead_id",
    "lead.broadcast.notice": "lead_id",
    "lead.broadcast.notice.line": "lead_id",
    "lead.broadcast.offer": "lead_id",
    "lead.broadcast.offer.date": "offer_id.lead_id",
    "lead.response.assignment": "lead_id",
    "lead.response.report": "lead_id",
}


@tagged("post_install", "-at_install")
class TestRightsRecords(RightsCase):
    """Which leads somebody sees, with all that belongs to them.

    ``lead`` is that of the executive, in the supervisor's team; ``foreign`` that of a
    colleague in another team; ``free`` that of the colleague in no team.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["crm.team"].create({"name": "Elsewhere"})
        cls.foreign = cls._create_lead(
            name="Foreign", user_id=cls.other_user.id, team_id=cls.elsewhere.id
        )
        cls.free = cls._create_lead(name="Free", user_id=cls.other_user.id)
        cls.free.team_id = False
        cls.leads = cls.lead | cls.foreign | cls.free
        candidates = cls.env["lead.broadcast.audience"]._find(cls.leads)
        cls.leads._broadcast(candidates)
        for lead in cls.leads:
            cls._get_offer(cls.green_park, lead)._decline(
                "mail", cls.green_park, cls.date_reason, dates=["2031-01-02"]
            )
            cls._create_rows(lead)

    @classmethod
    def _create_rows(cls, lead):
        """Create what a lead gets in the course of time only."""
        notice = cls.env["lead.broadcast.notice"].search(
            [("lead_id", "=", lead.id)], limit=1
        )
        notice.line_ids = [Command.create({"lead_id": lead.id})]
        cls.env["lead.response.assignment"].create(
            {
                "lead_id": lead.id,
                "party": "user",
                "user_id": lead.user_id.id,
                "team_id": lead.team_id.id,
                "reason": "hand",
                "start_date": fields.Datetime.now(),
            }
        )

    def assertSees(self, user, leads):
        self._login(user)
        for model, path in PATHS.items():
            domain = [(path, "in", self.leads.ids)]
            ids = self._call(model, "search", domain)
            records = self.env[model].browse(ids)
            with self.subTest(user=user.login, model=model):
                seen = records if path == "id" else records.mapped(path)
                self.assertEqual(set(seen.ids), set(leads.ids))
                hidden = self.env[model].search(domain) - records
                self.assertEqual(bool(hidden), leads != self.leads)
                for record in hidden[:1]:
                    self.assertTrue(
                        self._is_refused(model, "read", record.ids, ["display_name"])
                    )

    # ------------------------------------------------------------
    # STAFF
    # ------------------------------------------------------------

    def test_salesperson(self):
        self.assertSees(self.user, self.lead)

    def test_supervisor(self):
        self.assertSees(self.supervisor, self.lead | self.free)

    def test_leader(self):
        self.lead.team_id.member_ids -= self.supervisor
        self.elsewhere.user_id = self.supervisor
        self.assertSees(self.supervisor, self.foreign | self.free)

    def test_head(self):
        self.env.company.broadcast_head_id = self.supervisor
        self.leads.company_id = self.env.company
        self.assertSees(self.supervisor, self.leads)

    def test_all_documents(self):
        self.supervisor.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        self.assertSees(self.supervisor, self.leads)

    def test_administrator(self):
        self.assertSees(self.administrator, self.leads)

    def test_supervisor_works_on_leads_of_the_team(self):
        self._login(self.supervisor)
        self._call("crm.lead", "action_stop_broadcast", self.lead.ids)
        self.assertEqual(self.lead.broadcast_state, "none")
        for method in ("action_stop_broadcast", "action_start_ladder"):
            self.assertTrue(self._is_refused("crm.lead", method, self.foreign.ids))

    # ------------------------------------------------------------
    # RECEPTION
    # ------------------------------------------------------------

    def _take_in(self, **values):
        """Create a lead as the receptionist, who is logged in then."""
        self._login(self.receptionist)
        values = {"name": "Broken router", "phone": "12345", **values}
        return self.env["crm.lead"].browse(self._call("crm.lead", "create", [values]))

    def test_receptionist_sees_what_she_took_in(self):
        lead = self._take_in()
        self.assertEqual(self._call("crm.lead", "search", []), lead.ids)
        others = self.leads.ids
        self.assertTrue(self._is_refused("crm.lead", "read", others, ["phone"]))
        self.assertTrue(self._is_refused("crm.lead", "write", others, {"phone": "1"}))
        lead.user_id = self.other_user
        self.assertTrue(self._call("crm.lead", "read", lead.ids, ["phone"]))

    def test_receptionist_corrects_until_somebody_answers(self):
        lead = self._take_in()
        lead.user_id = self.user
        self._call("crm.lead", "write", lead.ids, {"phone": "67890"})
        self.assertEqual(lead.phone, "67890")
        lead.first_response_date = fields.Datetime.now()
        self.assertTrue(
            self._is_refused("crm.lead", "write", lead.ids, {"phone": "12345"})
        )
        self._call("crm.lead", "message_post", lead.ids, body="They called again.")
        self.assertStory("They called again.", lead)

    def test_receptionist_decides_nothing(self):
        lead, other = self._take_in(), self._take_in()
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        for values in (
            {"stage_id": won.id},
            {"active": False},
            {"probability": 100},
            {"type": "opportunity"},
        ):
            with self.subTest(values=values):
                self.assertTrue(self._is_refused("crm.lead", "write", lead.ids, values))
        for method, *arguments in (
            ["unlink"],
            ["action_archive"],
            ["action_set_lost"],
            ["action_set_won"],
            ["convert_opportunity", False],
            ["action_mark_completed"],
            ["action_release"],
            ["action_start_ladder"],
            ["action_stop_broadcast"],
        ):
            with self.subTest(method=method):
                self.assertTrue(
                    self._is_refused("crm.lead", method, lead.ids, *arguments)
                )
        both = (lead | other).ids
        self.assertTrue(self._is_refused("crm.lead", "merge_opportunity", both))
        self.assertTrue(
            self._is_refused("crm.lead", "create", [{"name": "X", "stage_id": won.id}])
        )
        self.assertEqual((lead | other).exists().mapped("active"), [True, True])

    def test_screens_of_the_receptionist(self):
        """She gets to the enquiries, not to the pipeline or the settings."""
        menus = self.env["ir.ui.menu"].with_user(self.receptionist)._visible_menu_ids()
        for name in (
            "crm.crm_menu_sales",
            "crm.crm_menu_config",
            "crm.crm_menu_report",
        ):
            self.assertNotIn(self.env.ref(name).id, menus)
        self.assertNotIn(self.env.ref("lead_broadcast.crm_lead_menu_desk").id, menus)
        root = self.env.ref("lead_broadcast.crm_lead_menu_service_root")
        self.assertIn(root.id, menus)
