"""The invariant of the waiting list, asked by every transaction that is about to commit.

A transaction that touches answers or seats holds the lock of its date. What it is about to commit
is therefore what is committed, and what another connection sees is what was committed before.
`python -m tests.events.at_commit serve --web` is the web server with this question in it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, event, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import database
from app.events.models import Occurrence, Rsvp
from app.events.rules import HELD, Ladder, Mode, RsvpState, ladder_at
from app.operations.cli import main

LOG = "AT_COMMIT_LOG"
AT_ONCE = (
    select(
        Occurrence.starts_at,
        Occurrence.seats_in_person,
        Occurrence.seats_online,
        Rsvp.id,
        Rsvp.person_id,
        Rsvp.state,
        Rsvp.mode,
        Rsvp.guests,
        Rsvp.priority,
        Rsvp.queued_at,
        Rsvp.called_at,
        Rsvp.answered,
    )
    .outerjoin(Rsvp, Rsvp.occurrence_id == Occurrence.id)
    .where(Occurrence.id == bindparam("occurrence_id"))
)


@dataclass(frozen=True, slots=True)
class Hall:
    """A date at one moment: when it starts, the seats of each mode, the answers by their id."""

    starts_at: datetime
    seats: dict[Mode, float]
    rows: dict[UUID, Any]

    @classmethod
    def of(cls, db: Session, occurrence_id: UUID) -> Hall | None:
        """In one statement; None for a date that is not there yet."""
        rows = db.execute(AT_ONCE, {"occurrence_id": occurrence_id}).all()
        if not rows:
            return None
        limits = (rows[0].seats_in_person, rows[0].seats_online)
        seats = [math.inf if limit is None else limit for limit in limits]
        answers = {row.id: row for row in rows if row.id is not None}
        return cls(rows[0].starts_at, dict(zip(Mode, seats, strict=True)), answers)

    def taken(self, mode: Mode) -> dict[UUID, int]:
        """Seats of a mode by the answer that holds them."""
        return {
            row.id: 1 + row.guests
            for row in self.rows.values()
            if row.mode is mode and row.state in HELD
        }

    def waiting(self, mode: Mode) -> list[Any]:
        """Who waits for a mode."""
        return [
            row
            for row in self.rows.values()
            if row.mode is mode and row.state is RsvpState.WAITLISTED
        ]

    def over(self) -> list[Mode]:
        """The modes in which more seats are held than there are."""
        return [mode for mode in Mode if sum(self.taken(mode).values()) > self.seats[mode]]


def faults(before: Hall, after: Hall) -> list[str]:
    """What a step from one committed state to the next did wrong."""
    people = {row.person_id for row in after.rows.values()}
    found = ["two answers of one person"] if len(people) < len(after.rows) else []
    for mode in Mode:
        found += [f"{mode}: {fault}" for fault in _faults_of_mode(mode, before, after)]
    return found


def _faults_of_mode(mode: Mode, before: Hall, after: Hall) -> Iterator[str]:
    had, has, seats = before.taken(mode), after.taken(mode), after.seats[mode]
    held = sum(has.values())
    won = {key: more for key, n in has.items() if (more := n - had.get(key, 0)) > 0}
    if won and held > seats:
        yield f"oversold, {held} of {seats} seats"
    if seats < before.seats[mode] and any(has.get(key, 0) < n for key, n in had.items()):
        yield "fewer seats ejected somebody"
    free = max(0, seats - held)
    is_calling = ladder_at(clock.now(), after.starts_at) is Ladder.BROADCAST
    for row in after.waiting(mode):
        party = 1 + row.guests
        if party <= free and not (is_calling and row.called_at):
            yield f"a party of {party} waits although {free} are free"
        later = sum(n for key, n in won.items() if _turn(mode, before, after, key) > _order(row))
        if later and party <= free + later:
            yield f"a party of {party} was passed over by {later} seats"


def _turn(mode: Mode, before: Hall, after: Hall, key: UUID) -> tuple[Any, ...]:
    """Where in the order somebody stood who won seats.

    Who was called has claimed first; who had a seat already and wants more, or another mode, comes
    after all who wait.
    """
    old, new = before.rows.get(key), after.rows[key]
    if old is not None and old.called_at and old.mode is mode:
        return (-math.inf,)
    if old is not None and old.state in HELD:
        return (math.inf,)
    return _order(new)


def _order(row: Any) -> tuple[Any, ...]:
    return (row.priority, row.queued_at, row.id)


@contextmanager
def asking(log: Path) -> Iterator[None]:
    """Write a line for each commit that touched a date: its faults, or none."""

    def note(db: Session, _flush: object) -> None:
        dates = db.info.setdefault("dates", set())
        for row in (*db.new, *db.dirty):
            if isinstance(row, Rsvp):
                dates.add(row.occurrence_id)
            elif isinstance(row, Occurrence):
                dates.add(row.id)

    def ask(db: Session) -> None:
        db.flush()
        for occurrence_id in db.info.pop("dates", ()):
            with database().open_reading() as other:
                before = Hall.of(other, occurrence_id)
            after = Hall.of(db, occurrence_id)
            if before is not None and after is not None:
                with log.open("a") as out:
                    out.write("; ".join(faults(before, after)) + "\n")

    event.listen(Session, "after_flush", note)
    event.listen(Session, "before_commit", ask)
    try:
        yield
    finally:
        event.remove(Session, "after_flush", note)
        event.remove(Session, "before_commit", ask)


if __name__ == "__main__":
    with asking(Path(os.environ[LOG])):
        main(prog_name="trellis")
