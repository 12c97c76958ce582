"""Ports in use, killed runs, programs that end too early."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from devtools.commands import run
from devtools.processes import Service, free_port, port_is_free, started_at
from devtools.ui import DevError

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def busy_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_busy_port_is_refused_with_another_to_take(busy_port):
    assert not port_is_free(busy_port)
    with pytest.raises(DevError, match=f"Port {busy_port} is in use.*--port"):
        run._choose_port(busy_port)


def test_usual_port_gives_way(busy_port, monkeypatch, capsys):
    monkeypatch.setattr(run, "_PORT", busy_port)
    chosen = run._choose_port(None)
    assert port_is_free(chosen)
    assert f"port {busy_port} is in use" in capsys.readouterr().out


def test_impossible_port_is_refused():
    with pytest.raises(DevError, match="99999 is no port"):
        run._choose_port(99999)


def test_service_starts_and_stops(tmp_path):
    service = Service("sleeper", tmp_path)
    service.start(SLEEP)
    service.wait_until(lambda: "up" in service.log.read_text())
    pid = service.process.pid
    service.stop()
    assert started_at(pid) is None
    assert not service.pid_file.exists()


def test_program_that_ends_shows_its_last_words(tmp_path):
    service = Service("broken", tmp_path)
    service.start([sys.executable, "-c", "raise SystemExit('no such database')"])
    with pytest.raises(DevError, match="ended while starting:\nno such database"):
        service.wait_until(lambda: False)


def test_leftover_of_a_killed_run_is_stopped(tmp_path):
    left = Service("sleeper", tmp_path)
    left.start(SLEEP)
    assert Service("sleeper", tmp_path).stop_leftover()
    left.process.wait(5)
    assert not left.pid_file.exists()


def test_stranger_with_the_same_number_is_left_alone(tmp_path):
    service = Service("sleeper", tmp_path)
    service.pid_file.write_text(f"{os.getpid()} 1\n")
    assert not service.stop_leftover()
    assert not service.pid_file.exists()


def test_damaged_pid_file_is_ignored(tmp_path):
    service = Service("sleeper", tmp_path)
    service.pid_file.write_text("12")
    assert not service.stop_leftover()


def test_children_end_with_a_killed_parent(tmp_path):
    script = f"""
import pathlib, time
from devtools.processes import Service
Service("child", pathlib.Path({str(tmp_path)!r})).start({SLEEP!r})
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    pid_file = tmp_path / "child.pid"
    deadline = time.monotonic() + 50  # before it ends by itself
    while not (pid_file.exists() and pid_file.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child, start = pid_file.read_text().split()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while started_at(int(child)) == start:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_free_ports_are_free():
    assert port_is_free(free_port())
