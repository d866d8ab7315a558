"""No process outlives the parent: each holds the read end of a pipe and ends when it closes.

The kernel closes the parent's write end however the parent dies, kill -9 included. On Linux the
kernel also signals the child itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

GRACE = 4.0
_PR_SET_PDEATHSIG = 1

_read_end: int | None = None


def hold(read_end: int) -> None:
    """In a child just forked: end when the parent's write end is closed."""
    global _read_end
    _read_end = read_end
    hold_again()


def hold_again() -> None:
    """In a child of a child: threads do not survive a fork, so watch anew."""
    if _read_end is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=_watch, args=(_read_end,), name="leash", daemon=True).start()


def _watch(read_end: int) -> None:
    wait_for_end(read_end)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def wait_for_end(read_end: int) -> None:
    """Block until the parent is gone."""
    while os.read(read_end, 1):
        pass
