from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestAllocateWizard(BroadcastCase):
    """One dialog gives one lead or many, and says what speaks against it."""

    def _open(self, leads):
        action = leads.with_user(self.user).action_allocate()
        return Form(
            self.env["lead.broadcast.allocate"]
            .with_user(self.user)
            .with_context(**action["context"])
        )

    def _give(self, leads, partner):
        form = self._open(leads)
        form.partner_id = partner
        return form.save().action_allocate()

    def _get_lines(self, form):
        return {
            line["lead_id"]: (line["is_left_out"], line["remark"])
            for line in form.line_ids._records
        }

    def test_conversation_with_the_winner(self):
        self._broadcast()
        action = self._give(self.lead, self.saket)
        self.assertEqual(self.lead.allocated_partner_id, self.saket)
        self.assertIn(self.saket, self.lead.message_partner_ids)
        self.assertEqual(self._notices("won").recipient_id, self.saket)
        self.assertEqual(action["tag"], "lead_broadcast.write_to")
        self.assertEqual(
            action["params"]["recipient"],
            {"id": self.saket.id, "name": self.saket.name, "email": self.saket.email},
        )
        self.assertEqual(action["params"]["action"]["res_id"], self.lead.id)

    def test_conflicts_of_a_partner(self):
        form = self._open(self.lead)
        form.partner_id = self.saket
        self.assertFalse(form.warning)
        self.saket.write(
            {
                "broadcast_capacity": 1,
                "broadcast_paused_until": "2999-01-01",
                "broadcast_service_ids": False,
                "broadcast_silenced_date": fields.Datetime.now(),
            }
        )
        self._create_lead().with_user(self.user)._allocate(self.saket)
        form = self._open(self.lead)
        form.partner_id = self.saket
        self.assertEqual(
            form.warning,
            "Saket Services has no capacity left: 1 open leads, takes 1, is paused,"
            " gets no offers, as it did not answer, does not offer this service.",
        )

    def test_conflicts_of_earlier_offers(self):
        broadcast = self._broadcast()
        form = self._open(self.lead)
        form.partner_id = self.saket
        self.assertIn("was offered this lead and can still answer", form.warning)
        self._get_offer(self.saket)._decline("mail", self.saket, self.date_reason)
        form = self._open(self.lead)
        form.partner_id = self.saket
        self.assertIn("declined this lead: Not free in time", form.warning)
        self.assertNotIn("can still answer", form.warning)
        broadcast._expire()
        form = self._open(self.lead)
        form.partner_id = self.green_park
        self.assertIn("was offered this lead and did not answer", form.warning)

    def test_many_leads(self):
        """Those with a problem come first, are left as they are, and are named."""
        free, declined, taken = leads = self._create_leads(3)
        taken.name = "Taken"
        self._broadcast(declined)
        self._get_offer(self.saket, declined)._decline(
            "mail", self.saket, self.price_reason
        )
        taken.with_user(self.user)._allocate(self.dwarka)
        self.saket.broadcast_capacity = 1
        form = self._open(leads)
        form.partner_id = self.saket
        self.assertEqual(form.ready_count, 2)
        self.assertIn("has no capacity left", form.warning)
        self.assertEqual(
            self._get_lines(form),
            {
                taken.id: (True, "It belongs to Dwarka Services. Take it back first."),
                declined.id: (False, "Declined this lead: The price"),
                free.id: (False, ""),
            },
        )
        self.assertEqual(form.line_ids._records[0]["lead_id"], taken.id)
        action = form.save().action_allocate()
        self.assertEqual(
            leads.allocated_partner_id, self.saket + self.dwarka, "who had it keeps it"
        )
        self.assertEqual((free + declined).allocated_partner_id, self.saket)
        self.assertIn("2 leads now belong", action["params"]["message"])
        self.assertIn("Taken: It belongs to", action["params"]["message"])

    def test_many_leads_to_a_team(self):
        team = self.env["crm.team"].create(
            {"name": "Callers", "member_ids": self.user.ids}
        )
        leads = self._create_leads(2)
        form = self._open(leads)
        form.kind = "team"
        form.team_id = team
        form.user_id = self.user
        form.save().action_allocate()
        self.assertEqual(leads.allocated_team_id, team)
        self.assertEqual(leads.allocated_user_id, self.user)

    def test_many_leads_none_ready(self):
        leads = self._create_leads(2)
        leads.active = False
        with self.assertRaisesRegex(UserError, "None of these leads can be given"):
            self._give(leads, self.saket)

    def test_leads_of_others(self):
        Wizard = self.env["lead.broadcast.allocate"].with_user(self.other_user)
        values = {"kind": "partner", "partner_id": self.saket.id}
        with self.assertRaises(AccessError):
            Wizard.create({**values, "lead_ids": self.lead.ids}).action_allocate()
        self.assertFalse(self.lead.allocated_partner_id)
