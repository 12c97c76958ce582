from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import EARTH_RADIUS_KM
from .lead_broadcast_audience_look import LOOK_AT
from .lead_broadcast_audience_rank import LEFT_OUT
from .lead_broadcast_audience_sql import (
    GETS_SMS,
    HAS_SERVICE,
    IS_PARTNER,
    LAST_OFFER,
    OPEN_LEAD_COUNT,
    SQL_FIND,
    WEIGHT,
)

HISTORY = timedelta(days=90)  # what counts of how a partner answers and works
READ_MODELS = (
    "crm.lead",
    "lead.broadcast.decline.reason",
    "lead.broadcast.offer",
    "lead.broadcast.offer.date",
    "lead.broadcast.service",
    "phone.blacklist",
    "res.company",
    "res.partner",
    "res.users",
)


class LeadBroadcastAudience(models.AbstractModel):
    """The statement that looks at partners."""

    _inherit = "lead.broadcast.audience"

    @api.model
    def _get_query(self, leads, rules, sizes, radii, given, window):
        """Build the statement, and flush what it reads.

        :param int window: of how many of the nearest the facts are gathered
        """
        for model in READ_MODELS:
            self.env[model].flush_model()
        pairs = [
            (lead.id, partner_id)
            for lead in leads
            for partner_id in given.get(lead, ())
        ]
        now = fields.Datetime.now()
        lead_place, nearness = self._get_geometry()
        parts = {
            "lead_ids": leads.ids,
            "given_lead_ids": [lead_id for lead_id, _partner_id in pairs],
            "given_partner_ids": [partner_id for _lead_id, partner_id in pairs],
            "window": window,
            "left_out": LEFT_OUT,
            "is_partner": SQL(IS_PARTNER),
            "has_service": SQL(HAS_SERVICE),
            "open_lead_count": SQL(OPEN_LEAD_COUNT),
            "last_offer": SQL(LAST_OFFER),
            "is_away": SQL("partner.state_id IS DISTINCT FROM wanted.state_id"),
            "partner_located": self._get_located(
                SQL("partner.partner_latitude"), SQL("partner.partner_longitude")
            ),
            "nearness": nearness,
            "today": fields.Date.context_today(self),
        }
        return SQL(
            SQL_FIND,
            **parts,
            looked_at=SQL(" UNION ALL ").join(
                SQL(LOOK_AT[kind], **parts) for kind in self._get_kinds(leads, rules)
            ),
            sizes=[sizes[lead] for lead in leads],
            radii=[radii.get(lead, 0) for lead in leads],
            sms_lead_ids=self._filter_with_sms(leads).ids
            if "sms" in rules.channels
            else [],
            company_id=self.env.company.id,
            lead_place=lead_place,
            lead_located=self._get_located(
                SQL("lead.service_latitude"), SQL("lead.service_longitude")
            ),
            by_inbox="inbox" in rules.channels,
            by_mail="mail" in rules.channels,
            gets_sms=SQL(GETS_SMS),
            weight=SQL(WEIGHT, since=now - HISTORY),
            ask_again=rules.ask_again,
            prefers="preferred" in rules.look_at,
            is_anywhere=rules.is_anywhere,
            beyond_own_radius=rules.beyond_own_radius,
            earth=EARTH_RADIUS_KM,
            now=now,
        )

    @api.model
    def _get_kinds(self, leads, rules):
        """Return what of the statement finds somebody for these leads: for a single
        lead planning the rest takes as long as running it."""
        located = leads.filtered("is_service_located")
        needless = {
            "preferred": not leads.preferred_partner_id,
            "near": not located,
            "region": located == leads,
        }
        kinds = [kind for kind in rules.look_at if not needless.get(kind)]
        return kinds or rules.look_at[:1]
