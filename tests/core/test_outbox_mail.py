"""Mails: what they carry, and what every answer of a mail server means for the delivery."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import flask
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core import clock, delivery, mail, outbox
from app.core.database import end_reading
from app.core.outbox import Attachment, Message, Recipient
from app.core.settings import Settings
from tests.core.outbox_world import Note, World

CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
KEY = UUID("11111111-2222-4333-8444-555555555555")


class Sink:
    """A real SMTP server that keeps mails and answers as told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.rcpt, self.data = "250 OK", "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.mails.append(parsed(envelope.content))
        return self.data


def parsed(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    kept = Sink()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield kept, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def world(context: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(Note(channels=("mail",)))
    monkeypatch.setattr(outbox.kinds, "_items", {world.note.name: world.note})
    monkeypatch.setattr(outbox.resolvers, "_items", {"test": world.resolve})
    yield world
    end_reading()


def post(app: flask.Flask, url: str) -> None:
    """Deliver all due mail to this server."""
    settings: Settings = app.extensions["settings"]
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    app.extensions["settings"] = Settings(**{**values, "mail_url": url})
    delivery.deliver("mail")


def person(**traits: object) -> Recipient:
    usual = {
        "person_id": KEY,
        "name": "Ada",
        "email": "ada@example.org",
        "locale": "en",
        "zone": "UTC",
    }
    return Recipient(**{**usual, **traits})  # type: ignore[arg-type]


def composed(app: flask.Flask, message: Message, to: Recipient | None = None) -> EmailMessage:
    from app.core.locale import speaking

    to = to or person()
    with speaking(to.locale, to.zone):
        return parsed(mail.compose(KEY, to, message, app.extensions["settings"]).as_bytes())


def test_without_a_server_mails_are_files_and_a_repeated_one_overwrites(
    world: World, settings: Settings
) -> None:
    ada = world.add(name="Ada Lovelace")
    world.put(ada)
    delivery.deliver("mail")
    [file] = (settings.data_dir / "outbox").iterdir()
    assert file.name == f"{world.row(ada).id.hex}.eml"
    found = parsed(file.read_bytes())
    assert found["To"].addresses[0].display_name == "Ada Lovelace"
    with mail.Mail().opened():
        mail.Mail().send(world.row(ada).id, world.people[ada], world.note.text)
    assert len(list((settings.data_dir / "outbox").iterdir())) == 1
    assert parsed(file.read_bytes())["Message-ID"] == found["Message-ID"]


def test_a_mail_says_the_same_as_text_and_as_html_in_the_persons_language(
    context: flask.Flask,
) -> None:
    found = composed(
        context, Message("Aviso", ("Línea <uno>.", "Línea dos."), "/events/1/"), person(locale="ar")
    )
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None and html is not None
    assert "Línea <uno>." in text.get_content()
    assert "http://localhost/events/1/" in text.get_content()
    assert 'lang="ar" dir="rtl"' in html.get_content()
    assert "Línea &lt;uno&gt;." in html.get_content()
    assert 'href="http://localhost/events/1/"' in html.get_content()
    assert "<script" not in html.get_content() and "<link" not in html.get_content()
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Content-Language"] == "ar"


def test_the_same_delivery_is_the_same_mail_byte_for_byte(context: flask.Flask) -> None:
    file = Attachment("invite.ics", "text/calendar", CALENDAR, "REQUEST")
    message = Message("A", ("b",), "/x", None, (file,))
    with clock.frozen(clock.now()):
        first, second = (
            mail.compose(KEY, person(), message, context.extensions["settings"]).as_bytes()
            for _ in range(2)
        )
    assert first == second
    assert parsed(first)["Message-ID"] == "<11111111222243338444555555555555@localhost>"


def test_a_calendar_entry_comes_with_its_method(context: flask.Flask) -> None:
    file = Attachment("invite.ics", "text/calendar", CALENDAR, "REQUEST")
    found = composed(context, Message("A", ("b",), attachments=(file,)))
    [part] = found.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "REQUEST"
    assert part.get_filename() == "invite.ics"
    assert part.get_payload(decode=True) == CALENDAR


@pytest.mark.parametrize("poison", ["a\r\nBcc: eve@evil.example", "a\nX: 1", "a\x00\x0b\u2028b"])
def test_no_text_can_start_a_header(context: flask.Flask, poison: str) -> None:
    file = Attachment(poison, "text/plain", b"x")
    found = composed(context, Message(poison, (poison,), attachments=(file,)), person(name=poison))
    assert found["Bcc"] is None and found["X"] is None
    assert len(found["To"].addresses) == 1
    assert found["To"].addresses[0].addr_spec == "ada@example.org"
    assert not any(c in found["Subject"] for c in "\r\n\x00\x0b\u2028")


@pytest.mark.parametrize(
    "address", ["", "no-at-sign", "a@b\r\nBcc: eve@evil.example", "a@b, eve@evil.example", "@"]
)
def test_an_impossible_address_fails_and_reaches_nobody(
    world: World, settings: Settings, address: str
) -> None:
    ada = world.add(email=address)
    world.put(ada)
    delivery.deliver("mail")
    assert world.row(ada).state in ("failed", "skipped")
    assert not list((settings.data_dir).glob("outbox/*.eml"))


def test_mail_goes_out_by_smtp(world: World, app: flask.Flask, sink: tuple[Sink, str]) -> None:
    kept, url = sink
    people = [world.add(name="Zoë Ünal") for _ in range(5)]
    for key in people:
        world.put(key)
    post(app, url)
    assert {row.state.value for row in world.rows()} == {"sent"}
    assert {found["Message-ID"] for found in kept.mails} == {
        f"<{row.id.hex}@localhost>" for row in world.rows()
    }
    assert {found["To"].addresses[0].display_name for found in kept.mails} == {"Zoë Ünal"}


@pytest.mark.parametrize(
    ("rcpt", "data", "state", "outcome", "attempts"),
    [
        ("550 no such mailbox", "250 OK", "failed", "answered 550", 1),
        ("451 greylisted", "250 OK", "pending", "answered 451", 1),
        ("250 OK", "552 too large", "failed", "answered 552", 1),
        ("250 OK", "452 full", "pending", "answered 452", 1),
        ("250 OK", "421 going down", "pending", "mail server answered 421", 0),
    ],
)
def test_every_answer_has_its_own_consequence(
    world: World,
    app: flask.Flask,
    sink: tuple[Sink, str],
    rcpt: str,
    data: str,
    state: str,
    outcome: str,
    attempts: int,
) -> None:
    kept, url = sink
    kept.rcpt, kept.data = rcpt, data
    ada = world.add()
    world.put(ada)
    post(app, url)
    row = world.row(ada)
    assert (row.state, row.outcome, row.attempts) == (state, outcome, attempts)
    kept.rcpt = kept.data = "250 OK"
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        delivery.deliver("mail")
    assert world.row(ada).state == ("sent" if state == "pending" else "failed")


def test_one_refused_address_does_not_hold_up_the_batch(
    world: World, app: flask.Flask, sink: tuple[Sink, str]
) -> None:
    _, url = sink
    first, bad, last = world.add(), world.add(email="not an address"), world.add()
    for minute, key in enumerate((first, bad, last)):
        world.put(key, due=clock.now() - timedelta(minutes=9 - minute))
    post(app, url)
    assert [world.row(key).state.value for key in (first, bad, last)] == ["sent", "failed", "sent"]


def test_while_the_server_is_away_nothing_fails(world: World, app: flask.Flask) -> None:
    ada = world.add()
    world.put(ada)
    url = f"smtp://127.0.0.1:{free_port()}"
    for _ in range(4):
        end_reading()
        with clock.frozen(world.row(ada).due_at + timedelta(seconds=1)):
            post(app, url)
    assert (world.row(ada).state, world.row(ada).attempts) == ("pending", 0)


def test_a_server_that_drips_is_cut_off_at_the_deadline(
    world: World, app: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "SECONDS", 1)
    monkeypatch.setattr(mail, "PROBE_SECONDS", 1)
    done = threading.Event()

    def drip(listener: socket.socket) -> None:
        while not done.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                while not done.wait(0.2):
                    try:
                        line.sendall(b"2")
                    except OSError:
                        break

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        ada = world.add()
        world.put(ada)
        began = time.monotonic()
        post(app, f"smtp://127.0.0.1:{listener.getsockname()[1]}")
        assert time.monotonic() - began < 4
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert (world.row(ada).state, world.row(ada).attempts) == ("pending", 0)


def test_a_password_never_goes_over_a_plain_line(world: World, app: flask.Flask) -> None:
    kept = Sink()
    # Not one of the names of this machine, so it counts as elsewhere.
    controller = Controller(kept, hostname="127.0.0.2", port=free_port())
    controller.start()
    ada = world.add()
    world.put(ada)
    post(app, f"smtp://user:secret@127.0.0.2:{controller.port}")
    controller.stop()
    assert world.row(ada).outcome == "mail server offers no encryption for the password"
    assert kept.mails == []
