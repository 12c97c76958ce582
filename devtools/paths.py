"""Where things are kept, and how several runs share them."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from .ui import DevError, say

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".dev"


def cache_dir() -> Path:
    """The user's cache: what is dear to fetch, shared by all checkouts."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "lead-broadcast"


def require_space(path: Path, megabytes: int) -> None:
    """Refuse before a long download what the disk cannot hold."""
    path.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(path).free // 2**20
    if free < megabytes:
        raise DevError(
            f"{path} has {free} MB free and {megabytes} MB are needed: free some space,"
            " or set XDG_CACHE_HOME to a folder on a larger disk."
        )


@contextlib.contextmanager
def locked(path: Path, waiting_for: str = "another ./dev"):
    """Hold an exclusive lock; the kernel frees it whatever ends this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"- waiting for {waiting_for} ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle


@contextlib.contextmanager
def built_whole(target: Path):
    """Fill a folder that appears under its name only once it is complete.

    Half-done folders of killed runs are removed first, so call it under a lock.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(f"{target.name}.part-*"):
        say(f"- removing what an interrupted run left: {stale.name}")
        shutil.rmtree(stale)
    part = Path(tempfile.mkdtemp(prefix=f"{target.name}.part-", dir=target.parent))
    try:
        part.chmod(0o755)
        yield part
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
