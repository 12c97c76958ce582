"""Kannel's programs: this machine's own, or Debian's, unpacked."""

import shutil
from pathlib import Path

from .debian import PrivateApt, library_path
from .paths import cache_dir
from .ui import DevError, step

_PACKAGE = "kannel"
_TREE = "kannel-unpacked"
_HOW_TO_GET_IT = (
    "Kannel, the SMS gateway, cannot be had. It is in Debian: apt-get install"
)


def find() -> tuple[Path, str]:
    """The folder of bearerbox and smsbox, and the LD_LIBRARY_PATH they need."""
    if folder := _installed():
        return folder, ""
    tree = cache_dir() / "kannel-unpacked"
    if not tree.exists():
        _unpack(tree)
    return tree / "usr/sbin", library_path(tree)


def _installed():
    """Debian keeps them out of the PATH of ordinary users."""
    for name in ("bearerbox", "/usr/sbin/bearerbox"):
        if found := shutil.which(name):
            return Path(found).parent
    return None


def _unpack(tree: Path) -> None:
    try:
        with step("Fetching Kannel, the SMS gateway, from Debian"):
            apt = PrivateApt()
            packages = [f"{name}/{apt.release}" for name in apt.missing_with(_PACKAGE)]
            apt.unpack(packages, tree, megabytes=60)
    except DevError as error:
        raise DevError(f"{_HOW_TO_GET_IT}\n{error}") from None
