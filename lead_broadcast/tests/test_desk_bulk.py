from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .test_desk import DeskCase


@tagged("post_install", "-at_install")
class TestDeskBulk(DeskCase):
    """What the desk does with many leads at once."""

    def _act(self, leads, action):
        """Press a button of the desk; return what the notification says."""
        result = getattr(leads.with_user(self.user), action)()
        return result["params"]["message"]

    def _let_pass(self, minutes, leads):
        """Let what was told about leads be so many minutes old."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE lead_broadcast_notice SET due_date = due_date - %s"
                " WHERE lead_id = ANY(%s) OR offer_id = ANY(%s)",
                timedelta(minutes=minutes),
                leads.ids,
                leads.sudo().offer_ids.ids,
            )
        )
        self.env.invalidate_all()

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
        self.assertEqual(self._act(self.lead, "action_resend"), "Offers told again: 2")
        again = self._notices("offered") - told
        self.assertEqual(again.offer_id.partner_id, self.saket | self.lajpat_nagar)
        self.assertEqual(len(self.lead.sudo().broadcast_ids), 1)
        self.assertIn("told a few minutes ago", self._act(self.lead, "action_resend"))

    def test_resend_asks_those_anew_whose_time_is_over(self):
        self._broadcast()
        self._decline(self.green_park, self.price_reason)
        self._end_validity(self.lead.sudo().broadcast_ids)
        self.assertEqual(
            self._act(self.lead, "action_resend"), "Partners asked anew: 2"
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
                "Offers told again: 3",
                "Lead 2: It belongs to Saket Services. Take it back first.",
                "Lead 3: It is closed. Restore the lead first.",
                "Lead 1: Nobody is left who was asked and may be asked again.",
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
                "Searches paused: 1",
                "By hand: It follows no ladder: its offers end by themselves.",
            ],
        )
        self.assertEqual(self.lead.ladder_state, "paused")
        self.assertIn("paused already", self._act(self.lead, "action_pause_search"))
        self.assertIn("Searches that go on: 1", self._act(both, "action_resume_search"))
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
                "Leads offered: 1, to so many partners: 2",
                "Past: Its closure date has passed. Set a later one first.",
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
