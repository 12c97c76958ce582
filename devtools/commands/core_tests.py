"""Run core's own tests with and without our addons, and compare what fails.

    ./dev core-tests                               crm, sms, portal and mail
    ./dev core-tests crm sms                       those two
    ./dev core-tests mail --pytest="-k alias -x"   with more options for pytest

Core's tests may fail here for reasons of their own (a font, a browser, what Debian
changed). What counts is a test that passes without our addons and fails with them.
"""

import shlex

from ..environment import Environment
from ..testing.runners import OdooPytest
from ..ui import DevError, say

_MODULES = ("crm", "sms", "portal", "mail")


def add_arguments(parser):
    parser.add_argument("modules", nargs="*", metavar="MODULE", default=list(_MODULES))
    parser.add_argument("--pytest", default="", metavar="OPTIONS", help="for pytest")


def main(options):
    with Environment() as env:
        env.need_browser()
        paths = [_tests(env, module) for module in options.modules]
        outcomes = {}
        for name, installed in (("without our addons", False), ("with them", True)):
            with env.database(addons=installed) as database:
                judge = OdooPytest(env, f"core-{'with' if installed else 'without'}")
                outcomes[name] = judge.run_on(
                    database, paths, ["-q", *shlex.split(options.pytest)]
                )
    return _compare(*outcomes.values())


def _tests(env, module: str):
    for folder in env.odoo.source.addons:
        if (folder / module / "tests").is_dir():
            return folder / module / "tests"
    raise DevError(f"Core has no module {module} with tests.")


def _compare(without, having) -> int:
    introduced = sorted(having.names - without.names)
    gone = sorted(without.names - having.names)
    say(f"\nwithout: {without.passed} passed, {len(without.names)} failed or skipped")
    say(f"with:    {having.passed} passed, {len(having.names)} failed or skipped")
    for name in sorted(without.names & having.names):
        say(f"  fails either way: {name}")
    for name in gone:
        say(f"  fails only without our addons: {name}")
    for name in introduced:
        say(f"  FAILS ONLY WITH OUR ADDONS: {name}")
    if without.passed + having.passed == 0:
        say("No test has run.")
        return 1
    return 1 if introduced else 0
