"""A group, its lead, eight people, and short words for what they do; shared by tests of seats."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.database import writing
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events import queries, services
from app.events.models import Occurrence, Rsvp
from app.events.rules import HELD, Ladder, Mode, Reply, RsvpState, ladder_at
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@contextmanager
def later(**delta: float):
    """The clock a little later."""
    with clock.frozen(clock.now() + timedelta(**delta)):
        yield


class Company:
    """Answers by number of a person; nobody answers in the same second as somebody else."""

    def __init__(self, people: int = 8) -> None:
        self.ticks = 0
        with writing() as db:
            self.lead = make_person(db, "Dalia Lead").id
            self.people = [make_person(db, f"Person {n}").id for n in range(people)]
            self.erg = make_erg(db, "women", lead=self.lead, roster=Visibility.COMPANY).id

    def event(self, **traits) -> UUID:
        traits.setdefault("starts_at", NOW + timedelta(days=10))
        with writing() as db:
            self.id = make_event(db, db.get(Erg, self.erg), **traits).id
        return self.id

    def rules(self, **rules) -> None:
        wanted = {"needs_approval": False, "closes_minutes": None, "questions": [], **rules}
        with writing() as db:
            services.set_answering(db, self.lead, occurrence_id=self.id, **wanted)

    def answer(self, n: int, reply: Reply = Reply.GOING, **fields) -> RsvpState:
        self.ticks += 1
        with later(seconds=self.ticks), writing() as db:
            return services.answer(
                db, self.people[n], occurrence_id=self.id, reply=reply, **fields
            ).state

    def act(self, verb: str, n: int, **fields) -> RsvpState:
        """A lead's act about one answer."""
        with writing() as db:
            rsvp_id = queries.rsvp_of(db, self.id, self.people[n]).id
            return getattr(services, verb)(db, self.lead, rsvp_id=rsvp_id, **fields).state

    def walk_in(self, n: int, mode: Mode = Mode.IN_PERSON) -> RsvpState:
        with writing() as db:
            return services.walk_in(
                db, self.lead, occurrence_id=self.id, person_id=self.people[n], mode=mode
            ).state

    def sweep(self) -> None:
        with writing() as db:
            for occurrence_id in services.to_sweep(db):
                services.sweep_due(db, occurrence_id)

    def rsvp(self, n: int) -> Rsvp:
        with writing() as db:
            return queries.rsvp_of(db, self.id, self.people[n])

    def states(self, count: int | None = None) -> list[str]:
        with writing() as db:
            rows = dict(
                db.execute(
                    select(Rsvp.person_id, Rsvp.state).where(Rsvp.occurrence_id == self.id)
                ).all()
            )
        return [rows.get(person, "-") for person in self.people[:count]]

    def faults(self) -> list[str]:
        with writing() as db:
            return faults_of(db, self.id)


def faults_of(db, occurrence_id: UUID, *, may_be_over: bool = False) -> list[str]:
    """What the invariant of the waiting list finds wrong, asked of the tables alone."""
    occurrence = db.get(Occurrence, occurrence_id)
    rows = db.scalars(select(Rsvp).where(Rsvp.occurrence_id == occurrence_id)).all()
    found = [f"two answers of one person, {len(rows)} rows"] * (
        len({row.person_id for row in rows}) != len(rows)
    )
    is_calling = ladder_at(clock.now(), occurrence.starts_at) is Ladder.BROADCAST
    for mode in Mode:
        capacity = occurrence.capacity(mode)
        if capacity is None:
            continue
        held = sum(row.seats for row in rows if row.mode is mode and row.state in HELD)
        if held > capacity and not may_be_over:
            found.append(f"{mode}: {held} of {capacity} seats")
        for row in rows:
            waits = row.mode is mode and row.state is RsvpState.WAITLISTED
            if waits and row.seats <= capacity - held and not (is_calling and row.called_at):
                found.append(f"{mode}: one waits although {capacity - held} are free")
    return found
