"""Finding an Odoo 19: the developer's own first, else Debian's package."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .debian import PrivateApt
from .paths import cache_dir
from .ui import DevError, step

VERSION = "19.0"
_HOW_TO_GET_IT = (
    "Set ODOO_SOURCE to a source tree of Odoo 19 (a checkout of its branch 19.0), "
    "or run this on a Debian machine with a network, which brings its own."
)
# what the package's symbolic links lead to, from this machine's own release
_ASSETS = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
)


@dataclass(frozen=True)
class OdooSource:
    """An Odoo on disk: the package ``odoo`` and the folders of its addons."""

    package: Path
    origin: str

    @property
    def addons(self) -> list[Path]:
        beside = (
            self.package.parent / "addons"
        )  # a source tree keeps most of them there
        return [path for path in (self.package / "addons", beside) if path.is_dir()]

    @property
    def key(self) -> str:
        """Tells one Odoo from another in names of caches."""
        stat = (self.package / "release.py").stat()
        return f"{self.package}-{stat.st_mtime_ns}"


def find_odoo() -> OdooSource:
    for finder in (_from_variable, _importable, _cached):
        if source := finder():
            return source
    return _from_debian()


def _release_of(package: Path) -> str:
    """The version an ``odoo`` package says it is, without importing it."""
    try:
        text = (package / "release.py").read_text()
    except OSError:
        return ""
    found = re.search(r"version_info\s*=\s*\(\s*(\d+)\s*,\s*(\d+)", text)
    return ".".join(found.groups()) if found else ""


def _from_variable():
    given = os.environ.get("ODOO_SOURCE")
    if not given:
        return None
    tree = Path(given).expanduser().resolve()
    for package in (tree / "odoo", tree):
        if _release_of(package) == VERSION:
            return OdooSource(package, "ODOO_SOURCE")
    raise DevError(
        f"ODOO_SOURCE={given} holds no Odoo {VERSION} (no odoo/release.py of it)."
    )


def _importable():
    """An Odoo installed on this machine, seen from outside this project."""
    script = (
        "import importlib.util as u;"
        " print(*u.find_spec('odoo').submodule_search_locations)"
    )
    for python in ("python3", "/usr/bin/python3"):
        try:
            found = subprocess.run(
                [python, "-c", script],
                capture_output=True,
                text=True,
                cwd="/",
                env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
                check=False,
            )
        except FileNotFoundError:
            continue
        for path in found.stdout.split():
            if _release_of(Path(path)) == VERSION:
                return OdooSource(Path(path), "installed on this machine")
    return None


def _cached():
    found = [
        path
        for path in cache_dir().glob("odoo-19_*/usr/lib/python3/dist-packages/odoo")
        if ".part-" not in str(path) and _release_of(path) == VERSION
    ]
    if not found:
        return None
    newest = max(found, key=lambda path: path.stat().st_mtime)
    _fill_gap(newest)
    return OdooSource(newest, "Debian's package, cached")


def _from_debian() -> OdooSource:
    try:
        apt = PrivateApt()
        version = apt.version("odoo-19", "sid")
    except DevError as error:
        raise DevError(f"No Odoo 19 found. {_HOW_TO_GET_IT}\n{error}") from None
    target = cache_dir() / f"odoo-19_{version}"
    with step(f"Fetching Odoo {version} from Debian (125 MB, unpacked 1.2 GB)"):
        if not target.exists():
            own = [f"{name}/{apt.release}" for name in _ASSETS]
            apt.unpack(["odoo-19/sid", *own], target, megabytes=1600)
    source = _cached()
    if not source:
        raise DevError(
            f"Debian's package {version} is not Odoo {VERSION}. {_HOW_TO_GET_IT}"
        )
    return source


def _fill_gap(package: Path) -> None:
    """Put an empty script where Debian leaves one out (not free to build).

    Only the blurred background of video calls uses it, but a page that misses it logs
    an error, and an error on the console fails every tour.
    """
    script = (
        package / "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    )
    if not script.exists():
        script.parent.mkdir(exist_ok=True)
        script.write_text("/* left out by Debian */\n")
