"""What the developer reads: steps, their times, and errors that say what to do."""

import contextlib
import sys
import threading
import time


class DevError(Exception):
    """A failure that the reader can act on; shown as text, never as a traceback."""


def say(text: str = "") -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(text: str):
    """Announce work that takes a while, and say how long it took.

    On a terminal the seconds count up, so that nobody takes slow for stuck.
    """
    start = time.monotonic()
    done = threading.Event()
    ticking = sys.stdout.isatty()

    def tick():
        while not done.wait(1):
            print(
                f"\r- {text} ... {time.monotonic() - start:.0f} s", end="", flush=True
            )

    print(f"- {text} ...", end="" if ticking else "\n", flush=True)
    if ticking:
        threading.Thread(target=tick, daemon=True).start()
    try:
        yield
    except BaseException:
        done.set()
        if ticking:
            print(flush=True)
        raise
    done.set()
    seconds = time.monotonic() - start
    if ticking:
        print(f"\r- {text}: {seconds:.1f} s      ", flush=True)
    elif seconds > 2:
        print(f"  {seconds:.1f} s", flush=True)
