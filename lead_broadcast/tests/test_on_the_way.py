from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.lead_broadcast_audience import LeadBroadcastAudience
from .common import BroadcastCase

SANTIAGO = (-33.4489, -70.6693)
# from Talcahuano to Concepcion it is 13.62 km, on a sphere of 6371.0088 km
CONCEPCION = (-36.8270, -73.0503)
TALCAHUANO = (-36.7167, -73.1167)
TEMUCO = (-38.7359, -72.5904)


@tagged("post_install", "-at_install")
class TestOnTheWay(BroadcastCase):
    """A mover that has a job from Santiago to Concepcion returns with an empty van."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chile = cls.env.ref("base.cl")
        cls.santiago = cls.env.ref("base.state_cl_13")
        cls.biobio = cls.env.ref("base.state_cl_08")
        cls.job = cls._create_move("Santiago", "Concepcion", 10, 12)
        cls.job.with_user(cls.user)._allocate(cls.green_park)
        cls.lead = cls._create_move("Talcahuano", "Santiago", 12, 13)
        cls.step = cls.env["lead.broadcast.ladder.step"].new(
            {"audience": "on_the_way", "way_km": 50, "way_days": 2}
        )

    @classmethod
    def _prepare_end(cls, name):
        """Return the place, state and coordinates of a city."""
        return {
            "Santiago": ("Santiago", cls.santiago, SANTIAGO),
            "Concepcion": ("Concepcion", cls.biobio, CONCEPCION),
            "Talcahuano": ("Talcahuano", cls.biobio, TALCAHUANO),
            "Temuco": ("Temuco", cls.env.ref("base.state_cl_09"), TEMUCO),
        }[name]

    @classmethod
    def _create_move(cls, origin, destination, first, last, **values):
        """Create a lead on days of May 2030; the destination may be missing."""
        city, state, (latitude, longitude) = cls._prepare_end(origin)
        values = {
            "city": city,
            "state_id": state.id,
            "country_id": cls.chile.id,
            "service_place": f"{city}, {state.name}",
            "service_latitude": latitude,
            "service_longitude": longitude,
            "work_date_from": first and date(2030, 5, first),
            "work_date_to": last and date(2030, 5, last),
            **values,
        }
        if destination:
            city, state, (latitude, longitude) = cls._prepare_end(destination)
            values = {
                "destination_city": city,
                "destination_state_id": state.id,
                "destination_latitude": latitude,
                "destination_longitude": longitude,
                **values,
            }
        return cls._create_lead(**values)

    def _find_way(self, lead=None, partner=None, **values):
        """Return how far away a partner will be, and why; or None."""
        self.step.update(values)
        lead = (self.lead if lead is None else lead).with_user(self.user)
        found = self.env["lead.broadcast.audience"]._find_on_the_way(self.step, lead)
        return found[lead].get((partner or self.green_park).id)

    def assertWay(self, text, lead=None, **values):
        way = self._find_way(lead, **values)
        self.assertEqual(way and way[1], text)

    # ------------------------------------------------------------
    # WHO IS ON THE WAY
    # ------------------------------------------------------------

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

    def test_same_without_cube(self):
        leads = self.lead | self._create_move("Santiago", "Temuco", 10, 11)
        find = self.env["lead.broadcast.audience"]._find_on_the_way
        with_index = find(self.step, leads)
        with patch.object(
            LeadBroadcastAudience, "_has_place_index", lambda self: False
        ):
            without_index = find(self.step, leads)
        self.assertTrue(self.env["lead.broadcast.audience"]._has_place_index())
        self.assertEqual(with_index, without_index)
        self.assertEqual([len(found) for found in with_index.values()], [1, 1])

    def test_indexes_are_used(self):
        """However many jobs partners have, those near by come from the indexes."""
        audience = self.env["lead.broadcast.audience"]
        query = audience._get_way_query(self.step, self.lead)
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
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

    # ------------------------------------------------------------
    # THE LEAD
    # ------------------------------------------------------------

    def test_destination_follows_the_address(self):
        lead = self._create_lead(
            destination_city="Concepcion", destination_state_id=self.biobio.id
        )
        self.assertEqual(lead.destination_place, f"Concepcion, {self.biobio.name}")
        self.assertEqual(lead.destination_country_id, self.chile)
        self.assertEqual(self.lead.destination_latitude, SANTIAGO[0])
        self.lead.destination_city = "Temuco"
        self.assertFalse(self.lead.destination_latitude)
        self.assertFalse(self.lead.destination_longitude)

    def test_locate_destination(self):
        geocoder = self.registry["base.geocoder"]  # a service on the internet
        self.startPatcher(patch.object(geocoder, "geo_find", return_value=TEMUCO))
        lead = self.lead.with_user(self.user)
        lead.destination_city = "Temuco"
        lead.action_locate_destination()
        self.assertEqual(
            (lead.destination_latitude, lead.destination_longitude), TEMUCO
        )
        lead.write({"destination_city": False, "destination_zip": False})
        with self.assertRaisesRegex(UserError, "Enter at least the city"):
            lead.action_locate_destination()
        with self.assertRaises(AccessError):
            self.lead.with_user(self.salesman).action_locate_destination()

    def test_due_when_the_work_is_done(self):
        self.assertEqual(self.lead.closure_date, date(2030, 5, 13))
        self.lead.work_date_to = date(2030, 5, 20)
        self.assertEqual(self.lead.closure_date, date(2030, 5, 20))
        self.lead.write({"work_date_from": False, "work_date_to": False})
        self.assertEqual(self.lead.closure_date, date(2030, 5, 20))

    def test_merge(self):
        """The address and the dates of one lead, not a mixture of two."""
        head = self._create_lead(
            destination_city="Temuco", work_date_from=date(2030, 5, 15)
        )
        merged = (head | self.lead).with_user(self.supervisor).merge_opportunity()
        self.assertEqual(merged, head)
        self.assertEqual(merged.destination_city, "Temuco")
        self.assertFalse(merged.destination_latitude)
        self.assertFalse(merged.work_date_to)
        other = self._create_lead()
        merged = (
            other | self.job.copy({"work_date_to": date(2030, 5, 9)})
        ).merge_opportunity()
        self.assertEqual(merged.destination_state_id, self.biobio)
        self.assertEqual(merged.destination_latitude, CONCEPCION[0])
        self.assertEqual(merged.work_date_to, date(2030, 5, 9))

    # ------------------------------------------------------------
    # WHAT PARTNERS READ
    # ------------------------------------------------------------

    def test_offer(self):
        """Partners read the destination as they read the place, and the days."""
        self.lead.write(
            {
                "contact_name": "Asha Gupta",
                "destination_place": "Asha Traders, Las Condes, 98100 12345",
                "destination_street": "Los Leones 220",
            }
        )
        self.lead.with_user(self.user)._allocate(self.green_park)
        offer = self.lead.sudo().allocated_offer_id.with_user(self.portal_user)
        self.assertEqual(offer.destination_place, "***, Las Condes, ***")
        self.assertEqual(offer._get_work_dates(), "Sunday 12 May – Monday 13 May")
        address = offer._get_customer_details()["destination"]
        self.assertIn("Los Leones 220", address)

    def test_work_dates_of_an_offer(self):
        self.lead.with_user(self.user)._allocate(self.green_park)
        offer = self.lead.sudo().allocated_offer_id.with_user(self.portal_user)
        for first, last, expected in (
            (12, 12, "Sunday 12 May"),
            (12, None, "from Sunday 12 May"),
            (None, 13, "until Monday 13 May"),
            (None, None, ""),
        ):
            self.lead.write(
                {
                    "work_date_from": first and date(2030, 5, first),
                    "work_date_to": last and date(2030, 5, last),
                }
            )
            self.assertEqual(offer._get_work_dates(), expected)
