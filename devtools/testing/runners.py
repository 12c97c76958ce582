"""The judges of ./dev test, each on a database of its own."""

import contextlib
import os
import subprocess
from pathlib import Path

from .. import addons, node
from ..paths import ROOT, STATE
from ..processes import Service
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
        command, junit = self._prepare(arguments)
        done = subprocess.run(command, env=environment, check=False)
        return self._read(junit, done.returncode)

    def _prepare(self, arguments) -> tuple[list, Path]:
        """Return the command, and the file it writes its report to."""
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
        return command, junit

    def _read(self, junit, code) -> Outcome:
        outcome = Outcome(self.name)
        if junit.exists():
            outcome.read_junit(junit)
            junit.unlink()
        if code not in (0, _NO_TESTS) and not outcome.failed:
            outcome.fail(f"pytest ended with exit code {code}")
        return outcome


class PlainPytestBeside(PlainPytest):
    """The same beside other judges: what it prints is shown when it is waited for.

    Tests with real servers wait for them most of the time.
    """

    def __init__(self, env, name: str, paths):
        super().__init__(env, name)
        self.paths = paths
        self.service = Service(f"{name}-{os.getpid()}", _LOGS)

    def __enter__(self):
        command, self.junit = self._prepare(self.paths)
        environment = {**self._environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        self.service.start(command, env=environment, cwd=ROOT)
        return self

    def finish(self) -> Outcome:
        say(f"\n== {self.name} tests, started beside: waiting for them")
        code = self.service.process.wait()
        say(self.service.log.read_text(errors="replace"))
        return self._read(self.junit, code)

    def __exit__(self, *exc_info):
        self.service.stop()


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


class OtherApps(OdooPytest):
    """The addons that hold nothing but tests, with the apps of Odoo that they need."""

    def __init__(self, env):
        super().__init__(env, "other-apps")

    def run(self, paths, options=()) -> Outcome:
        template = self.env.databases.with_addons(extra=addons.tests_only())
        with self.env.database(template=template) as database:
            return self.run_on(database, paths, options)


class OdooInstall:
    """Odoo installs the addons on a bare clone by itself; its log must be clean.

    The other judges' databases are clones of one on which they are installed already.
    """

    def __init__(self, env):
        self.env = env
        self.service = Service(f"odoo-install-{os.getpid()}", _LOGS)
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        database = self._stack.enter_context(self.env.database(addons=False))
        self._stack.callback(self.service.stop)
        self.service.start(
            self.env.odoo.command(
                *("-d", database, "-i", ",".join(addons.names()), "--stop-after-init"),
                *("--no-http", "--max-cron-threads=0"),
            ),
            env=self.env.odoo.environment(),
            cwd=ROOT,
        )
        return self

    def finish(self) -> Outcome:
        say("\n== installation, started beside: waiting for it")
        outcome = Outcome("installation")
        code = self.service.process.wait()
        _check_log(self.env, outcome, self.service.log)
        if code:
            outcome.fail(f"Odoo ended with exit code {code}, see {self.service.log}")
        outcome.passed += not outcome.failed
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
