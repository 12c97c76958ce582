"""PostgreSQL's programs: this machine's own, or Debian's, unpacked."""

import re
import shutil
import subprocess
from pathlib import Path

from .debian import PrivateApt, library_path
from .ui import step

_OLDEST = 13  # what Odoo 19 asks for


def find(home: Path) -> tuple[Path, str]:
    """The folder of programs, and the LD_LIBRARY_PATH they need.

    :param home: where they are unpacked when this machine has none
    """
    if folder := _installed():
        return folder, ""
    home.mkdir(parents=True, exist_ok=True)
    tree = next((t for t in sorted(home.glob("postgresql-*")) if _whole(t)), None)
    tree = tree or _unpack(home)
    return _whole(tree), library_path(tree)


def _unpack(home: Path) -> Path:
    with step("Fetching PostgreSQL from Debian"):
        apt = PrivateApt()
        packages = apt.missing_with("postgresql")
        server = next(p for p in packages if re.fullmatch(r"postgresql-\d+", p))
        # not what only installed ones need: the compiler of queries, Debian's wrappers
        wanted = {p for p in packages if not p.startswith(("libllvm", "postgresql-c"))}
        wanted |= {server, server.replace("-", "-client-"), "libpq5"}
        wanted -= {"postgresql"}
        tree = home / f"{server}-unpacked"
        names = [f"{name}/{apt.release}" for name in sorted(wanted)]
        apt.unpack(names, tree, megabytes=300)
    return tree


def _whole(tree: Path):
    """The folder of programs of an unpacked tree, None when it is no such tree."""
    if ".part-" in tree.name:
        return None
    return next(tree.glob("usr/lib/postgresql/*/bin"), None)


def _installed():
    """The newest PostgreSQL server installed on this machine."""
    found = {}
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        if (folder / "initdb").exists() and folder.parent.name.isdigit():
            found[int(folder.parent.name)] = folder
    if not found and shutil.which("pg_config"):
        out = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=False
        )
        folder = Path(out.stdout.strip() or "/nonexistent")
        if (folder / "initdb").exists():
            shown = subprocess.run(
                [folder / "initdb", "-V"], capture_output=True, text=True
            )
            found[int(re.search(r"(\d+)", shown.stdout).group(1))] = folder
    newest = max(found, default=0)
    return found[newest] if newest >= _OLDEST else None
