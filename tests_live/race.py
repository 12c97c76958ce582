"""A race: many answers to one lead at the same moment, through every channel."""

import contextlib
import copy
import itertools
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2
import requests

from devtools.processes import PATIENCE

from .rpc import RemoteError

_WORLD = Path(__file__).with_name("race_world.py")
_WAITING = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
_OFFERS = """
SELECT offer.id, offer.access_token FROM lead_broadcast_offer offer
 WHERE offer.lead_id = %s ORDER BY offer.distance
"""
_RESULT = """
SELECT result FROM lead_broadcast_inbound_sms
 WHERE provider = 'kannel' AND provider_ref = %s
"""
_CSRF_TOKEN = re.compile(r'name="csrf_token"\s+value="(\w+)"')
_LOOKS_PER_BELL = 20
# what is tried again; and core's clean-up, which gives way to who adds attachments
_COLLISION = re.compile(
    r" ERROR \S+ odoo\.sql_db: bad query: (.*\nERROR: could not serialize access|"
    r"b'LOCK ir_attachment IN SHARE MODE'\n"
    r"ERROR: canceling statement due to lock timeout)"
)
_TAKEN = re.compile("has been taken|belongs to")


def build_world(live, rounds: int, partners: int, phones=()) -> None:
    """One lead for each round, offered to that many partners.

    :param phones: numbers of the partners whose executives answer by SMS
    """
    variables = f"{rounds=}\n{partners=}\nphones={list(phones)}\n"
    live.run_script(variables + _WORLD.read_text())


def wait_until(condition, what: str, seconds: int = PATIENCE) -> None:
    """For what no event tells of: locks in PostgreSQL, work of other processes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.01)


def wait_for_crons(live, condition, what: str) -> None:
    """Keep the server's crons at it, as the passing of time does; they are busy enough
    without a bell that never stops."""
    looks = itertools.count()

    def check():
        if next(looks) % _LOOKS_PER_BELL == 0:
            run_crons(live)
        return condition()

    wait_until(check, what)


def at_once(answers) -> list:
    """Call all functions at the same moment, each in a thread; their results.

    The threads wait in random order: they are woken in that of their waiting, and none
    of the channels shall always be the first.
    """
    start = threading.Barrier(len(answers))
    order = random.sample(range(len(answers)), len(answers))

    def answer(function):
        start.wait()
        return function()

    with ThreadPoolExecutor(len(answers)) as pool:
        results = dict(
            zip(order, pool.map(answer, [answers[n] for n in order]), strict=True)
        )
    return [results[number] for number in range(len(answers))]


class Database:
    """What the rounds left behind, and a hand on its locks."""

    def __init__(self, live):
        self.connection = live.connect()
        self.connection.autocommit = True
        self.holder = live.connect()

    def close(self):
        self.connection.close()
        self.holder.close()

    def rows(self, query: str, *values) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def column(self, query: str, *values) -> list:
        return [row[0] for row in self.rows(query, *values)]

    def offers(self, lead: int) -> list[tuple]:
        """The id and token of each offer of a lead, the nearest partner's first."""
        return self.rows(_OFFERS, lead)

    def execute(self, query: str, *values) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values)

    @contextlib.contextmanager
    def gate(self, table: str, record: int, expected: int):
        """Keep a row locked, until so many transactions stand before it.

        What is started inside the block then really meets: without the gate the
        first answer is often through before the second begins. The lock changes
        nothing, and lets foreign keys pass.
        """
        with self.holder.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table} WHERE id = %s FOR NO KEY UPDATE", [record]
            )
        opener = threading.Thread(target=self._open, args=[expected])
        opener.start()
        try:
            yield
        finally:
            opener.join()

    def _open(self, expected: int):
        try:
            wait_until(
                lambda: self.column(_WAITING)[0] >= expected, f"{expected} at the gate"
            )
        finally:
            self.holder.rollback()


class Page:
    """Somebody on an offer's page, logged in or not; ``answer`` is what a button does.

    :param token: whether the offer's token is sent, as by the link in a mail
    """

    def __init__(self, url: str, session: requests.Session, *, token: bool):
        self.url, self.session, self.token = url, session, token
        self.csrf_token = None

    def answer(self, offer: int, access_token: str, verb: str = "accept", **form):
        """The outcome that is told: accepted, already_yours, taken, expired ..."""
        credentials = {"access_token": access_token} if self.token else {}
        page = f"{self.url}/my/offers/{offer}"
        answer = self.session.post(
            f"{page}/{verb}",
            data={**credentials, "csrf_token": self.csrf_token, **form},
            allow_redirects=False,
            timeout=PATIENCE,
        )
        assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
        [outcome] = parse_qs(urlsplit(answer.headers["Location"]).query)["outcome"]
        return outcome

    def open(self, offer: int, access_token: str) -> str:
        """The page as it is now; it also has what a later POST must send."""
        answer = self.session.get(
            f"{self.url}/my/offers/{offer}",
            params={"access_token": access_token} if self.token else {},
            timeout=PATIENCE,
        )
        assert answer.status_code == 200, answer.status_code
        self.csrf_token = re.search(r'name="csrf_token"\s+value="(\w+)"', answer.text)[
            1
        ]
        return answer.text


class Gateway:
    """What hands over to Odoo the messages that phones send: Kannel's part."""

    def __init__(self, live, database: Database):
        self.database = database
        [(number, self.secret)] = database.rows(
            "SELECT id, secret FROM lead_broadcast_kannel_gateway"
        )
        self.url = f"{live.url}/lead_broadcast_kannel/receive/{number}"

    def deliver(self, session: requests.Session, phone: str, ref: str, text: str):
        """What became of a message, once it is taken: accepted, taken ..."""
        parameters = {
            "secret": self.secret,
            "from": phone,
            "to": "+79125550000",
            "text": text,
            "charset": "UTF-8",
            "coding": "0",
            "smsc": "operator",
            "id": ref,
            "time": int(time.time()),
        }
        answer = session.get(self.url, params=parameters, timeout=PATIENCE)
        assert (answer.status_code, answer.text) == (200, ""), answer.text[:2000]
        [result] = self.database.column(_RESULT, f"operator/{ref}")
        return result


def outcome_of(call, done: str = "accepted") -> str:
    """What staff are told: a UserError says why it was not done."""
    try:
        call()
    except RemoteError as error:
        assert error.name == "odoo.exceptions.UserError", (error.name, str(error))
        if _TAKEN.search(str(error)):
            return "taken"
        return "expired" if "is over" in str(error) else str(error)
    return done


def same_login(client):
    """The client once more, on a connection of its own: one serves one thread."""
    other = copy.copy(client)
    other.session = requests.Session()
    other.session.cookies.update(client.session.cookies)
    return other


def run_crons(live) -> None:
    """Wake the server's cron processes, as Odoo does for what is due at once."""
    with contextlib.closing(psycopg2.connect(live.env.dsn("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [live.database])


def check_log(live) -> int:
    """No request failed or gave up; how many were tried again after a collision."""
    log = live.server.log.read_text()
    assert not re.findall(r'" 5\d\d ', log)
    assert "maximum number of tries" not in log
    return log.count("tries left, try again")


def check_errors(live) -> None:
    """No error in the log, but of transactions that collided."""
    log = _COLLISION.sub("", live.server.log.read_text())
    assert " ERROR " not in log
