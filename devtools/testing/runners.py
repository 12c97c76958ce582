"""The judges of ./dev test, each on a database of its own."""

import contextlib
import os
import subprocess
from pathlib import Path

from .. import addons, node
from ..paths import ROOT, STATE
from ..processes import Service, free_port
from ..ui import say
from .outcome import Outcome

_NO_TESTS = 5  # pytest's exit code when nothing matched
_LOGS = STATE / "test"


def _check_log(env, outcome: Outcome, log: Path) -> None:
    """Fail on warnings and worse in Odoo's log; checklog-odoo.cfg has exceptions."""
    checked = subprocess.run(
        [env.odoo.python, "-m", "checklog_odoo", "--no-echo", "--no-err-if-empty", log],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if checked.returncode:
        outcome.fail(
            f"Odoo's log has warnings or errors ({log}):\n{checked.stdout.strip()}"
        )


class PlainPytest:
    """pytest without Odoo in its process: the tools, and tests against real servers."""

    def __init__(self, env, name: str):
        self.env, self.name = env, name

    def run(self, paths, options=()) -> Outcome:
        say(f"\n== {self.name} tests")
        environment = {**self._environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return self._pytest([*options, *paths], environment)

    def _environment(self) -> dict:
        return self.env.odoo.environment()

    def _pytest(self, arguments, environment) -> Outcome:
        _LOGS.mkdir(parents=True, exist_ok=True)
        junit = _LOGS / f"{self.name}-{os.getpid()}.xml"
        junit.unlink(missing_ok=True)
        command = [
            self.env.odoo.python,
            "-m",
            "pytest",
            f"--junitxml={junit}",
            "--durations=12",
            "--durations-min=5",
            # core's tests lie elsewhere, and are run by our settings all the same
            f"--rootdir={ROOT}",
            f"--config-file={ROOT / 'pyproject.toml'}",
            *arguments,
        ]
        done = subprocess.run(command, env=environment, check=False)
        outcome = Outcome(self.name)
        if junit.exists():
            outcome.read_junit(junit)
            junit.unlink()
        if done.returncode not in (0, _NO_TESTS) and not outcome.failed:
            outcome.fail(f"pytest ended with exit code {done.returncode}")
        return outcome


class OdooPytest(PlainPytest):
    """pytest-odoo with HTTP and tours, on a clone that has the addons installed."""

    def __init__(self, env, name: str = "pytest-odoo"):
        super().__init__(env, name)

    def run(self, paths, options=()) -> Outcome:
        with self.env.database() as database:
            return self.run_on(database, paths, options)

    def run_on(self, database, paths, options=()) -> Outcome:
        say(f"\n== {self.name}")
        _LOGS.mkdir(parents=True, exist_ok=True)
        log = _LOGS / f"{self.name}-{os.getpid()}.log"
        log.unlink(missing_ok=True)
        arguments = [
            f"--odoo-config={self.env.odoo.write_config()}",
            f"--odoo-database={database}",
            "--odoo-http",
            "--odoo-log-level=warn",
            "--odoo-extra",
            f"logfile={log}",
            *options,
            *paths,
        ]
        outcome = self._pytest(arguments, self._environment())
        if log.exists():
            _check_log(self.env, outcome, log)
            if not outcome.failed:
                log.unlink()
        return outcome


class OdooRunner:
    """Odoo's own test runner: installs the addons on a bare clone, testing as it goes.

    It judges differently from pytest: tests that are at_install see only the modules
    loaded so far, and a test file that is not imported does not run.
    """

    def __init__(self, env):
        self.env = env
        self.service = Service(f"odoo-runner-{os.getpid()}", _LOGS)
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        database = self._stack.enter_context(self.env.database(addons=False))
        names = addons.names()
        self._stack.callback(self.service.stop)
        self.service.start(
            self.env.odoo.command(
                *("-d", database, "-i", ",".join(names), "--stop-after-init"),
                *("--test-tags", ",".join(f"/{name}" for name in names)),
                *(f"--http-port={free_port()}", f"--gevent-port={free_port()}"),
                "--max-cron-threads=0",
            ),
            env=self.env.odoo.environment(),
            cwd=ROOT,
        )
        return self

    def finish(self) -> Outcome:
        say("\n== Odoo's own runner, started beside: waiting for it")
        outcome = Outcome("odoo")
        code = self.service.process.wait()
        outcome.read_odoo_log(self.service.log)
        _check_log(self.env, outcome, self.service.log)
        if code and not outcome.failed:
            outcome.fail(f"Odoo ended with exit code {code}, see {self.service.log}")
        return outcome

    def __exit__(self, *exc_info):
        self._stack.close()


class CoreLint(OdooPytest):
    """Core's own lint tests, turned on our addons alone."""

    def __init__(self, env):
        super().__init__(env, "test_lint")

    def _environment(self) -> dict:
        """With eslint on PATH, told to read core's configuration of the older kind."""
        odoo, with_node = self.env.odoo.environment(), node.environment()
        path = os.pathsep.join([odoo["PATH"], with_node["PATH"]])
        return {**with_node, **odoo, "PATH": path, "ESLINT_USE_FLAT_CONFIG": "false"}

    def run(self) -> Outcome:
        template = self.env.databases.with_addons(extra=["test_lint"])
        tests = next(
            p for p in self.env.odoo.source.addons if (p / "test_lint").exists()
        )
        with self.env.database(template=template) as database:
            return self.run_on(
                database,
                [tests / "test_lint" / "tests"],
                ["-q", "-p", "devtools.testing.lint_scope"],
            )
