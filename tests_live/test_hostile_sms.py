"""Hostile requests against the routes that take SMS: refused, and nothing changes."""

import pytest

from benchmarks.hostile import WORLD, Target, attack

SECONDS = 40
# ten replies an hour and one that says that it was the last; of messages that are
# handled at the same moment two may get the last one
MOST_REPLIES = 12


@pytest.fixture
def target(live_server):
    live = live_server(workers=2)
    live.run_script(WORLD.read_text())
    return Target(live.server, live.env.dsn(live.database))


def test_hostile_requests(target):
    """As many as can be in the time; ./dev bench hostile sends 100,000."""
    before = target.state()
    log = target.count("lead_broadcast_inbound_sms")
    replies = target.count("sms_sms")

    outcome = attack(target, seconds=SECONDS)

    assert not outcome.failed, outcome.failed[:5]
    assert target.state() == before
    # only who has the secret leaves a trace, and few get a reply
    kept = target.count("lead_broadcast_inbound_sms") - log
    assert 0 < kept <= outcome.trusted
    people = len(target.authorized + target.unauthorized)
    assert target.count("sms_sms") - replies <= people * MOST_REPLIES
    assert "Traceback" not in target.server.log.read_text()
    print(f"{len(outcome.seconds)} requests, {kept} kept")
