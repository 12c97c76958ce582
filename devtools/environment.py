"""All that is needed to run Odoo here, made ready on first use.

What other programs of this checkout (live tests, benchmarks, screenshots) import::

    with Environment() as env:
        with env.database(demo=True) as name, env.mail_sink() as sink:
            with env.server(name, workers=2, smtp_port=sink.port) as server:
                ...
    with env.operator() as operator, env.kannel(operator=operator) as kannel:
        kannel.start(lines)
"""

import contextlib
import functools
import itertools
import os
import re
import shutil

from . import chromium
from .databases import Databases
from .kannel import Kannel
from .mail import MailSink
from .odoo_process import OdooProgram, OdooServer
from .odoo_source import find_odoo
from .postgres import PORT, USER, Cluster
from .processes import free_port, started_at
from .python_env import odoo_python
from .sms_operator import SmsOperator

_numbers = itertools.count(1)


class Environment:
    """Odoo, Python, PostgreSQL; a context, since the cluster counts its users."""

    def __init__(self):
        self.cluster = Cluster()

    def __enter__(self):
        self.cluster.start()
        return self

    def __exit__(self, *exc_info):
        self.cluster.stop()

    @functools.cached_property
    def odoo(self) -> OdooProgram:
        source = find_odoo()
        return OdooProgram(source, odoo_python(source), self.cluster)

    @functools.cached_property
    def databases(self) -> Databases:
        return Databases(self.cluster, self.odoo)

    def need_browser(self):
        """Make sure that Odoo's tests, and ours, find a Chromium; its path."""
        path = chromium.find()
        if not shutil.which(path.name):
            self.odoo.path_prefix = str(path.parent)
        return path

    @contextlib.contextmanager
    def database(self, *, demo: bool = False, addons: bool = True, template: str = ""):
        """A clone for one use: its name. Has our addons unless told otherwise."""
        if not template:
            make = (
                self.databases.with_addons if addons else self.databases.without_addons
            )
            template = make(demo=demo)
        self._drop_leftovers()
        name = f"use_{os.getpid()}_{next(_numbers)}"
        self.databases.clone(template, name)
        try:
            yield name
        finally:
            self.databases.drop(name)

    def _drop_leftovers(self) -> None:
        """Remove the clones of runs that were killed."""
        for name in self.databases.names():
            owner = re.match(r"use_(\d+)_", name)
            if owner and not started_at(int(owner.group(1))):
                self.databases.drop(name)

    @contextlib.contextmanager
    def server(self, database: str, **options):
        """A running Odoo on a clone; see OdooServer.start for the options."""
        server = OdooServer(self.odoo, database)
        options.setdefault("port", free_port())
        self.databases.set_base_url(database, f"http://127.0.0.1:{options['port']}")
        server.start(**options)
        try:
            yield server
        finally:
            server.stop()

    @contextlib.contextmanager
    def mail_sink(self, folder=None):
        """A running mail server that keeps what it gets; see MailSink."""
        sink = MailSink(self.odoo.python, folder)
        sink.start()
        try:
            yield sink
        finally:
            sink.stop()

    @contextlib.contextmanager
    def operator(self):
        """A running mobile operator and its phones; see SmsOperator."""
        operator = SmsOperator(self.odoo.python)
        operator.start()
        try:
            yield operator
        finally:
            operator.stop()

    @contextlib.contextmanager
    def kannel(self, **options):
        """An SMS gateway, which somebody starts; see Kannel for the options."""
        kannel = Kannel(**options)
        try:
            yield kannel
        finally:
            kannel.destroy()

    def dsn(self, database: str) -> str:
        """For psycopg2.connect: a connection as Odoo's own database user."""
        return f"host={self.cluster.socket} port={PORT} user={USER} dbname={database}"
