"""What must be true of searches at every moment, asked in SQL, past all of the code."""

from odoo.tools import SQL

from ..tools import to_local
from .simulation_world import TZ

SATURDAY = 5
ENDED = """
(lead.allocated_offer_id IS NOT NULL OR lead.allocated_team_id IS NOT NULL
 OR NOT lead.active OR lead.won_status != 'pending'
 OR lead.completion_date IS NOT NULL)
"""
# what is wrong: a query of the rows that show it; %(now)s is the moment
LIES = {
    "A lead has two winners, or another one than its owner": """
        SELECT lead.id
          FROM crm_lead lead
          JOIN lead_broadcast_offer offer
            ON offer.lead_id = lead.id AND offer.state = 'accepted'
         GROUP BY lead.id
        HAVING count(*) > 1 OR min(offer.id) IS DISTINCT FROM lead.allocated_offer_id
    """,
    "A step was taken twice in a run": """
        SELECT lead_id, ladder_run, step_id FROM lead_broadcast
         WHERE step_id IS NOT NULL
         GROUP BY 1, 2, 3 HAVING count(*) > 1
    """,
    "A partner was asked twice in a step": """
        SELECT round.lead_id, offer.partner_id
          FROM lead_broadcast round
          JOIN lead_broadcast_offer offer ON offer.broadcast_id = round.id
         WHERE round.step_id IS NOT NULL
         GROUP BY round.lead_id, round.ladder_run, round.step_id, offer.partner_id
        HAVING count(*) > 1
    """,
    "A partner can answer two offers of the same lead": """
        SELECT lead_id, partner_id FROM lead_broadcast_offer
         WHERE state = 'open' AND valid_until > %(now)s
         GROUP BY 1, 2 HAVING count(*) > 1
    """,
    "A partner that declined was asked again": """
        SELECT offer.id
          FROM lead_broadcast_offer offer
          JOIN lead_broadcast round ON round.id = offer.broadcast_id
          JOIN lead_broadcast_offer declined
            ON declined.lead_id = offer.lead_id
           AND declined.partner_id = offer.partner_id
           AND declined.state = 'declined' AND declined.id < offer.id
          JOIN lead_broadcast_decline_reason reason
            ON reason.id = declined.decline_reason_id
         WHERE offer.sent_date = %(now)s AND round.step_id IS NOT NULL
           AND reason.kind != 'date'
    """,
    "A partner that is paused for its silence was asked": """
        SELECT offer.id
          FROM lead_broadcast_offer offer
          JOIN lead_broadcast round ON round.id = offer.broadcast_id
          JOIN res_partner partner ON partner.id = offer.partner_id
         WHERE offer.sent_date = %(now)s AND round.step_id IS NOT NULL
           AND partner.broadcast_silenced_date < %(now)s
    """,
    "A round goes on after its end": """
        SELECT id FROM lead_broadcast
         WHERE state = 'open' AND valid_until <= %(now)s
    """,
    "Offers are valid after the closure date": """
        SELECT round.id FROM lead_broadcast round
          JOIN crm_lead lead ON lead.id = round.lead_id
         WHERE round.state = 'open'
           AND round.valid_until AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s
               > lead.closure_date + 1
    """,
    "A search goes on after its end": f"""
        SELECT lead.id FROM crm_lead lead
         WHERE {ENDED}
           AND (lead.ladder_state IN ('running', 'paused', 'handed')
                OR EXISTS (SELECT FROM lead_broadcast round
                            WHERE round.lead_id = lead.id AND round.state = 'open')
                OR EXISTS (SELECT FROM lead_broadcast_offer offer
                            WHERE offer.lead_id = lead.id AND offer.state = 'open'))
    """,
    "A lead is left searching": """
        SELECT lead.id FROM crm_lead lead
         WHERE lead.ladder_state = 'running'
           AND (lead.next_action_at IS NULL OR lead.next_action_at <= %(now)s)
            OR lead.broadcast_state = 'searching'
           AND lead.ladder_state NOT IN ('running', 'paused')
           AND NOT EXISTS (SELECT FROM lead_broadcast round
                            WHERE round.lead_id = lead.id AND round.state = 'open')
    """,
    "A lead searches, and says that it does not": """
        SELECT id FROM crm_lead
         WHERE ladder_state IN ('running', 'paused')
           AND (broadcast_state != 'searching' OR searching_since IS NULL)
    """,
    "A paused search has asked somebody": """
        SELECT round.id FROM lead_broadcast round
          JOIN crm_lead lead ON lead.id = round.lead_id
         WHERE round.start_date = %(now)s AND round.step_id IS NOT NULL
           AND lead.ladder_state = 'paused'
    """,
    "A lead is with nobody": """
        SELECT id FROM crm_lead
         WHERE ladder_state = 'handed'
           AND NOT EXISTS (SELECT FROM mail_activity activity
                            WHERE activity.res_model = 'crm.lead'
                              AND activity.res_id = crm_lead.id
                              AND activity.user_id IS NOT NULL)
    """,
    "A message was sent after the end": f"""
        SELECT notice.id
          FROM lead_broadcast_notice notice
          JOIN lead_broadcast_offer offer ON offer.id = notice.offer_id
          JOIN crm_lead lead ON lead.id = notice.lead_id
         WHERE notice.event IN ('offered', 'expiring') AND notice.state = 'sent'
           AND notice.sent_date = %(now)s
           AND (offer.state != 'open' OR {ENDED})
    """,
    "A message was not sent": """
        SELECT id FROM lead_broadcast_notice WHERE state IN ('pending', 'failed')
    """,
}
NEW_ROUNDS = """
SELECT id, lead_id, step_id FROM lead_broadcast
 WHERE start_date = %(now)s AND step_id IS NOT NULL
"""
NEW_OFFERS = """
SELECT id, service_id, extract(epoch FROM valid_until - sent_date) / 3600
  FROM lead_broadcast_offer
 WHERE id > %(last)s AND state = 'open' ORDER BY id
"""
ASKED_IN_TURN = """
SELECT count(offer.id)
  FROM res_partner partner
  LEFT JOIN lead_broadcast_offer offer ON offer.partner_id = partner.id
 WHERE partner.id = ANY(%(partners)s)
 GROUP BY partner.id
"""
ENDS = f"""
SELECT CASE WHEN allocated_offer_id IS NOT NULL OR allocated_team_id IS NOT NULL
            THEN 'allocated'
            WHEN {ENDED} THEN 'closed'
            WHEN ladder_state = 'handed' THEN 'with a person'
            ELSE 'left searching' END, count(*)
  FROM crm_lead lead
 WHERE id > %(last)s
 GROUP BY 1
"""


class Truth:
    """Looks at the database after each moment."""

    def __init__(self, env, fair_partners):
        self.env, self.fair_partners = env, fair_partners
        self.last_offer = self._get_last("lead_broadcast_offer")
        self.last_lead = self._get_last("crm_lead")

    def _get_last(self, table):
        query = SQL("SELECT coalesce(max(id), 0) FROM %s", SQL.identifier(table))
        return self.env.execute_query(query)[0][0]

    def _rows(self, query, **values):
        return self.env.execute_query(SQL(query, **values))

    def check(self, moment) -> None:
        """Raise an error when something is not as it must be."""
        lies = {
            lie: rows[:5]
            for lie, query in LIES.items()
            if (rows := self._rows(query, now=moment, tz=TZ))
        }
        if not self._is_working_time(moment):
            if rows := self._rows(NEW_ROUNDS, now=moment):
                lies["Partners were asked outside working hours"] = rows[:5]
        counts = self._count_asked()
        if max(counts) - min(counts) > 1:
            lies["Equal partners are not asked in turn"] = counts
        if lies:
            raise AssertionError(f"{to_local(moment, TZ)} in {TZ}: {lies}")

    def check_end(self) -> dict:
        """Return how many leads are in which hands, of which none may be left."""
        ends = dict(self._rows(ENDS, last=self.last_lead))
        if "left searching" in ends or min(self._count_asked()) == 0:
            raise AssertionError(f"{ends}, asked in turn: {self._count_asked()}")
        return ends

    def get_new_offers(self) -> list[tuple]:
        """Return the id, the service and the validity in hours of offers that were made
        since the last call."""
        offers = self._rows(NEW_OFFERS, last=self.last_offer)
        self.last_offer = self._get_last("lead_broadcast_offer")
        return offers

    def _count_asked(self) -> list[int]:
        """How often each of the partners was asked that nothing tells apart."""
        rows = self._rows(ASKED_IN_TURN, partners=self.fair_partners.ids)
        return sorted(count for [count] in rows)

    @staticmethod
    def _is_working_time(moment) -> bool:
        """Monday to Friday from 8 to 12 and from 13 to 17, as core's calendar says."""
        local = to_local(moment, TZ)
        hours = local.hour + local.minute / 60
        return local.weekday() < SATURDAY and (8 <= hours < 12 or 13 <= hours < 17)
