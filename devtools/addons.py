"""The addons of this checkout, read from their manifests."""

import ast
import hashlib
import os
from pathlib import Path

from .paths import ROOT

# what a change of cannot change an installed database
_NOT_INSTALLED = {"tests", "readme", "__pycache__", "description"}


# as core's: addons that hold nothing but tests, with apps that ours do not depend on
_TESTS_ONLY = "test_"


def all_names() -> list[str]:
    found = []
    for manifest in sorted(ROOT.glob("*/__manifest__.py")):
        if read_manifest(manifest).get("installable", True):
            found.append(manifest.parent.name)
    return found


def names() -> list[str]:
    """The addons that people install."""
    return [name for name in all_names() if not name.startswith(_TESTS_ONLY)]


def tests_only() -> list[str]:
    """Those that only ``./dev test`` installs, in a database of their own."""
    return [name for name in all_names() if name.startswith(_TESTS_ONLY)]


def read_manifest(path: Path) -> dict:
    return ast.literal_eval(path.read_text())


def dependencies() -> list[str]:
    """The addons of others that ours need: what a template database is made of."""
    ours = names()
    needed = {"base"}
    for name in ours:
        manifest = read_manifest(ROOT / name / "__manifest__.py")
        needed.update(manifest.get("depends", []))
    return sorted(needed.difference(ours))


def digest(extra=()) -> str:
    """Changes when an installation of our addons would come out differently.

    :param extra: more addons that are installed; those of others count for nothing
    """
    digest = hashlib.sha1()
    for name in [*names(), *extra]:
        for folder, folders, files in os.walk(ROOT / name):
            folders[:] = sorted(set(folders) - _NOT_INSTALLED)
            for file in sorted(files):
                path = Path(folder) / file
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
