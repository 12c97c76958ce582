"""A browser for tours and screenshots."""

import os
import shutil
from pathlib import Path

from .debian import PrivateApt, library_path
from .paths import cache_dir
from .processes import run
from .ui import DevError, step

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WRAPPER = """#!/bin/sh
# Chromium from an unpacked Debian package, with the libraries missing here.
LD_LIBRARY_PATH={libraries} exec {program} --no-sandbox "$@"
"""


def find() -> Path:
    """Chromium from PATH; else Debian's, installed by root or unpacked in the cache."""
    return _on_path() or _cached() or _fetch()


def _on_path():
    return next((Path(found) for name in _NAMES if (found := shutil.which(name))), None)


def _cached():
    """The unpacked one, by a script that tells it where its libraries are."""
    tree = cache_dir() / "chromium-unpacked"
    program = tree / "usr/lib/chromium/chromium"
    if not program.exists():
        return None
    wrapper = cache_dir() / "chromium" / "bin" / "chromium"
    text = _WRAPPER.format(libraries=library_path(tree), program=program)
    if not wrapper.exists() or wrapper.read_text() != text:
        wrapper.parent.mkdir(parents=True, exist_ok=True)
        part = wrapper.with_suffix(f".{os.getpid()}")
        part.write_text(text)
        part.chmod(0o755)
        part.rename(wrapper)
    return wrapper


def _fetch() -> Path:
    try:
        if os.getuid() == 0:
            _install()
            found = _on_path()
        else:
            _unpack()
            found = _cached()
    except DevError as error:
        raise DevError(
            "The tests need a browser. Install one: apt-get install chromium "
            f"(as root).\n{error}"
        ) from None
    return found


def _install() -> None:
    with step("Installing Chromium with apt"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = [
            "apt-get",
            "install",
            "-q",
            "-y",
            "--no-install-recommends",
            "chromium",
        ]
        try:
            run(install, what="apt-get install chromium", env=environment)
        except DevError:  # the lists may be missing or old
            run(["apt-get", "-q", "update"], what="apt-get update", env=environment)
            run(install, what="apt-get install chromium", env=environment)


def _unpack() -> None:
    with step("Fetching Chromium from Debian"):
        apt = PrivateApt()
        packages = [f"{name}/{apt.release}" for name in apt.missing_with("chromium")]
        tree = cache_dir() / "chromium-unpacked"
        if not tree.exists():
            apt.unpack(packages, tree, megabytes=900)
