"""A private PostgreSQL for this checkout: its own socket, no TCP, no fsync.

PostgreSQL refuses to run as root, so root lends it an ordinary account; then its files
must lie where that account can reach them, which a home folder of root's is not.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import tempfile
import time
from pathlib import Path

from . import postgres_programs
from .paths import ROOT, STATE, cache_dir, locked
from .processes import run, started_at
from .ui import DevError, say, step

PORT = 5432  # only names the socket's file
USER = "odoo"  # not a superuser: what we test is what a plain database owner may do
_SHARED = Path("/var/cache/lead-broadcast")
_SETTINGS = """\
# a throw-away cluster of a developer: fast rather than safe
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
port = {port}
max_connections = 100
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
"""


def _account():
    """Who runs PostgreSQL: whoever calls, or an ordinary account when root does."""
    if os.getuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DevError(
        "PostgreSQL refuses root: add an ordinary account named postgres or nobody."
    )


def _reachable(path: Path) -> bool:
    """Whether any account may walk to ``path`` (its existing part)."""
    return all(
        parent.stat().st_mode & 0o001
        for parent in [path, *path.parents]
        if parent.exists()
    )


class Cluster:
    """The checkout's database cluster; the first user starts it, the last stops it."""

    def __init__(self):
        self.account = _account()
        self._bin, self._libraries = None, ""
        key = hashlib.sha1(str(ROOT).encode()).hexdigest()[:10]
        shared = self.account is not None and not _reachable(ROOT)
        self.folder = _SHARED / f"cluster-{key}" if shared else STATE / "pg"
        self.data = self.folder / "data"
        self.log = self.folder / "postgresql.log"
        socket = self.folder / "socket"
        if len(str(socket)) > 80:  # the kernel allows 107 bytes with the file's name
            socket = Path(tempfile.gettempdir()) / f"lead-broadcast-{os.getuid()}-{key}"
        self.socket = socket
        self._users = None

    # -- programs ----------------------------------------------------------------------

    def _programs(self) -> Path:
        if self._bin is None:
            reachable = not self.account or _reachable(cache_dir())
            home = cache_dir() if reachable else _SHARED
            self._bin, self._libraries = postgres_programs.find(home)
        return self._bin

    def _run(self, program: str, *args, **options):
        """Run one of PostgreSQL's programs as the account that owns the cluster."""
        bin_dir = self._programs()
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        if self._libraries:
            environment["LD_LIBRARY_PATH"] = self._libraries
        if self.account:
            options |= {
                "user": self.account.pw_uid,
                "group": self.account.pw_gid,
                "extra_groups": [],
            }
        return run(
            [bin_dir / program, *args],
            what=program,
            cwd="/",
            env=environment,
            **options,
        )

    # -- life --------------------------------------------------------------------------

    def start(self) -> None:
        """Join the cluster's users, and start it if it does not run yet."""
        STATE.mkdir(exist_ok=True)
        with locked(STATE / "pg.lock"):
            self._users = (STATE / "pg.users").open("a")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._own(self.folder, self.socket)
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            (self.data / "dev.conf").write_text(
                _SETTINGS.format(socket=self.socket, port=PORT)
            )
            self._start_server()
            if not self.query(
                f"SELECT 1 FROM pg_roles WHERE rolname = '{USER}'", "postgres"
            ):
                self.query(
                    f"CREATE ROLE {USER} LOGIN CREATEDB", "postgres", user="postgres"
                )

    def _start_server(self) -> None:
        """Start it unless it runs; after a crash its remains need a moment to go."""
        for _attempt in range(20):
            try:
                if not self._is_running():
                    self._pg_ctl("start", "-l", self.log)
                self._run("pg_isready", "-q", "-h", self.socket, "-p", PORT)
                return
            except DevError:
                time.sleep(0.25)
        if self._pid() and not started_at(self._pid()):
            # a dead process that nobody collects looks alive to PostgreSQL
            (self.data / "postmaster.pid").unlink()
        self._pg_ctl("start", "-l", self.log)

    def stop(self) -> None:
        """Leave; the last user out stops it."""
        if self._users is None:
            return
        with locked(STATE / "pg.lock"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # someone else still works here
            else:
                if self._is_running():
                    self._pg_ctl("stop", "-m", "fast")
            self._users.close()
            self._users = None

    def _pg_ctl(self, *args) -> None:
        try:
            self._run("pg_ctl", "-w", "-s", "-D", self.data, *args)
        except DevError as error:
            log = (
                self.log.read_text(errors="replace").splitlines()
                if self.log.exists()
                else []
            )
            tail = "\n".join(log[-10:])
            raise DevError(
                f"{error}\n{tail}\nIf it stays so: ./dev run --fresh makes a new one."
            ) from None

    def _pid(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return 0

    def _is_running(self) -> bool:
        pid = self._pid()
        return bool(pid and started_at(pid) and b"postgres" in _command_line(pid))

    def _own(self, *folders: Path) -> None:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            owner = self.account.pw_uid if self.account else os.getuid()
            if os.getuid() == 0:
                os.chown(folder, owner, self.account.pw_gid)
            elif folder.lstat().st_uid != owner:
                raise DevError(f"{folder} belongs to another user; remove it.")

    def _initialise(self) -> None:
        with step("Creating the database cluster"):
            part = self.folder / "data.part"
            shutil.rmtree(part, ignore_errors=True)
            self._run(
                *(
                    "initdb",
                    "-D",
                    part,
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "-U",
                    "postgres",
                ),
                *("-A", "trust", "--no-sync"),
            )
            with (part / "postgresql.conf").open("a") as conf:
                conf.write("include 'dev.conf'\n")
            part.rename(self.data)

    def destroy(self) -> None:
        """Forget the cluster and all that is in it."""
        with locked(STATE / "pg.lock"):
            if (self.data / "PG_VERSION").exists() and self._is_running():
                self._run(
                    "pg_ctl", "-w", "-s", "-D", self.data, "-m", "immediate", "stop"
                )
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.socket.parent != self.folder:
                shutil.rmtree(self.socket, ignore_errors=True)
            say("- removed the old database cluster")

    # -- SQL ---------------------------------------------------------------------------

    def query(self, sql: str, database: str, user: str = "") -> list[list[str]]:
        """Run SQL by psql; rows of text. As ``postgres`` unless told otherwise."""
        out = self._run(
            *("psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"),
            *("-h", self.socket, "-p", PORT, "-U", user or "postgres", "-d", database),
            *("-c", sql),
        ).stdout
        return [line.split("\t") for line in out.splitlines()]


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
