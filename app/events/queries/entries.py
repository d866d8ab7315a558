"""What people want of their calendar entries and reminders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.models import CalendarChoice, EntryChoice, Rsvp


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
