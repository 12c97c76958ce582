from collections import defaultdict
from itertools import count
from math import ceil
from typing import NamedTuple

from odoo import api, models

NEXT_IN_LINE = 5  # available partners shown beyond those who are asked


class Rules(NamedTuple):
    """What a search goes by; as they are here, the rules of a search by hand."""

    look_at: tuple = ("preferred", "near", "region")  # of LOOK_AT
    ask_again: bool = False  # also who was asked for the lead before
    is_anywhere: bool = False  # however far partners are, and wherever
    beyond_own_radius: bool = False
    channels: frozenset = frozenset({"inbox", "mail", "sms"})


class LeadBroadcastAudience(models.AbstractModel):
    """Who is asked: the search for partners, in one statement for many leads."""

    _name = "lead.broadcast.audience"
    _description = "Search for Service Partners"

    # ------------------------------------------------------------
    # WHO IS ASKED
    # ------------------------------------------------------------

    @api.model
    def _find(self, leads, size=None, radius_km=None):
        """Find who can be asked for each lead, and who is left out and why.

        A customer's preferred partner, when available, is asked alone. Otherwise
        the nearest available partners are; partners equally near are taken in
        turn, the one asked longest ago first. A lead without coordinates falls
        back to partners of its state, then of its country.

        :param leads: ``crm.lead`` records with a service
        :param int size: partners per lead, instead of the service's wave size, which
            grows as the closure date comes near
        :param float radius_km: search radius, instead of the service's; 0: no limit
        :return: ``{lead: [values of lead.broadcast.candidate.mixin, ...]}``, those
            to be asked first (``selected``), each part nearest first
        """
        size = max(size or 0, 0)  # the wizard looks while people are still typing
        sizes, radii = {}, {}
        for lead in leads:
            service = lead.service_id
            sizes[lead] = size or lead._get_urgent_size(service.wave_size)
            radii[lead] = service.radius_km if radius_km is None else radius_km
        return self._search_partners(leads, Rules(), sizes, radii)

    @api.model
    def _find_for_step(self, step, leads):
        """Find who is asked at a step of a ladder, and who is left out and why.

        :param step: ``lead.broadcast.ladder.step``, which need not be saved, of any
            audience but people
        :param leads: ``crm.lead`` records with a service
        :return: as ``_find``
        """
        rules = Rules(
            ask_again=step.ask_again,
            beyond_own_radius=step.beyond_own_radius,
            channels=frozenset(step._get_channels()),
        )
        sizes = {lead: self._get_step_size(step, lead) for lead in leads}
        if step.audience in ("nearest", "wider"):
            radii = {lead: self._get_step_radius(step, lead) for lead in leads}
            rules = rules._replace(look_at=("near", "region"))
            return self._search_partners(leads, rules, sizes, radii)
        rules = rules._replace(is_anywhere=True)
        if step.audience == "preferred":
            rules = rules._replace(look_at=("preferred",))
        elif step.audience == "again":
            rules = rules._replace(look_at=("again",), ask_again=True)
        else:
            rules = rules._replace(look_at=("given",))
        return self._search_partners(
            leads, rules, sizes, given=self._get_given(step, leads)
        )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    @api.model
    def _get_step_size(self, step, lead):
        """Return how many partners a step asks for a lead, None for everybody."""
        size = step.wave_size
        if step.audience == "preferred":
            return None
        if step.audience in ("nearest", "wider"):
            size = size or lead.service_id.wave_size
        return lead._get_urgent_size(size) or None

    @api.model
    def _get_step_radius(self, step, lead):
        """Return the search radius of a step for a lead, 0 for no limit."""
        usual = lead.service_id.radius_km
        if step.audience == "wider":
            return usual and max(step.radius_km, usual)
        return step.radius_km or usual

    @api.model
    def _get_given(self, step, leads):
        """Return the partners a step names itself, with the distance by which they
        are ordered, None for that of their place, and why they are among them.

        :return: ``{lead: {partner id: (km, reason)}}``
        """
        if step.audience == "on_the_way":
            return self._find_on_the_way(step, leads)
        if step.audience != "list":
            return {}
        # of a step that is not saved, too
        members = step.list_ids._origin._get_partners_by_lead(leads)
        return {
            lead: dict.fromkeys(partners.ids, (None, False))
            for lead, partners in members.items()
        }

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    @api.model
    def _search_partners(self, leads, rules, sizes, radii=None, given=None):
        """Look at partners by some rules, and choose whom to ask.

        :param rules: :class:`Rules`
        :param dict sizes: how many to ask for each lead, None for everybody
        :param dict radii: how far from each lead, in km; 0 or missing: no limit
        :param dict given: whom to look at for each lead, see ``_get_given``
        :return: as ``_find``
        """
        given = given or {}
        found = self._look_at(leads, rules, sizes, radii or {}, given)
        candidates, turns, turn = {}, {}, count(1)
        for lead in leads:
            lines = self._rank(found[lead], rules, sizes[lead], turns)
            asked = [line["partner_id"] for line in lines if line["selected"]]
            turns.update(zip(asked, turn))  # noqa: B905 - turns have no end
            self._explain(lead, lines)
            candidates[lead] = lines
        self._plan_sms(candidates)
        return candidates

    @api.model
    def _look_at(self, leads, rules, sizes, radii, given):
        """Gather the facts of the partners that come into question for each lead.

        :return: ``{lead: [row of the statement, ...]}``
        """
        found, pending = {}, leads
        largest = max((size or 0 for size in sizes.values()), default=0)
        window = ceil(4 * largest * self._get_highest_weight(leads)) + NEXT_IN_LINE
        while pending:
            rows = defaultdict(list)
            query = self._get_query(pending, rules, sizes, radii, given, window)
            for row in self.env.execute_query_dict(query):
                rows[row.pop("lead_id")].append(row)
            for lead in pending:
                found[lead] = self._weigh(rows[lead.id], given.get(lead, {}))
            # rarely: most of those looked at are busy, so look further
            pending = pending.filtered(
                lambda lead, window=window: self._is_further(
                    found[lead], rules, sizes[lead], window
                )
            )
            window *= 4
        return found

    @api.model
    def _get_highest_weight(self, leads):
        """Return how many times further away than it is a partner may count."""
        # sudo: other companies' settings decide about their leads
        companies = (leads.company_id | self.env.company).sudo()
        return max(
            1
            + company.broadcast_answer_weight / 100
            + company.broadcast_feedback_weight / 100
            for company in companies
        )
