from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.lead_broadcast_audience import Rules
from ..models.lead_broadcast_audience_place import LeadBroadcastAudience
from ..models.lead_broadcast_audience_rank import LEFT_OUT
from .audience_common import AudienceCase
from .common import HAUZ_KHAS


@tagged("post_install", "-at_install")
class TestAudience(AudienceCase):
    """Who is asked by hand."""

    def test_nearest_first(self):
        self.assertEqual(
            self._asked(), self.green_park + self.saket + self.lajpat_nagar
        )

    def test_true_distance(self):
        found = {line["partner_id"]: line["distance"] for line in self._look(size=6)}
        expected = {
            self.green_park: 1.04,
            self.saket: 2.84,
            self.lajpat_nagar: 4.68,
            self.connaught_place: 9.27,
            self.dwarka: 15.78,
            self.gurugram: 19.68,
        }
        for partner, distance in expected.items():
            self.assertAlmostEqual(found[partner.id], distance, delta=0.01)

    def test_distance_around_the_globe(self):
        """Across the date line and near a pole the nearest is still the nearest."""
        (self.partners - self.green_park - self.saket).active = False
        self.service.radius_km = self.green_park.broadcast_radius_km = 0
        self.saket.broadcast_radius_km = 0
        self.lead.sudo().write({"service_latitude": 89.0, "service_longitude": 179.0})
        # same degree of longitude but 10 degrees south, against across the pole
        self.green_park.write({"partner_latitude": 79, "partner_longitude": 179})
        self.saket.write({"partner_latitude": 89, "partner_longitude": -1})
        self.assertEqual(self._asked(), self.saket + self.green_park)
        distance = self._look()[0]["distance"]
        self.assertAlmostEqual(distance, 222.39, delta=0.01)

    def test_same_without_cube(self):
        """A server without the extension finds the same partners."""
        self.saket.broadcast_paused_until = fields.Date.today() + timedelta(days=9)
        self.dwarka.broadcast_radius_km = 1
        with_index = self._look(size=2)
        with patch.object(
            LeadBroadcastAudience, "_has_place_index", lambda self: False
        ):
            without_index = self._look(size=2)
        self.assertTrue(self.env["lead.broadcast.audience"]._has_place_index())
        self.assertEqual(len(with_index), 6)
        for one, other in zip(with_index, without_index, strict=True):
            self.assertAlmostEqual(one.pop("distance"), other.pop("distance"), 6)
            self.assertEqual(one, other)

    def test_index_is_used(self):
        """The nearest come from the index: no scan of all partners."""
        self.env["res.partner"].flush_model()
        audience = self.env["lead.broadcast.audience"]
        query = audience._get_query(self.lead, Rules(), {self.lead: 3}, {}, {}, 20)
        for way in ("seqscan", "bitmapscan", "sort"):  # few partners are found anyhow
            self.env.cr.execute(f"SET LOCAL enable_{way} = off")
        self.env.cr.execute("EXPLAIN " + query.code, query.params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("res_partner_broadcast_place_index", plan)

    def test_preferred_alone(self):
        """The tagged partner is asked alone, however far it is."""
        self.customer.preferred_service_partner_id = self.gurugram
        self.gurugram.broadcast_radius_km = 1
        self.assertEqual(self._asked(), self.gurugram)
        self.assertEqual(self._reason(self.green_park), "preferred_only")

    def test_preferred_of_the_company(self):
        """A contact inherits the preferred partner of its company."""
        contact = self.env["res.partner"].create(
            {"name": "Ravi", "parent_id": self.customer.id, "type": "contact"}
        )
        self.customer.is_company = True
        self.customer.preferred_service_partner_id = self.saket
        lead = self._create_lead(partner_id=contact.id)
        self.assertEqual(lead.preferred_partner_id, self.saket)
        asked = [
            line["partner_id"] for line in self._look(lead=lead) if line["selected"]
        ]
        self.assertEqual(asked, self.saket.ids)

    def test_preferred_not_available(self):
        """A preferred partner that cannot work is explained, the nearest are asked."""
        self.customer.preferred_service_partner_id = self.gurugram
        self.gurugram.broadcast_paused_until = fields.Date.today() + timedelta(days=2)
        self.assertEqual(self._reason(self.gurugram), "paused")
        self.assertEqual(
            self._asked(), self.green_park + self.saket + self.lajpat_nagar
        )

    def test_left_out_service(self):
        self.green_park.broadcast_service_ids = False
        self.assertEqual(self._reason(self.green_park), "service")

    def test_left_out_paused(self):
        self.green_park.broadcast_paused_until = fields.Date.today() + timedelta(1)
        self.assertEqual(self._reason(self.green_park), "paused")
        self.green_park.broadcast_paused_until = fields.Date.today()
        self.assertEqual(self._reason(self.green_park), None)

    def test_left_out_capacity(self):
        self.green_park.broadcast_capacity = 1
        self.assertEqual(self._reason(self.green_park), None)
        other = self._create_lead(name="Another job")
        other.with_user(self.user)._allocate(self.green_park)
        self.assertEqual(self._reason(self.green_park), "capacity")
        other.completion_date = fields.Datetime.now()
        self.assertEqual(self._reason(self.green_park), None)

    def test_left_out_asked(self):
        self._end_validity(self._broadcast())
        self.assertEqual(self._reason(self.green_park), "asked")
        self.assertEqual(
            self._asked(), self.connaught_place + self.dwarka + self.gurugram
        )

    def test_left_out_unreachable(self):
        self.lajpat_nagar.email = False
        self.assertEqual(self._reason(self.lajpat_nagar), "unreachable")
        self.lajpat_nagar.broadcast_email = "offers@lajpat.example"
        self.assertEqual(self._reason(self.lajpat_nagar), None)

    def test_portal_reaches(self):
        """Without an email the portal is enough, and the line says which channel."""
        self.green_park.email = False
        line = self._look()[0]
        self.assertEqual(line["partner_id"], self.green_park.id)
        self.assertFalse(line["by_mail"])
        self.assertTrue(line["by_inbox"])

    def test_left_out_radius(self):
        self.saket.broadcast_radius_km = 2
        self.assertEqual(self._reason(self.saket), "own_radius")
        self.assertEqual(self._reason(self.saket, radius_km=2.5), "search_radius")
        self.assertEqual(self._reason(self.gurugram, radius_km=0, size=6), None)
        self.assertEqual(self._reason(self.gurugram, radius_km=19.6), "search_radius")

    def test_left_out_place(self):
        self.saket.write({"partner_latitude": 0, "partner_longitude": 0})
        self.assertEqual(self._reason(self.saket), "no_place")

    def test_left_out_rank(self):
        self.assertEqual(self._reason(self.connaught_place), "rank")

    def test_left_out_limited(self):
        """A big city does not flood the list."""
        self.env["res.partner"].create(
            [
                self._prepare_partner(
                    f"P{number}", HAUZ_KHAS, broadcast_service_ids=False
                )
                for number in range(LEFT_OUT + 10)
            ]
        )
        left_out = [line for line in self._look() if line["reason"] == "service"]
        self.assertEqual(len(left_out), LEFT_OUT)

    def test_looks_further_when_the_nearest_are_busy(self):
        """However many paused partners are nearer, available ones are found."""
        soon = fields.Date.today() + timedelta(days=2)
        latitude, longitude = HAUZ_KHAS
        self.env["res.partner"].create(
            [
                self._prepare_partner(
                    f"P{number}",
                    (latitude + number / 10000, longitude),
                    broadcast_paused_until=soon,
                )
                for number in range(60)
            ]
        )
        self.assertEqual(self._asked(size=2), self.green_park + self.saket)
        self.lead.sudo().write({"country_id": self.india.id, "state_id": self.delhi.id})
        self.lead.sudo().write({"service_latitude": 0, "service_longitude": 0})
        self.assertEqual(len(self._asked(size=2)), 2)

    def test_never_archived_nor_others(self):
        self.green_park.active = False
        self.saket.is_service_partner = False
        self.assertEqual(self._reason(self.green_park), "not found")
        self.assertEqual(self._reason(self.saket), "not found")

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.lajpat_nagar.company_id = company
        self.lead.sudo().company_id = self.env.company
        self.assertEqual(self._reason(self.lajpat_nagar), "not found")

    def test_lead_without_company(self):
        """It is offered to partners of the executive's company, not of all."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.lajpat_nagar.company_id = company
        self.lead.sudo().write(
            {"user_id": False, "team_id": False, "company_id": False}
        )
        self.assertEqual(self._reason(self.lajpat_nagar), "not found")

    def test_without_coordinates(self):
        """No coordinates: the state first, then the country, nobody else."""
        self.lead.sudo().write({"service_latitude": 0, "service_longitude": 0})
        self.lead.sudo().write({"state_id": self.delhi.id, "country_id": self.india.id})
        self.lead.sudo().write({"service_latitude": 0, "service_longitude": 0})
        (self.partners - self.gurugram).state_id = self.env.ref("base.state_in_mh")
        self.saket.country_id = self.env.ref("base.fr")
        asked = self._asked(size=6)
        self.assertEqual(asked[0], self.gurugram)
        self.assertEqual(len(asked), 5)
        self.assertNotIn(self.saket, asked)

    def test_many_leads_one_statement(self):
        leads = self.lead.sudo() + self._create_lead() + self._create_lead()
        audience = self.env["lead.broadcast.audience"]
        audience._find(leads)
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = audience._find(leads)
        self.assertEqual(
            [sum(line["selected"] for line in found[lead]) for lead in leads],
            [3, 3, 3],
        )
