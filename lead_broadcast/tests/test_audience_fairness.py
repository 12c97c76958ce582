from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.lead_broadcast_audience_place import LeadBroadcastAudience
from .audience_common import AudienceCase
from .common import HAUZ_KHAS


@tagged("post_install", "-at_install")
class TestAudienceFairness(AudienceCase):
    """Partners equally near are taken in turn; answers and feedback may count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.write(
            {"broadcast_answer_weight": 0, "broadcast_feedback_weight": 0}
        )

    # ------------------------------------------------------------
    # TURNS
    # ------------------------------------------------------------

    def test_in_turn(self):
        """Of partners equally near, the one asked longest ago comes first, also when
        both were asked within the same second."""
        one, other = self._create_equals(2)
        self.assertEqual(self._asked(size=1), one)
        for partner in one + other:
            self._offer_to(partner, self._create_lead())
        (one + other).broadcast_offer_ids.sent_date = fields.Datetime.now()
        self.assertEqual(self._asked(size=1), one)
        self._offer_to(one, self._create_lead())
        self.assertEqual(self._asked(size=1), other)

    def test_in_turn_over_time(self):
        """One lead after the other, equals are asked equally often."""
        equals = self._create_equals(5)
        self.service.wave_size = 2
        for _turn in range(7):
            self._broadcast(self._create_lead())
        self._assert_equally_often(equals, self._count_offers(equals))

    def test_in_turn_within_one_search(self):
        """Many leads at once are no reason to ask one partner all the time."""
        equals = self._create_equals(5)
        self.service.wave_size = 2
        for number in (7, 4):
            leads = self._create_leads(number).with_user(self.user)
            found = self.audience._find(leads)
            chosen = self._count_selected(found)
            leads._broadcast(found)
            self.assertEqual(sum(chosen.values()), 2 * number)
            self._assert_equally_often(equals, self._count_offers(equals))

    def test_in_turn_without_coordinates(self):
        """Partners of a region are taken in turn, too; who is not available delays
        nobody, and partners of the state come before those of the country."""
        soon = fields.Date.today() + timedelta(days=2)
        self.partners.active = False
        nowhere = {"partner_latitude": 0, "partner_longitude": 0}
        equals = self.env["res.partner"]
        for _turn in range(20):
            equals += self._create_equals(1, **nowhere)
            self._create_equals(1, **nowhere, broadcast_paused_until=soon)
            full = self._create_equals(1, **nowhere, broadcast_capacity=1)
            self._create_lead().with_user(self.user)._allocate(full)
        self._create_equals(3, **nowhere, state_id=self.env.ref("base.state_in_mh").id)
        leads = self._create_leads(13)
        leads.write({"service_latitude": 0, "service_longitude": 0})
        chosen = self._count_selected(self.audience._find(leads))
        self.assertEqual(sum(chosen.values()), 39)
        self._assert_equally_often(equals, chosen)

    def test_distance_before_turn(self):
        self._offer_to(self.green_park, self._create_lead())
        self.assertEqual(self._asked(size=1), self.green_park)

    # ------------------------------------------------------------
    # WEIGHTS
    # ------------------------------------------------------------

    def test_answer_rate(self):
        """Who does not answer counts as further away, if the company wants it so."""
        self._leave_unanswered(self.green_park)
        self.assertEqual(self._asked(size=1), self.green_park)
        self.company.broadcast_answer_weight = 100
        self.assertEqual(self._asked(size=1), self.green_park, "1.04 km, twice")
        self.company.broadcast_answer_weight = 200
        self.assertEqual(self._asked(size=1), self.saket)
        line = self._look()[1]
        self.assertEqual(line["partner_id"], self.green_park.id)
        self.assertAlmostEqual(line["distance"], 1.04, delta=0.01)
        self.assertEqual(line["why"], "counts as 3.1 km, by answers and feedback")
        self.assertFalse(self._look()[0]["why"])
        # one answer of two: 2.08 km
        self._decline(self.green_park)
        self.assertEqual(self._asked(size=1), self.green_park)

    def test_answer_rate_of_late(self):
        """What was not answered long ago is forgotten."""
        offer = self._leave_unanswered(self.green_park)
        self.company.broadcast_answer_weight = 1000
        self.assertEqual(self._asked(size=1), self.saket)
        offer.sent_date -= timedelta(days=91)
        self.assertEqual(self._asked(size=1), self.green_park)

    def test_answers_of_the_partner_itself(self):
        """Leads given by staff say nothing about how a partner answers, nor do offers
        that another one took."""
        self.company.broadcast_answer_weight = 200
        self._leave_unanswered(self.green_park)
        self._create_lead().with_user(self.user)._allocate(self.green_park)
        lost = self._offer_to(self.green_park + self.dwarka, self._create_lead())
        lost.offer_ids[-1]._accept("portal", self.dwarka)
        self.assertEqual(self._asked(size=1), self.saket)

    def test_feedback(self):
        """The worst feedback counts as so much further away, the best as nothing."""
        self._complete(self.green_park, "1")
        self.assertEqual(self._asked(size=1), self.green_park)
        self.company.broadcast_feedback_weight = 250
        # 1.04 km, and 80 % of 250 % of it
        self.assertEqual(self._asked(size=1), self.saket)
        lead = self._complete(self.green_park, "5")
        # 40 % of 250 %
        self.assertEqual(self._asked(size=1), self.green_park)
        lead.feedback_score = "1"
        self.assertEqual(self._asked(size=1), self.saket)
        leads = self.env["crm.lead"].search([("feedback_score", "!=", False)])
        leads.completion_date = fields.Datetime.now() - timedelta(days=91)
        self.assertEqual(self._asked(size=1), self.green_park)

    def test_company_of_the_lead(self):
        """Each company decides what counts for its leads."""
        self._leave_unanswered(self.green_park)
        company = self.env["res.company"].create(
            {"name": "Elsewhere", "broadcast_answer_weight": 1000}
        )
        lead = self._create_lead(user_id=False, team_id=False, company_id=company.id)
        found = self.audience._find(self.lead + lead.with_user(self.user), size=1)
        first = [lines[0]["partner_id"] for lines in found.values()]
        self.assertEqual(first, [self.green_park.id, self.saket.id])

    def test_looks_further_for_the_better(self):
        """However many nearer ones do not answer, a better one is found."""
        self.partners.active = False
        latitude = HAUZ_KHAS[0]
        equals = self._create_equals(30, partner_latitude=latitude + 0.01)
        self._leave_unanswered(equals)
        good = self._create_equals(1, partner_latitude=latitude + 0.02)
        self.assertNotIn(good, self._asked(size=1))
        self.company.broadcast_answer_weight = 150
        self.assertEqual(self._asked(size=1), good)

    def test_same_without_cube(self):
        self._leave_unanswered(self.green_park)
        self.company.broadcast_answer_weight = 200
        steps = [self._step("nearest"), self._step("again")]
        with_index = [self._look(step) for step in steps]
        with patch.object(
            LeadBroadcastAudience, "_has_place_index", lambda self: False
        ):
            without_index = [self._look(step) for step in steps]
        for lines in with_index + without_index:
            for line in lines:
                line["distance"] = round(line["distance"], 6)
        self.assertEqual(with_index, without_index)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _leave_unanswered(self, partners):
        """Let offers of another lead end that partners did see; return them."""
        broadcast = self._offer_to(partners, self._create_lead())
        broadcast.offer_ids.viewed_date = fields.Datetime.now() - timedelta(hours=1)
        broadcast.valid_until = fields.Datetime.now() + timedelta(seconds=1)
        broadcast._expire()
        self.assertEqual(set(broadcast.offer_ids.mapped("is_silent")), {True})
        return broadcast.offer_ids

    def _decline(self, partner):
        offer = self._offer_to(partner, self._create_lead()).offer_ids
        offer._decline("portal", partner, self.other_reason)

    def _complete(self, partner, score):
        lead = self._create_lead()
        lead.with_user(self.user)._allocate(partner)
        lead.write({"completion_date": fields.Datetime.now(), "feedback_score": score})
        return lead

    def _count_selected(self, found):
        return Counter(
            line["partner_id"]
            for lines in found.values()
            for line in lines
            if line["selected"]
        )

    def _count_offers(self, partners):
        return Counter(offer.partner_id.id for offer in partners.broadcast_offer_ids)

    def _assert_equally_often(self, partners, counts):
        numbers = [counts[partner.id] for partner in partners]
        self.assertLessEqual(max(numbers) - min(numbers), 1)
        self.assertGreater(min(numbers), 0)
