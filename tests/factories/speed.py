"""Speed mentoring for tests: a session with people who come, through the services of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import ids
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import services as events
from app.events.models import Occurrence
from app.events.rules import Audience, EventKind, Mode, Reply
from app.speed import services
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.pairing import Side
from app.speed.services import Settings
from tests.factories.events import make_event


def make_speed_event(db: Session, erg: Erg, title: str = "Six talks", **traits: Any) -> Occurrence:
    """A published event of the kind."""
    traits.setdefault("kind", EventKind.SPEED_MENTORING)
    return make_event(db, erg, title, **traits)


def make_speed(
    db: Session,
    occurrence: Occurrence,
    lead: UUID,
    sides: dict[UUID, Side] | None = None,
    **settings: Any,
) -> SpeedSession:
    """A session at the date, with these people coming and on their sides."""
    session = services.set_up(db, lead, occurrence_id=occurrence.id, settings=Settings(**settings))
    for person, side in (sides or {}).items():
        take_part(db, session, person, side)
    return session


def take_part(
    db: Session,
    session: SpeedSession,
    person: UUID,
    side: Side | None,
    visibility: Visibility = Visibility.NOBODY,
) -> SpeedSeat | None:
    """Come to the event, and with a side sit down."""
    events.answer(
        db,
        person,
        occurrence_id=session.occurrence_id,
        reply=Reply.GOING,
        mode=Mode.IN_PERSON,
        guests=0,
        visibility=visibility,
    )
    if side is None:
        return None
    return services.choose_side(db, person, session_id=session.id, side=side)


def scenes(db: Session, star: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene: no session, drawn, running, over; in an open and a hidden group."""
    dalia = star["dalia"].id
    found: dict[str, dict[str, Any]] = {}
    for name, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        traits = {"audience": Audience.MEMBERS} if name == "hidden" else {}
        sides = {dalia: Side.MENTOR}
        if name == "open":
            sides |= {star["bo"].id: Side.MENTEE, star["chen"].id: Side.MENTEE}
        for state in ("empty", "draft", "drawn", "running", "over"):
            date = make_speed_event(db, erg, f"Talks {state}", **traits)
            scene: dict[str, Any] = {"occurrence_id": date.id, "seat_id": ids.new_id()}
            if state != "empty":
                session = make_speed(db, date, dalia, sides, rounds=2)
                scene["seat_id"] = db.scalars(
                    select(SpeedSeat.id)
                    .where(SpeedSeat.session_id == session.id)
                    .order_by(SpeedSeat.person_id != dalia)
                ).first()
                if name == "open":
                    _bring_to(db, dalia, session.id, state)
            found[f"{name} {state}"] = scene
    found["open"], found["hidden"] = found["open drawn"], found["hidden draft"]
    other = make_event(db, db.scalars(select(Erg).where(Erg.slug == "women")).one(), "No talks")
    found["other kind"] = {"occurrence_id": other.id, "seat_id": ids.new_id()}
    found["absent"] = {"occurrence_id": ids.new_id(), "seat_id": ids.new_id()}
    return found


def _bring_to(db: Session, lead: UUID, session_id: UUID, state: str) -> None:
    steps = (services.draw_tables, services.start, services.finish)
    for step in steps[: ("draft", "drawn", "running", "over").index(state)]:
        step(db, lead, session_id=session_id)


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Talks of the group's members, gathering and running; every address of this domain."""
    found: list[str] = []
    for state in ("draft", "running"):
        date = make_speed_event(db, erg, f"Talks {state}", audience=Audience.MEMBERS)
        sides = {lead_id: Side.MENTOR, member_id: Side.MENTEE}
        session = make_speed(db, date, lead_id, sides, rounds=1)
        if state == "running":
            _bring_to(db, lead_id, session.id, state)
        base = f"/events/{date.id}/speed/"
        pages = (
            "",
            "now",
            "desk",
            "desk?q=maria",
            "plan",
            "screen",
            "seats",
            "destination",
            "prompts",
        )
        found += [base + page for page in pages]
    return found
