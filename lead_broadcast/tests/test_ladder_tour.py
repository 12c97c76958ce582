from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestLadderTour(BroadcastCase, HttpCase):
    def test_search_then_give_and_write(self):
        """On the lead's form: start a ladder, jump, give the lead, and write to who
        got it. The customer, whom core proposes as the recipient, reads nothing."""
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "Small",
                "step_ids": [
                    Command.create(
                        {"name": name, "sequence": index, "wave_size": index + 1}
                    )
                    for index, name in enumerate(("One", "Two", "Three"))
                ],
            }
        )
        self.lead.ladder_id = ladder
        self.start_tour(
            f"/odoo/action-lead_broadcast.crm_lead_action_service/{self.lead.id}",
            "lead_broadcast_ladder",
            login="executive",
        )
        self.assertEqual(self.lead.allocated_partner_id, self.saket)
        [message] = self.lead.message_ids.filtered(
            lambda message: message.message_type == "comment"
        )
        self.assertIn("Welcome", message.body)
        self.assertEqual(message.notified_partner_ids, self.saket)
