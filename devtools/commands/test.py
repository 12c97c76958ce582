"""Run the tests, on clones of a cached template database.

    ./dev test                                     all of them, as the CI does
    ./dev test lead_broadcast/tests/test_x.py      one file, by pytest
    ./dev test -k accept                           whatever has that in its name
    ./dev test tests_live                          real servers, real mails

What is given is passed on to pytest. Without arguments these judges run: pytest-odoo
with HTTP and tours, an installation by Odoo itself, core's lint tests, pytest-odoo for
the test_* addons in a database that has the apps they need, and plain pytest for
tests_live/ and devtools/tests/. A skipped test fails the run, and so does a warning in
Odoo's log. The test_* addons take part in a selection only when it names their path.
"""

import time
from pathlib import Path

from .. import addons
from ..environment import Environment
from ..paths import ROOT
from ..testing.outcome import Outcome
from ..testing.runners import (
    CoreLint,
    OdooInstall,
    OdooPytest,
    OtherApps,
    PlainPytest,
    PlainPytestBeside,
)
from ..ui import say

TAKES_ALL = True  # the rest of the line is pytest's
_PLAIN = ("devtools/tests", "tests_live")


def add_arguments(parser):
    parser.add_argument(
        "pytest", nargs="*", metavar="ARGUMENT", help="passed on to pytest"
    )


def main(options):
    start = time.monotonic()
    with Environment() as env:
        env.need_browser()
        outcomes = _selected(env, options.rest) if options.rest else _everything(env)
    total = sum(outcomes, Outcome("all"))
    say()
    for outcome in outcomes:
        outcome.report()
    say(f"\n{time.monotonic() - start:.0f} s")
    if total.ran == 0:
        say("No test has run.")
    say(f"{total.passed} passed, {total.failed} failed")
    return 0 if total.passed and not total.failed else 1


def _everything(env) -> list[Outcome]:
    """Two judges at a time, one for each core."""
    outcomes = [PlainPytest(env, "tools").run(["devtools/tests"])]
    with PlainPytestBeside(env, "live", ["tests_live"]) as live:
        if addons.names():
            outcomes.append(OdooPytest(env).run(addons.names()))
            with OdooInstall(env) as installation:
                outcomes.append(CoreLint(env).run())
                if addons.tests_only():
                    outcomes.append(OtherApps(env).run(addons.tests_only()))
                outcomes.append(installation.finish())
        outcomes.append(live.finish())
    return outcomes


def _selected(env, arguments) -> list[Outcome]:
    """Send each path to the judge it belongs to; options alone go to all of them."""
    groups = {"addons": [], "other-apps": [], "tools": [], "live": []}
    homes = {"devtools": "tools", "tests_live": "live"}
    homes.update(dict.fromkeys(addons.tests_only(), "other-apps"))
    options = []
    for argument in arguments:
        path = Path(argument.partition("::")[0])
        if argument.startswith("-") or not path.exists():
            options.append(argument)
            continue
        inside = path.resolve().relative_to(ROOT).parts
        groups[homes.get(inside[0], "addons")].append(argument)
    if not any(groups.values()):
        groups = {"addons": addons.names(), "tools": [_PLAIN[0]], "live": [_PLAIN[1]]}
    outcomes = []
    for name, paths in groups.items():
        if paths:
            outcomes.append(_judge(env, name).run(paths, options))
    return outcomes


def _judge(env, name: str) -> PlainPytest:
    if name == "addons":
        return OdooPytest(env)
    if name == "other-apps":
        return OtherApps(env)
    return PlainPytest(env, name)
