"""A report on a message that is faster than the transaction that sends it."""

import base64
import contextlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.hostile import WORLD
from devtools.processes import PATIENCE

from . import race

MESSAGES = """
SELECT message.id, message.uuid, tracker.broadcast_notice_id
  FROM sms_sms message
  JOIN sms_tracker tracker ON tracker.sms_uuid = message.uuid
 WHERE message.broadcast_company_id = %s AND tracker.broadcast_notice_id IS NOT NULL
 ORDER BY message.id
"""
# what core does, first and last, when it sends
CLAIM = "SELECT FROM sms_sms WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"
SENT = "UPDATE sms_sms SET state = 'pending', to_delete = true WHERE id = %s"
TOLD = "UPDATE lead_broadcast_notice SET sms_state = 'pending' WHERE id = %s"
STATE = "SELECT sms_state FROM lead_broadcast_notice WHERE id = %s"
# waiting for longer than PostgreSQL takes to look for a deadlock: whoever waits next
# would be its victim
WAITING = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
   AND query_start < clock_timestamp() - interval '1.5 s'
"""


def report(live, token: str, uuid: str):
    """What Twilio does as soon as a message has arrived."""
    url = f"{live.url}/sms_twilio/status/{uuid}"
    digest = hmac.digest(token.encode(), f"{url}SmsStatusdelivered".encode(), "sha1")
    return requests.post(
        url,
        data={"SmsStatus": "delivered"},
        headers={"X-Twilio-Signature": base64.b64encode(digest).decode()},
        timeout=PATIENCE,
    )


def test_report_waits_for_the_transaction_that_sends(live_server):
    """Were it written before, that transaction would fail: all it has sent would be
    sent once more."""
    live = live_server(workers=2)
    live.run_script(WORLD.read_text())
    database = race.Database(live)
    [company, token] = database.rows(
        "SELECT id, sms_twilio_auth_token FROM res_company ORDER BY id"
    )[0]
    messages = database.rows(MESSAGES, company)
    assert len(messages) >= 3

    for message, uuid, notice in messages[:3]:
        with (
            contextlib.closing(live.connect()) as sender,
            ThreadPoolExecutor(1) as twilio,
        ):
            sender.set_session(isolation_level="REPEATABLE READ")
            with sender.cursor() as cursor:
                cursor.execute(CLAIM, [message])
                answer = twilio.submit(report, live, token, uuid)
                race.wait_until(lambda: database.column(WAITING)[0], "the report")
                cursor.execute(TOLD, [notice])
                cursor.execute(SENT, [message])
                sender.commit()
            assert answer.result().status_code == 200
        assert database.column(STATE, notice) == ["sent"]
    race.check_log(live)
    database.close()
