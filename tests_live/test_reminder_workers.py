"""Several processes plan and send reminders at the same moment: each is sent once."""

import collections
import datetime
from pathlib import Path

from . import race

WORLD = Path(__file__).with_name("reminder_world.py")
ROUNDS = 3
LEADS, MASTERS, SELLERS = 120, 4, 3
TARGET = LEADS + MASTERS + SELLERS  # mails in each round
# nothing by SMS: there is no gateway
NO_SMS = """
env["lead.broadcast.notification.rule"].search([("channel", "=", "sms")]).active = False
"""
# as the user of the scheduled actions
PLAN = "env['lead.broadcast.notification.rule'].with_user(1)._cron_plan()"
SEND = "env['lead.broadcast.notice'].with_user(1)._cron_send()"
COUNTS = """
SELECT event, channel, state, count(*), count(DISTINCT (recipient_id, slot))
  FROM lead_broadcast_notice GROUP BY 1, 2, 3
"""
WRITTEN = "SELECT count(*) FROM lead_broadcast_notice"


def test_several_workers(live_server):
    live = live_server(workers=4, crons=2)
    people = [f"+9198111{index:04}1" for index in range(LEADS)]
    live.run_script(
        f"people, masters = {people!r}, {MASTERS}\n{NO_SMS}{WORLD.read_text()}"
    )
    admin = live.client()
    database = race.Database(live)
    [schedule] = admin.call(
        "lead.broadcast.schedule", "search", [["name", "=", "Three times a day"]]
    )
    plan, send = (add_action(admin, code) for code in (PLAN, SEND))
    clients = [race.same_login(admin) for _number in range(5)]

    def run(client, action):
        return lambda: client.call("ir.actions.server", "run", [action])

    now = datetime.datetime.now(datetime.UTC)
    wait_for_mails(live, TARGET)  # those of the world's beginning
    for number in range(2, ROUNDS + 1):
        set_slot(admin, schedule, now + datetime.timedelta(minutes=number - ROUNDS))
        race.at_once([run(client, plan) for client in clients])
        assert database.column(WRITTEN) == [number * TARGET]
        race.at_once(
            [
                *(run(client, send) for client in clients[:3]),
                *(run(client, plan) for client in clients[3:]),
                lambda: race.run_crons(live),
            ]
        )
        wait_for_mails(live, number * TARGET)

    total = ROUNDS * TARGET
    assert database.rows(COUNTS) == [("digest", "mail", "sent", total, total)]
    mails = live.sink.messages()
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == total
    told = collections.Counter(mail["X-Envelope-To"] for mail in mails)
    assert len(told) == TARGET and set(told.values()) == {ROUNDS}
    collisions = race.check_log(live)
    race.check_errors(live)
    print(f"{ROUNDS} rounds, {total} mails, {collisions} collisions")
    database.close()


def wait_for_mails(live, count: int) -> None:
    def have_arrived():
        return len(list(live.sink.folder.glob("*.eml"))) >= count

    race.wait_for_crons(live, have_arrived, f"{count} mails")


def add_action(admin, code: str) -> int:
    """A server action that does what a scheduled one does, in the caller's process."""
    [model] = admin.call("ir.model", "search", [["model", "=", "res.partner"]])
    return admin.call(
        "ir.actions.server",
        "create",
        {"name": code, "model_id": model, "state": "code", "code": code},
    )


def set_slot(admin, schedule: int, moment: datetime.datetime) -> None:
    """Have reminders be due at this moment, since ever."""
    hour = moment.hour + moment.minute / 60  # slots are minutes
    yesterday = moment - datetime.timedelta(days=1)
    for values in (
        {"time_ids": [[5, 0, 0], [0, 0, {"hour": hour}]]},
        # after it: a change counts from now
        {"effective_date": yesterday.strftime("%Y-%m-%d %H:%M:%S")},
    ):
        admin.call("lead.broadcast.schedule", "write", [schedule], values)
