"""One parent for broker, web, workers and clock: starts, restarts and stops them together.

The parent loads the application once and forks, so a start takes about as long as one import, and
it has neither threads nor connections that a child could inherit.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING

import flask
import structlog

from app.core.settings import Settings
from app.operations import leash

if TYPE_CHECKING:
    from app.operations.broker import EmbeddedBroker

log = structlog.get_logger()

PARTS = ("web", "worker", "clock")
LONGEST_PAUSE = 5.0
STEADY = 10.0
TICK = 0.05


class CannotStart(Exception):
    """The processes cannot be started; the text is one plain sentence."""


@dataclass
class Child:
    """One supervised process; `grace` is how long it may take to stop."""

    name: str
    run: Callable[[], None]
    grace: float
    pid: int | None = None
    began: float = 0.0
    pause: float = 0.0
    not_before: float = 0.0


def only_one(settings: Settings, parts: tuple[str, ...], seconds: float = 8) -> IO[str]:
    """Hold the data folder's lock; children inherit it, so a successor waits for all of them."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = (settings.data_dir / f"serve-{'-'.join(parts)}.lock").open("w", encoding="ascii")
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                lock.close()
                raise CannotStart(
                    f"Trellis is running on {settings.data_dir} already; stop that one first."
                ) from None
            time.sleep(TICK)
        else:
            return lock


def refuse_taken_port(settings: Settings) -> None:
    """A taken port is the usual trouble; say so before anything starts."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CannotStart(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}); "
                "choose another with PORT or HOST."
            ) from None


class Supervisor:
    """Starts children, starts them again when they end, and stops them in order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._read_end, self._write_end = os.pipe()
        self._told_to_stop = False

    # children

    def add(self, name: str, run: Callable[[], None], grace: float) -> None:
        """Start one process that runs until it is told to stop."""
        child = Child(name, run, grace)
        self.children.append(child)
        self._start(child)

    def once(self, run: Callable[[], None]) -> int:
        """Run something in a child of its own and wait for it; returns its exit code."""
        pid = self._fork(run)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _start(self, child: Child) -> None:
        child.began = time.monotonic()
        child.pid = self._fork(child.run)

    def _fork(self, run: Callable[[], None]) -> int:
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            # A session of its own: Ctrl-C in the terminal reaches the parent alone.
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._write_end)
            leash.hold(self._read_end)
            run()
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)  # whatever the parent registered for its own exit is not ours

    # life

    def listen(self) -> None:
        """Take SIGTERM, SIGINT and SIGHUP as the wish to stop."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop_soon)

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def run(self, started: Callable[[], bool]) -> None:
        """Watch until told to stop; `started` is asked until it says that all is announced."""
        announced = False
        while not self._told_to_stop:
            for child in self.children:
                self._look_after(child)
            announced = announced or started()
            time.sleep(TICK)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.pid is None:
            if now >= child.not_before:
                self._start(child)
            return
        if not self._has_ended(child):
            return
        steady = now - child.began > STEADY
        child.pause = 0.25 if steady else min(max(child.pause * 2, 0.25), LONGEST_PAUSE)
        child.not_before = now + child.pause
        log.warning("process_ended", process=child.name, again_in=child.pause)

    def _has_ended(self, child: Child) -> bool:
        if child.pid is None:
            return True
        pid, _status = os.waitpid(child.pid, os.WNOHANG)
        if pid:
            child.pid = None
        return child.pid is None

    def stop(self) -> None:
        """Stop in the order of the graces: the clock, then web and workers, the broker last."""
        by_grace: dict[float, list[Child]] = {}
        for child in reversed(self.children):
            by_grace.setdefault(child.grace, []).append(child)
        for grace, group in sorted(by_grace.items(), key=lambda pair: pair[0]):
            self._stop_together(group, grace)
        # Closing the pipe ends whatever is left of our children's children.
        os.close(self._write_end)
        os.close(self._read_end)

    def _stop_together(self, group: list[Child], grace: float) -> None:
        for child in group:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline:
            if not [child for child in group if not self._has_ended(child)]:
                return
            time.sleep(TICK)
        for child in group:
            if child.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                child.pid = None


def _signal(child: Child, number: signal.Signals) -> None:
    if child.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)


# what is supervised


def serve(
    settings: Settings,
    parts: tuple[str, ...],
    prepare: Callable[[flask.Flask], None],
    announce: Callable[[], None],
) -> None:
    """Run the parts until told to stop; `prepare` runs first, in a child of its own.

    Raises CannotStart. `announce` is called once, as soon as pages are served.
    """
    lock = only_one(settings, parts)
    parent = Supervisor()
    parent.listen()
    try:
        if "web" in parts:
            refuse_taken_port(settings)
        embedded = None if settings.redis_url else _embedded(parent, settings)
        if embedded is not None:
            os.environ["REDIS_URL"] = embedded.url
            settings = replace(settings, redis_url=embedded.url)
        app = _loaded(settings)
        if parent.once(lambda: prepare(app)) != 0:
            sys.exit(1)  # the child has said why
        if embedded is not None:
            _await(embedded)
        _add_parts(parent, app, parts)
        parent.run(_announcer(settings, parts, announce))
    finally:
        parent.stop()
        lock.close()


def _embedded(parent: Supervisor, settings: Settings) -> EmbeddedBroker:
    """Start the embedded broker; it comes up while the application is loaded."""
    from app.operations.broker import EmbeddedBroker

    embedded = EmbeddedBroker(settings.data_dir)
    # The longest grace is used up last: the others may still speak to it while they stop.
    parent.add("broker", embedded.keep, grace=4.5)
    return embedded


def _await(embedded: EmbeddedBroker, seconds: float = 5) -> None:
    """Give the broker a moment, which spares the others a second start."""
    deadline = time.monotonic() + seconds
    while not embedded.answers() and time.monotonic() < deadline:
        time.sleep(TICK)


def _loaded(settings: Settings) -> flask.Flask:
    from app.factory import create_app
    from app.operations import worker

    app = create_app(settings)
    worker.use(app)
    return app


def _add_parts(parent: Supervisor, app: flask.Flask, parts: tuple[str, ...]) -> None:
    from app.operations import web, worker

    app.extensions["database"].dispose()
    if "web" in parts:
        parent.add("web", partial(web.serve, app), grace=4.0)
    if "worker" in parts:
        for number, queues in enumerate(worker.WORKERS, 1):
            parent.add(f"worker {number}", partial(worker.work, queues), grace=4.0)
    if "clock" in parts:
        parent.add("clock", worker.tick, grace=1.0)


def _announcer(
    settings: Settings, parts: tuple[str, ...], announce: Callable[[], None]
) -> Callable[[], bool]:
    def started() -> bool:
        if "web" in parts and not answers(settings):
            return False
        announce()
        return True

    return started


def answers(settings: Settings) -> bool:
    """Whether the web server says that it is ready."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    try:
        with socket.create_connection((host, settings.port), timeout=2) as line:
            line.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return line.recv(15).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def is_running(data_dir: Path) -> bool:
    """Whether processes of an earlier start hold a lock of this data folder."""
    for path in data_dir.glob("serve-*.lock"):
        with path.open("r", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False
