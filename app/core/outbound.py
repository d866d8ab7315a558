"""The one way to other machines by HTTP that others name: only hosts on a list, only public ones.

An address given by a browser (a push endpoint) is a wish to make us call it. So the host must be on
the caller's list, its name is resolved once, every answer must be a public address, and the
connection goes to exactly that address; no redirect is followed, and time and size have limits.
A loopback address is admitted only while testing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

import flask

SECONDS = 10
MOST_BYTES = 64 * 1024
# Ways to write an address of the old internet in the new one, an inner one too.
_TRANSLATED = tuple(
    ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)


class Forbidden(Exception):
    """This address is not one that we call; its text is a short neutral reason."""


class Unreachable(Exception):
    """There was no whole answer in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other machine said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    path: str
    is_tls: bool


def allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether an address may be called at all, without asking the network."""
    try:
        _target(url, hosts)
    except Forbidden:
        return False
    return True


def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    hosts: Collection[str],
    seconds: float = SECONDS,
) -> Answer:
    """Send one POST; raises Forbidden, or Unreachable when there was no whole answer in time.

    A host of the list that begins with a dot stands for everything below it.
    """
    target = _target(url, hosts)
    sent = {**headers, "Content-Length": str(len(body)), "Connection": "close"}
    line = _Line(target, _address(target), seconds)
    timer = threading.Timer(seconds, line.cut)
    timer.daemon = True
    timer.start()
    try:
        line.request("POST", target.path, body, sent)
        answer = line.getresponse()
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read(MOST_BYTES),
        )
    except (OSError, HTTPException) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        timer.cancel()
        line.close()


class _Line(HTTPConnection):
    """A connection to an address that was judged, under the host's own name."""

    def __init__(self, target: _Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self.address, self.is_tls = address, target.is_tls

    def connect(self) -> None:
        """Dial the judged address and nothing else; TLS checks the name."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.is_tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """Hang up: a socket's own timeout starts anew with every byte."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _target(url: str, hosts: Collection[str]) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("bad address") from error
    host = (parts.hostname or "").lower()
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise Forbidden("bad address")
    if _is_testing() and host == "127.0.0.1" and parts.scheme == "http":
        return _Target(host, port or 80, path or "/", is_tls=False)
    if not _is_plain(parts) or port not in (None, 443) or not _is_listed(host, hosts):
        raise Forbidden("address not on the list")
    return _Target(host, 443, path or "/", is_tls=True)


def _is_plain(parts: SplitResult) -> bool:
    return parts.scheme == "https" and parts.username is None and parts.password is None


def _is_listed(host: str, hosts: Collection[str]) -> bool:
    return any(host.endswith(each) if each[0] == "." else host == each for each in hosts)


def _is_testing() -> bool:
    return bool(flask.current_app.extensions["settings"].env == "testing")


def _address(target: _Target) -> str:
    """The one address to call, when all that the name stands for are public."""
    if not target.is_tls:
        return target.host
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable("name not found") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Forbidden("not a public address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if any(found.version == each.version and found in each for each in _TRANSLATED):
        return False
    return found.is_global and not found.is_multicast
