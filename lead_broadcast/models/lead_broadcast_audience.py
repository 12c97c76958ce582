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

IS_PARTNER = """
           partner.is_service_partner AND partner.active
           AND (partner.company_id IS NULL OR wanted.company_id IS NULL
                OR partner.company_id = wanted.company_id)
"""
HAS_SERVICE = """
           EXISTS (
               SELECT FROM lead_broadcast_service_partner_rel rel
                WHERE rel.service_id = wanted.service_id
                  AND rel.partner_id = partner.id
           )
"""
LAST_OFFER_DATE = """
           (SELECT max(offer.sent_date) FROM lead_broadcast_offer offer
             WHERE offer.partner_id = partner.id)
"""
# Whom to look at for each lead: few, each set found through an index, so that the
# facts of one in a thousand partners are gathered, not of all.
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
           COALESCE(%(radius_km)s, service.radius_km) AS radius_km
      FROM crm_lead lead
      JOIN lead_broadcast_service service ON service.id = lead.service_id
     WHERE lead.id = ANY(%(lead_ids)s)
           ), looked_at AS (
    SELECT lead_id, preferred_id AS partner_id
      FROM wanted
     WHERE preferred_id IS NOT NULL
     UNION
    SELECT wanted.lead_id, near.id
      FROM wanted
CROSS JOIN LATERAL (
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND %(partner_located)s AND %(has_service)s
             ORDER BY %(nearness)s
             FETCH FIRST %(window)s ROWS WITH TIES)
           UNION ALL
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND %(partner_located)s
             ORDER BY %(nearness)s
             LIMIT %(left_out)s)
           UNION ALL
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND NOT %(partner_located)s
               AND partner.country_id = wanted.country_id
             ORDER BY %(is_away)s, partner.id
             LIMIT %(left_out)s)
           ) near
     WHERE wanted.is_located
     UNION
    SELECT wanted.lead_id, regional.id
      FROM wanted
CROSS JOIN LATERAL (
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND %(has_service)s
               AND partner.country_id = wanted.country_id
             ORDER BY %(is_away)s, %(last_offer_date)s NULLS FIRST, partner.id
             LIMIT %(window)s)
           UNION ALL
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND partner.country_id = wanted.country_id
             ORDER BY %(is_away)s, partner.id
             LIMIT %(left_out)s)
           ) regional
     WHERE NOT wanted.is_located
           )
    SELECT wanted.lead_id,
           partner.id AS partner_id,
           fact.is_preferred,
           fact.is_located,
           NOT wanted.is_located AND %(is_away)s AS is_away,
           COALESCE(reach.km, 0) AS distance,
           fact.by_mail,
           fact.by_inbox,
           fact.open_lead_count,
           fact.last_offer_date,
           verdict.reason
      FROM looked_at
      JOIN wanted ON wanted.lead_id = looked_at.lead_id
      JOIN res_partner partner ON partner.id = looked_at.partner_id
CROSS JOIN LATERAL (
    SELECT partner.id = COALESCE(wanted.preferred_id, 0) AS is_preferred,
           wanted.is_located AND %(partner_located)s AS is_located,
           %(has_service)s AS has_service,
           EXISTS (
               SELECT FROM lead_broadcast_offer offer
                WHERE offer.lead_id = wanted.lead_id
                  AND offer.partner_id = partner.id
           ) AS was_asked,
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
           %(last_offer_date)s AS last_offer_date
    OFFSET 0 -- each fact once and by an index, however the planner would do it
           ) fact
CROSS JOIN LATERAL (
    SELECT CASE WHEN fact.is_located
                THEN 2 * %(earth)s * asin(least(1, (%(nearness)s) / 2)) END AS km
           ) reach
CROSS JOIN LATERAL (
    -- the order of the reasons is that of what an executive would fix first
    SELECT CASE
           WHEN NOT fact.has_service THEN 'service'
           WHEN fact.was_asked THEN 'asked'
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
     WHERE %(is_partner)s
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
        size = max(size or 0, 0)
        sizes = {lead: size or lead.service_id.wave_size for lead in leads}
        found, pending = {}, leads
        window = 4 * max(sizes.values(), default=0) + NEXT_IN_LINE
        while pending:
            rows = defaultdict(list)
            query = self._get_query(pending, radius_km, window)
            for row in self.env.execute_query_dict(query):
                rows[row.pop("lead_id")].append(row)
            found.update((lead, rows[lead.id]) for lead in pending)
            # rarely: most of those looked at are busy, so look further
            pending = pending.filtered(
                lambda lead, window=window: self._is_further(
                    found[lead], sizes[lead], window
                )
            )
            window *= 4
        return {lead: self._rank(found[lead], sizes[lead]) for lead in leads}

    @api.model
    def _is_further(self, rows, size, window):
        """Tell whether there may be available partners beyond those looked at."""
        available = [row for row in rows if not row["reason"]]
        reasons = [row["reason"] for row in rows if row["reason"] != "service"]
        return (
            len(available) < size
            and not any(row["is_preferred"] for row in available)
            and len(reasons) >= window
            and "search_radius" not in reasons
        )

    @api.model
    def _rank(self, rows, size):
        """Choose whom to ask among the partners looked at for one lead, and whom to
        show beside them."""
        rows = sorted(
            rows,
            key=lambda row: (
                not row["is_preferred"],
                row.pop("is_away"),
                round(row["distance"], 3),
                row["last_offer_date"] or datetime.min,
                row["partner_id"],
            ),
        )
        available = [row for row in rows if not row["reason"]]
        preferred = [row for row in available if row["is_preferred"]]
        chosen = preferred or available[:size]
        chosen_ids = {row["partner_id"] for row in chosen}
        others = [row for row in available if row["partner_id"] not in chosen_ids]
        left_out = [row for row in rows if row["reason"] and row["is_located"]]
        no_place = [row for row in rows if row["reason"] and not row["is_located"]]
        shown = [
            *others[:NEXT_IN_LINE],
            *left_out[:LEFT_OUT],
            *no_place[:LEFT_OUT],
        ]
        for row in others:
            row["reason"] = "preferred_only" if preferred else "rank"
        for row in chosen + shown:
            row["selected"] = row["partner_id"] in chosen_ids
        shown_ids = {row["partner_id"] for row in shown}
        return chosen + [row for row in rows if row["partner_id"] in shown_ids]

    @api.model
    def _get_query(self, leads, radius_km, window):
        """Build the statement, and flush what it reads."""
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model()
        self.env["res.users"].flush_model()
        self.env["lead.broadcast.offer"].flush_model()
        self.env["lead.broadcast.service"].flush_model()
        lead_place, nearness = self._get_geometry()
        return SQL(
            SQL_FIND,
            lead_ids=leads.ids,
            lead_place=lead_place,
            lead_located=SQL(
                "(COALESCE(lead.service_latitude, 0) <> 0"
                " OR COALESCE(lead.service_longitude, 0) <> 0)"
            ),
            radius_km=radius_km,
            window=window,
            is_partner=SQL(IS_PARTNER),
            has_service=SQL(HAS_SERVICE),
            is_away=SQL("partner.state_id IS DISTINCT FROM wanted.state_id"),
            partner_located=SQL(
                "(COALESCE(partner.partner_latitude, 0) <> 0"
                " OR COALESCE(partner.partner_longitude, 0) <> 0)"
            ),
            last_offer_date=SQL(LAST_OFFER_DATE),
            nearness=nearness,
            earth=EARTH_RADIUS_KM,
            today=fields.Date.context_today(self),
            left_out=LEFT_OUT,
        )

    # ------------------------------------------------------------
    # GEOMETRY
    # ------------------------------------------------------------

    @api.model
    def _get_geometry(self):
        """Return the SQL of a lead's place, and of the straight line from there to a
        partner through the unit sphere.

        The line grows with the great circle, so it orders partners as the true
        distance does. ``cube`` finds the nearest through its index; without the
        extension the haversine formula gives the same figures, slower.
        """
        if not self._has_place_index():
            nearness = self._get_chord(
                SQL("COALESCE(partner.partner_latitude, 0)::float8"),
                SQL("COALESCE(partner.partner_longitude, 0)::float8"),
                SQL("COALESCE(wanted.service_latitude, 0)::float8"),
                SQL("COALESCE(wanted.service_longitude, 0)::float8"),
            )
            return SQL("NULL"), nearness
        lead_place = self._get_place(
            SQL("lead.service_latitude"), SQL("lead.service_longitude")
        )
        place = self._get_place(
            SQL("partner.partner_latitude"), SQL("partner.partner_longitude")
        )
        return lead_place, SQL("%s <-> wanted.place", place)

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
                " WHERE is_service_partner AND active AND"
                " (COALESCE(partner_latitude, 0) <> 0"
                " OR COALESCE(partner_longitude, 0) <> 0)",
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
