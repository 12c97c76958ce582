"""A server that is killed again and again, and the hand that keeps it going."""

from . import race


class KilledServer:
    """The server and its database."""

    def __init__(self, live):
        self.live = live
        self.database = race.Database(live)
        self.kills = 0

    def close(self):
        self.database.close()

    def mail_count(self) -> int:
        return len(list(self.live.sink.folder.glob("*.eml")))

    def is_done(self) -> bool:
        """Whether nothing is left to be killed at."""
        raise NotImplementedError

    def run_until(self, condition, what: str) -> None:
        race.wait_for_crons(self.live, condition, what)

    def run_to_kill(self, condition, what: str) -> bool:
        """Whether it came to that before nothing was left to be killed at."""
        self.run_until(lambda: condition() or self.is_done(), what)
        return not self.is_done()

    def kill(self) -> None:
        """Kill all of its processes at once, and start it again."""
        self.kills += 1
        self.live.server.kill()
        race.check_errors(self.live)  # of this life; the log begins anew
        # to core, what was killed three times is a job that kills the server
        self.database.execute("UPDATE ir_cron_progress SET timed_out_counter = 0")
        self.live.restart(wait_for_page=False)
