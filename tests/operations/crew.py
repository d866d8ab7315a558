"""Workers and clocks for fault tests: the real ones, with a kind of message of the tests.

`python -m tests.operations.crew`; the environment is the test's.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.core import delivery, jobs, outbox
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring.services import nudging, silence, watching

THINKING = 0.004


class Reminder:
    """A message whose wording takes a moment, so that kills hit the work and not the pause."""

    name = "fault_reminder"
    topic = "events"
    channels = ("in_app", "mail")
    is_urgent = True

    def wanted(self, db: Session, row: Delivery) -> str | None:
        return None

    def message(self, db: Session, row: Delivery, to: Recipient) -> Message | None:
        time.sleep(THINKING)
        return Message("Your event", ("It begins soon.",), "/events/")


def enlist() -> None:
    """Register what the test adds to the application."""
    outbox.kinds.add(Reminder.name, Reminder())
    delivery.LEASE = timedelta(seconds=float(os.environ.get("TEST_LEASE", "20")))
    if orders := os.environ.get("TEST_DEATHS"):
        for module, name in ((watching, "follow"), (nudging, "nudge"), (silence, "give_notice")):
            setattr(module, name, mortal(getattr(module, name), Path(orders) / name))


def mortal(
    step: Callable[..., int], order: Path
) -> Callable[[Session, Mapping[Any, Any], Collection[Any]], int]:
    """A step of the watch whose worker dies before it, or with its part written, not committed."""

    def run(db: Session, seen: Mapping[Any, Any], only: Collection[Any]) -> int:
        _die_if_told(order.with_suffix(".before"))
        changed = step(db, seen, only)
        _die_if_told(order.with_suffix(".written"))
        return changed

    return run


def _die_if_told(order: Path) -> None:
    """kill -9 of the worker and of the job that runs, once for each order that lies there."""
    try:
        order.unlink()
    except FileNotFoundError:
        return
    for pid in (os.getppid(), os.getpid()):
        os.kill(pid, signal.SIGKILL)


def chief() -> None:
    """Load the application once and fork whoever is asked for: `work` or `tick`, a line each.

    As in production, where the supervisor does so; it answers with the process id.
    """
    from app.operations import worker

    worker.serving()
    enlist()
    pace = int(os.environ.get("TEST_SWEEP_EVERY", "10"))
    # Only this one is hurried: all sweeps every second would be all that workers do.
    sweep = jobs.sweeps["wake_deliveries"]
    jobs.sweeps._items[sweep.name] = jobs.Sweep(sweep.name, sweep.run, pace)
    roles = {"work": worker.work, "tick": worker.tick}
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            roles[line.strip()]()
            os._exit(0)
        print(pid, flush=True)
        _reap()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    chief()
