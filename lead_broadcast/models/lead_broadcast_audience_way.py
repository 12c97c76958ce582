import math
from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools import EARTH_RADIUS_KM, get_chord, get_place

# the same text in the indexes and in the search, or the indexes are of no use
IS_OPEN_JOB = """
           allocated_partner_id IS NOT NULL AND completion_date IS NULL AND active
"""
ENDS = {False: "service", True: "destination"}
# An end of a partner's job meets an end of a lead: near each other, and on a day on
# which the partner is there anyway. Of each partner the most telling meeting counts:
# a return to where the lead starts, then the nearest.
SQL_WAY = """
      WITH wanted AS (
    SELECT lead.id AS lead_id,
           COALESCE(lead.company_id, %(company_id)s) AS company_id,
           lead.size_id,
           lead_end.*,
           %(lead_place)s AS place,
           %(lead_first)s AS day,
           %(lead_first)s - %(days)s AS day_from,
           %(lead_last)s + %(days)s AS day_to
      FROM crm_lead lead
CROSS JOIN LATERAL (
    VALUES (FALSE, lead.country_id,
            lead.service_latitude, lead.service_longitude),
           (TRUE, COALESCE(lead.destination_country_id, lead.country_id),
            lead.destination_latitude, lead.destination_longitude)
           ) lead_end (is_destination, country_id, latitude, longitude)
     WHERE lead.id = ANY(%(lead_ids)s) AND %(lead_located)s
           ), met AS (
           %(from_origin)s
     UNION ALL
           %(from_destination)s
           )
    SELECT DISTINCT ON (lead_id, partner_id)
           lead_id, partner_id, kind, place, day, km
      FROM met
     WHERE km <= %(km)s AND day BETWEEN day_from AND day_to
     ORDER BY lead_id, partner_id, kind <> 'returns', km, day, kind, place
"""
SQL_MET = """
    SELECT wanted.lead_id,
           wanted.day_from,
           wanted.day_to,
           job.allocated_partner_id AS partner_id,
           meeting.kind,
           COALESCE(NULLIF(%(city)s, ''), NULLIF(%(place_name)s, ''), '…') AS place,
           CASE meeting.kind
           WHEN 'starts' THEN job_time.first
           -- work at one place: the day next to the lead's
           WHEN 'works' THEN GREATEST(job_time.first,
                                      LEAST(job_time.last, wanted.day))
           ELSE job_time.last END AS day,
           2 * %(earth)s * asin(least(1, (%(chord)s) / 2)) AS km
      FROM wanted
CROSS JOIN LATERAL (
    SELECT * FROM crm_lead
     WHERE %(is_open_job)s AND %(job_located)s AND %(is_near)s
           ) job
CROSS JOIN LATERAL (
    SELECT %(job_first)s AS first, %(job_last)s AS last
           ) job_time
CROSS JOIN LATERAL (
    SELECT CASE
           WHEN %(is_destination)s AND wanted.is_destination THEN 'goes'
           WHEN %(is_destination)s THEN 'returns'
           WHEN job.destination_place IS NULL THEN 'works'
           ELSE 'starts' END AS kind
           ) meeting
     WHERE job.id <> wanted.lead_id
       AND (job.company_id IS NULL OR job.company_id = wanted.company_id)
       AND %(country)s = wanted.country_id
       AND %(is_chosen)s
"""


class LeadBroadcastAudience(models.AbstractModel):
    """Who is on the way: partners whose jobs lead them to where a lead starts or
    ends."""

    _inherit = "lead.broadcast.audience"

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    @api.model
    def _find_on_the_way(self, step, leads):
        """Find the partners that will be near either end of each lead anyway.

        Jobs count that a partner has and that are not done, on the days on which the
        lead is to be done, give or take the step's days. The text is for staff: it
        names the place of another customer's job.

        :param step: ``lead.broadcast.ladder.step``
        :param leads: ``crm.lead`` records
        :return: ``{lead: {partner id: (km, reason in the team's language)}}``
        """
        ways_by_lead = defaultdict(list)
        for way in self.env.execute_query_dict(self._get_way_query(step, leads)):
            ways_by_lead[way["lead_id"]].append(way)
        found = {}
        days = {}  # as they are written in each language
        for lead in leads:
            found[lead] = {}
            env = lead._with_team_lang().env
            for way in ways_by_lead[lead.id]:
                key = (env.lang, way["day"])
                if key not in days:
                    days[key] = format_date(env, way["day"], date_format="d MMM")
                text = self._get_way_text(env, way, days[key])
                found[lead][way["partner_id"]] = (way["km"], text)
        return found

    @api.model
    def _get_way_text(self, env, way, day):
        """Say why a partner is on the way, in the language of an environment."""
        facts = {"place": way["place"], "day": day, "km": max(1, round(way["km"]))}
        if way["kind"] == "returns":
            return env._("returns from %(place)s on %(day)s, %(km)s km away", **facts)
        if way["kind"] == "goes":
            return env._("goes to %(place)s on %(day)s, %(km)s km away", **facts)
        if way["kind"] == "starts":
            return env._("starts from %(place)s on %(day)s, %(km)s km away", **facts)
        return env._("works in %(place)s on %(day)s, %(km)s km away", **facts)

    @api.model
    def _get_way_query(self, step, leads):
        """Build the statement, and flush what it reads."""
        self.env["crm.lead"].flush_model()
        lead_end = (SQL("lead_end.latitude"), SQL("lead_end.longitude"))
        has_index = self._has_place_index()
        return SQL(
            SQL_WAY,
            company_id=self.env.company.id,
            lead_place=get_place(*lead_end) if has_index else SQL("NULL"),
            lead_located=self._get_located(*lead_end),
            lead_first=self._get_first_day("lead"),
            lead_last=self._get_last_day("lead"),
            days=step.way_days,
            lead_ids=leads.ids,
            from_origin=self._get_meeting(step, False, has_index),
            from_destination=self._get_meeting(step, True, has_index),
            km=step.way_km,
        )

    @api.model
    def _get_meeting(self, step, is_destination, has_index):
        """Return the SQL of the jobs of which one end is near an end of a lead."""
        name = ENDS[is_destination]
        latitude = SQL.identifier(f"{name}_latitude")
        longitude = SQL.identifier(f"{name}_longitude")
        is_near = SQL("TRUE")
        if has_index:
            # what is within a distance is within a cube around the place; the chord
            # of the whole way round is the sphere's diameter
            angle = min(step.way_km / EARTH_RADIUS_KM, math.pi)
            chord = 2 * math.sin(angle / 2) + 1e-9
            place = get_place(latitude, longitude)
            is_near = SQL("%s <@ cube_enlarge(wanted.place, %s, 3)", place, chord)
        return SQL(
            SQL_MET,
            city=SQL.identifier(
                "job", "destination_city" if is_destination else "city"
            ),
            place_name=SQL.identifier("job", f"{name}_place"),
            chord=get_chord(
                SQL("%s::float8", SQL.identifier("job", f"{name}_latitude")),
                SQL("%s::float8", SQL.identifier("job", f"{name}_longitude")),
                SQL("wanted.latitude::float8"),
                SQL("wanted.longitude::float8"),
            ),
            earth=EARTH_RADIUS_KM,
            is_open_job=SQL(IS_OPEN_JOB),
            job_located=self._get_located(latitude, longitude),
            is_near=is_near,
            country=SQL("COALESCE(job.destination_country_id, job.country_id)")
            if is_destination
            else SQL("job.country_id"),
            is_chosen=self._get_choice(step),
            job_first=self._get_first_day("job"),
            job_last=self._get_last_day("job"),
            is_destination=is_destination,
        )

    @api.model
    def _get_choice(self, step):
        """Return the SQL of which jobs count for a step."""
        conditions = [SQL("TRUE")]
        if step.way_state_ids:
            conditions.append(
                SQL(
                    "%(states)s && ARRAY[job.state_id, job.destination_state_id]",
                    states=step.way_state_ids.ids,
                )
            )
        if step.way_same_size:
            conditions.append(
                SQL("(wanted.size_id IS NULL OR job.size_id = wanted.size_id)")
            )
        return SQL(" AND ").join(conditions)

    # ------------------------------------------------------------
    # DAYS AND PLACES
    # ------------------------------------------------------------

    @api.model
    def _get_first_day(self, alias):
        """Return the SQL of the day on which the work of a lead begins: of a lead
        without work dates, its closure date."""
        return SQL(
            "COALESCE(%(lead)s.work_date_from, %(lead)s.work_date_to,"
            " %(lead)s.closure_date)",
            lead=SQL.identifier(alias),
        )

    @api.model
    def _get_last_day(self, alias):
        """Return the SQL of the day on which the work of a lead ends."""
        return SQL(
            "COALESCE(%(lead)s.work_date_to, GREATEST(%(lead)s.work_date_from,"
            " %(lead)s.closure_date))",
            lead=SQL.identifier(alias),
        )

    @api.model
    def _get_located(self, latitude, longitude):
        return SQL(
            "(COALESCE(%s, 0) <> 0 OR COALESCE(%s, 0) <> 0)", latitude, longitude
        )

    @api.model
    def _create_way_indexes(self):
        """Create the indexes of the places of partners' jobs, where the server has
        ``cube``: few leads are with a partner and not done, so they are small."""
        if not self._has_place_index():
            return
        for name in ENDS.values():
            latitude = SQL.identifier(f"{name}_latitude")
            longitude = SQL.identifier(f"{name}_longitude")
            self.env.cr.execute(
                SQL(
                    "CREATE INDEX IF NOT EXISTS %(index)s ON crm_lead"
                    " USING gist ((%(place)s)) WHERE %(is_open_job)s AND %(located)s",
                    index=SQL.identifier(f"crm_lead_{name}_way_index"),
                    place=get_place(latitude, longitude),
                    is_open_job=SQL(IS_OPEN_JOB),
                    located=self._get_located(latitude, longitude),
                )
            )
