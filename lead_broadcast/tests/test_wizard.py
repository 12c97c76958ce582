from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestBroadcastWizard(BroadcastCase):
    def _open(self, leads=None):
        """Open the wizard as the button does, as the weakest user."""
        leads = (leads or self.lead).with_user(self.user)
        action = leads.action_broadcast()
        self.assertEqual(action["res_model"], "lead.broadcast.wizard")
        return Form(
            leads.env["lead.broadcast.wizard"].with_context(**action["context"])
        )

    def _lines(self, form):
        """Return who is shown: partner -> (ticked, why not)."""
        return {
            line["partner_id"]: (line["selected"], line["reason_text"])
            for line in form.line_ids._records
        }

    def test_shows_who_and_why(self):
        self.saket.broadcast_paused_until = "2099-12-24"
        form = self._open()
        lines = self._lines(form)
        self.assertEqual(lines[self.green_park.id], (True, False))
        self.assertEqual(lines[self.saket.id], (False, "Paused until 12/24/2099"))
        self.assertEqual(lines[self.gurugram.id], (False, "Enough nearer partners"))
        self.assertEqual(form.selected_count, 3)
        self.assertFalse(self.lead.sudo().broadcast_ids, "nothing is sent yet")

    def test_sends_to_who_is_ticked(self):
        form = self._open()
        for index, line in enumerate(form.line_ids._records):
            if line["partner_id"] in (self.green_park.id, self.gurugram.id):
                with form.line_ids.edit(index) as row:
                    row.selected = row.partner_id == self.gurugram
        form.save().action_send()
        broadcast = self.lead.sudo().broadcast_ids
        self.assertEqual(
            broadcast.offer_ids.partner_id,
            self.saket + self.lajpat_nagar + self.gurugram,
        )
        reasons = {
            line.partner_id: line.reason for line in broadcast.excluded_candidate_ids
        }
        self.assertEqual(reasons[self.green_park], "unticked")

    def test_what_changed_meanwhile(self):
        """Nobody is asked who is no longer available when it is sent."""
        wizard = self._open().save()
        self.saket.broadcast_paused_until = fields.Date.today() + timedelta(days=3)
        wizard.action_send()
        asked = self.lead.sudo().broadcast_ids.offer_ids.partner_id
        self.assertEqual(asked, self.green_park + self.lajpat_nagar)

    def test_excluded_cannot_be_forced(self):
        self.saket.broadcast_paused_until = fields.Date.today() + timedelta(days=3)
        wizard = self._open().save()
        wizard.line_ids.selected = True
        wizard.action_send()
        asked = self.lead.sudo().broadcast_ids.offer_ids.partner_id
        self.assertEqual(asked, self.partners - self.saket)

    def test_other_size_and_radius(self):
        form = self._open()
        form.wave_size = 1
        self.assertEqual(form.selected_count, 1)
        form.wave_size = 6
        form.radius_km = 10
        self.assertEqual(form.selected_count, 4)
        self.assertEqual(
            self._lines(form)[self.gurugram.id],
            (False, "20 km, outside the search radius"),
        )

    def test_refuses_endless_validity(self):
        form = self._open()
        form.validity_hours = 1e12
        with self.assertRaisesRegex(ValidationError, "a year at most"):
            form.save()

    def test_refuses_bad_figures(self):
        for field in ("wave_size", "radius_km", "validity_hours"):
            form = self._open()
            form[field] = -7
            with (
                self.subTest(field=field),
                self.assertRaisesRegex(ValidationError, "cannot be negative"),
            ):
                form.save()

    def test_validity(self):
        form = self._open()
        self.assertEqual(form.validity_hours, 4)
        form.validity_hours = 2
        wizard = form.save()
        wizard.action_send()
        broadcast = self.lead.sudo().broadcast_ids
        self.assertLessEqual(
            broadcast.valid_until, fields.Datetime.now() + timedelta(hours=2)
        )

    def test_warns_without_coordinates(self):
        self.lead.write({"service_latitude": 0, "service_longitude": 0})
        form = self._open()
        self.assertIn("no coordinates", form.warning)

    def test_warns_when_preferred_cannot(self):
        self.customer.preferred_service_partner_id = self.gurugram
        self.assertFalse(self._open().warning)
        self.gurugram.broadcast_paused_until = "2099-12-24"
        self.assertIn("Gurugram Services is not available", self._open().warning)

    def test_short_form_first(self):
        """A lead that lacks what partners must know is completed first."""
        self.lead.service_id = False
        action = self.lead.with_user(self.user).action_broadcast()
        self.assertEqual(action["res_model"], "crm.lead")
        self.assertEqual(action["target"], "new")

    def test_many_leads(self):
        """Problems come first, and keep nobody else waiting."""
        good, closed, lonely = (
            self._create_lead(name="Good"),
            self._create_lead(name="Closed"),
            self._create_lead(name="Lonely"),
        )
        closed.closure_date = fields.Date.today() - timedelta(days=3)
        lonely.service_id = self.service.copy({"partner_ids": False})
        wizard = self._open(good + closed + lonely).save()
        self.assertEqual(
            wizard.lead_line_ids.mapped(lambda line: bool(line.problem)),
            [True, True, False],
        )
        self.assertEqual(wizard.ready_count, 1)
        wizard.action_send()
        self.assertEqual(good.broadcast_state, "searching")
        self.assertFalse((closed + lonely).sudo().broadcast_ids)

    def test_many_leads_none_ready(self):
        leads = self._create_lead() + self._create_lead()
        leads.service_id = False
        with self.assertRaisesRegex(UserError, "None of these leads"):
            self._open(leads).save().action_send()
