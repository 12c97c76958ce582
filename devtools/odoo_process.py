"""Running Odoo: to its end (install, test, shell) or as a server."""

import os
import subprocess
import urllib.request
from pathlib import Path

from .paths import ROOT, STATE
from .postgres import PORT, USER
from .processes import PATIENCE, Service, answers, free_port, run

_SCRIPT = STATE / "odoo-server.py"
# A script of its own: the process for long polling starts itself again by path. With
# workers, Odoo's own socket lets only 8 connections for each of them wait, and the
# kernel resets others when that takes long; here Odoo is handed one with more room, as
# systemd does it (socket activation).
_SCRIPT_TEXT = """\
import os
import socket
import time


def bind(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError:  # workers of a killed server may still have it
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def listen(port):
    server = bind(port).detach()
    if server != 3:
        os.dup2(server, 3)
        os.close(server)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))


if __name__ == "__main__":
    if port := os.environ.pop("LISTEN_PORT", None):
        listen(int(port))
    import odoo.cli

    odoo.cli.main()
"""
# servers that run drop what they have cached; after a request Odoo says so by itself
_SIGNAL = "\nenv.registry.signal_changes()\n"


def _write(path: Path, text: str) -> Path:
    """Others may be reading it: what they find is the old or the new, and whole."""
    if not path.exists() or path.read_text() != text:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(text)
        part.rename(path)
    return path


class OdooProgram:
    """Odoo's command line, with this checkout's configuration."""

    def __init__(self, source, python: Path, cluster):
        self.source, self.python, self.cluster = source, python, cluster
        self.data_dir = STATE / "data"
        self.path_prefix = ""  # folders put before PATH: a browser that was unpacked

    def write_config(self) -> Path:
        addons = ",".join(str(path) for path in [*self.source.addons, ROOT])
        config = f"""[options]
addons_path = {addons}
data_dir = {self.data_dir}
db_host = {self.cluster.socket}
db_port = {PORT}
db_user = {USER}
db_password = x
db_maxconn = 20
http_interface = 127.0.0.1
list_db = False
"""
        _write(_SCRIPT, _SCRIPT_TEXT)
        return _write(STATE / "odoo.conf", config)

    def environment(self) -> dict:
        path = os.pathsep.join(
            filter(
                None,
                [self.path_prefix, str(self.python.parent), os.environ.get("PATH")],
            )
        )
        environment = {
            **os.environ,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TZ": "UTC",
        }
        # compiled once and kept: without it every start of Odoo compiles all anew
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment

    def command(self, *args, subcommand: str = "") -> list:
        """``odoo [subcommand] -c CONFIG ...`` as a list."""
        sub = [subcommand] if subcommand else []
        return [self.python, _SCRIPT, *sub, "-c", self.write_config(), *args]

    def run(self, *args, what: str, subcommand: str = "", **options):
        """Run Odoo to its end; its output is shown only when it fails."""
        return run(
            self.command(*args, subcommand=subcommand),
            what=what,
            env=self.environment(),
            cwd=ROOT,
            **options,
        )

    def run_script(self, database: str, text: str, *, what: str):
        """Run a script in an Odoo shell on a database; it commits by itself."""
        return self.run(
            *("-d", database, "--no-http", "--log-level=error"),
            what=what,
            subcommand="shell",
            input=text + _SIGNAL,
        )

    def interact(self, *args, subcommand: str) -> int:
        """Run Odoo on the caller's terminal or pipe; its exit code."""
        command = [str(part) for part in self.command(*args, subcommand=subcommand)]
        return subprocess.run(command, env=self.environment(), check=False).returncode


class OdooServer:
    """A running Odoo on 127.0.0.1, for one database."""

    def __init__(self, program: OdooProgram, database: str, name: str = ""):
        self.program, self.database = program, database
        self.service = Service(name or f"odoo-{database}", STATE / "run")
        self.port, self.options = None, {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.service.log

    def start(
        self,
        *,
        port=None,
        workers=0,
        crons=1,
        smtp_port=None,
        options=(),
        socket_timeout=2,
        wait_for_page=True,
    ) -> None:
        """Start and wait until the login page is there.

        :param workers: processes for requests; 0 is one process with threads
        :param crons: threads or processes for scheduled actions
        :param smtp_port: where mails go on 127.0.0.1; nowhere by default
        :param options: more arguments of Odoo's command line
        :param socket_timeout: seconds after which a worker hangs up on who says
            nothing; browsers open connections that they do not use
        :param wait_for_page: or only until somebody listens, which takes half the time
        """
        self.options = {
            "workers": workers,
            "crons": crons,
            "smtp_port": smtp_port,
            "options": options,
            "socket_timeout": socket_timeout,
        }
        self.port = port or free_port()
        command = self.program.command(
            *("-d", self.database, f"--db-filter=^{self.database}$"),
            *(f"--http-port={self.port}", f"--gevent-port={free_port()}"),
            *(f"--workers={workers}", f"--max-cron-threads={crons}"),
            *("--smtp=127.0.0.1", f"--smtp-port={smtp_port or 1}"),
            *(f"--limit-time-real={PATIENCE}", f"--limit-time-cpu={PATIENCE}"),
            *options,
        )
        environment = {
            **self.program.environment(),
            "ODOO_HTTP_SOCKET_TIMEOUT": str(socket_timeout),
            **({"LISTEN_PORT": str(self.port)} if workers else {}),
        }
        self.service.start(command, env=environment, cwd=ROOT)
        try:
            self.service.wait_until(
                self.answers if wait_for_page else lambda: answers(self.port)
            )
        except BaseException:
            self.stop()
            raise

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/web/login", timeout=60) as page:
                return page.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.service.stop(seconds=20)

    def kill(self) -> None:
        self.service.kill()
