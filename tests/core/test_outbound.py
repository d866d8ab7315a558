"""Calls to addresses that others name: the list, public addresses, no redirect, limits."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from app.core import outbound
from app.core.outbound import Forbidden, Unreachable
from app.core.settings import load
from app.factory import create_app
from tests.notifications.push_world import PushService


@pytest.fixture
def service(context) -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


def call(url: str, hosts: tuple[str, ...] = ("localhost",), seconds: float = 5):
    return outbound.post(url, body=b"x", headers={}, hosts=hosts, seconds=seconds)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b:1::1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_an_address_inside_is_not_public(address) -> None:
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", ["142.250.1.1", "2606:4700::1111"])
def test_an_address_of_the_open_internet_is(address) -> None:
    assert outbound.is_public(address)


def test_a_listed_name_that_leads_inside_is_not_called(context) -> None:
    """What a rebinding name server would answer: here the machine's own name for itself."""
    with pytest.raises(Forbidden, match="public"):
        call("https://localhost/x")


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/",
        "http://localhost/",
        "https://localhost:22/",
        "https://user:secret@localhost/",
        "https://localhost.evil.example/",
        "https://127.0.0.1/",
        "http://127.0.0.2/",
        "ftp://localhost/",
        "https://[::1]/",
        "https://localhost/a b",
        "https://localhost/\r\nX: y",
        "https://localhost:99999/",
        "",
    ],
)
def test_what_is_not_on_the_list_is_not_called(context, url) -> None:
    assert not outbound.allowed(url, ("localhost",))
    with pytest.raises(Forbidden):
        call(url)


def test_a_dot_stands_for_all_below(context) -> None:
    assert outbound.allowed("https://db5.notify.windows.com/w", (".notify.windows.com",))
    assert not outbound.allowed("https://evilnotify.windows.com/w", (".notify.windows.com",))


def test_loopback_is_admitted_only_while_testing(tmp_path, service) -> None:
    settings = load({"TRELLIS_ENV": "development", "DATA_DIR": str(tmp_path)})
    app = create_app(settings)
    with app.app_context():
        assert not outbound.allowed(service.url, ("127.0.0.1",))
    app.extensions["database"].dispose()


def test_a_redirect_is_an_answer_and_not_followed(service) -> None:
    service.answers["/phone"] = (302, {"Location": f"{service.url}/elsewhere"})
    assert call(f"{service.url}/phone").status == 302
    assert [got.path for got in service.got] == ["/phone"]


def test_an_answer_that_drips_is_cut_at_the_deadline(context) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        stop = threading.Event()

        def drip() -> None:
            line, _ = server.accept()
            with line:
                while not stop.wait(0.05):
                    try:
                        line.sendall(b"H")
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        with pytest.raises(Unreachable):
            call(url, seconds=0.5)
        assert time.monotonic() - began < 5
        stop.set()
        dripping.join(5)


def test_a_large_answer_is_not_read_to_its_end(context) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def flood() -> None:
            line, _ = server.accept()
            with line:
                try:
                    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000)
                except OSError:
                    return

        flooding = threading.Thread(target=flood)
        flooding.start()
        assert len(call(url).body) == outbound.MOST_BYTES
        flooding.join(5)


def test_nobody_there_is_said_in_a_word(context) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable, match="Refused"):
        call(f"http://127.0.0.1:{port}/")
