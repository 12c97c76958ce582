import logging
from collections import defaultdict
from datetime import datetime

import psycopg2

from odoo import api, fields, models, tools
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
NEXT_IN_LINE = 5  # available partners shown beyond those who are asked
LEFT_OUT = 20  # partners shown with the reason why they are not asked

# What is read of each partner, for one wanted lead. The order of the reasons is
# the order of what an executive would fix first.
SQL_MATCH = """
    SELECT partner.id AS partner_id,
           fact.is_preferred,
           fact.is_located,
           NOT wanted.is_located
               AND partner.state_id IS DISTINCT FROM wanted.state_id AS is_away,
           CASE WHEN fact.is_located THEN fact.nearness END AS nearness,
           COALESCE(reach.km, 0) AS distance,
           fact.by_mail,
           fact.by_inbox,
           fact.open_lead_count,
           fact.last_offer_date,
           verdict.reason
      FROM res_partner partner
CROSS JOIN LATERAL (
    SELECT partner.id = COALESCE(wanted.preferred_id, 0) AS is_preferred,
           %(nearness)s AS nearness,
           wanted.is_located AND %(partner_located)s AS is_located,
           COALESCE(partner.broadcast_email, partner.email, '') <> '' AS by_mail,
           EXISTS (
               SELECT FROM res_users portal
                 JOIN res_partner person ON person.id = portal.partner_id
                WHERE portal.active AND portal.share
                  AND person.commercial_partner_id = partner.commercial_partner_id
           ) AS by_inbox,
           (SELECT count(*) FROM crm_lead owned
             WHERE owned.allocated_partner_id = partner.id
               AND owned.completion_date IS NULL AND owned.active
           ) AS open_lead_count,
           (SELECT max(offer.sent_date) FROM lead_broadcast_offer offer
             WHERE offer.partner_id = partner.id
           ) AS last_offer_date
           ) fact
CROSS JOIN LATERAL (
    SELECT CASE WHEN fact.is_located
                THEN 2 * %(earth)s * asin(least(1, fact.nearness / 2)) END AS km
           ) reach
CROSS JOIN LATERAL (
    SELECT CASE
           WHEN NOT EXISTS (
               SELECT FROM lead_broadcast_service_partner_rel rel
                WHERE rel.service_id = wanted.service_id
                  AND rel.partner_id = partner.id
           ) THEN 'service'
           WHEN EXISTS (
               SELECT FROM lead_broadcast_offer offer
                WHERE offer.lead_id = wanted.lead_id
                  AND offer.partner_id = partner.id
           ) THEN 'asked'
           WHEN partner.broadcast_paused_until > %(today)s THEN 'paused'
           WHEN partner.broadcast_capacity > 0
                AND fact.open_lead_count >= partner.broadcast_capacity
                THEN 'capacity'
           WHEN NOT fact.by_mail AND NOT fact.by_inbox THEN 'unreachable'
           WHEN fact.is_preferred THEN NULL
           WHEN wanted.is_located AND NOT fact.is_located THEN 'no_place'
           WHEN wanted.radius_km > 0 AND reach.km > wanted.radius_km
                THEN 'search_radius'
           WHEN partner.broadcast_radius_km > 0
                AND reach.km > partner.broadcast_radius_km THEN 'own_radius'
           END AS reason
           ) verdict
     WHERE partner.is_service_partner
       AND partner.active
       AND (partner.company_id IS NULL OR wanted.company_id IS NULL
            OR partner.company_id = wanted.company_id)
"""

SQL_FIND = """
      WITH wanted AS (
    SELECT lead.id AS lead_id,
           lead.service_id,
           lead.company_id,
           lead.country_id,
           lead.state_id,
           lead.preferred_partner_id AS preferred_id,
           lead.service_latitude,
           lead.service_longitude,
           %(lead_located)s AS is_located,
           %(lead_place)s AS place,
           COALESCE(%(size)s, service.wave_size) AS size,
           COALESCE(%(radius_km)s, service.radius_km) AS radius_km
      FROM crm_lead lead
      JOIN lead_broadcast_service service ON service.id = lead.service_id
     WHERE lead.id = ANY(%(lead_ids)s)
           )
    SELECT wanted.lead_id, found.*
      FROM wanted
CROSS JOIN LATERAL (
           (%(match)s AND partner.id = wanted.preferred_id)
           UNION ALL
           (%(match)s AND wanted.is_located AND verdict.reason IS NULL
                      AND %(partner_located)s AND %(is_near)s
             ORDER BY %(nearness)s
             FETCH FIRST (wanted.size + %(next_in_line)s) ROWS WITH TIES)
           UNION ALL
           (%(match)s AND NOT wanted.is_located AND verdict.reason IS NULL
                      AND partner.country_id = wanted.country_id
             ORDER BY is_away, last_offer_date NULLS FIRST, partner.id
             LIMIT wanted.size + %(next_in_line)s)
           UNION ALL
           (%(match)s AND wanted.is_located AND verdict.reason IS NOT NULL
                      AND %(partner_located)s AND %(is_around)s
             ORDER BY %(nearness)s
             LIMIT %(left_out)s)
           UNION ALL
           (%(match)s AND verdict.reason IS NOT NULL
                      AND NOT fact.is_located
                      AND partner.country_id = wanted.country_id
             ORDER BY is_away, partner.id
             LIMIT %(left_out)s)
           ) found
"""


class LeadBroadcastAudience(models.AbstractModel):
    """Who is asked: the search for partners, in one statement for many leads."""

    _name = "lead.broadcast.audience"
    _description = "Search for Service Partners"

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    @api.model
    def _find(self, leads, size=None, radius_km=None):
        """Find who can be asked for each lead, and who is left out and why.

        A customer's preferred partner, when available, is asked alone. Otherwise
        the nearest available partners are; partners equally near are taken in
        turn, the one asked longest ago first. A lead without coordinates falls
        back to partners of its state, then of its country.

        :param leads: ``crm.lead`` records with a service
        :param int size: partners per lead, instead of the service's wave size
        :param float radius_km: search radius, instead of the service's; 0: no limit
        :return: ``{lead: [values of lead.broadcast.candidate.mixin, ...]}``, those
            to be asked first (``selected``), each part nearest first
        """
        found = defaultdict(dict)
        size = max(size or 0, 0) or None
        if leads:
            query = self._get_query(leads, size, radius_km)
            for row in self.env.execute_query_dict(query):
                # a partner met twice is the preferred one, first as such
                found[row.pop("lead_id")].setdefault(row["partner_id"], row)
        return {
            lead: self._rank(
                found[lead.id].values(), size or lead.service_id.wave_size
            )
            for lead in leads
        }

    @api.model
    def _rank(self, rows, size):
        """Choose whom to ask among the rows found for one lead."""
        rows = sorted(
            rows,
            key=lambda row: (
                not row["is_preferred"],
                row["is_away"],
                round(row["distance"], 3),
                row["last_offer_date"] or datetime.min,
                row["partner_id"],
            ),
        )
        available = [row for row in rows if not row["reason"]]
        preferred = [row for row in available if row["is_preferred"]]
        chosen = {row["partner_id"] for row in preferred or available[:size]}
        for row in rows:
            del row["is_away"], row["nearness"]
            row["selected"] = row["partner_id"] in chosen
            if not row["selected"] and not row["reason"]:
                row["reason"] = "preferred_only" if preferred else "rank"
        return sorted(rows, key=lambda row: not row["selected"])

    @api.model
    def _get_query(self, leads, size, radius_km):
        """Build the statement, and flush what it reads."""
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model()
        self.env["res.users"].flush_model()
        self.env["lead.broadcast.offer"].flush_model()
        self.env["lead.broadcast.service"].flush_model()
        lead_place, nearness, is_near, is_around = self._get_geometry()
        partner_located = SQL(
            "(partner.partner_latitude <> 0 OR partner.partner_longitude <> 0)"
        )
        match = SQL(
            SQL_MATCH,
            nearness=nearness,
            partner_located=partner_located,
            earth=EARTH_RADIUS_KM,
            today=fields.Date.context_today(self),
        )
        return SQL(
            SQL_FIND,
            lead_ids=leads.ids,
            lead_place=lead_place,
            lead_located=SQL(
                "(COALESCE(lead.service_latitude, 0) <> 0"
                " OR COALESCE(lead.service_longitude, 0) <> 0)"
            ),
            size=size,
            radius_km=radius_km,
            match=match,
            partner_located=partner_located,
            nearness=nearness,
            is_near=is_near,
            is_around=is_around,
            next_in_line=NEXT_IN_LINE,
            left_out=LEFT_OUT,
        )

    # ------------------------------------------------------------
    # GEOMETRY
    # ------------------------------------------------------------

    @api.model
    def _get_geometry(self):
        """Return the SQL of a lead's place, of the straight line from there to a
        partner through the unit sphere, and of being in reach and around.

        The line grows with the great circle, so it orders partners as the true
        distance does. ``cube`` finds the nearest through its index; without the
        extension the haversine formula gives the same figures, slower.
        """
        reach = SQL(
            "CASE WHEN wanted.radius_km > 0"
            " THEN 2 * sin(least(wanted.radius_km / (2 * %s), pi() / 2))"
            " ELSE 2 END",
            EARTH_RADIUS_KM,
        )
        if not self._has_place_index():
            nearness = self._get_chord(
                SQL("COALESCE(partner.partner_latitude, 0)::float8"),
                SQL("COALESCE(partner.partner_longitude, 0)::float8"),
                SQL("COALESCE(wanted.service_latitude, 0)::float8"),
                SQL("COALESCE(wanted.service_longitude, 0)::float8"),
            )
            near, around = SQL("%s <= %s", nearness, reach), SQL("TRUE")
            return SQL("NULL"), nearness, near, around
        lead_place = self._get_place(
            SQL("lead.service_latitude"), SQL("lead.service_longitude")
        )
        place = self._get_place(
            SQL("partner.partner_latitude"), SQL("partner.partner_longitude")
        )
        box = "%s <@ cube_enlarge(wanted.place, %s, 3)"
        return (
            lead_place,
            SQL("%s <-> wanted.place", place),
            SQL(box, place, reach),
            SQL(box, place, SQL("2 * (%s)", reach)),
        )

    @api.model
    def _get_place(self, latitude, longitude):
        """Return the SQL of a place as a point on the unit sphere.

        The index and the search must use the same text: PostgreSQL matches an
        index to a query by its expression.
        """
        latitude = SQL("radians(COALESCE(%s, 0)::float8)", latitude)
        longitude = SQL("radians(COALESCE(%s, 0)::float8)", longitude)
        return SQL(
            "cube(ARRAY[cos(%(lat)s) * cos(%(lon)s),"
            " cos(%(lat)s) * sin(%(lon)s), sin(%(lat)s)])",
            lat=latitude,
            lon=longitude,
        )

    @api.model
    def _get_chord(self, lat_a, lon_a, lat_b, lon_b):
        """Return the SQL of the chord between two places given in degrees."""
        return SQL(
            "2 * sqrt(least(1, sin(radians(%(lat_b)s - %(lat_a)s) / 2) ^ 2"
            " + cos(radians(%(lat_a)s)) * cos(radians(%(lat_b)s))"
            " * sin(radians(%(lon_b)s - %(lon_a)s) / 2) ^ 2))",
            lat_a=lat_a,
            lon_a=lon_a,
            lat_b=lat_b,
            lon_b=lon_b,
        )

    # ------------------------------------------------------------
    # INDEX
    # ------------------------------------------------------------

    @api.model
    def _create_place_index(self):
        """Create the index of the partners' places, where the server has ``cube``.

        The extension is trusted: the owner of the database may create it.
        """
        cr = self.env.cr
        try:
            with tools.mute_logger("odoo.sql_db"), cr.savepoint(flush=False):
                cr.execute("CREATE EXTENSION IF NOT EXISTS cube")
        except psycopg2.Error as error:
            _logger.info("No index of places, searches will be slower: %s", error)
            return
        self.env.registry.clear_cache()
        place = self._get_place(SQL("partner_latitude"), SQL("partner_longitude"))
        cr.execute(
            SQL(
                "CREATE INDEX IF NOT EXISTS res_partner_broadcast_place_index"
                " ON res_partner USING gist ((%s))"
                " WHERE is_service_partner AND active",
                place,
            )
        )

    @api.model
    @tools.ormcache()
    def _has_place_index(self):
        """Tell whether the nearest partners are found through the index."""
        return bool(
            self.env.execute_query(
                SQL("SELECT 1 FROM pg_extension WHERE extname = 'cube'")
            )
        )
