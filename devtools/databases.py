"""Databases: built once as templates, cloned for each use.

click-odoo-contrib's initdb and copydb do the same with an Odoo process for every step
(seconds), and keep attachments in the database; here a clone is one statement and a
folder of hard links (a tenth of a second), and needs no Odoo in the calling Python.
"""

import hashlib
import os
import shutil

from . import addons
from .odoo_process import OdooProgram
from .paths import STATE, locked
from .postgres import USER, Cluster
from .ui import DevError, step

_PREGENERATE = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
_NEW_IDENTITY = """
UPDATE ir_config_parameter SET value = gen_random_uuid()
 WHERE key IN ('database.uuid', 'database.secret')
"""


class Databases:
    def __init__(self, cluster: Cluster, program: OdooProgram):
        self.cluster, self.program = cluster, program
        self.filestores = program.data_dir / "filestore"

    # -- one database ------------------------------------------------------------------

    def names(self) -> list[str]:
        rows = self.cluster.query(
            f"SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = '{USER}'"
            " ORDER BY datname",
            "postgres",
        )
        return [row[0] for row in rows]

    def exists(self, name: str) -> bool:
        return name in self.names()

    def create(self, name: str) -> None:
        self._copy("template0", name)

    def _copy(self, source: str, name: str) -> None:
        sql = f'CREATE DATABASE "{name}" TEMPLATE "{source}"'
        self.cluster.query(sql, "postgres", user=USER)

    def drop(self, name: str) -> None:
        self.cluster.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', "postgres")
        shutil.rmtree(self.filestores / name, ignore_errors=True)

    def clone(self, source: str, name: str) -> str:
        """Copy a database and its files, with an identity of its own."""
        self.drop(name)
        self._copy(source, name)
        if (self.filestores / source).exists():
            # hard links are safe: Odoo only ever adds or removes files there
            shutil.copytree(
                self.filestores / source, self.filestores / name, copy_function=os.link
            )
        self.cluster.query(_NEW_IDENTITY, name, user=USER)
        return name

    def set_base_url(self, name: str, url: str) -> None:
        """The address of links in mails; Odoo itself guesses it at a login only."""
        self.cluster.query(
            f"UPDATE ir_config_parameter SET value = '{url}'"
            " WHERE key = 'web.base.url'",
            name,
            user=USER,
        )

    def _rename(self, old: str, new: str) -> None:
        if (self.filestores / old).exists():
            shutil.rmtree(self.filestores / new, ignore_errors=True)
            (self.filestores / old).rename(self.filestores / new)
        self.cluster.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"', "postgres")

    def label(self, name: str, text: str) -> None:
        self.cluster.query(f"COMMENT ON DATABASE \"{name}\" IS '{text}'", "postgres")

    def labelled(self, name: str) -> str:
        rows = self.cluster.query(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = '{name}'",
            "postgres",
        )
        return rows[0][0] if rows else ""

    # -- templates ---------------------------------------------------------------------

    def _template(self, prefix: str, key: str, build) -> str:
        """The template of that key; ``build(name)`` makes it when it is missing.

        A newer one replaces older ones of its prefix; a half-built one gets no name.
        """
        name = f"{prefix}_{key}"
        if self.exists(name):
            return name
        with locked(STATE / f"{prefix}.lock", f"another run that builds {prefix}"):
            if not self.exists(name):
                part = f"{prefix}_part"
                self.drop(part)
                build(part)
                for old in self.names():
                    if old.startswith(f"{prefix}_") and old != part:
                        self.drop(old)
                self._rename(part, name)
        return name

    def without_addons(self, *, demo: bool = False) -> str:
        """A template with all that our addons depend on, and its assets compiled."""
        modules = addons.dependencies()

        def build(name):
            what = "with demo data" if demo else "without demo data"
            with step(f"Building the template database {what} ({', '.join(modules)})"):
                self.create(name)
                self.install(name, modules, demo=demo)
                self.pregenerate_assets(name)

        text = f"{self.program.source.key} {modules}"
        key = hashlib.sha1(text.encode()).hexdigest()[:10]
        return self._template("basedemo" if demo else "baseplain", key, build)

    def with_addons(self, *, demo: bool = False, extra=()) -> str:
        """A template with our addons installed, as they are on disk now.

        :param extra: modules installed beside them, such as test_lint; their pages
            are not opened by a browser, so that no assets are compiled for them
        """
        modules = list(extra) or addons.names()
        if not modules:
            raise DevError(
                "There is no addon in this checkout yet (no */__manifest__.py)."
            )
        make = self.with_addons if extra else self.without_addons
        base = make(demo=demo)

        def build(name):
            with step(f"Installing {', '.join(modules)}"):
                self.clone(base, name)
                self.install(name, modules, demo=demo)
                if not extra:
                    self.pregenerate_assets(name)

        kind = "".join(extra).replace("_", "") or ("demo" if demo else "plain")
        prefix = f"ours{kind}"
        key = hashlib.sha1(f"{base} {addons.digest(extra)}".encode()).hexdigest()[:10]
        return self._template(prefix, key, build)

    def install(self, name: str, modules: list[str], *, demo: bool = False) -> None:
        options = ["--with-demo"] if demo else []
        self._load(name, "-i", ",".join(modules), *options)

    def update(self, name: str, modules: list[str]) -> None:
        """Bring a database to these modules as they are now, new ones as well."""
        self._load(name, "-i", ",".join(modules), "-u", ",".join(modules))

    def _load(self, name: str, *options) -> None:
        self.program.run(
            *("-d", name, *options, "--stop-after-init", "--no-http"),
            *("--max-cron-threads=0", "--log-level=warn"),
            what=f"Installing {options[1]}",
        )

    def pregenerate_assets(self, name: str) -> None:
        """Compile the bundles now, or the first page of every clone does."""
        self.program.run(
            *("-d", name, "--no-http", "--log-level=warn"),
            what="Compiling assets",
            subcommand="shell",
            input=_PREGENERATE,
        )
