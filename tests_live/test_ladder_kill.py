"""The server is killed again and again while leads climb their ladders: each takes
every step once, and none is left out.

A kill comes after so many more events, and then inside a transaction that has written
so many bytes, drawn at random.
"""

import collections
import random
import re
from pathlib import Path

from . import race
from .kills import KilledServer

WORLD = Path(__file__).with_name("ladder_world.py")
SEED, KILLS = 20261122, 10
LEADS, STEPS, WAVE = 60, 3, 2
OFFERS = LEADS * STEPS * WAVE
EVENTS_TO_COME = (
    LEADS * STEPS + LEADS + 2 * OFFERS
)  # rounds, activities, notices, mails
LINK = re.compile(r"/my/offers/(\d+)\?")
EVENTS = """
SELECT (SELECT count(*) FROM lead_broadcast)
     + (SELECT count(*) FROM lead_broadcast_notice WHERE state = 'sent')
"""
# files grow while a transaction writes
BYTES = """
SELECT sum(pg_total_relation_size(name::regclass))::bigint
  FROM unnest(ARRAY['lead_broadcast', 'lead_broadcast_candidate',
                    'lead_broadcast_offer', 'lead_broadcast_notice',
                    'mail_message', 'mail_mail']) name
"""
TO_BE_DONE = """
SELECT FROM crm_lead
 WHERE ladder_state = 'running' AND next_action_at <= now() AT TIME ZONE 'UTC'
 UNION ALL
SELECT FROM lead_broadcast
 WHERE state = 'open' AND valid_until <= now() AT TIME ZONE 'UTC'
 UNION ALL
SELECT FROM lead_broadcast_notice WHERE state = 'pending'
 UNION ALL
SELECT FROM mail_mail WHERE state = 'outgoing'
"""
LEFT = "SELECT FROM crm_lead WHERE service_id IS NOT NULL AND ladder_state != 'handed'"
LET_AN_HOUR_PASS = """
UPDATE lead_broadcast SET valid_until = valid_until - interval '1 hour'
 WHERE state = 'open';
UPDATE lead_broadcast_offer SET valid_until = valid_until - interval '1 hour'
 WHERE state = 'open';
UPDATE crm_lead SET next_action_at = next_action_at - interval '1 hour'
 WHERE ladder_state = 'running';
UPDATE ir_cron_trigger SET call_at = call_at - interval '1 hour'
"""
STORIES = """
SELECT lead.ladder_run, lead.broadcast_state,
       (SELECT array_agg((step.name->>'en_US') || ': ' || round.state
                         ORDER BY round.sequence)
          FROM lead_broadcast round
          JOIN lead_broadcast_ladder_step step ON step.id = round.step_id
         WHERE round.lead_id = lead.id),
       (SELECT count(*) FROM lead_broadcast_offer offer WHERE offer.lead_id = lead.id),
       (SELECT count(DISTINCT offer.partner_id)
          FROM lead_broadcast_offer offer WHERE offer.lead_id = lead.id),
       (SELECT count(*) FROM mail_activity activity
         WHERE activity.res_model = 'crm.lead' AND activity.res_id = lead.id)
  FROM crm_lead lead
 WHERE lead.service_id IS NOT NULL
"""
# of each lead, as above: one run, each step once, nobody asked twice, one activity
STORY = (
    *(1, "exhausted", tuple(f"Step {number}: expired" for number in (1, 2, 3))),
    *(STEPS * WAVE, STEPS * WAVE, 1),
)


class Ladders(KilledServer):
    """Leads on their ladders, and the clock."""

    def count_events(self) -> int:
        self.let_time_pass()
        [rows] = self.database.column(EVENTS)
        return rows + self.mail_count()

    def written(self) -> int:
        [size] = self.database.column(BYTES)
        return size

    def is_idle(self) -> bool:
        return not self.database.rows(TO_BE_DONE)

    def is_done(self) -> bool:
        return not self.database.rows(LEFT) and self.is_idle()

    def let_time_pass(self) -> None:
        """An hour, as soon as nothing is left to be done before."""
        if self.is_idle():
            self.database.execute(LET_AN_HOUR_PASS)

    def ends(self) -> bool:
        self.let_time_pass()
        return self.is_done()


def test_killed_ten_times(live_server):
    dice = random.Random(SEED)
    live = live_server(workers=0, crons=2)
    live.run_script(f"leads = {LEADS}\n{WORLD.read_text()}")
    ladders = Ladders(live)
    for left in range(KILLS, 0, -1):
        happened = ladders.count_events()
        to_come = max(EVENTS_TO_COME - happened, left)
        moment = happened + dice.randint(1, max(2 * to_come // (left + 2), 1))
        ladders.run_until(
            lambda moment=moment: ladders.count_events() >= moment or ladders.is_done(),
            f"{moment} events",
        )
        size = ladders.written() + dice.randint(0, 1 << 16)
        if not ladders.run_to_kill(
            lambda size=size: ladders.written() >= size or ladders.is_idle(), "writing"
        ):
            break  # a quick server leaves less to be killed at
        ladders.kill()
    assert ladders.kills > KILLS // 2
    ladders.run_until(ladders.ends, "all with a person")

    stories = collections.Counter(
        (run, state, tuple(steps), *counts)
        for run, state, steps, *counts in ladders.database.rows(STORIES)
    )
    assert stories == {STORY: LEADS}
    check_mails(live, ladders.database)
    race.check_errors(live)
    ladders.close()


def check_mails(live, database) -> None:
    """Each offer was told; those in flight at a kill may have come again."""
    bodies = (mail.get_body(("html",)) for mail in live.sink.messages())
    links = (LINK.search(body.get_content()) for body in bodies if body)
    told = collections.Counter(int(link[1]) for link in links if link)
    offers = database.column("SELECT id FROM lead_broadcast_offer")
    assert sorted(told) == sorted(offers) and len(offers) == OFFERS
    assert told.total() <= OFFERS + KILLS, told.most_common(5)
    print(f"{len(offers)} offers, {told.total()} mails")
