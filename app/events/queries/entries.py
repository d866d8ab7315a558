"""What people want of their calendar entries and reminders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.core.outbox import OPEN, Delivery, DeliveryState
from app.events.models import CalendarChoice, EntryChoice, Rsvp
from app.events.rules.reminding import SUMMARY, SUMMED_UP, is_summed_up


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person wants of all entries, and of one of them when it was asked for."""

    is_discreet: bool = False
    wants_summary: bool = False
    entry_is_discreet: bool | None = None
    is_silent: bool = False

    @property
    def shows_neutral(self) -> bool:
        """Whether this entry says only when it is."""
        return self.is_discreet if self.entry_is_discreet is None else self.entry_is_discreet


def choices_of(db: Session, person_id: UUID | None, occurrence_id: UUID | None = None) -> Choices:
    """A person's choices, for one date or in general."""
    if person_id is None:
        return Choices()
    usual = db.get(CalendarChoice, person_id)
    own = db.get(EntryChoice, (person_id, occurrence_id)) if occurrence_id else None
    return Choices(
        usual is not None and usual.is_discreet,
        usual is not None and usual.wants_summary,
        own.is_discreet if own else None,
        own is not None and own.is_silent,
    )


def discreet_among(db: Session, rows: Collection[Rsvp]) -> set[UUID]:
    """Of these answers those whose entries are to say only when they are, in two statements."""
    people = {row.person_id for row in rows}
    usual = set(
        db.scalars(
            select(CalendarChoice.person_id).where(
                CalendarChoice.person_id.in_(people), CalendarChoice.is_discreet
            )
        )
    )
    own = {
        (person, occurrence): is_discreet
        for person, occurrence, is_discreet in db.execute(
            select(EntryChoice.person_id, EntryChoice.occurrence_id, EntryChoice.is_discreet).where(
                EntryChoice.person_id.in_(people),
                EntryChoice.occurrence_id.in_({row.occurrence_id for row in rows}),
                EntryChoice.is_discreet.is_not(None),
            )
        )
    }
    return {
        row.id
        for row in rows
        if own.get((row.person_id, row.occurrence_id), row.person_id in usual)
    }


def is_silent(db: Session, rsvp: Rsvp) -> bool:
    """Whether the person wants no reminders of this date."""
    own = db.get(EntryChoice, (rsvp.person_id, rsvp.occurrence_id))
    return own is not None and own.is_silent


def stands_in_summary(db: Session, rsvp: Rsvp, due: datetime) -> bool:
    """Whether the person reads of this date in a morning's summary anyway.

    In the next one, if that comes before the start; or in one that was written since the date came
    into its reach, and after the answer.
    """
    starts_at = rsvp.occurrence.starts_at
    person = db.get_one(Person, rsvp.person_id)
    if is_summed_up(starts_at, due, clock.zone(person.zone)):
        return True
    written = select(Delivery.id).where(
        Delivery.kind == SUMMARY,
        Delivery.person_id == rsvp.person_id,
        Delivery.state.in_((*OPEN, DeliveryState.SENT)),
        Delivery.created_at > starts_at - SUMMED_UP,
        Delivery.created_at > rsvp.changed_at,
    )
    return db.scalar(written.limit(1)) is not None
