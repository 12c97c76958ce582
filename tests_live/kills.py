"""A server that is killed again and again, and the hand that keeps it going."""

import itertools

import psycopg2

from . import race

LOOKS_PER_BELL = 20


class KilledServer:
    """The server, its database, and its crons' bell."""

    def __init__(self, live):
        self.live = live
        self.database = race.Database(live)
        self.bell = psycopg2.connect(live.env.dsn("postgres"))
        self.bell.autocommit = True

    def close(self):
        self.database.close()
        self.bell.close()

    def wake(self) -> None:
        """Wake the server's crons, as the passing of time does."""
        with self.bell.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.live.database])

    def mail_count(self) -> int:
        return len(list(self.live.sink.folder.glob("*.eml")))

    def is_done(self) -> bool:
        """Whether nothing is left to be killed at."""
        raise NotImplementedError

    def run_until(self, condition, what: str) -> None:
        """Keep the server's crons at it; they are busy enough without a bell that
        never stops."""
        looks = itertools.count()

        def check():
            if next(looks) % LOOKS_PER_BELL == 0:
                self.wake()
            return condition()

        race.wait_until(check, what, seconds=120)

    def kill(self) -> None:
        """Kill all of its processes at once, and start it again."""
        assert not self.is_done(), "it was killed too late"
        self.live.server.kill()
        race.check_errors(self.live)  # of this life; the log begins anew
        # to core, what was killed three times is a job that kills the server
        self.database.execute("UPDATE ir_cron_progress SET timed_out_counter = 0")
        self.live.restart(wait_for_page=False)
