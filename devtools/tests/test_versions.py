"""One version of each tool, whoever runs it."""

import json
import re

from devtools.paths import ROOT

PRE_COMMIT = (ROOT / ".pre-commit-config.yaml").read_text()
LOCKS = {
    name: dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / name).read_text(), re.M))
    for name in ("requirements.txt", "requirements-lint.txt")
}


def hooks():
    """The version of each repository that pre-commit would clone."""
    return dict(re.findall(r"repo: \S+/([\w-]+)\n\s+rev: v?(\S+)", PRE_COMMIT))


def test_pre_commit_has_the_locked_versions():
    lock = LOCKS["requirements-lint.txt"]
    assert {
        "ruff": hooks()["ruff-pre-commit"],
        "pylint-odoo": hooks()["pylint-odoo"],
        "oca-odoo-pre-commit-hooks": hooks()["odoo-pre-commit-hooks"],
        "rstcheck": hooks()["rstcheck"],
    }.items() <= lock.items()


def test_pre_commit_has_the_locked_node_packages():
    wanted = json.loads((ROOT / "devtools/node/package.json").read_text())
    listed = dict(re.findall(r'- "(.+)@([\d.]+)"', PRE_COMMIT))
    assert listed == wanted["dependencies"]


def test_locks_hold_exact_versions_of_all_that_is_asked_for():
    def normal(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    for name, lock in LOCKS.items():
        text = (ROOT / name.replace(".txt", ".in")).read_text()
        asked = set(map(normal, re.findall(r"^([\w.-]+)", text, re.M)))
        assert asked <= set(map(normal, lock))


def test_locks_name_no_address():
    files = [
        "requirements.txt",
        "requirements-lint.txt",
        "devtools/node/package-lock.json",
    ]
    for name in files:
        text = (ROOT / name).read_text()
        assert (
            "resolved" not in text and "index-url" not in text and "file:" not in text
        )
