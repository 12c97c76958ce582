from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .ladder_common import LadderCase


@tagged("post_install", "-at_install")
class TestWizardLadder(LadderCase):
    """The broadcast wizard starts ladders, too."""

    def _open(self, leads):
        action = leads.with_user(self.user).action_broadcast()
        return Form(
            self.env["lead.broadcast.wizard"]
            .with_user(self.user)
            .with_context(**action["context"])
        )

    def test_start_the_ladder_of_the_rules(self):
        form = self._open(self.lead)
        self.assertEqual(form.ladder_id, self.ladder)
        form.save().action_start_ladder()
        self.assertEqual(self._get_asked(), [("One", self.green_park)])

    def test_start_another_ladder(self):
        other = self._create_ladder("Other", {"name": "All", "wave_size": 6})
        form = self._open(self.lead)
        form.ladder_id = other
        form.save().action_start_ladder()
        self.assertEqual(self._get_asked(), [("All", self.partners)])
        self.assertEqual(self.lead.ladder_id, other)

    def test_a_lead_on_its_ladder(self):
        self._start()
        form = self._open(self.lead)
        self.assertFalse(form.can_climb)
        self.assertIn("follows a ladder", form.warning)

    def test_many_leads(self):
        plain, running, closed, lonely = leads = self._create_leads(4)
        self._start(running)
        closed.closure_date = "2020-01-01"
        lonely.service_id = self.service.copy({"partner_ids": False})
        form = self._open(leads)
        self.assertEqual(form.climb_count, 2, "the steps may find somebody")
        action = form.save().action_start_ladder()
        self.assertIn("2 leads started", action["params"]["message"])
        self.assertEqual(
            leads.mapped("ladder_state"), ["running", "running", "none", "handed"]
        )
        self.assertEqual(len(plain.broadcast_ids), 1)
        self.assertEqual(len(running.broadcast_ids), 1, "not started again")

    def test_many_leads_none_ready(self):
        leads = self._create_leads(2)
        self.ladder.active = False
        with self.assertRaisesRegex(UserError, "None of these leads can start"):
            self._open(leads).save().action_start_ladder()

    def test_why_a_partner(self):
        self.env.company.broadcast_answer_weight = 50
        form = self._open(self.lead)
        self.assertFalse(form.has_why)
        offer = self._broadcast(self._create_lead()).offer_ids[0]
        offer.sudo().write({"state": "expired", "is_silent": True})
        form = self._open(self.lead)
        self.assertTrue(form.has_why)
        [why] = [
            line["why"]
            for line in form.line_ids._records
            if line["partner_id"] == offer.partner_id.id
        ]
        self.assertTrue(why)
