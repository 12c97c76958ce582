"""The server is killed again and again while it plans and sends reminders: none is
lost, and none is sent twice, but mails that were in flight.

The clock of this test is what happened: a kill comes after so many more mails, SMS,
notices and runs of scheduled actions, drawn at random.
"""

import collections
import contextlib
import itertools
import random
import re
from pathlib import Path

from devtools import sms_setup

from .conftest import LiveServer
from .kills import KilledServer

WORLD = Path(__file__).with_name("reminder_world.py")
SEED, KILLS = 20261122, 20
LEADS, MASTERS, SELLERS = 200, 10, 3
# who ends with 5 gets everything, but no report ever comes; see devtools.smpp_server
PEOPLE = [f"+9198111{index:04}{5 if index % 4 == 0 else 1}" for index in range(LEADS)]
LEAD = re.compile(r"\bL\d+\b")
TARGET = LEADS + MASTERS + SELLERS  # mails; and as many SMS as leads
EVENTS = """
SELECT (SELECT count(*) FROM ir_cron_progress)
     + (SELECT count(*) FROM lead_broadcast_notice WHERE state != 'pending')
"""
UNDONE = """
SELECT FROM lead_broadcast_notice WHERE state = 'pending'
 UNION ALL
SELECT FROM mail_mail WHERE state = 'outgoing'
 UNION ALL
SELECT FROM sms_sms WHERE state = 'outgoing' OR broadcast_sending_since IS NOT NULL
                       OR (state = 'error' AND broadcast_retry_at IS NOT NULL)
"""
NOTICES = """
SELECT event, channel, state, count(*) FROM lead_broadcast_notice
 WHERE fallback_of_id IS NULL GROUP BY 1, 2, 3
"""
SMS = """
SELECT notice.sms_number, notice.sms_state, count(fallback.id)
  FROM lead_broadcast_notice notice
  LEFT JOIN lead_broadcast_notice fallback ON fallback.fallback_of_id = notice.id
 WHERE notice.channel = 'sms' GROUP BY 1, 2
"""


class Town(KilledServer):
    """The server that is killed, and what arrived from it."""

    def __init__(self, live, operator):
        super().__init__(live)
        self.operator = operator
        self.in_flight = set()  # numbers of the last mails before a kill

    def count_events(self) -> int:
        [rows] = self.database.column(EVENTS)
        return rows + self.mail_count() + len(self.operator.messages())

    def is_done(self) -> bool:
        return self.mail_count() >= TARGET and not self.database.rows(UNDONE)

    def kill(self) -> None:
        super().kill()
        self.in_flight.add(self.mail_count())  # nothing is sent before the crons run

    def arrived(self) -> collections.Counter:
        """How many SMS each phone got."""
        messages = self.operator.messages()
        return collections.Counter(message["recipient"] for message in messages)

    def mails(self) -> list[tuple]:
        """The address and Message-ID of each mail that arrived, in order."""
        return [
            (str(mail["X-Envelope-To"]), str(mail["Message-ID"]))
            for mail in self.live.sink.messages()
        ]


def test_killed_twenty_times(env):
    dice = random.Random(SEED)
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(env.database())
        sink = stack.enter_context(env.mail_sink())
        operator = stack.enter_context(env.operator())
        kannel = stack.enter_context(env.kannel(operator=operator))
        server = env.server(database, workers=0, crons=2, smtp_port=sink.port)
        live = LiveServer(env, stack.enter_context(server), sink)
        # before there is anything to send, or that waits for the next try
        kannel.start(sms_setup.connect(env.odoo, database, kannel.settings, live.url))
        live.run_script(f"people, masters = {PEOPLE!r}, {MASTERS}\n{WORLD.read_text()}")
        town = Town(live, operator)

        for left in range(KILLS, 0, -1):
            happened = town.count_events()
            to_come = max(2 * (TARGET + LEADS) - happened, left)
            moment = happened + dice.randint(1, 2 * to_come // (left + 1))
            if not town.run_to_kill(
                lambda moment=moment: town.count_events() >= moment, f"{moment} events"
            ):
                break  # a quick server leaves less to be killed at
            town.kill()
        assert town.kills > KILLS // 2
        town.run_until(town.is_done, "everything sent")
        uncertain = check_sms(town)
        check_mails(town, uncertain)
        town.close()


def check_sms(town: Town) -> set:
    """No phone got anything twice. What did not arrive is shown.

    :return: the numbers of those who were told by mail as well
    """
    town.run_until(lambda: not is_under_way(town), "all reports")
    rows = sms(town)  # first: reports come after messages
    arrived = town.arrived()
    assert set(arrived.values()) == {1}, arrived.most_common(3)
    doubtful = set()
    for number, state, fallbacks in rows:
        if fallbacks:
            doubtful.add(number)
        else:
            assert (number in arrived) and state in ("sent", "pending"), (number, state)
        if number not in arrived:
            assert (state, fallbacks) == ("uncertain", 1), (number, state, fallbacks)
    assert len(arrived) + len(doubtful) >= LEADS and len(doubtful) <= KILLS
    print(f"{len(arrived)} SMS, {len(doubtful)} were in flight")
    return doubtful


def is_under_way(town: Town) -> bool:
    """Whether the gateway or the operator still have something to do."""
    rows, arrived = sms(town), town.arrived()
    return any(
        state in ("outgoing", "process")
        or (state == "pending" and not (number in arrived and number.endswith("5")))
        for number, state, _fallbacks in rows
    )


def sms(town: Town) -> list[tuple]:
    return town.database.rows(SMS)


def check_mails(town: Town, doubtful: set) -> None:
    """One mail for each recipient; a repeated one is the same, and was in flight."""
    assert set(town.database.rows(NOTICES)) == {
        ("digest", "mail", "sent", TARGET),
        ("allocated", "sms", "sent", LEADS),
    }
    expected = {
        *(f"office@partner{number:03}.example" for number in range(LEADS)),
        *(f"office@master{number}.example" for number in range(MASTERS)),
        *(f"seller{number}@desk.example" for number in range(SELLERS)),
        *(f"{number[1:]}@people.example" for number in doubtful),
    }
    mails = town.mails()
    told = dict.fromkeys(mails)
    assert sorted(address for address, _message in told) == sorted(expected)
    places = collections.defaultdict(list)
    for place, (_address, message) in enumerate(mails, 1):
        places[message].append(place)
    repeated = [pair for where in places.values() for pair in itertools.pairwise(where)]
    assert all(first in town.in_flight for first, _second in repeated), repeated
    bodies = [
        mail.get_body(("html",)).get_content()
        for mail in town.live.sink.messages()
        if "@partner" in mail["X-Envelope-To"]
    ]
    assert len({LEAD.search(body)[0] for body in bodies}) == LEADS
    print(f"{len(told)} mails, {len(repeated)} were in flight and came again")
