"""Python environments: built once per lock, Python and Odoo, in the user's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .debian import PrivateApt
from .odoo_source import OdooSource
from .paths import ROOT, cache_dir, locked, require_space
from .processes import run
from .ui import DevError, step


def odoo_python(source: OdooSource) -> Path:
    """The interpreter in which ``import odoo`` gives the source that was found."""
    python = _ensure("odoo", ROOT / "requirements.txt", extra_key=source.key)
    pth = (
        next(python.parent.parent.glob("lib/python3*/site-packages"))
        / "odoo-source.pth"
    )
    line = f"{source.package.parent}\n"
    if not pth.exists() or pth.read_text() != line:
        pth.write_text(line)
    return python


def lint_python() -> Path:
    return _ensure("lint", ROOT / "requirements-lint.txt")


def _ensure(name: str, lock: Path, extra_key: str = "") -> Path:
    """Build the environment if it is not there whole.

    It is built in place, since its scripts hold its path; a mark says it is complete.
    """
    key = hashlib.sha1(
        "\n".join([lock.read_text(), sys.version, sys.base_prefix, extra_key]).encode()
    ).hexdigest()[:10]
    folder = cache_dir() / f"venv-{name}-{key}"
    mark = folder / "complete"
    python = folder / "bin" / "python"
    if not mark.exists():
        with locked(folder.with_name(f"{folder.name}.lock")):
            if not mark.exists():
                require_space(cache_dir(), 700)
                with step(f"Building the Python environment ({name})"):
                    shutil.rmtree(folder, ignore_errors=True)
                    _create(folder)
                    install(python, "-r", lock)
                mark.touch()
    return python


def install(python: Path, *args) -> None:
    try:
        run(
            [
                python,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                *args,
            ],
            what="Installing Python packages",
        )
    except DevError as error:
        raise DevError(f"{error}\nIs there a network? Run again to go on.") from None


def _create(folder: Path) -> None:
    """A new environment with pip; Debian keeps pip's wheel in a package of its own."""
    base = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    base = base if os.path.exists(base) else sys.executable
    made = subprocess.run(
        [base, "-m", "venv", folder], capture_output=True, check=False
    )
    if made.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    run(
        [base, "-m", "venv", "--without-pip", folder],
        what="Creating a Python environment",
    )
    tree = cache_dir() / "python3-pip-whl"
    if not tree.exists():
        apt = PrivateApt()
        apt.unpack([f"python3-pip-whl/{apt.release}"], tree, megabytes=20)
    wheel = next(tree.glob("usr/share/python-wheels/pip-*.whl"))
    run(
        [folder / "bin" / "python", "-m", "pip", "install", "-q", "--no-index", wheel],
        what="Installing pip",
        env={**os.environ, "PYTHONPATH": str(wheel)},
    )
