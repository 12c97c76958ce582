"""Write requirements.txt and requirements-lint.txt anew, from their .in files.

Takes the newest versions that fit. Run the tests and the lint afterwards, and bring
.pre-commit-config.yaml to the same versions (a test compares them).
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from ..paths import ROOT
from ..python_env import install
from ..ui import step

_HEAD = "# Written by ./dev lock from {source}: the versions every machine runs.\n"


def add_arguments(parser):
    pass


def main(options):
    for source in (ROOT / "requirements.in", ROOT / "requirements-lint.in"):
        with step(f"Locking {source.name}"), tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            python = Path(folder) / "bin" / "python"
            install(python, "-r", source)
            frozen = subprocess.run(
                [python, "-m", "pip", "freeze"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            head = _HEAD.format(source=source.name)
            source.with_suffix(".txt").write_text(head + frozen)
