"""Programs started here: none outlives its ./dev, and leftovers are found again."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .ui import DevError

# seconds to wait for another program; it costs nothing when things go well, and a
# machine that does much else can be slow
PATIENCE = 600
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    """A killed ./dev cannot clean up; the kernel then ends its children."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command, *, what: str, **options) -> subprocess.CompletedProcess:
    """Run a program to its end; say in one message what failed and its last lines."""
    result = subprocess.run(
        [str(part) for part in command],
        stdin=options.pop("stdin", subprocess.DEVNULL)
        if "input" not in options
        else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    if result.returncode:
        if "No space left on device" in result.stdout:
            raise DevError(f"{what}: the disk is full. Free some space and run again.")
        tail = "\n".join(result.stdout.strip().splitlines()[-15:])
        raise DevError(f"{what} failed (exit {result.returncode}):\n{tail}")
    return result


def started_at(pid: int):
    """The kernel's start time of a process, None when it is gone (or only a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


class Service:
    """A long-running program with a log and a pid file.

    The pid file also holds the start time, so that a later run never ends a stranger
    who got the same number.
    """

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.log = folder / f"{name}.log"
        self.pid_file = folder / f"{name}.pid"
        self.process = None

    def start(self, command, **options) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.stop_leftover()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **options,
            )
        self.pid_file.write_text(f"{self.process.pid} {started_at(self.process.pid)}\n")

    def wait_until(self, ready, seconds: int = PATIENCE) -> None:
        """Wait for ``ready()``, but no longer than the program lives."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise DevError(f"{self.name} ended while starting:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise DevError(
                    f"{self.name} did not answer in {seconds} s:\n{self.tail()}"
                )
            time.sleep(0.1)

    def tail(self, lines: int = 15) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(
            [*text.strip().splitlines()[-lines:], f"(all of it: {self.log})"]
        )

    def stop(self, seconds: int = 10) -> None:
        """Ask it to end, insist after a while, and leave nothing of its group."""
        if self.process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(sign)
            try:
                self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        _end_group(self.process.pid)
        self.pid_file.unlink(missing_ok=True)
        self.process = None

    def kill(self) -> None:
        """End it at once, as a crash or a power cut would."""
        _end_group(self.process.pid)
        self.process.wait()

    def stop_leftover(self) -> bool:
        """End what a killed earlier run left running under this name."""
        try:
            pid, start = self.pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            self.pid_file.unlink(missing_ok=True)
            return False
        alive = started_at(int(pid)) == start
        if alive:
            os.kill(int(pid), signal.SIGTERM)
            deadline = time.monotonic() + 10
            while started_at(int(pid)) == start and time.monotonic() < deadline:
                time.sleep(0.1)
            _end_group(int(pid))
        self.pid_file.unlink(missing_ok=True)
        return alive


def _end_group(pid: int) -> None:
    """Services lead a group of their own; what is left of it goes with them."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
