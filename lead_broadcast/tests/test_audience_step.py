from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .audience_common import AudienceCase
from .common import HAUZ_KHAS


@tagged("post_install", "-at_install")
class TestAudienceStep(AudienceCase):
    """Who is asked at each kind of step of a ladder."""

    # ------------------------------------------------------------
    # PREFERRED, NEAREST, WIDER
    # ------------------------------------------------------------

    def test_preferred(self):
        """The tagged partner, wherever it is; nobody takes its place."""
        self.customer.preferred_service_partner_id = self.gurugram
        self.gurugram.broadcast_radius_km = 1
        step = self._step("preferred", wave_size=5)
        self.assertEqual(self._asked(step), self.gurugram)
        self.gurugram.broadcast_paused_until = fields.Date.today() + timedelta(days=1)
        self.assertEqual(self._reason(self.gurugram, step), "paused")
        self.assertFalse(self._asked(step))

    def test_preferred_without_one(self):
        self.assertEqual(self._look(self._step("preferred")), [])

    def test_nearest(self):
        """As many as the step says, else the service; the tagged one is one of many."""
        self.customer.preferred_service_partner_id = self.gurugram
        step = self._step("nearest")
        nearest = self.green_park + self.saket + self.lajpat_nagar
        self.assertEqual(self._asked(step), nearest)
        step.wave_size = 2
        self.assertEqual(self._asked(step), self.green_park + self.saket)
        step.radius_km = 2
        self.assertEqual(self._asked(step), self.green_park)
        self.assertEqual(self._reason(self.saket, step), "search_radius")
        self.customer.preferred_service_partner_id = self.saket
        self.saket.broadcast_radius_km = 2
        step.radius_km = 0
        self.assertEqual(self._reason(self.saket, step), "own_radius")

    def test_wider(self):
        """The larger radius counts, of which none is the largest."""
        self.service.radius_km = 3
        step = self._step("wider", wave_size=6, radius_km=10)
        self.assertNotIn(self.dwarka, self._asked(step))
        self.assertIn(self.connaught_place, self._asked(step))
        step.radius_km = 2
        self.assertEqual(self._asked(step), self.green_park + self.saket)
        self.service.radius_km = 0
        self.assertEqual(self._asked(step), self.partners)

    def test_beyond_own_radius(self):
        self.saket.broadcast_radius_km = 1
        step = self._step("nearest")
        self.assertEqual(self._reason(self.saket, step), "own_radius")
        step.beyond_own_radius = True
        self.assertIsNone(self._reason(self.saket, step))

    def test_without_coordinates(self):
        self.lead.sudo().write({"service_latitude": 0, "service_longitude": 0})
        (self.partners - self.gurugram).state_id = self.env.ref("base.state_in_mh")
        asked = self._asked(self._step("nearest"))
        self.assertEqual(asked[0], self.gurugram)
        self.assertEqual(len(asked), 3)

    def test_urgent(self):
        """The nearer the closure date, the more are asked, unless somebody says how
        many."""
        today = fields.Date.today()
        self.lead.sudo().closure_date = today + timedelta(days=1)
        urgent_size = self.lead._get_urgent_size(3)
        self.assertGreater(urgent_size, 3)
        members = self._create_list(self.partners)
        steps = [
            (None, urgent_size),
            (self._step("nearest"), urgent_size),
            (self._step("nearest", wave_size=3), urgent_size),
            (self._step("list", wave_size=3, list_ids=members.ids), urgent_size),
            (self._step("list", list_ids=members.ids), 6),
        ]
        for step, size in steps:
            self.assertEqual(len(self._asked(step)), size)
        self.assertEqual(len(self._asked(size=3)), 3)

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def test_list(self):
        """All members, the nearest first, however far; those without a place last."""
        members = self.gurugram + self.saket + self.dwarka
        self.saket.broadcast_radius_km = 1
        self.dwarka.write({"partner_latitude": 0, "partner_longitude": 0})
        self.service.radius_km = 2
        plist = self._create_list(members)
        step = self._step("list", list_ids=plist.ids)
        self.assertEqual(self._asked(step), self.saket + self.gurugram + self.dwarka)
        self.assertEqual(len(self._look(step)), 3, "nobody else is looked at")
        step.wave_size = 1
        self.assertEqual(self._asked(step), self.saket)
        self.assertEqual(self._reason(self.gurugram, step), "rank")

    def test_list_that_fits(self):
        """Without a list, those that fit the lead."""
        self.env["lead.broadcast.list"].search([("active", "=", True)]).active = False
        fits, other = self._create_list(self.saket), self._create_list(self.dwarka)
        fits.state_ids = self.delhi
        other.state_ids = self.env.ref("base.state_in_mh")
        self.assertEqual(self._asked(self._step("list")), self.saket)

    def test_list_of_available(self):
        """A list does not make partners available."""
        self.saket.broadcast_service_ids = False
        self.dwarka.broadcast_paused_until = fields.Date.today() + timedelta(days=1)
        plist = self._create_list(self.saket + self.dwarka + self.gurugram)
        step = self._step("list", list_ids=plist.ids)
        self.assertEqual(self._asked(step), self.gurugram)
        self.assertEqual(self._reason(self.saket, step), "service")
        self.assertEqual(self._reason(self.dwarka, step), "paused")

    # ------------------------------------------------------------
    # AGAIN, ON THE WAY
    # ------------------------------------------------------------

    def test_again(self):
        """Whoever was asked before, once, by however many rounds and lists."""
        far = self._create_list(self.gurugram + self.saket)
        self.gurugram.broadcast_radius_km = 1
        self._end_validity(self._broadcast())
        self._end_validity(self._offer_to(far.partner_ids))
        step = self._step("again")
        self.assertEqual(
            self._asked(step),
            self.green_park + self.saket + self.lajpat_nagar + self.gurugram,
        )
        self.assertEqual(self._reason(self.dwarka, step), "not found")

    def test_on_the_way(self):
        """Those who are near anyway, by how near their job is, with the reason."""
        jobs = {self.saket: 28.65, self.dwarka: 28.60, self.gurugram: 28.56}
        for partner, latitude in jobs.items():
            partner.broadcast_radius_km = 1
            job = self._create_lead(
                service_latitude=latitude, service_longitude=HAUZ_KHAS[1]
            )
            job.with_user(self.user)._allocate(partner)
        # where its office is does not matter
        self.gurugram.write({"partner_latitude": 0, "partner_longitude": 0})
        step = self._step("on_the_way", way_km=20)
        self.assertEqual(self._asked(step), self.gurugram + self.dwarka + self.saket)
        for line in self._look(step):
            self.assertIn("km away", line["why"])
        self.assertAlmostEqual(line["distance"], 2.84, delta=0.01, msg="of its place")
        candidates = {self.lead: self._look(step)}
        self.lead._broadcast(candidates, audience="on_the_way")
        kept = self.lead.broadcast_ids.candidate_ids
        self.assertIn("km away", kept[0].why)
        step.wave_size = 1
        self.assertEqual(self._reason(self.gurugram, step), "answering")
        step.way_km = 0
        self.assertFalse(self._asked(step))

    # ------------------------------------------------------------
    # CHANNELS
    # ------------------------------------------------------------

    def test_channels_of_the_step(self):
        """A partner that a step does not reach is not asked."""
        step = self._step("nearest", by_mail=False)
        [line] = [
            line
            for line in self._look(step)
            if line["partner_id"] == self.green_park.id
        ]
        self.assertEqual(
            (line["by_mail"], line["by_inbox"], line["selected"]), (False, True, True)
        )
        self.assertEqual(self._reason(self.lajpat_nagar, step), "unreachable")
        step = self._step("nearest", by_inbox=False)
        self.green_park.email = False
        self.assertEqual(self._reason(self.green_park, step), "unreachable")

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def test_queries_do_not_grow(self):
        """However many leads take a step, the search takes as many queries."""
        plist = self._create_list(self.partners)
        few, many = self._create_leads(2), self._create_leads(12)
        for lead in few + many:
            self._end_validity(self._offer_to(self.saket, lead))
        self._create_lead().with_user(self.user)._allocate(self.dwarka)
        ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "All",
                "step_ids": [
                    Command.create({"name": audience, "audience": audience, **values})
                    for audience, values in (
                        ("preferred", {}),
                        ("nearest", {}),
                        ("wider", {"radius_km": 100}),
                        ("list", {"list_ids": plist.ids}),
                        ("list", {}),
                        ("again", {}),
                        ("on_the_way", {}),
                    )
                ],
            }
        )
        self.env.flush_all()
        for step in ladder.step_ids.with_user(self.user):
            self._count_queries(lambda step=step: self._find_for_step(step, few))
            counts = [
                self._count_queries(
                    lambda step=step, leads=leads: self._find_for_step(step, leads)
                )
                for leads in (few, many)
            ]
            with self.subTest(step=step.audience):
                self.assertGreater(counts[0], 1)
                self.assertEqual(counts[0], counts[1])

    def _find_for_step(self, step, leads):
        return self.audience._find_for_step(step, leads.with_user(self.user))
