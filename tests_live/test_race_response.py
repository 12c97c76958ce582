"""Somebody answers leads at the very moment their time ends: never both, an answer and
an escalation; and none at all where the answer came in time."""

import collections
import datetime
import functools
import random
import time
from pathlib import Path

import pytest

from . import race

GROUP = 10  # leads whose time ends at the same moment
GRACE = 30  # seconds that answers have to reach the database, see crm_lead_clock

_WORLD = Path(__file__).with_name("response_world.py")
_TRIGGER = """
INSERT INTO ir_cron_trigger (cron_id, call_at)
SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data
 WHERE module = 'lead_broadcast' AND name = 'ir_cron_run_clocks'
"""
_END = """
UPDATE crm_lead SET response_deadline = %s WHERE id = ANY(%s)
"""
_START = """
UPDATE lead_response_assignment SET level_start_date = %s, due_date = %s
 WHERE lead_id = ANY(%s)
"""
_STATE = """
SELECT lead.response_state, lead.response_level, account.login,
       (SELECT array_agg(row.result ORDER BY row.id)
          FROM lead_response_assignment row WHERE row.lead_id = lead.id),
       (SELECT array_agg(row.is_on_time ORDER BY row.id)
          FROM lead_response_assignment row WHERE row.lead_id = lead.id),
       (SELECT count(*) FROM mail_message message
         WHERE message.model = 'crm.lead' AND message.res_id = lead.id
           AND message.body LIKE '%%I call you%%'),
       (SELECT count(*) FROM mail_message message
         WHERE message.model = 'crm.lead' AND message.res_id = lead.id
           AND message.body LIKE '%%has not answered%%')
  FROM crm_lead lead
  JOIN res_users account ON account.id = lead.user_id
 WHERE lead.id = %s
"""


class World:
    """A server with two workers and a cron process, and leads of one person."""

    def __init__(self, live):
        self.live = live
        live.run_script(f"leads = {2 * GROUP}\n{_WORLD.read_text()}")
        self.database = race.Database(live)
        self.leads = self.database.column("SELECT id FROM crm_lead ORDER BY id")
        executive = live.client("executive")
        self.clients = [race.same_login(executive) for _number in range(GROUP)]

    def end_at(self, leads: list[int], end: float) -> None:
        """Let the time of leads end at that time of the clock."""
        moment = datetime.datetime.fromtimestamp(end, datetime.timezone.utc)
        moment = moment.replace(tzinfo=None)
        start = moment - datetime.timedelta(hours=1)
        self.database.execute(_START, start, moment, leads)
        self.database.execute(_END, moment, leads)

    def answers(self, leads: list[int]) -> list:
        """Functions that answer a lead each."""
        return [
            functools.partial(
                client.call,
                *("crm.lead", "message_post", [lead]),
                body="I call you.",
                message_type="comment",
            )
            for client, lead in zip(self.clients, leads, strict=True)
        ]

    def run_clocks(self) -> None:
        """Have the clocks looked at now, in the process of the crons."""
        self.database.execute(_TRIGGER)
        race.run_crons(self.live)

    def wait_for_clocks(self, leads: list[int]) -> None:
        """Have the clocks looked at until no time is over and nothing happened."""

        def all_done():
            self.run_clocks()
            return not self.database.rows(
                "SELECT FROM crm_lead WHERE response_deadline"
                " < now() AT TIME ZONE 'UTC' AND id = ANY(%s)",
                leads,
            )

        race.wait_until(all_done, "the end of all clocks")

    def check(self, lead: int) -> str:
        """Answered or escalated, and in either case altogether; which of them."""
        [(state, level, login, results, on_time, messages, escalations)] = (
            self.database.rows(_STATE, lead)
        )
        assert messages == 1, "no answer is lost"
        if level:
            assert (login, escalations, state) == ("backup", 1, "new")
            assert results == ["escalated", "waiting"]
            assert not any(on_time)
            return "escalated"
        assert (login, escalations, state) == ("executive", 0, "open")
        assert results == ["open"]
        return "on time" if on_time[0] else "late"


@pytest.fixture
def world(live_server):
    world = World(live_server(workers=2, crons=1))
    yield world
    world.database.close()


def at(moment: float, action):
    """The action, taken at that time of the clock."""

    def wait_and_act():
        time.sleep(max(0.0, moment - time.time()))
        return action()

    return wait_and_act


def timed(action):
    """The action, which returns when it was done."""

    def act():
        action()
        return time.time()

    return act


def test_answer_against_escalation(world):
    in_time, late = world.leads[:GROUP], world.leads[GROUP:]

    # in the last second, while the clocks are looked at all the time
    end = int(time.time()) + 3
    world.end_at(in_time, end)
    answers = [at(end - 1, timed(answer)) for answer in world.answers(in_time)]
    bells = [at(end + number, world.run_clocks) for number in range(5)]
    arrivals = race.at_once([*answers, *bells])[: len(answers)]
    world.wait_for_clocks(in_time)
    # a machine may be too slow for some; not for all
    arrived = [moment < end + GRACE for moment in arrivals]
    outcomes = {
        world.check(lead)
        for lead, was_there in zip(in_time, arrived, strict=True)
        if was_there
    }
    assert outcomes and outcomes <= {"on time", "late"}

    # too late, at the very moment at which the clocks take effect
    end = int(time.time()) + 3
    world.end_at(late, end - GRACE)
    answers = [
        at(end + random.uniform(-0.5, 1.5), answer) for answer in world.answers(late)
    ]
    race.at_once([*answers, *(at(end + n / 2, world.run_clocks) for n in range(6))])
    world.wait_for_clocks(late)
    outcomes = collections.Counter(world.check(lead) for lead in late)
    assert not outcomes["on time"]
    race.check_log(world.live)
    print(dict(outcomes))
