import json

from odoo.tests import HttpCase, tagged

from .common import BroadcastCase

NOTIFICATION = "lead_broadcast.search_changed"


class LiveCase(BroadcastCase):
    def _take_messages(self):
        """Return what the desks were told since the last look, as at a commit."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].search([("message", "like", NOTIFICATION)])
        payloads = [json.loads(message.message) for message in messages]
        channels = {
            tuple(json.loads(channel)) for channel in messages.mapped("channel")
        }
        messages.unlink()
        group = self.env.ref("lead_broadcast.group_user")
        self.assertLessEqual(channels, {(self.env.cr.dbname, "res.groups", group.id)})
        return [payload["payload"] for payload in payloads]


@tagged("post_install", "-at_install")
class TestDeskMessages(LiveCase):
    """When desks are told to look again."""

    def setUp(self):
        super().setUp()
        self._take_messages()

    def assertTold(self, leads):
        self.assertEqual(self._take_messages(), [{"lead_ids": sorted(leads.ids)}])

    def test_one_message_for_all_that_happens_at_once(self):
        leads = self._create_leads(3)
        self._broadcast(leads)
        self.assertTold(leads)

    def test_answers(self):
        self._broadcast()
        self._take_messages()
        self._get_offer(self.saket)._decline("portal", self.saket, self.price_reason)
        self.assertTold(self.lead)
        self._get_offer(self.green_park)._accept("portal", self.green_park)
        self.assertTold(self.lead)

    def test_end_of_a_search(self):
        broadcasts = self._broadcast()
        self._take_messages()
        self._end_validity(broadcasts)
        self.assertTold(self.lead)
        broadcasts._expire()
        self.assertTold(self.lead)
        stopped, archived = leads = self._create_leads(2)
        self._broadcast(leads)
        self._take_messages()
        stopped.with_user(self.user).action_stop_broadcast()
        self.assertTold(stopped)
        archived.action_archive()
        self.assertTold(archived)

    def test_what_is_shown_of_a_lead(self):
        self._broadcast()
        self._take_messages()
        self.lead.user_id = self.other_user
        self.assertTold(self.lead)
        self.lead.description = "Nothing that the desk shows"
        self.assertFalse(self._take_messages())

    def test_leads_that_do_not_search_are_of_no_interest(self):
        self.lead.write({"name": "Another title", "user_id": self.other_user.id})
        self.assertFalse(self._take_messages())

    def test_telling_costs_no_query_per_lead(self):
        few, many = self._create_leads(2), self._create_leads(20)
        self.lead._announce_search()
        self._take_messages()
        counts = []
        for leads in (few, many):
            leads._announce_search()
            counts.append(self._count_queries(self.env.cr.precommit.run))
        self.assertEqual(counts, [1, 1])


@tagged("post_install", "-at_install")
class TestDeskTour(LiveCase, HttpCase):
    """Somebody works at the desk, with the keyboard, while partners answer."""

    def test_desk(self):
        self.user.name = "Elena Executive"
        old, middle, new = leads = self._create_leads(3)
        for number, lead in enumerate(leads):
            lead.name = ("Oldest", "Middle", "Newest")[number]
        self._broadcast(leads)
        old.searching_since = "2020-01-01"
        middle.searching_since = "2020-01-02"
        self.lead.name = "Latecomer"
        self.start_tour("/odoo/desk", "lead_broadcast_desk", login="executive")
        self.assertEqual(old.allocated_partner_id, self.green_park)
        self.assertEqual(self.lead.broadcast_state, "searching")
        self.assertEqual(new.sudo().broadcast_ids.audience, "nearest")
