import logging

import psycopg2

from odoo import api, models, tools
from odoo.tools import SQL

from ..tools import get_chord, get_place

_logger = logging.getLogger(__name__)


class LeadBroadcastAudience(models.AbstractModel):
    """How near partners are, and the index that finds the nearest."""

    _inherit = "lead.broadcast.audience"

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
