"""Finding the people that rows and manager columns mean, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import JobFact, Person
from app.accounts.rules.history import Fact
from app.accounts.rules.people_rows import Row


@dataclass(slots=True)
class Known:
    """People of the database by number and by email."""

    by_number: dict[str, Person] = field(default_factory=dict)
    by_email: dict[str, Person] = field(default_factory=dict)
    facts: dict[UUID, list[Fact]] = field(default_factory=dict)

    def of(self, row: Row) -> Person | None:
        """The person of a row: by number first, else by an email that has no other number."""
        if row.external_id and row.external_id in self.by_number:
            return self.by_number[row.external_id]
        found = self.by_email.get(row.email or "")
        if found and row.external_id and found.external_id:
            return None
        return found

    def is_taken(self, row: Row) -> bool:
        """Whether the row's email belongs to somebody else."""
        holder = self.by_email.get(row.email or "")
        return holder is not None and holder is not self.of(row)

    def add(self, person: Person) -> None:
        """Know one more."""
        if person.external_id:
            self.by_number[person.external_id] = person
        if person.email:
            self.by_email[person.email] = person


def known_people(db: Session, rows: Sequence[Row], *, with_facts: bool = False) -> Known:
    """Everybody a batch of rows may mean."""
    known = people_by_keys(db, (row.external_id for row in rows), (row.email for row in rows))
    if with_facts:
        people = {person.id for person in (*known.by_number.values(), *known.by_email.values())}
        for person, attribute, value, day in _facts(db, people):
            known.facts.setdefault(person, []).append((attribute, value, day))
    return known


def people_by_keys(
    db: Session, numbers: Iterable[str | None], emails: Iterable[str | None]
) -> Known:
    """People by numbers, and by those emails that nobody found so far has."""
    known = Known()
    if wanted := {number for number in numbers if number}:
        for person in db.scalars(select(Person).where(Person.external_id.in_(wanted))):
            known.add(person)
    if wanted := {email for email in emails if email and email not in known.by_email}:
        for person in db.scalars(select(Person).where(Person.email.in_(wanted))):
            known.add(person)
    return known


def managers_of(db: Session, rows: Sequence[Row]) -> dict[str, UUID]:
    """Of each manager's number or email in the rows the person, as far as there is one."""
    named = {row.manager for row in rows if row.manager}
    if not named:
        return {}
    by_number = dict(_ids_by(db, Person.external_id, named))
    others = {name.lower() for name in named if name not in by_number}
    by_email = dict(_ids_by(db, Person.email, others)) if others else {}
    found = {name: by_number.get(name) or by_email.get(name.lower()) for name in named}
    return {name: person for name, person in found.items() if person}


def _ids_by(db: Session, column: Any, keys: set[str]) -> Iterable[tuple[str, UUID]]:
    return [
        (row[0], row[1]) for row in db.execute(select(column, Person.id).where(column.in_(keys)))
    ]


def _facts(db: Session, people: set[UUID]) -> Iterable[tuple[UUID, str, str | None, date]]:
    if not people:
        return []
    rows = db.execute(
        select(JobFact.person_id, JobFact.attribute, JobFact.value, JobFact.holds_from).where(
            JobFact.person_id.in_(people)
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
