from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .way_common import CONCEPCION, WayCase


@tagged("post_install", "-at_install")
class TestOnTheWay(WayCase):
    """A mover that has a job from Santiago to Concepcion returns with an empty van."""

    def setUp(self):
        super().setUp()
        self.step = self.env["lead.broadcast.ladder.step"].new(
            {"audience": "on_the_way", "way_km": 50, "way_days": 2}
        )

    def _find_way(self, lead=None, partner=None, **values):
        """Return how far away a partner will be, and why; or None."""
        self.step.update(values)
        lead = (self.lead if lead is None else lead).with_user(self.user)
        found = self.env["lead.broadcast.audience"]._find_on_the_way(self.step, lead)
        return found[lead].get((partner or self.green_park).id)

    def assertWay(self, text, lead=None, **values):
        way = self._find_way(lead, **values)
        self.assertEqual(way and way[1], text)

    def test_returns(self):
        km, text = self._find_way()
        self.assertAlmostEqual(km, 13.62, delta=0.01)
        self.assertEqual(text, "returns from Concepcion on 12 May, 14 km away")

    def test_every_way(self):
        """What is said is what leads the partner there; a return says most, though the
        two jobs begin nearer to each other."""
        for origin, destination, expected in (
            ("Talcahuano", "Santiago", "returns from Concepcion on 12 May, 14 km away"),
            ("Temuco", "Talcahuano", "goes to Concepcion on 12 May, 14 km away"),
            ("Santiago", "Temuco", "starts from Santiago on 10 May, 1 km away"),
            ("Temuco", None, None),
        ):
            with self.subTest(origin=origin, destination=destination):
                lead = self._create_move(origin, destination, 11, 12)
                self.assertWay(expected, lead)

    def test_work_at_one_place(self):
        """A partner works for days at one place: the day next to the lead's counts."""
        job = self._create_move("Temuco", None, 18, 24)
        job.with_user(self.user)._allocate(self.saket)
        for first, expected in ((16, "18 May"), (20, "20 May"), (26, "24 May")):
            lead = self._create_move("Temuco", None, first, first)
            with self.subTest(first=first):
                text = f"works in Temuco on {expected}, 1 km away"
                self.assertEqual(self._find_way(lead, self.saket)[1], text)
        lead = self._create_move("Temuco", None, 27, 27)
        self.assertIsNone(self._find_way(lead, self.saket))

    def test_detour(self):
        lead = self._create_move("Talcahuano", "Temuco", 12, 13)
        self.assertTrue(self._find_way(lead, way_km=13.7))
        self.assertTrue(self._find_way(lead, way_km=30000))
        self.assertIsNone(self._find_way(lead, way_km=13.5))

    def test_days(self):
        lead = self._create_move("Talcahuano", "Temuco", 14, 20)
        self.assertTrue(self._find_way(lead, way_days=2))
        self.assertIsNone(self._find_way(lead, way_days=1))

    def test_closure_date(self):
        """Without work dates the closure date is the only one, of jobs as of leads."""
        lead = self._create_move(
            "Talcahuano", "Temuco", None, None, closure_date=date(2030, 5, 13)
        )
        self.assertTrue(self._find_way(lead, way_days=1))
        self.assertIsNone(self._find_way(lead, way_days=0))
        self.job.write({"work_date_from": False, "work_date_to": False})
        self.assertTrue(self._find_way(lead, way_days=1))
        self.job.closure_date = lead.closure_date = False
        self.assertIsNone(self._find_way(lead, way_days=365))

    def test_states(self):
        self.assertTrue(self._find_way(way_state_ids=self.santiago))
        self.assertTrue(self._find_way(way_state_ids=self.biobio | self.delhi))
        self.assertIsNone(self._find_way(way_state_ids=self.delhi))

    def test_size(self):
        mini, full = self.env["lead.broadcast.size"].create(
            [{"name": "Box"}, {"name": "House"}]
        )
        self.job.size_id = mini
        self.assertTrue(self._find_way(way_same_size=True))  # unknown
        self.lead.size_id = full
        self.assertIsNone(self._find_way())
        self.assertTrue(self._find_way(way_same_size=False))
        self.job.size_id = full
        self.assertTrue(self._find_way(way_same_size=True))

    def test_country(self):
        self.job.destination_state_id = False
        self.job.destination_country_id = self.india
        self.job.write(
            {
                "destination_latitude": CONCEPCION[0],
                "destination_longitude": CONCEPCION[1],
            }
        )
        self.assertWay("starts from Santiago on 10 May, 1 km away", way_days=9)
        self.job.destination_country_id = False
        self.assertWay("returns from Concepcion on 12 May, 14 km away")

    def test_only_jobs_to_be_done(self):
        self.job.sudo().completion_date = self.job.create_date
        self.assertIsNone(self._find_way())
        self.job.sudo().completion_date = False
        self.job.with_user(self.user)._release()
        self.assertIsNone(self._find_way())

    def test_other_company(self):
        """What is said about a lead names no place of another company's job."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.job.write({"company_id": company.id, "team_id": False, "user_id": False})
        self.assertIsNone(self._find_way())

    def test_nothing_known(self):
        self.lead.write(
            {
                "service_latitude": 0,
                "service_longitude": 0,
                "destination_latitude": 0,
                "destination_longitude": 0,
            }
        )
        self.assertIsNone(self._find_way())

    def test_language_of_the_team(self):
        self.env["res.lang"]._activate_lang("es_CL")
        self.user.lang = "es_CL"
        _km, text = self._find_way()
        self.assertIn("12 may", text)

    def test_reason_is_for_staff(self):
        """It names the place of another customer's job: no partner reads it."""
        lead = self.lead.with_user(self.user)
        found = lead.env["lead.broadcast.audience"]._find_for_step(self.step, lead)
        broadcast = lead._broadcast(found, audience="on_the_way")
        candidate = broadcast.candidate_ids
        self.assertEqual(candidate.partner_id, self.green_park)
        self.assertIn("Concepcion", candidate.why)
        offer = broadcast.sudo().offer_ids.with_user(self.portal_user)
        self.assertNotIn("Concepcion", str(offer.read()))
        with self.assertRaises(AccessError):
            candidate.with_user(self.portal_user).read(["why"])

    def test_same_without_cube(self):
        leads = self.lead | self._create_move("Santiago", "Temuco", 10, 11)
        find = self.env["lead.broadcast.audience"]._find_on_the_way
        with_index = find(self.step, leads)
        audience = self.registry["lead.broadcast.audience"]
        with patch.object(audience, "_has_place_index", lambda self: False):
            without_index = find(self.step, leads)
        self.assertTrue(self.env["lead.broadcast.audience"]._has_place_index())
        self.assertEqual(with_index, without_index)
        self.assertEqual([len(found) for found in with_index.values()], [1, 1])

    def test_indexes_are_used(self):
        """However many jobs partners have, those near by come from the indexes."""
        self.env.cr.execute(
            """
            INSERT INTO crm_lead
                   (name, type, active, won_status, ladder_state, country_id,
                    allocated_partner_id,
                    work_date_from, work_date_to, service_latitude, service_longitude,
                    destination_latitude, destination_longitude)
            SELECT 'Job', 'opportunity', TRUE, 'pending', 'none', %s, %s,
                   now(), now(), -60 * random(), -180 * random(),
                   -60 * random(), -180 * random()
              FROM generate_series(1, 5000);
            ANALYZE crm_lead
            """,
            [self.lead.country_id.id, self.partners[0].id],
        )
        audience = self.env["lead.broadcast.audience"]
        query = audience._get_way_query(self.step, self.lead)
        self.env.cr.execute("EXPLAIN " + query.code, query.params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("crm_lead_service_way_index", plan)
        self.assertIn("crm_lead_destination_way_index", plan)

    def test_many_leads_one_statement(self):
        leads = self.lead | self._create_move("Santiago", "Temuco", 10, 11)
        leads |= self._create_move("Temuco", "Concepcion", 10, 11)
        find = self.env["lead.broadcast.audience"]._find_on_the_way
        find(self.step, leads)
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = find(self.step, leads)
        self.assertEqual([len(partners) for partners in found.values()], [1, 1, 1])
        self.assertFalse(find(self.step, leads.browse()))
