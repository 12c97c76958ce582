"""Check style and the rules of the Odoo community, with pinned versions of each tool.

    ./dev lint          say what is wrong
    ./dev lint --fix    let the tools that can put it right do so

The same checks as .pre-commit-config.yaml, without pre-commit's clones of repositories.
"""

import subprocess
from pathlib import Path

from .. import addons, node
from ..paths import ROOT
from ..python_env import lint_python
from ..ui import DevError, say

_PRETTIER = {".css", ".cjs", ".js", ".json", ".scss", ".xml", ".yaml", ".yml"}

_PYLINT = (
    "--rcfile=.pylintrc",
    # the concerns of crm.lead have a file each, rather than 500 lines in one; cannot
    # be said in .pylintrc, where disable=all comes first
    "--disable=consider-merging-classes-inherited",
)


def add_arguments(parser):
    parser.add_argument("--fix", action="store_true", help="change the files")


def main(options):
    python = lint_python()
    programs = python.parent
    failed = []
    for name, command in _checks(programs, _files(), options.fix):
        say(f"== {name}")
        if subprocess.run(
            command, cwd=ROOT, env=node.environment(), check=False
        ).returncode:
            failed.append(name)
    if failed:
        raise DevError(
            f"lint failed: {', '.join(failed)} (./dev lint --fix mends some)"
        )
    say("All clean.")


def _checks(programs: Path, files: list[str], fix: bool):
    """Each check's name and command; checks without files are left out."""

    def of(*suffixes, inside=""):
        return [f for f in files if Path(f).suffix in suffixes and f.startswith(inside)]

    modules = addons.all_names()
    ruff = programs / "ruff"
    prettier = [
        f for f in of(*_PRETTIER) if "/static/lib/" not in f and "lock" not in f
    ]
    scripts = [f for f in of(".cjs", ".js") if "/static/lib/" not in f]
    yield "ruff", [ruff, "check", *(["--fix"] if fix else []), "."]
    yield "ruff format", [ruff, "format", *([] if fix else ["--check"]), "."]
    if modules:
        yield "pylint-odoo", [programs / "pylint", *_PYLINT, *modules]
        mode = ["--fix"] if fix else []
        yield "oca-checks", [programs / "oca-checks-odoo-module", *mode, *modules]
    if catalogues := of(".po", ".pot"):
        # how a catalogue is laid out is its exporter's business
        options = ["--disable=po-pretty-format"]
        yield "oca-checks-po", [programs / "oca-checks-po", *options, *catalogues]
    if prettier:
        mode = "--write" if fix else "--check"
        yield "prettier", ["prettier", mode, "--log-level=warn", *prettier]
    if scripts:
        yield "eslint", ["eslint", *(["--fix"] if fix else []), *scripts]
    if texts := of(".rst"):
        yield "rstcheck", [programs / "rstcheck", "--report-level=warning", *texts]


def _files() -> list[str]:
    """What git knows, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise DevError("./dev lint asks git for the files: run it in a git checkout.")
    return sorted(f for f in listed.stdout.split("\0") if f and (ROOT / f).is_file())
