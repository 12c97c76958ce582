"""SMS when something is stopped, dead or killed: the gateway, the mail server, Odoo."""

import pytest

from . import sms_gateway
from .sms_gateway import OFFICE, RECEIVED, SERVICES

WAITING = """
SELECT count(*) FROM sms_sms WHERE broadcast_retry_at IS NOT NULL AND state = 'error'
"""
TRIES = """
SELECT count(*) FROM sms_sms WHERE state = 'error' AND broadcast_try_count = %s
"""
MAIL_TRIES = """
SELECT count(*) FROM mail_mail WHERE state = 'outgoing' AND broadcast_try_count = %s
"""
LET_TIME_PASS = """
UPDATE {table} SET {date} = {date} - interval '1 hour' WHERE {date} IS NOT NULL;
UPDATE ir_cron_trigger SET call_at = call_at - interval '1 hour'
"""
UNTOLD = """
SELECT FROM lead_broadcast_notice WHERE state = 'pending'
 UNION ALL
SELECT FROM mail_mail WHERE state = 'outgoing'
"""
WARNINGS = """
SELECT lead_id FROM lead_broadcast_notice
 WHERE event = 'undeliverable' AND lead_id = ANY(%s) ORDER BY lead_id
"""


@pytest.fixture(scope="module")
def world(env):
    with sms_gateway.running(env) as started:
        yield started


def test_gateway_stopped_and_started(world):
    """What it had not handed on, what it could not take, and what phones sent."""
    known = world.broadcast("Away")
    world.wait_until_delivered(known)
    [(phone, offer)] = world.offers(known).items()
    world.operator.set_busy(True)
    queued = world.broadcast("Restart")
    world.wait_until(
        lambda: set(world.states(queued).values()) == {"process"}, "all at the gateway"
    )
    world.kannel.stop()
    refused = world.broadcast("Restart")
    people = SERVICES["Restart"]
    world.wait_until(
        lambda: world.database.column(WAITING) == [len(people)], "all wait for it"
    )
    world.operator.send(phone, OFFICE, offer["text"])
    assert not world.count_offers(queued, refused).total()

    world.operator.set_busy(False)
    world.kannel.start()
    world.retry()
    world.wait_until_delivered(queued)
    world.wait_until_delivered(refused)
    assert set(world.count_offers(queued, refused).values()) == {1}
    world.wait_for_reply(phone, "accepted")
    assert len(world.database.rows(RECEIVED, phone)) == 1


def test_gateway_and_mail_server_are_both_dead(world):
    """The salesperson is warned; what is still true is delivered when they are back."""
    call = world.executive.call
    # of what was before, nothing is waiting for them
    world.wait_until(lambda: not world.database.rows(UNTOLD), "all are told")
    world.kannel.stop()
    world.live.sink.pause()
    leads = [world.broadcast("Dead") for _count in range(2)]

    def fail(query, table, date, times):
        for tries in range(1, times + 1):
            world.wait_until(
                lambda tries=tries: world.database.column(query, tries) == [2],
                f"{tries} tries of {table}",
            )
            if tries < times:
                world.database.execute(LET_TIME_PASS.format(table=table, date=date))

    fail(TRIES, "sms_sms", "broadcast_retry_at", 2)
    fail(MAIL_TRIES, "mail_mail", "scheduled_date", 5)
    assert world.database.column(WARNINGS, leads) == leads
    problems = [["has_delivery_problem", "=", True]]
    assert sorted(call("crm.lead", "search", problems)) == leads

    told, stopped = leads
    call("crm.lead", "action_stop_broadcast", [stopped])
    world.kannel.start()
    world.live.sink.start()
    world.retry()
    passed = LET_TIME_PASS.format(table="mail_mail", date="scheduled_date")
    world.database.execute(passed)
    world.wait_until_delivered(told)
    [(_lang, number)] = SERVICES["Dead"]
    mails = world.live.mails(lambda mail: number[1:] in mail["To"])
    assert len(mails) == 1
    assert set(world.count_offers(told).values()) == {1}
    assert not world.count_offers(stopped).total()
    assert not call("crm.lead", "search", problems)


def test_odoo_killed_while_messages_are_under_way(world):
    """Nothing comes twice. What was in flight and never arrived is shown as such."""
    known = world.broadcast("Away")
    world.wait_until_delivered(known)
    [(phone, offer)] = world.offers(known).items()
    before = len(world.database.rows(RECEIVED, phone))
    lead = world.broadcast("Kill")
    world.wait_until(lambda: world.count_offers(lead).total() >= 5, "some messages")
    world.live.server.kill()
    sent = world.count_offers(lead).total()
    assert sent < len(SERVICES["Kill"]), "it was killed too late"
    world.operator.send(phone, OFFICE, offer["text"])
    sms_gateway.check_log(world.live)  # it begins anew
    world.live.restart()
    world.wait_until(
        lambda: (
            set(world.states(lead).values()) <= {"sent", "uncertain"}
            and world.count_offers(lead).total()
            == list(world.states(lead).values()).count("sent")
        ),
        "all delivered but what was in flight",
    )
    counts = world.count_offers(lead)
    assert max(counts.values()) == 1, counts.most_common(3)
    assert counts.total() >= len(SERVICES["Kill"]) - 1
    world.wait_for_reply(phone, "accepted")
    assert len(world.database.rows(RECEIVED, phone)) == before + 1
    print(f"{sent} sent before the kill, {counts.total()} in all")
