"""Run the benchmarks; each benchmarks/bench_NAME.py has a main(env).

    ./dev bench                 all of them
    ./dev bench audience race   those two

``env`` is a devtools.environment.Environment: it clones databases, starts servers.
"""

import subprocess

from ..environment import Environment
from ..paths import ROOT
from ..ui import DevError, say

_FOLDER = ROOT / "benchmarks"
_RUN_ONE = """
import importlib.util, sys
from devtools.environment import Environment
spec = importlib.util.spec_from_file_location("bench", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with Environment() as env:
    sys.exit(module.main(env))
"""


def add_arguments(parser):
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="which ones (default: all)"
    )


def main(options):
    known = {
        path.stem.removeprefix("bench_"): path for path in _FOLDER.glob("bench_*.py")
    }
    unknown = sorted(set(options.names) - set(known))
    if unknown or not known:
        there = ", ".join(sorted(known)) or "none yet"
        raise DevError(
            f"No benchmark {', '.join(unknown) or 'found'} (there are: {there})."
        )
    failed = []
    with Environment() as env:
        for name in options.names or sorted(known):
            say(f"\n== {name}")
            command = [env.odoo.python, "-c", _RUN_ONE, known[name]]
            if subprocess.run(
                command, env=env.odoo.environment(), check=False
            ).returncode:
                failed.append(name)
    if failed:
        raise DevError(f"failed: {', '.join(failed)}")
