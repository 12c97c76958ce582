"""A mail server with bad days: nothing is lost, and nothing is sent twice."""

import collections
import functools
import re

import pytest

from . import race
from .test_race_kill import told_offers

PARTNERS = 12
LATER = "451 4.7.1 try again later"
STATES = """
SELECT mail_state, count(*) FROM lead_broadcast_notice
 WHERE channel = 'mail' AND event = 'offered' GROUP BY mail_state
"""
WAITING = """
SELECT count(*) FROM mail_mail
 WHERE state = 'outgoing' AND broadcast_try_count = %s AND scheduled_date > now()
"""
LET_TIME_PASS = """
UPDATE mail_mail SET scheduled_date = scheduled_date - interval '1 hour'
 WHERE state = 'outgoing';
UPDATE ir_cron_trigger SET call_at = call_at - interval '1 hour'
"""
OUTBOX = """
SELECT res_id FROM ir_model_data
 WHERE module = 'lead_broadcast' AND name = 'ir_cron_send_notices'
"""


@pytest.fixture
def world(live_server):
    """A lead that was offered to partners, whose mails are not sent yet."""

    def build(**options):
        live = live_server(**options)
        race.build_world(live, 1, PARTNERS)
        return live, race.Database(live)

    return build


def check_delivered(live, database):
    offers = database.column("SELECT id FROM lead_broadcast_offer")
    assert told_offers(live) == collections.Counter(offers)
    assert dict(database.rows(STATES)) == {"sent": PARTNERS}
    ids = [mail["Message-Id"] for mail in live.sink.messages()]
    assert len(set(ids)) == len(ids)


def test_put_off_and_cut_off(world):
    """Ten minutes of 451, then a server that hangs up, then one that is away."""
    live, database = world(crons=1)

    run_until = functools.partial(race.wait_for_crons, live)

    live.sink.answer(LATER)
    for tries in range(1, 4):
        run_until(
            lambda tries=tries: database.column(WAITING, tries) == [PARTNERS],
            f"all wait for the {tries}. time",
        )
        assert not told_offers(live)
        database.execute(LET_TIME_PASS)
    live.sink.answer("disconnect")
    run_until(lambda: database.column(WAITING, 4) == [PARTNERS], "all were cut off")
    live.sink.answer(None)
    live.sink.pause()
    database.execute(LET_TIME_PASS)
    run_until(lambda: database.column(WAITING, 5) == [PARTNERS], "nobody is there")
    live.sink.start()
    database.execute(LET_TIME_PASS)
    run_until(lambda: dict(database.rows(STATES)) == {"sent": PARTNERS}, "all sent")
    check_delivered(live, database)
    assert not re.findall(r'" 5\d\d ', live.server.log.read_text())
    database.close()


def test_two_queues_at_once(world):
    live, database = world(crons=0)
    clients = [live.client() for _worker in range(2)]
    clients[0].call("ir.cron", "method_direct_trigger", database.column(OUTBOX))
    race.at_once(
        [
            lambda client=client: client.call("mail.mail", "process_email_queue")
            for client in clients
        ]
    )
    check_delivered(live, database)
    database.close()
