from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from .ladder_common import LadderCase
from .way_common import CONCEPCION, TALCAHUANO, WayCase

TZ = "America/Santiago"


@tagged("post_install", "-at_install")
class TestLadderMovers(LadderCase, WayCase):
    """The movers' procedure, from the first offer to the date that suits somebody."""

    START = datetime(2030, 5, 6, 12, 0)  # Monday, 8:00 in Santiago

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder.active = False
        cls.movers = cls.env.ref("lead_broadcast.ladder_movers")
        cls.movers.active = True
        cls.movers.calendar_id.tz = TZ
        cls.user.tz = TZ
        cls.light = cls.env.ref("lead_broadcast.size_light")
        cls.lead.write({"size_id": cls.light.id, "closure_date": date(2030, 5, 13)})
        cls.van = cls.green_park  # has a job from Santiago to Concepcion until 12 May
        cls.atlas = cls._create_mover("Atlas", TALCAHUANO)
        cls.bio = cls._create_mover("Bio", CONCEPCION)
        cls.cruz = cls._create_mover("Cruz", CONCEPCION)
        cls.distant = cls._create_mover("Distant", (-53.16, -70.91))
        cls.left = cls._create_mover("Left", (-53.16, -70.91))
        cls.env["lead.broadcast.list"].create(
            {
                "name": "Biobio, light",
                "size_ids": [Command.set(cls.light.ids)],
                "state_ids": [Command.set(cls.biobio.ids)],
                "partner_ids": [Command.set((cls.distant + cls.left).ids)],
            }
        )
        cls.left.active = False

    @classmethod
    def _create_mover(cls, name, place):
        return cls.env["res.partner"].create(
            cls._prepare_partner(
                *(name, place), state_id=cls.biobio.id, country_id=cls.chile.id, tz=TZ
            )
        )

    def test_procedure(self):
        lead = self.lead.with_user(self.user)
        self.assertEqual(lead.matching_ladder_id, self.movers)

        # 8:00: the nearest
        lead.action_start_ladder()
        self.assertAsked("Nearest partners", self.atlas | self.bio | self.cruz)
        self._decline(self.atlas, self.date_reason, dates=[date(2030, 5, 15)])
        self._decline(self.bio, self.price_reason, price=900)

        # 10:00, two hours later: once more, but not to those who said no
        self._pass(hours=2)
        self.assertAsked("Once more to who did not answer", self.cruz)

        # 11:00, an hour later: lists of its size and region, without who left
        self._pass(hours=1)
        self.assertAsked("Lists of its size and region", self.distant)

        # 14:00, two hours of work later: who returns that way anyway
        self._pass(hours=3)
        self.assertAsked("Partners on the way", self.van)
        self.assertEqual(
            self._get_round().candidate_ids.filtered("selected").why,
            "returns from Concepcion on 12 May, 14 km away",
        )

        # 16:00: a person, with all that is known
        self._pass(hours=2)
        self.assertEqual(lead.ladder_state, "handed")
        self.assertEqual(lead.broadcast_state, "exhausted")
        self.assertRecordValues(
            lead.activity_ids,
            [{"user_id": self.user.id, "summary": "Find a partner by hand"}],
        )
        self.assertRecordValues(
            lead.proposed_date_ids,
            [{"partner_id": self.atlas.id, "date": date(2030, 5, 15)}],
        )

        # the customer agrees to another day: who is free then takes it
        lead.proposed_date_ids.action_use()
        self.assertEqual(lead.closure_date, date(2030, 5, 16))
        self.assertAsked("", self.atlas)
        offer = self._get_round().offer_ids
        self.assertEqual(offer._accept("portal", self.atlas), "accepted")
        self.assertEqual(lead.allocated_partner_id, self.atlas)

        # and that is the end of it
        rounds = len(lead.broadcast_ids)
        self._pass(days=5)
        self.assertEqual(len(lead.broadcast_ids), rounds)
        self.assertEqual(lead.broadcast_state, "allocated")

    def _get_round(self):
        return self.lead.broadcast_ids.sorted("sequence")[-1]

    def _decline(self, partner, reason, **values):
        self._get_offer(partner)._decline("portal", partner, reason, **values)

    def assertAsked(self, step, partners):
        """Assert whom the last round has asked, and as which step of the ladder."""
        current = self._get_round()
        self.assertEqual(current.step_id.name or "", step)
        self.assertEqual(current.offer_ids.partner_id, partners)
        self.assertEqual(
            self._notices("offered").offer_id & current.offer_ids, current.offer_ids
        )
