from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from .ladder_common import LadderCase
from .sms_common import SmsCase

TZ = "Asia/Kolkata"
PANIPAT = (29.39, 76.97)  # 96 km from the customer
JAIPUR = (26.92, 75.79)  # 228 km


@tagged("post_install", "-at_install")
class TestLadderServicePartner(LadderCase, SmsCase):
    """The service partners' procedure, from a support issue to whoever does the job."""

    START = datetime(2027, 3, 22, 4, 30)  # Monday, 10:00 in Delhi

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder.active = False
        cls.by_rules = cls.env.ref("lead_broadcast.ladder_service")
        cls.by_rules.active = True
        cls.by_rules.calendar_id.tz = TZ
        cls.team = cls.env["crm.team"].create(
            {"name": "Support", "user_id": cls.supervisor.id}
        )
        cls.panipat = cls._create_partner("Panipat", PANIPAT)
        cls.panipat.broadcast_radius_km = 120
        cls.jaipur = cls._create_partner("Jaipur", JAIPUR)
        cls.env["lead.broadcast.list"].create(
            {
                "name": "Friends of Delhi",
                "state_ids": [Command.set(cls.delhi.ids)],
                "partner_ids": [Command.set(cls.jaipur.ids)],
            }
        )
        cls.customer.preferred_service_partner_id = cls.gurugram

    @classmethod
    def _create_partner(cls, name, place):
        return cls.env["res.partner"].create(cls._prepare_partner(name, place))

    def test_procedure(self):
        lead = self.lead.with_user(self.user)
        lead.write({"team_id": self.team.id, "closure_date": date(2027, 4, 9)})
        self.assertEqual(lead.matching_ladder_id, self.by_rules)

        # Monday, 10:00: the preferred partner, alone
        lead.action_start_ladder()
        self.assertAsked("Preferred partner", self.gurugram)

        # 15:00, four hours of work later: the nearest, by every channel they have
        self._pass(hours=5)
        self.assertAsked(
            "Nearest partners", self.green_park | self.saket | self.lajpat_nagar
        )
        self._deliver()
        [text] = self._sent_to(self.executive)
        self.assertIn("new service opportunity on Data Rectification", text)
        for partner in (self.green_park, self.saket, self.lajpat_nagar):
            offer = self._get_offer(partner)
            offer._decline("portal", partner, self.price_reason, price=500)

        # all declined: those further away need not wait until tomorrow
        self._do_what_is_due()
        self.assertAsked(
            "Partners further away", self.connaught_place | self.dwarka | self.panipat
        )

        # Tuesday, 10:00: the list of the region, wherever its members are
        self._pass(hours=19)
        self.assertAsked("Lists of its region", self.jaipur)
        self.assertEqual(lead.searching_since, self.START)
        late = self._get_offer(self.panipat)
        self.assertEqual(late._accept("portal", self.panipat), "expired")

        # 15:00: the leader of the team, who also learns of the price
        self._pass(hours=5)
        self.assertEqual(lead.ladder_state, "handed")
        self.assertEqual(
            lead.activity_ids.user_id, self.supervisor, "one person has it"
        )
        self.assertEqual(
            sorted(lead.activity_ids.mapped("activity_type_id.name")),
            ["Find a Partner", "Review the Price"],
        )

        # she agrees on the phone with one of them, and gives the lead away
        lead = lead.with_user(self.supervisor)
        wizard = lead.env["lead.broadcast.allocate"].with_context(
            **lead.action_allocate()["context"]
        )
        wizard.create({"partner_id": self.green_park.id}).action_allocate()
        self.assertEqual(lead.allocated_partner_id, self.green_park)
        self.assertEqual(lead.broadcast_state, "allocated")
        self._deliver()
        self.assertIn("is now yours", self._sent_to(self.executive)[-1])

        # nothing more is sent about it to anybody else
        offered = self._notices("offered")
        self._pass(days=3)
        self.assertEqual(self._notices("offered"), offered)

    def assertAsked(self, step, partners):
        """Assert whom the last step has asked, and that they are told."""
        current = self.lead.broadcast_ids.sorted("sequence")[-1]
        self.assertEqual(current.step_id.name, step)
        self.assertEqual(current.offer_ids.partner_id, partners)
        self.assertEqual(
            self._notices("offered").offer_id & current.offer_ids, current.offer_ids
        )
