"""The calendar behind an address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import Person
from app.core.policies import Actor
from app.events.models import CalendarFeed, Event, EventHost, Occurrence, Rsvp
from app.events.queries.answers import IN_CALENDAR


@dataclass(frozen=True, slots=True)
class Feed:
    """A person's calendar: what stands in it, and in which language and zone."""

    person: Person
    rows: list[Rsvp]


def feed_for(db: Session, _actor: Actor, token: str) -> Feed | None:
    """The calendar behind an address; a revoked one is not found."""
    person = db.scalar(
        select(Person)
        .join(CalendarFeed, CalendarFeed.person_id == Person.id)
        .where(CalendarFeed.token_hash == hashlib.sha256(token.encode()).digest())
    )
    if person is None or not person.can_sign_in:
        return None
    rows = db.scalars(
        select(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(Rsvp.person_id == person.id, Rsvp.state.in_(IN_CALENDAR))
        .order_by(Occurrence.starts_at.desc(), Rsvp.id)
        .limit(500)
        .options(
            joinedload(Rsvp.occurrence).options(
                joinedload(Occurrence.event).options(
                    selectinload(Event.texts), selectinload(Event.hosts).joinedload(EventHost.erg)
                )
            )
        )
    )
    return Feed(person, list(rows))


def has_feed(db: Session, person_id: UUID | None) -> bool:
    """Whether a person has a calendar address."""
    return person_id is not None and db.get(CalendarFeed, person_id) is not None
