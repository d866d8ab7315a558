"""Erasure: what somebody said with an answer goes; that a seat was taken stays, for the counts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.ergs.rules import Visibility
from app.events.models import (
    CalendarChoice,
    CalendarFeed,
    EntryChoice,
    Event,
    Rsvp,
    SeriesSubscription,
)

SILENT = {"guest_names": [], "told": {}, "presses": [], "reason": ""}


def erase(db: Session, person_id: UUID) -> None:
    """Words of answers, calendars, series one follows, and oneself as somebody to write to."""
    person = db.get_one(Person, person_id)
    asked_of = [word.casefold() for word in (person.email, person.name) if word]
    theirs = update(Rsvp).where(Rsvp.person_id == person_id)
    for statement in (
        theirs.values(visibility=Visibility.NOBODY, **SILENT),
        update(Event)
        .where(func.lower(Event.access_contact).in_(asked_of))
        .values(access_contact=""),
        *(
            delete(kind).where(kind.person_id == person_id)
            for kind in (CalendarFeed, CalendarChoice, EntryChoice, SeriesSubscription)
        ),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    db.flush()
