from ast import literal_eval
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged, users
from odoo.tools import mute_logger

from .common import BroadcastCase

FORM = "lead_broadcast.crm_lead_view_form_service"


@tagged("post_install", "-at_install")
class TestForms(BroadcastCase):
    """The forms an executive fills in, with what the browser would send."""

    def _open(self, action, user=None):
        """Open a wizard's action as the browser does."""
        model = self.env[action["res_model"]].with_user(user or self.user)
        return Form(model.with_context(**action["context"]))

    def _edit_line(self, wizard, partner, selected):
        partners = [line["partner_id"] for line in wizard.line_ids._records]
        with wizard.line_ids.edit(partners.index(partner.id)) as line:
            line.selected = selected

    def test_short_form_then_wizard_sends_to_those_ticked(self):
        leads = self.env["crm.lead"].with_user(self.user)
        form = Form(
            leads.with_context(new_service_lead=True, default_type="opportunity"), FORM
        )
        form.service_id = self.service
        form.partner_id = self.customer
        self.assertEqual(form.name, "Data Rectification in New Delhi, Delhi")
        self.assertTrue(form.closure_date)
        lead = form.save()
        self.assertEqual(lead.name, "Data Rectification in New Delhi, Delhi")

        wizard = self._open(lead.action_broadcast())
        self.assertEqual(wizard.selected_count, 3)
        self._edit_line(wizard, self.green_park, False)
        self._edit_line(wizard, self.connaught_place, True)
        self._edit_line(wizard, self.dwarka, True)
        self.assertEqual(wizard.selected_count, 4)
        action = wizard.save().action_send()

        self.assertEqual(
            lead.offer_ids.partner_id,
            self.saket | self.lajpat_nagar | self.connaught_place | self.dwarka,
        )
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", lead.id))

    def test_title_of_an_existing_lead_is_kept(self):
        lead = self._create_lead(name="Call of Monday", service_id=False)
        form = Form(lead.with_user(self.user), FORM)
        form.service_id = self.service
        form.save()
        self.assertEqual(lead.name, "Call of Monday")

    def test_partners_left_out_cannot_be_ticked(self):
        self.green_park.broadcast_paused_until = "2999-01-01"
        wizard = self._open(self.lead.with_user(self.user).action_broadcast())
        with self.assertRaisesRegex(AssertionError, "readonly"):
            self._edit_line(wizard, self.green_park, True)

    def test_wizard_of_many_leads(self):
        unlocated = self._create_lead(name="B")
        closed = self._create_lead(name="C", closure_date="2020-01-01")
        leads = (self.lead | unlocated | closed).with_user(self.user)
        wizard = self._open(leads.action_broadcast())
        self.assertEqual(wizard.ready_count, 2)
        self.assertFalse(wizard.warning)
        wizard.save().action_send()
        self.assertEqual(
            leads.mapped("broadcast_state"), ["searching", "searching", "none"]
        )

    def test_decline_form_asks_for_what_the_reason_needs(self):
        self._broadcast()
        offer = self._get_offer(self.saket).with_user(self.user)
        wizard = self._open(offer.action_operator_decline())
        wizard.reason_id = self.date_reason
        with self.assertRaisesRegex(AssertionError, "invisible"):
            wizard.price = 10
        wizard.date_1 = "2999-01-01"
        wizard.date_2 = "2999-01-02"
        wizard.save().action_decline()
        self.assertEqual(offer.state, "declined")
        self.assertEqual(
            offer.proposed_date_ids.mapped("date"),
            [fields.Date.to_date("2999-01-01"), fields.Date.to_date("2999-01-02")],
        )

    def test_allocate_form_warns_and_gives_the_lead(self):
        self.dwarka.broadcast_paused_until = "2999-01-01"
        lead = self.lead.with_user(self.user)
        wizard = self._open(lead.action_allocate())
        self.assertFalse(wizard.warning)
        wizard.partner_id = self.dwarka
        self.assertIn("is paused", wizard.warning)
        wizard.save().action_allocate()
        self.assertEqual(lead.allocated_partner_id, self.dwarka)

    def test_lead_form_saves_with_offers(self):
        self._broadcast()
        lead = self.lead.with_user(self.user)
        with Form(lead) as form:
            form.service_description = "Correct the ledger of two years."
        self.assertEqual(lead.service_description, "Correct the ledger of two years.")
        self.assertEqual(lead.offer_count, 3)


@tagged("post_install", "-at_install")
class TestLocate(BroadcastCase):
    def _answer(self, **answer):
        """Let the geocoder, which is a service on the internet, answer this."""
        geocoder = self.registry["base.geocoder"]
        self.startPatcher(patch.object(geocoder, "geo_find", **answer))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead.write({"service_latitude": 0, "service_longitude": 0})
        cls.user_lead = cls.lead.with_user(cls.user)

    def test_locate(self):
        self._answer(return_value=(28.5, 77.2))
        self.user_lead.action_locate_service()
        self.assertEqual(self.lead.service_latitude, 28.5)
        self.assertEqual(self.lead.service_longitude, 77.2)

    def test_unknown_address(self):
        self._answer(return_value=None)
        with self.assertRaisesRegex(UserError, "does not know this address"):
            self.user_lead.action_locate_service()

    def test_no_network(self):
        self._answer(side_effect=UserError("No route to host"))
        with self.assertRaisesRegex(UserError, "Try again later"):
            self.user_lead.action_locate_service()

    def test_no_address(self):
        self._answer(return_value=(28.5, 77.2))
        self.lead.write({"city": False, "zip": False})
        with self.assertRaisesRegex(UserError, "Enter at least the city"):
            self.user_lead.action_locate_service()
        self.assertFalse(self.lead.is_service_located)


@tagged("post_install", "-at_install")
class TestViews(BroadcastCase):
    """Each role can open what its menus lead to, and sees no more than that."""

    def _get_arch(self, view_type, model="crm.lead"):
        views = self.env[model].get_views([(False, view_type)])["views"]
        return views[view_type]["arch"]

    def _get_menus(self):
        """Return those of our menus that are shown, without the addon's name."""
        menus = self.env["ir.ui.menu"].load_menus(False).values()
        xmlids = [(menu.get("xmlid") or "").partition(".") for menu in menus]
        return {name for module, _, name in xmlids if module == "lead_broadcast"}

    def _check_actions_open(self):
        """Load every view of every action of our menus, with its records."""
        opened = set()
        for name in self._get_menus():
            action = self.env.ref(f"lead_broadcast.{name}").sudo().action
            if not action or action._name != "ir.actions.act_window":
                continue  # a folder, or a screen of its own
            action = self.env["ir.actions.act_window"]._for_xml_id(
                action.get_external_id()[action.id]
            )
            model = self.env[action["res_model"]]
            model.get_views(action["views"])
            model.search(literal_eval(action["domain"] or "[]")).read(["display_name"])
            opened.add(action["res_model"])
        return opened

    @users("salesman")
    def test_salesman_without_our_groups(self):
        for view_type in ("form", "list", "kanban", "search"):
            arch = self._get_arch(view_type)
            self.assertNotIn("broadcast", arch, view_type)
        self.assertFalse(self._get_menus())
        own = self.env["crm.lead"].create({"name": "Own", "user_id": self.env.uid})
        with Form(own) as form:
            form.name = "Still own"
        self.assertEqual(own.name, "Still own")

    @users("executive")
    def test_executive(self):
        self._broadcast()
        self.assertIn("action_broadcast", self._get_arch("form"))
        self.assertIn("broadcast_state", self._get_arch("kanban"))
        menus = self._get_menus()
        self.assertIn("crm_lead_menu_service_new", menus)
        self.assertFalse(
            menus & {"lead_broadcast_menu_config", "lead_broadcast_notice_menu"}
        )
        self.assertEqual(
            self._check_actions_open(),
            {
                "crm.lead",
                "lead.broadcast",
                "lead.broadcast.offer",
                "lead.broadcast.paste.sms",
                "lead.response.report",
                "res.partner",
            },
        )

    @users("boss")
    def test_supervisor(self):
        self._broadcast()
        self.assertLessEqual(
            {"lead.broadcast.notice", "lead.broadcast.inbound.sms"},
            self._check_actions_open(),
        )
        self.assertIn("lead_broadcast_offer_menu_report", self._get_menus())
        self.assertNotIn("lead_broadcast_menu_config", self._get_menus())

    @users("admin2")
    def test_administrator(self):
        self._broadcast()
        self.assertLessEqual(
            {
                "lead.broadcast.service",
                "lead.broadcast.decline.reason",
                "mail.template",
                "sms.template",
                "lead.broadcast.notice",
            },
            self._check_actions_open(),
        )

    @users("admin")
    def test_settings(self):
        arch = self._get_arch("form", "res.config.settings")
        self.assertIn("broadcast_wave_size", arch)
        with Form(self.env["res.config.settings"]) as settings:
            settings.broadcast_wave_size = 7
        settings.record.execute()
        service = self.env["lead.broadcast.service"].create({"name": "New"})
        self.assertEqual(service.wave_size, 7)

    @users("boss")
    def test_rounds_offers_and_notices_are_read_only(self):
        for model in (
            "lead.broadcast",
            "lead.broadcast.offer",
            "lead.broadcast.notice",
            "lead.broadcast.inbound.sms",
        ):
            for view_type in ("form", "list"):
                root = etree.fromstring(self._get_arch(view_type, model))
                for right in ("create", "edit", "delete"):
                    self.assertIn(root.get(right), ("0", "False"), (model, view_type))

    @users("executive")
    def test_filters_of_leads(self):
        today = fields.Date.context_today(self.env.user)
        self.lead.closure_date = today
        late = self._create_lead(name="Late", closure_date="2020-01-01")
        view = self.env.ref("crm.view_crm_case_opportunities_filter")
        arch = self.env["crm.lead"].get_view(view.id, "search")["arch"]
        found = {
            node.get("name"): self.env["crm.lead"].search(
                literal_eval(node.get("domain").replace("uid", str(self.env.uid)))
            )
            for node in etree.fromstring(arch).iter("filter")
            if node.get("domain")
        }
        lead, late = self.lead.with_user(self.env.user), late.with_user(self.env.user)
        self.assertEqual(found["closure_due"], lead)
        self.assertEqual(found["closure_week"], lead)
        self.assertEqual(found["closure_overdue"], late)
        self.assertEqual(found["service_leads"], lead | late)
        self.assertFalse(found["searching"])

    def _run_broadcast_action(self, user):
        action = self.env.ref("lead_broadcast.crm_lead_action_broadcast")
        leads = self.lead | self._create_lead(name="B")
        return (
            action.with_user(user)
            .with_context(active_model="crm.lead", active_ids=leads.ids)
            .run()
        )

    def test_broadcast_from_the_action_menu(self):
        action = self._run_broadcast_action(self.user)
        self.assertEqual(action["res_model"], "lead.broadcast.wizard")
        self.assertEqual(len(action["context"]["default_lead_ids"]), 2)
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_actions"),
        ):
            self._run_broadcast_action(self.salesman)

    @users("executive")
    def test_averages_leave_out_what_is_not_known(self):
        self._broadcast()
        offer = self._get_offer(self.saket)
        offer._decline("operator", self.env.user.partner_id, self.other_reason)
        offer.answer_date = fields.Datetime.add(offer.sent_date, hours=2)
        [(hours, price)] = self.env["lead.broadcast.offer"]._read_group(
            [("lead_id", "=", self.lead.id)],
            aggregates=["answer_hours:avg", "proposed_price:avg"],
        )
        self.assertEqual(hours, 2)
        self.assertFalse(price)
