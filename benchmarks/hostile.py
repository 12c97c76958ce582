"""An attack on the routes that take SMS and reports, and what it has done.

Nothing that an ordinary gateway sends is part of it: whatever changes because of it,
changes by mistake.
"""

import collections
import contextlib
import http.client
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg2

from .hostile_requests import Attacker

WORLD = Path(__file__).with_name("hostile_world.py")
PATIENCE = 60  # seconds; who waits longer has got no answer
# The log of what was handed over with the right secret, and replies to people who are
# known. All else stays as it is.
GROWING = ("lead_broadcast_inbound_sms", "sms_sms", "sms_tracker", "ir_cron_trigger")

_PEOPLE = """
SELECT person.broadcast_alert_number, person.broadcast_alert_authorized,
       array_agg(offer.request_code) FILTER (WHERE offer.state = 'open'),
       array_agg(offer.request_code) FILTER (WHERE offer.state = 'lost')
  FROM res_partner person
  JOIN lead_broadcast_offer offer ON offer.partner_id = person.parent_id
 WHERE person.broadcast_alert_number IS NOT NULL
 GROUP BY person.id
 ORDER BY person.id
"""
_GATEWAYS = "SELECT id, secret FROM lead_broadcast_kannel_gateway ORDER BY id"
_COMPANIES = """
SELECT id, sms_twilio_account_sid, sms_twilio_auth_token FROM res_company ORDER BY id
"""
_TABLES = """
SELECT table_name FROM information_schema.tables
 WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
"""
_DIGEST = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"


class Target:
    """The server under attack, with all that an attacker may have found out."""

    def __init__(self, server, dsn: str):
        self.server, self.url, self.dsn = server, server.url, dsn
        people = self.query(_PEOPLE)
        self.authorized = [person for person in people if person[1]]
        self.unauthorized = [person for person in people if not person[1]]
        self.codes = [code for person in people for code in person[2]]
        self.gateway, self.closed_gateway = self.query(_GATEWAYS)
        self.company, self.other_company = self.query(_COMPANIES)
        self.uuids = [uuid for (uuid,) in self.query("SELECT uuid FROM sms_sms")]

    def query(self, sql: str) -> list[tuple]:
        with contextlib.closing(psycopg2.connect(self.dsn)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()

    def state(self) -> dict:
        """A digest of every table in which nothing may change."""
        tables = [name for (name,) in self.query(_TABLES) if name not in GROWING]
        return {name: self.query(_DIGEST.format(name))[0][0] for name in tables}

    def count(self, table: str) -> int:
        return self.query(f"SELECT count(*) FROM {table}")[0][0]

    def megabytes(self) -> float:
        """The memory of the server's processes, what they share counted once."""
        main = psutil.Process(self.server.service.process.pid)
        processes = [main, *main.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in processes) / 2**20


class Outcome:
    """What came of an attack.

    ``statuses`` counts ``(kind, status)``, where a status of 0 is no answer at all;
    ``trusted`` counts requests that had a right secret and were taken.
    """

    def __init__(self):
        self.statuses = collections.Counter()
        self.seconds = []  # (seconds, kind) of each
        self.trusted = 0
        # requests answered by a server error, or not at all, or taken although they had
        # no right secret
        self.failed = []
        self._lock = threading.Lock()

    def add(self, request, status: int, seconds: float) -> None:
        with self._lock:
            self.statuses[request.kind, status] += 1
            self.seconds.append((seconds, request.kind))
            if status == 200 and request.is_trusted:
                self.trusted += 1
            elif status == 200 or status == 0 or status >= 500:
                self.failed.append((status, request))

    def rows(self) -> list[list]:
        """For a table: the statuses of each kind."""
        kinds = collections.defaultdict(collections.Counter)
        for (kind, status), count in self.statuses.items():
            kinds[kind][status] = count
        return [
            [kind, " ".join(f"{status}:{n}" for status, n in sorted(counts.items()))]
            for kind, counts in sorted(kinds.items())
        ]


def attack(target: Target, *, count=None, seconds=None, threads=8, seed=1) -> Outcome:
    """Send so many requests, or as many as can be in that time, at the same time."""
    outcome = Outcome()
    end = time.monotonic() + (seconds or float("inf"))

    def send_some(number):
        attacker = Attacker(target, seed * 1000 + number)
        connection = _connect(target.url)
        left = count // threads + (number < count % threads) if count else None
        while left != 0 and time.monotonic() < end:
            request = attacker.request()
            start = time.monotonic()
            status = _send(connection, request)
            outcome.add(request, status, time.monotonic() - start)
            left = left and left - 1
        connection.close()

    crew = [threading.Thread(target=send_some, args=[n]) for n in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return outcome


def _connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)


def _send(connection, request) -> int:
    """The status of the answer; 0 when there is none.

    The connection is kept for as long as the server keeps it.
    """
    try:
        connection.putrequest(
            request.method,
            request.target,
            skip_host="Host" in request.headers,
            skip_accept_encoding=True,
        )
        body = request.body
        for name, value in request.headers.items():
            connection.putheader(name, value)
        if body is not None and "Content-Length" not in request.headers:
            connection.putheader("Content-Length", str(len(body)))
        try:
            connection.endheaders(body)
        except ConnectionError:
            pass  # refused before all of it was read: the answer is there already
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
