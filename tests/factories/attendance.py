"""Doors, needs, feedback and materials for tests, through the services that pages use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attendance import queries, services
from app.attendance.rules import MaterialKind, NeedKind, Scanned, own_code
from app.core import clock, ids
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import services as events
from app.events.models import Occurrence, Rsvp
from app.events.rules import Audience, Mode, OccurrenceState, Reply
from tests.factories.events import make_event


def make_place(
    db: Session,
    occurrence: Occurrence,
    person_id: UUID,
    *,
    visibility: Visibility = Visibility.COMPANY,
    guests: int = 0,
    mode: Mode = Mode.IN_PERSON,
) -> Rsvp:
    """Somebody who goes; answered well before the start, whenever that was."""
    before = min(clock.now(), occurrence.starts_at - timedelta(days=5))
    with clock.frozen(before):
        return events.answer(
            db,
            person_id,
            occurrence_id=occurrence.id,
            reply=Reply.GOING,
            mode=mode,
            guests=guests,
            visibility=visibility,
        )


def make_date(db: Session, erg: Erg, title: str = "Evening", hours: float = 0, **traits: Any):
    """A published date that starts so many hours from now; one of the past was planned before."""
    start = (clock.now() + timedelta(hours=hours)).replace(second=0, microsecond=0)
    with clock.frozen(min(clock.now(), start - timedelta(days=10))):
        return make_event(db, erg, title, starts_at=start, **traits)


def code_of(rsvp_id: UUID) -> str:
    """What stands in somebody's QR code."""
    return own_code(queries.key(), rsvp_id)


def scan_of(rsvp_id: UUID, *, minutes: float = 0, **traits: Any) -> Scanned:
    """A scan as a device reports it."""
    at = clock.now() + timedelta(minutes=minutes)
    return Scanned(ids.new_id("scan"), code_of(rsvp_id), at, **traits)


def scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene for the access matrix: at the door now, and over."""
    bo, dalia, found = star["bo"].id, star["dalia"].id, {}
    for name, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        traits = {"audience": Audience.MEMBERS} if name == "hidden" else {}
        goer = bo if name == "open" else dalia
        now = make_date(db, erg, f"At the door of {slug}", 0.5, **traits)
        place = make_place(db, now, goer)
        need = services.say_needs(
            db, goer, occurrence_id=now.id, kinds=[NeedKind.CAPTIONS], text=""
        )
        over = make_date(db, erg, f"Over at {slug}", -48, **traits)
        make_place(db, over, goer)
        services.ask_for_feedback(db, over.id)
        material = services.add_material(
            db,
            dalia,
            occurrence_id=over.id,
            kind=MaterialKind.NOTES,
            title="Notes of the evening",
            notes="We agreed to meet again.",
        )
        found |= {
            f"{name} door": {
                "occurrence_id": now.id,
                "rsvp_id": place.id,
                "need_id": need.id if need else None,
                "material_id": material.id,
            },
            f"{name} over": {
                "occurrence_id": over.id,
                "rsvp_id": place.id,
                "need_id": need.id if need else None,
                "material_id": material.id,
            },
        }
    off = make_date(db, db.scalars(select(Erg).where(Erg.slug == "women")).one(), "Off", -24)
    place = make_place(db, off, bo)
    off.state = OccurrenceState.CANCELED
    db.flush()
    found["canceled"] = {"occurrence_id": off.id, "rsvp_id": place.id}
    gone = ("occurrence_id", "rsvp_id", "need_id", "material_id")
    found["absent"] = {name: ids.new_id() for name in gone}
    return found


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Every address of a date at the door and of one that is over."""
    traits = {"audience": Audience.MEMBERS} if erg.is_discreet else {}
    now = make_date(db, erg, "Guild evening", 0.5, **traits)
    make_place(db, now, member_id)
    services.say_needs(db, member_id, occurrence_id=now.id, kinds=[NeedKind.QUIET], text="")
    over = make_date(db, erg, "Guild evening before", -48, **traits)
    make_place(db, over, member_id)
    services.add_material(
        db, lead_id, occurrence_id=over.id, kind=MaterialKind.NOTES, title="Notes", notes="Good."
    )
    door, after = f"/events/{now.id}", f"/events/{over.id}"
    own = ("", "code", "here", "needs", "access", "feedback", "feedback/answers", "after/")
    at_door = ("", "?q=maria", "?status=expected", "scanner", "screen", "pack.json")
    files = ("attendance.csv", "attendance.xlsx", "walk-in?q=maria", "walk-in?q=test")
    return [
        *(f"{base}/{path}" for base in (door, after) for path in own),
        *(f"{base}/check-in/{path}" for base in (door, after) for path in (*at_door, *files)),
    ]
