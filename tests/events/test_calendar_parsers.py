"""Our entries read by three programs that know nothing of each other: two in Python, one in Node.

icalendar writes them, so it is no judge alone; vobject and ical.js (Mozilla's) share no code with
it. Beside them stands a strict reading of the lines by RFC 5545's grammar.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import icalendar
import pytest
import vobject
from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import clock
from app.core.locale import speaking
from app.core.mail import compose
from app.core.outbox import Delivery, DeliveryState, kinds
from app.ergs.rules import Visibility
from app.events import services
from app.events.rules import Reply
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event, make_plan

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 12, 1, 18, tzinfo=UTC)
NOW = START - timedelta(days=10)
ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")


@dataclass(frozen=True)
class Read:
    """What a program found in a calendar of one entry."""

    method: str
    uid: str
    sequence: int
    status: str
    start: datetime
    end: datetime
    organizer: str
    attendees: tuple[str, ...]
    summary: str
    zones: tuple[str, ...]


def by_icalendar(content: bytes) -> Read:
    calendar = icalendar.Calendar.from_ical(content)
    [entry] = calendar.walk("VEVENT")
    attendees = entry.get("ATTENDEE", [])
    return Read(
        str(calendar["METHOD"]),
        str(entry["UID"]),
        int(entry["SEQUENCE"]),
        str(entry["STATUS"]),
        entry["DTSTART"].dt.astimezone(UTC),
        entry["DTEND"].dt.astimezone(UTC),
        str(entry["ORGANIZER"]).lower(),
        tuple(
            str(each).lower()
            for each in (attendees if isinstance(attendees, list) else [attendees])
        ),
        str(entry["SUMMARY"]),
        tuple(str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")),
    )


def by_vobject(content: bytes) -> Read:
    calendar = vobject.readOne(content.decode())
    [entry] = calendar.vevent_list
    return Read(
        calendar.method.value,
        entry.uid.value,
        int(entry.sequence.value),
        entry.status.value,
        entry.dtstart.value.astimezone(UTC),
        entry.dtend.value.astimezone(UTC),
        entry.organizer.value.lower(),
        tuple(each.value.lower() for each in entry.contents.get("attendee", [])),
        entry.summary.value,
        tuple(zone.tzid.value for zone in calendar.contents.get("vtimezone", [])),
    )


def by_ical_js(content: bytes, folder: Path) -> Read:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "ical.js").is_dir():
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and Node or node_modules/ical.js is absent")
        pytest.skip("no Node with ical.js here (npm ci --ignore-scripts)")
    file = folder / "entry.ics"
    file.write_bytes(content)
    script = Path(__file__).with_name("read_calendar.mjs")
    done = subprocess.run(
        [node, script, file], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    [entry] = said["entries"]
    return Read(
        said["method"],
        entry["uid"],
        entry["sequence"],
        entry["status"],
        datetime.fromisoformat(entry["start"]),
        datetime.fromisoformat(entry["end"]),
        entry["organizer"].lower(),
        tuple(each.lower() for each in entry["attendees"]),
        entry["summary"],
        tuple(said["zones"]),
    )


LINE = re.compile(
    rb"[A-Za-z0-9-]+"  # a name
    rb'(?:;[A-Za-z0-9-]+=(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*)'
    rb'(?:,(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*))*)*'
    rb":[^\x00-\x08\x0a-\x1f\x7f]*"
)


def require_grammar(content: bytes) -> None:
    """RFC 5545, 3.1: lines end by CR LF, are 75 octets at most, and are properties."""
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    stack = []
    for line in re.sub(rb"\r\n[ \t]", b"", content).removesuffix(b"\r\n").split(b"\r\n"):
        line.decode("utf-8")
        assert LINE.fullmatch(line), line
        if line.startswith(b"BEGIN:"):
            stack.append(line[6:])
        elif line.startswith(b"END:"):
            assert stack.pop() == line[4:]
    assert stack == []


def addresses_in(content: bytes) -> set[bytes]:
    """All addresses of people, without the entry's own name."""
    whole = re.sub(rb"\r\n[ \t]", b"", content)
    return {a.lower() for a in ADDRESS.findall(whole) if not a.endswith(b"@trellis")}


PARSERS = ("icalendar", "vobject", "ical.js")


def read_by(name: str, content: bytes, folder: Path) -> Read:
    if name == "ical.js":
        return by_ical_js(content, folder)
    return by_icalendar(content) if name == "icalendar" else by_vobject(content)


@pytest.fixture
def world(app, write):
    """(lead, Bo, Cy, occurrence): both go to an event in São Paulo with an awkward title."""
    with clock.frozen(NOW), write() as db:
        lead = make_person(db, "Dalia Lead", "dalia@t.example").id
        bo = make_person(
            db, 'Bo "B"; Test, Ünï', "bo@t.example", locale="es", zone="Europe/Madrid"
        ).id
        cy = make_person(db, "Cy", "cy@t.example").id
        erg = make_erg(db, "women", lead=lead, roster=Visibility.COMPANY)
        occurrence_id = make_event(db, erg, TITLE, **PLACE, starts_at=START).id
        for person in (bo, cy):
            services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
    return lead, bo, cy, occurrence_id


TITLE = "Café; tea, \\ talk: “Ça va?” 🎉 and a long line that has to be folded somewhere, you see"
PLACE = {"zone": "America/Sao_Paulo", "venue": "Rua; dos, Pinheiros 12\\3"}


def mailed(app, write, person, kind: str) -> tuple[str, bytes]:
    """(method of the MIME part, calendar) of the newest mail of a kind, through the real mail."""
    with clock.frozen(NOW), write() as db:
        row = db.scalars(
            select(Delivery)
            .where(Delivery.person_id == person, Delivery.kind == kind, Delivery.channel == "mail")
            .order_by(Delivery.revision.desc())
        ).first()
        to = accounts.recipients(db, [person])[person]
        with speaking(to.locale, to.zone, to.hour_cycle):
            assert kinds[kind].wanted(db, row) is None
            message = kinds[kind].message(db, row, to)
            raw = compose(row.id, to, message, app.extensions["settings"]).as_bytes()
        row.state = DeliveryState.SENT
    [part] = [
        part
        for part in message_from_bytes(raw, policy=default).walk()
        if part.get_content_type() == "text/calendar"
    ]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return part["Content-Type"].params["method"], content


def change(write, what) -> None:
    with clock.frozen(NOW), write() as db:
        what(db)


@pytest.mark.parametrize("parser", PARSERS)
def test_one_entry_then_moved_then_gone(app, world, write, tmp_path, parser) -> None:
    lead, bo, _, occurrence_id = world
    with app.app_context():
        seen = [mailed(app, write, bo, "event_entry")]
        later = make_plan(TITLE, **PLACE, starts_at=START + timedelta(days=1, hours=2))
        change(
            write,
            lambda db: services.revise(db, lead, occurrence_id=occurrence_id, plan=later),
        )
        seen.append(mailed(app, write, bo, "event_entry"))
        change(
            write,
            lambda db: services.answer(db, bo, occurrence_id=occurrence_id, reply=Reply.NO),
        )
        seen.append(mailed(app, write, bo, "event_left"))
    for method, content in seen:
        require_grammar(content)
        assert addresses_in(content) == {b"bo@t.example", b"trellis@localhost"}, (
            "no other address anywhere"
        )
        assert method == read_by(parser, content, tmp_path).method
    calendar = {}
    for _, content in seen:
        found = read_by(parser, content, tmp_path)
        assert found.attendees == ("mailto:bo@t.example",)
        assert found.organizer == "mailto:trellis@localhost"
        assert found.summary == TITLE and found.zones == ("America/Sao_Paulo",)
        known = calendar.get(found.uid)
        assert known is None or found.sequence > known.sequence, "each is newer than the last"
        calendar[found.uid] = found
    assert len(calendar) == 1, "one entry throughout"
    [last] = calendar.values()
    steps = [read_by(parser, content, tmp_path) for _, content in seen]
    assert [step.method for step in steps] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [step.start for step in steps[:2]] == [START, START + timedelta(days=1, hours=2)]
    assert steps[0].end - steps[0].start == steps[1].end - steps[1].start
    assert last.status == "CANCELLED"


@pytest.mark.parametrize("parser", PARSERS)
def test_the_download_and_the_feed_name_nobody(app, world, write, tmp_path, parser) -> None:
    from app.events import ical, messages, queries
    from app.events.models import Rsvp

    _, bo, _, _ = world
    with app.app_context(), clock.frozen(NOW), write() as db:
        token = services.open_feed(db, bo)
        rsvp = db.scalars(select(Rsvp).where(Rsvp.person_id == bo)).one()
        with speaking("en", "UTC"):
            content = ical.calendar([messages.entry_of(rsvp)], method="PUBLISH")
        found = queries.feed_for(db, None, token)
        assert found is not None and [row.id for row in found.rows] == [rsvp.id]
    require_grammar(content)
    assert addresses_in(content) == set()
    assert b"ATTENDEE" not in content and b"ORGANIZER" not in content
    if parser != "ical.js":
        assert b"METHOD:PUBLISH" in content
    assert len(re.findall(rb"BEGIN:VTIMEZONE", content)) == 1
    assert len(content) < 6_000, "clock changes are described a year around, not for ever"


def test_the_strict_reader_finds_what_is_wrong() -> None:
    """Otherwise it would say nothing."""
    good = b"BEGIN:VCALENDAR\r\nSUMMARY:x\r\nEND:VCALENDAR\r\n"
    require_grammar(good)
    for bad in (
        good.replace(b"\r\n", b"\n"),
        good.replace(b"SUMMARY:x", b"SUMMARY x"),
        good.replace(b"SUMMARY:x", b"SUMMARY:" + b"x" * 80),
        good.replace(b"SUMMARY:x", b'ATTENDEE;CN=a"b:mailto:x@y'),
        good.replace(b"END:VCALENDAR", b"END:VEVENT"),
    ):
        with pytest.raises(AssertionError):
            require_grammar(bad)
