"""Events for tests, through the services that pages use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock
from app.ergs.models import Erg
from app.events import services
from app.events.models import Occurrence
from app.events.rules import Access, wall_of
from app.events.services import Plan


def make_plan(
    title: str = "Kickoff", *, starts_at: datetime | None = None, zone: str = "UTC", **traits: Any
) -> Plan:
    """A plan that may be published; by default ten days ahead, unlimited, in person."""
    start = starts_at or (clock.now() + timedelta(days=10)).replace(second=0, microsecond=0)
    usual: dict[str, Any] = {
        "venue": "Hall 1",
        "captions": Access.YES,
        "step_free": Access.YES,
        "access_contact": "access@test.example",
    }
    return Plan(title=title, wall_start=wall_of(start, zone), zone=zone, **{**usual, **traits})


def make_event(
    db: Session, erg: Erg, title: str = "Kickoff", *, published: bool = True, **traits: Any
) -> Occurrence:
    """An event of a group, published unless told otherwise."""
    occurrence = services.plan(db, None, erg_id=erg.id, plan=make_plan(title, **traits))
    if published:
        services.publish(db, None, occurrence_id=occurrence.id)
    return occurrence
