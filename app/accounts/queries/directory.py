"""The directory of colleagues, single people, and what held on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import JobFact, Person
from app.accounts.rules import PersonStatus
from app.accounts.rules.history import columns_on
from app.core import search
from app.core.policies import Actor

PAGE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its rows, its number, the last number, and how many rows there are."""

    rows: list[Any]
    number: int
    last: int
    total: int


def paged(db: Session, query: Select[Any], number: int, size: int = PAGE) -> Page:
    """One page of a select, with a number that exists; two statements."""
    total = db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    last = max(1, -(-total // size))
    number = min(max(1, number), last)
    rows = db.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(list(rows), number, last, total)


def existing(db: Session, query: Select[Any], number: int, size: int = PAGE) -> int:
    """The nearest number of a page that exists; a statement only beyond the first page."""
    if number <= 1:
        return 1
    total = db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return min(number, max(1, -(-total // size)))


def listed() -> Select[tuple[Person]]:
    """Everybody whom colleagues may find: active, listed, with a name."""
    return select(Person).where(
        Person.status == PersonStatus.ACTIVE, Person.is_listed.is_(True), Person.name.is_not(None)
    )


def directory(
    db: Session, *, q: str = "", department: str = "", site: str = "", number: int = 1
) -> Page:
    """The colleagues that match, by name."""
    found = listed().order_by(Person.name, Person.id)
    if (matching := search.ids("people", q)) is not None:
        found = found.where(Person.id.in_(matching))
    if department:
        found = found.where(Person.department == department)
    if site:
        found = found.where(Person.site == site)
    return paged(db, found, number)


def departments(db: Session) -> list[str]:
    """The departments to filter by."""
    return _values(db, Person.department)


def sites(db: Session) -> list[str]:
    """The sites to filter by."""
    return _values(db, Person.site)


def used_zones(db: Session) -> list[str]:
    """The time zones colleagues live in."""
    return _values(db, Person.zone)


def _values(db: Session, column: Any) -> list[str]:
    """The values of those in the list, so that none tells of somebody who is not; each is looked
    up by itself, since reading the whole list costs ten times as much."""
    value = select(column.label("value")).where(column.is_not(None)).distinct().subquery().c.value
    found = db.scalars(select(value).where(listed().where(column == value).exists()).limit(500))
    return sorted(value for value in found if value)


def person_for(db: Session, actor: Actor, person_id: UUID) -> Person | None:
    """A person if the actor may know of them: oneself, a listed colleague, for admins anybody."""
    person = db.get(Person, person_id)
    if person is None or person.id == actor.person_id or actor.has("org_admin"):
        return person
    is_listed = person.is_listed and person.name and person.status is PersonStatus.ACTIVE
    return person if is_listed and not actor.is_external else None


def facts_on(db: Session, person_ids: Iterable[UUID], day: date) -> dict[UUID, dict[str, Any]]:
    """Of each person the job values that held on a day, in the types of the columns."""
    facts: dict[UUID, list[tuple[str, str | None, date]]] = {}
    wanted = list(person_ids)
    for start in range(0, len(wanted), 500):
        rows = db.execute(
            select(JobFact.person_id, JobFact.attribute, JobFact.value, JobFact.holds_from).where(
                JobFact.person_id.in_(wanted[start : start + 500]), JobFact.holds_from <= day
            )
        )
        for person, attribute, value, holds_from in rows:
            facts.setdefault(person, []).append((attribute, value, holds_from))
    return {person: columns_on(facts.get(person, []), day) for person in wanted}
