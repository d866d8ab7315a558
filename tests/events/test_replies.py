"""Answers that calendar programs send: believed from the right person about the newest version."""

from __future__ import annotations

import mailbox as boxes
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.outbox import Delivery
from app.ergs.rules import Visibility
from app.events import mailbox, replies, services
from app.events.calendar_jobs import read_replies, take
from app.events.jobs import forget_answers
from app.events.models import ReplyRead, Rsvp
from app.events.rules import Reply, RsvpState
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

START = datetime(2026, 12, 1, 18, tzinfo=UTC)
NOW = START - timedelta(days=10)


@pytest.fixture(autouse=True)
def stopped_clock():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def world(app, write):
    """(Bo, Cy, occurrence) of an event with one seat, which is Bo's; Cy waits."""
    with write() as db:
        lead = make_person(db, "Dalia").id
        bo = make_person(db, "Bo", "bo@t.example").id
        cy = make_person(db, "Cy", "cy@t.example").id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        occurrence_id = make_event(db, erg, starts_at=START, seats_in_person=1).id
        for person in (bo, cy):
            services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
    return bo, cy, occurrence_id


def rsvp_of(write, person) -> Rsvp:
    with write() as db:
        row = db.scalars(select(Rsvp).where(Rsvp.person_id == person)).one()
        db.expunge(row)
        return row


def state(write, person) -> RsvpState:
    return rsvp_of(write, person).state


def mail(
    write,
    person,
    partstat: str = "DECLINED",
    *,
    sender: str = "bo@t.example",
    attendee: str | None = None,
    uid: str | None = None,
    sequence: int | None = None,
    method: str = "REPLY",
    extra: str = "",
) -> bytes:
    """What a calendar program sends after somebody pressed a button in it."""
    rsvp = rsvp_of(write, person)
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Some Calendar//EN",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid or f'{rsvp.entry_id}@trellis'}",
        f"SEQUENCE:{rsvp.sequence if sequence is None else sequence}",
        "DTSTAMP:20261121T090000Z",
        "DTSTART:20261201T180000Z",
        "ORGANIZER:mailto:trellis@localhost",
        f"ATTENDEE;CN=Bo;PARTSTAT={partstat}:mailto:{attendee or sender}",
        *extra.splitlines(),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    message = EmailMessage()
    message["From"] = f"Somebody <{sender}>"
    message["To"] = "trellis@localhost"
    message["Subject"] = "Declined: Kickoff"
    message["Message-ID"] = f"<{uuid4()}@t.example>"
    message.set_content("Bo has answered.")
    message.add_attachment(
        "\r\n".join(lines).encode(), "text", "calendar", params={"method": "REPLY"}
    )
    return message.as_bytes()


def test_declining_in_a_calendar_frees_the_seat_for_who_waits(context, world, write) -> None:
    bo, cy, _ = world
    assert state(write, cy) is RsvpState.WAITLISTED
    assert take(mail(write, bo)) == "taken"
    assert state(write, bo) is RsvpState.WITHDRAWN
    assert state(write, cy) is RsvpState.GOING, "the waiting list moved on"


def test_tentative_is_maybe_and_accepting_again_waits_like_anybody(context, world, write) -> None:
    bo, cy, _ = world
    assert take(mail(write, bo, "TENTATIVE")) == "taken"
    assert state(write, bo) is RsvpState.MAYBE
    assert take(mail(write, bo, "ACCEPTED")) == "taken"
    assert state(write, bo) is RsvpState.WAITLISTED, "no side door to a seat"
    assert state(write, cy) is RsvpState.GOING


def test_the_same_mail_twice_counts_once(context, world, write) -> None:
    bo, _, occurrence_id = world
    sent = mail(write, bo)
    assert take(sent) == "taken"
    with write() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.GOING)
    before = rsvp_of(write, bo)
    assert take(sent) == "same"
    after = rsvp_of(write, bo)
    assert (after.state, after.sequence) == (before.state, before.sequence)


def test_an_answer_to_an_older_version_changes_nothing(context, world, write) -> None:
    bo, _, _ = world
    sequence = rsvp_of(write, bo).sequence
    assert take(mail(write, bo, sequence=sequence - 1)) == "stale"
    assert state(write, bo) is RsvpState.GOING
    assert take(mail(write, bo, sequence=sequence + 1)) == "unknown", "a version nobody sent"


def test_accepting_what_one_has_changes_nothing(context, world, write) -> None:
    bo, _, _ = world
    before = rsvp_of(write, bo)
    assert take(mail(write, bo, "ACCEPTED")) == "same"
    after = rsvp_of(write, bo)
    assert (after.sequence, after.state) == (before.sequence, before.state)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "cy@t.example"},
        {"sender": "evil@elsewhere.example"},
        {"attendee": "cy@t.example"},
        {"uid": f"{uuid4()}@trellis"},
        {"uid": "not-ours@elsewhere"},
        {"uid": "x@trellis"},
        {"method": "REQUEST"},
        {"partstat": "DELEGATED"},
        {"extra": "ATTENDEE:mailto:cy@t.example"},
    ],
)
def test_what_is_not_the_persons_own_answer_is_not_believed(context, world, write, wrong) -> None:
    bo, _, _ = world
    assert take(mail(write, bo, **wrong)) in ("unknown", "unusable")
    assert state(write, bo) is RsvpState.GOING


GARBAGE = [
    b"",
    b"\x00\xff\xfe" * 50,
    b"From: bo@t.example\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT",
    b"From: bo@t.example\r\nContent-Type: text/calendar\r\n\r\nEND:VCALENDAR",
    b"From: a@b, c@d\r\n\r\nHello",
    b"From: bo@t.example\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
    b"From: bo@t.example\r\nContent-Type: text/calendar; charset=nope\r\n\r\n\xff\xff",
    b"x" * (replies.LARGEST + 1),
]


@pytest.mark.parametrize("raw", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_unusable_and_nothing_more(context, raw) -> None:
    assert take(raw) == "unusable"


def folder_with(app, tmp_path: Path, *mails: bytes) -> Path:
    folder = tmp_path / "replies"
    folder.mkdir()
    for number, content in enumerate(mails):
        (folder / f"{number}.eml").write_bytes(content)
    object.__setattr__(app.extensions["settings"], "reply_mailbox", str(folder))
    return folder


def test_a_folder_is_read_to_its_end_whatever_lies_in_it(context, world, write, tmp_path) -> None:
    bo, _, _ = world
    folder = folder_with(context, tmp_path, b"garbage", mail(write, bo), b"more")
    read_replies()
    assert state(write, bo) is RsvpState.WITHDRAWN
    assert sorted(p.name for p in (folder / "aside").iterdir()) == ["0.eml", "2.eml"]
    assert [p.name for p in (folder / "read").iterdir()] == ["1.eml"]
    assert not list(folder.glob("*.eml"))
    read_replies()


def test_marks_of_old_mails_are_dropped_after_a_year(context, write) -> None:
    with write() as db:
        for days in (366, 10):
            at = clock.now() - timedelta(days=days)
            db.add(ReplyRead(digest=bytes([days % 256]) * 32, outcome="taken", read_at=at))
    forget_answers()
    forget_answers()
    with write() as db:
        [left] = db.scalars(select(ReplyRead)).all()
        assert left.digest[0] == 10


def test_an_mbox_is_read_once_and_stays(context, world, write, tmp_path) -> None:
    bo, _, occurrence_id = world
    path = tmp_path / "replies.mbox"
    box = boxes.mbox(path)
    box.add(mail(write, bo))
    box.add(b"From: x@y\r\n\r\nnothing")
    box.close()
    object.__setattr__(context.extensions["settings"], "reply_mailbox", str(path))
    read_replies()
    assert state(write, bo) is RsvpState.WITHDRAWN
    with write() as db:
        services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.MAYBE)
        assert len(db.scalars(select(ReplyRead)).all()) == 2
    read_replies()
    assert state(write, bo) is RsvpState.MAYBE
    assert len(list((tmp_path / "replies.mbox.aside").iterdir())) == 1


def test_without_the_setting_and_with_a_wrong_one_nothing_happens(context, tmp_path) -> None:
    read_replies()
    object.__setattr__(context.extensions["settings"], "reply_mailbox", str(tmp_path / "none"))
    read_replies()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(mailbox.Unreadable), mailbox.opened(f"imaps://a:b@127.0.0.1:{port}/X"):
        pass
    assert ssl.create_default_context().check_hostname


def test_what_cannot_be_taken_is_told_to_its_sender_once(context, world, write) -> None:
    """The calendar shows an answer that does not hold; silence would be a lie."""
    bo, _, _ = world
    assert take(mail(write, bo, "TENTATIVE")) == "taken"
    late = mail(write, bo, "ACCEPTED")
    with clock.frozen(START + timedelta(days=1)):
        assert [take(late), take(late)] == ["refused", "same"]
    assert state(write, bo) is RsvpState.MAYBE
    with write() as db:
        told = db.scalars(
            select(Delivery).where(
                Delivery.kind == "event_reply_refused", Delivery.channel == "in_app"
            )
        ).all()
        assert [row.person_id for row in told] == [bo]
