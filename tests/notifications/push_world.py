"""A push service of the test's own: it keeps what it gets, opens it, and answers as told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from app.notifications.push_keys import encoded, public_bytes

AUTH = b"sixteen bytes ok"


@dataclass(frozen=True)
class Got:
    """One request to the push service."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    """Answers each path with `answers[path]`, usually 201; every device has one key pair."""

    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pair = ec.generate_private_key(ec.SECP256R1())
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.got.append(Got(self.path, headers, body))
                status, more = service.answers.get(self.path, (201, {}))
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def device(self, name: str = "phone") -> dict[str, str]:
        """What a browser would tell about a device."""
        return {
            "endpoint": f"{self.url}/{name}",
            "p256dh": encoded(public_bytes(self.pair)),
            "auth": encoded(AUTH),
        }

    def opened(self, got: Got) -> dict[str, Any]:
        """What a device reads."""
        content = http_ece.decrypt(
            got.body, private_key=self.pair, auth_secret=AUTH, version="aes128gcm"
        )
        self.length = len(content)
        said: dict[str, Any] = json.loads(content)
        return said

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)
