import logging
from collections import defaultdict
from datetime import datetime

import psycopg2

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..tools import EARTH_RADIUS_KM, get_chord, get_place
from .lead_broadcast_audience_sql import (
    GETS_SMS,
    HAS_SERVICE,
    IS_PARTNER,
    LAST_OFFER_DATE,
    SQL_FIND,
)

_logger = logging.getLogger(__name__)

NEXT_IN_LINE = 5  # available partners shown beyond those who are asked
LEFT_OUT = 20  # partners shown with the reason why they are not asked


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
        candidates = {lead: self._rank(found[lead], sizes[lead]) for lead in leads}
        self._plan_sms(candidates)
        return candidates

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
        self.env["phone.blacklist"].flush_model()
        lead_place, nearness = self._get_geometry()
        return SQL(
            SQL_FIND,
            lead_ids=leads.ids,
            sms_lead_ids=self._filter_with_sms(leads).ids,
            company_id=self.env.company.id,
            lead_place=lead_place,
            lead_located=SQL(
                "(COALESCE(lead.service_latitude, 0) <> 0"
                " OR COALESCE(lead.service_longitude, 0) <> 0)"
            ),
            radius_km=radius_km,
            window=window,
            is_partner=SQL(IS_PARTNER),
            gets_sms=SQL(GETS_SMS),
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
            nearness = get_chord(
                SQL("COALESCE(partner.partner_latitude, 0)::float8"),
                SQL("COALESCE(partner.partner_longitude, 0)::float8"),
                SQL("COALESCE(wanted.service_latitude, 0)::float8"),
                SQL("COALESCE(wanted.service_longitude, 0)::float8"),
            )
            return SQL("NULL"), nearness
        lead_place = get_place(
            SQL("lead.service_latitude"), SQL("lead.service_longitude")
        )
        place = get_place(
            SQL("partner.partner_latitude"), SQL("partner.partner_longitude")
        )
        return lead_place, SQL("%s <-> wanted.place", place)

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
        place = get_place(SQL("partner_latitude"), SQL("partner_longitude"))
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
