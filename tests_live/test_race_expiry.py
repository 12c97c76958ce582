"""Partners accept in the very second in which their time ends: never both."""

import datetime
import functools
import time

import pytest
import requests

from . import race

ROUNDS, PARTNERS = 50, 3
GROUP = 10  # rounds that end at the same moment
LEAD_TIME = 1.0  # seconds before it in which their answers begin

TRIGGER = """
INSERT INTO ir_cron_trigger (cron_id, call_at)
SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data
 WHERE module = 'lead_broadcast' AND name = 'ir_cron_expire_broadcasts'
"""
STATE = """
SELECT round.state, lead.broadcast_state, lead.allocated_offer_id,
       (SELECT array_agg(offer.state ORDER BY offer.state)
          FROM lead_broadcast_offer offer WHERE offer.lead_id = lead.id),
       (SELECT array_agg(notice.event ORDER BY notice.event)
          FROM lead_broadcast_notice notice
         WHERE notice.lead_id = lead.id
           AND notice.event IN ('allocated', 'exhausted')),
       (SELECT count(*) FROM mail_message message
         WHERE message.model = 'crm.lead' AND message.res_id = lead.id
           AND (message.body LIKE '%%Allocated to%%'
                OR message.body LIKE '%%nobody took it%%'))
  FROM crm_lead lead
  JOIN lead_broadcast round ON round.lead_id = lead.id
 WHERE lead.id = %s
"""


class World:
    """A server with two workers and a cron process, and the hands of its clock."""

    def __init__(self, live):
        self.live = live
        race.build_world(live, ROUNDS, PARTNERS)
        self.database = race.Database(live)
        self.leads = self.database.column("SELECT id FROM crm_lead ORDER BY id")
        # a page for each answer: its CSRF token serves for all offers
        self.pages = [self._open_page() for _number in range(GROUP)]
        executive = live.client("executive")
        self.operators = [race.same_login(executive) for _number in range(GROUP)]

    def _open_page(self) -> race.Page:
        page = race.Page(self.live.url, requests.Session(), token=True)
        page.open(*self.database.offers(self.leads[0])[0])
        return page

    def answers(self, number: int, lead: int) -> list:
        """Two partners that are about to accept: one by mail, one by phone."""
        (by_mail, token), (by_phone, _token), _silent = self.database.offers(lead)
        accept = functools.partial(
            self.operators[number].call,
            "lead.broadcast.offer",
            "action_operator_accept",
            [by_phone],
        )
        return [
            functools.partial(self.pages[number].answer, by_mail, token),
            functools.partial(race.outcome_of, accept),
        ]

    def end_soon(self, leads: list[int]) -> float:
        """Let the offers end when the clock strikes, in one to two seconds."""
        end = int(time.time()) + 2
        moment = datetime.datetime.fromtimestamp(end, datetime.timezone.utc)
        for table in ("lead_broadcast", "lead_broadcast_offer"):
            self.database.execute(
                f"UPDATE {table} SET valid_until = %s WHERE lead_id = ANY(%s)",
                *(moment.replace(tzinfo=None), leads),
            )
        return end

    def expire(self) -> None:
        """Have the cron that ends rounds run now, in its own process."""
        self.database.execute(TRIGGER)
        race.run_crons(self.live)

    def wait_for_end(self, leads: list[int]) -> None:
        """Have the crons run until no round is open."""

        def all_ended():
            self.expire()
            return not self.database.rows(
                "SELECT FROM lead_broadcast WHERE state = 'open' AND lead_id = ANY(%s)",
                leads,
            )

        race.wait_until(all_ended, "the end of all rounds")

    def check(self, lead: int, outcomes: list[str]) -> str:
        """Won or expired, and in either case altogether; which of them."""
        [(state, status, winner, offers, told, lines)] = self.database.rows(STATE, lead)
        if "accepted" in outcomes:
            assert sorted(outcomes) in (["accepted", "taken"], ["accepted", "expired"])
            # an answer that came in before the end counts, even if it was retried
            # after the round had been ended: then it is what is true from then on
            assert (state, status) == ("won", "allocated")
            assert "allocated" in told and lines == len(told)
            assert offers[0] == "accepted" and {*offers[1:]} <= {"expired", "lost"}
            assert winner
        else:
            assert lines == 1
            assert outcomes == ["expired", "expired"]
            assert (state, status, told) == ("expired", "exhausted", ["exhausted"])
            assert offers == ["expired"] * PARTNERS
            assert winner is None
        return state


@pytest.fixture
def world(live_server):
    world = World(live_server(workers=2, crons=1))
    yield world
    world.database.close()


def at(moment: float, answer):
    """The answer, given at that time of the clock."""

    def wait_and_answer():
        time.sleep(max(0.0, moment - time.time()))
        return answer()

    return wait_and_answer


def test_accept_against_expiry(world):
    """50 rounds, in each two partners accept about when their time ends."""
    states = []
    for first in range(0, ROUNDS, GROUP):
        leads = world.leads[first : first + GROUP]
        answers = [world.answers(number, lead) for number, lead in enumerate(leads)]
        end = world.end_soon(leads)
        timed = [at(end, world.expire)]
        for number, pair in enumerate(answers):
            moment = end - LEAD_TIME * (1 - number / GROUP)
            timed += [at(moment, answer) for answer in pair]
        outcomes = race.at_once(timed)[1:]
        world.wait_for_end(leads)
        for number, lead in enumerate(leads):
            states.append(world.check(lead, outcomes[2 * number : 2 * number + 2]))
    race.check_log(world.live)
    print({state: states.count(state) for state in states})
