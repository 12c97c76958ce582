"""Half-finished downloads, full disks, several runs at once."""

import threading

import pytest

from devtools import debian, odoo_source, paths
from devtools.ui import DevError


def fake_odoo(folder, version="19, 0"):
    folder.mkdir(parents=True)
    (folder / "release.py").write_text(
        f"version_info = ({version}, 0, 'final', 0, '')\n"
    )
    (folder / "addons").mkdir()
    return folder


def test_interrupted_work_leaves_no_target_and_is_cleared_away(tmp_path):
    target = tmp_path / "odoo"
    with pytest.raises(RuntimeError), paths.built_whole(target) as part:
        (part / "half").touch()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared_away(tmp_path, capsys):
    target = tmp_path / "odoo"
    (tmp_path / "odoo.part-killed").mkdir()
    with paths.built_whole(target) as part:
        (part / "whole").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["odoo"]
    assert "interrupted" in capsys.readouterr().out


def test_half_finished_odoo_is_not_taken_for_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place = "usr/lib/python3/dist-packages/odoo"
    fake_odoo(paths.cache_dir() / "odoo-19_1.part-abc" / place)
    assert odoo_source._cached() is None
    whole = fake_odoo(paths.cache_dir() / "odoo-19_1" / place)
    (whole / "addons/mail/static/lib").mkdir(parents=True)
    assert odoo_source._cached().package == whole


def test_source_tree_of_a_variable_comes_first(tmp_path, monkeypatch):
    fake_odoo(tmp_path / "odoo")
    (tmp_path / "addons").mkdir()
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    source = odoo_source.find_odoo()
    assert source.origin == "ODOO_SOURCE"
    assert source.addons == [tmp_path / "odoo/addons", tmp_path / "addons"]


def test_wrong_version_is_refused(tmp_path, monkeypatch):
    fake_odoo(tmp_path / "odoo", "18, 0")
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    with pytest.raises(DevError, match="holds no Odoo 19.0"):
        odoo_source.find_odoo()


def test_too_small_a_disk_is_refused_before_the_download(tmp_path):
    with pytest.raises(DevError, match="MB are needed: free some space"):
        paths.require_space(tmp_path, 10**9)


def test_without_a_network_it_says_what_else_works(tmp_path, monkeypatch):
    def offline(self):
        raise DevError("No Debian mirror can be reached")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("ODOO_SOURCE", raising=False)
    monkeypatch.setattr(odoo_source, "_importable", lambda: None)
    monkeypatch.setattr(debian.PrivateApt, "_mirror", offline)
    with pytest.raises(DevError, match="Set ODOO_SOURCE(?s:.*)No Debian mirror"):
        odoo_source.find_odoo()


def test_second_run_waits_for_the_first(tmp_path, capsys):
    order = []

    def second():
        with paths.locked(tmp_path / "lock"):
            order.append("second")

    with paths.locked(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert "waiting for another ./dev" in capsys.readouterr().out
