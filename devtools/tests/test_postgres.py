"""The private cluster: where it lives, and that it comes back after a kill."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from devtools import paths, postgres


@pytest.fixture
def cluster(monkeypatch):
    """A cluster of its own, in a folder that the account of the server reaches."""
    with tempfile.TemporaryDirectory(prefix="lb-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        for module in (paths, postgres):
            monkeypatch.setattr(module, "ROOT", folder)
            monkeypatch.setattr(module, "STATE", folder / ".dev")
        made = postgres.Cluster()
        yield made
        made.stop()


def test_plain_owner_may_create_cube(cluster):
    cluster.start()
    cluster.query("CREATE DATABASE one", "postgres", user="odoo")
    cluster.query("CREATE EXTENSION cube", "one", user="odoo")
    [[superuser]] = cluster.query(
        "SELECT rolsuper FROM pg_roles WHERE rolname = 'odoo'", "postgres"
    )
    assert superuser == "f"


def test_killed_server_comes_back(cluster):
    cluster.start()
    pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    again = postgres.Cluster()
    again.start()
    assert again.query("SELECT 1", "postgres") == [["1"]]
    again.stop()


def test_last_user_stops_it(cluster):
    cluster.start()
    second = postgres.Cluster()
    second.start()
    second.stop()
    assert cluster.query("SELECT 1", "postgres") == [["1"]]
    cluster.stop()
    assert not cluster._is_running()


def test_socket_path_fits_the_kernel(monkeypatch, tmp_path):
    deep = tmp_path / ("d" * 120)
    monkeypatch.setattr(postgres, "STATE", deep / ".dev")
    assert len(str(postgres.Cluster().socket / ".s.PGSQL.5432.lock")) < 107
