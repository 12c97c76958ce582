"""Fixtures for tests with real processes: servers with workers, mails, connections."""

import contextlib

import psycopg2
import pytest

from devtools.environment import Environment

from . import rpc


@pytest.fixture(scope="session")
def env():
    """The environment: odoo, databases, cluster."""
    with Environment() as environment:
        yield environment


class LiveServer:
    """A running Odoo with a database and a mail server of its own."""

    def __init__(self, env, server, sink):
        self.env, self.server, self.sink = env, server, sink
        self.database = server.database

    @property
    def url(self) -> str:
        return self.server.url

    def connect(self):
        """A psycopg2 connection to the database, as Odoo's own user."""
        return psycopg2.connect(self.env.dsn(self.database))

    def client(self, login: str = "admin", password: str = "") -> rpc.Client:
        """What an external program sees, logged in; the password is the login's."""
        return rpc.Client(self.url, self.database, login, password or login)

    def run_script(self, text: str) -> None:
        """Run a script in an Odoo shell on the database; it commits by itself."""
        self.env.odoo.run_script(self.database, text, what="A script of a live test")

    def mails(self, matches=lambda mail: True, *, count=1):
        """The mails kept so far that match, as soon as there are ``count`` of them."""
        return self.sink.wait_for(matches, count=count)

    def restart(self, **options):
        """Start again on the same database and port, after a stop or a kill."""
        self.server.stop()
        options = {**self.server.options, **options, "port": self.server.port}
        self.server.start(**options)


@pytest.fixture
def live_server(env):
    """A factory: ``live_server(demo=True, workers=2, crons=1)`` gives a LiveServer.

    ``options`` are more arguments of Odoo's command line. Threads of a test may wait
    long for their turn to speak: hence ``socket_timeout``, short for those of browsers.
    """
    with contextlib.ExitStack() as stack:

        def start(*, demo=False, workers=2, crons=0, options=(), socket_timeout=60):
            database = stack.enter_context(env.database(demo=demo))
            sink = stack.enter_context(env.mail_sink())
            server = env.server(
                database,
                workers=workers,
                crons=crons,
                smtp_port=sink.port,
                options=options,
                socket_timeout=socket_timeout,
            )
            return LiveServer(env, stack.enter_context(server), sink)

        yield start
