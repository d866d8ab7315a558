"""The only writer of job facts and of the job columns that repeat the newest of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.models import JobFact, Person
from app.accounts.rules import JOB_ATTRIBUTES, PersonStatus
from app.accounts.rules.history import Fact, as_text, columns_on
from app.accounts.services.departure import deactivate
from app.audit.models import AuditEvent
from app.core import clock, ids

FACTS, PEOPLE = JobFact.__table__, Person.__table__
BATCH = 400


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said about one person's job, from one day on."""

    person_id: UUID
    facts: Mapping[str, Any]
    holds_from: date


def record_facts(
    db: Session, actor_id: UUID | None, person_id: UUID, facts: Mapping[str, Any],
    holds_from: date, source: str,
) -> None:
    """Note what holds from a day; loading the same facts in any order ends in the same columns.

    A second value for the same attribute and day is a correction and replaces the first.
    """
    record_many(db, actor_id, [Statement(person_id, facts, holds_from)], source)


def record_many(
    db: Session, actor_id: UUID | None, statements: Sequence[Statement], source: str
) -> set[UUID]:
    """The same for many people in few statements; returns who left by it."""
    left: set[UUID] = set()
    for start in range(0, len(statements), BATCH):
        left |= _record(db, actor_id, statements[start : start + BATCH], source)
    return left


def _record(
    db: Session, actor_id: UUID | None, statements: Sequence[Statement], source: str
) -> set[UUID]:
    db.flush()
    people = {statement.person_id for statement in statements}
    known = _known(db, people)
    new, corrected = _sorted_out(statements, known, source)
    if new:
        db.execute(insert(JobFact), new)
    if corrected:
        change = update(FACTS).where(FACTS.c.id == bindparam("fact"))
        db.connection().execute(change, corrected)
    if not new and not corrected:
        return set()
    changed = {row["person_id"] for row in new} | {row["person"] for row in corrected}
    _audit(db, actor_id, changed, source)
    return refresh(db, actor_id, changed)


def _known(db: Session, people: Iterable[UUID]) -> dict[tuple[UUID, str, date], tuple[UUID, str | None]]:
    rows = db.execute(
        select(JobFact.person_id, JobFact.attribute, JobFact.holds_from, JobFact.id, JobFact.value)
        .where(JobFact.person_id.in_(people))
    )
    return {(person, attribute, day): (id_, value) for person, attribute, day, id_, value in rows}


def _sorted_out(
    statements: Sequence[Statement], known: dict[tuple[UUID, str, date], tuple[UUID, str | None]],
    source: str,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(rows to insert, rows to correct); the last word on a day counts."""
    said: dict[tuple[UUID, str, date], str | None] = {}
    for statement in statements:
        for attribute, value in statement.facts.items():
            if attribute not in JOB_ATTRIBUTES:
                raise ValueError(f"{attribute!r} is not a job attribute.")
            said[(statement.person_id, attribute, statement.holds_from)] = as_text(value)
    now = clock.now()
    new = [
        {"id": ids.new_id("job_fact", f"{key[0]}|{key[1]}|{key[2]}"), "person_id": key[0],
         "attribute": key[1], "holds_from": key[2], "value": value, "source": source,
         "recorded_at": now}
        for key, value in said.items() if key not in known
    ]
    corrected = [
        {"fact": known[key][0], "person": key[0], "value": value, "source": source,
         "recorded_at": now}
        for key, value in said.items() if key in known and known[key][1] != value
    ]
    return new, corrected


def _audit(db: Session, actor_id: UUID | None, people: set[UUID], source: str) -> None:
    now = clock.now()
    db.execute(insert(AuditEvent), [
        {"id": ids.new_id("audit", person), "at": now, "actor_id": actor_id, "verb": "job_recorded",
         "subject_type": "person", "subject_id": person, "after": source[:40]}
        for person in sorted(people)
    ])


def refresh(db: Session, actor_id: UUID | None, people: Iterable[UUID]) -> set[UUID]:
    """Repeat the facts that hold today in the people's columns; ends what leavers hold."""
    people = set(people)
    today = clock.now().date()
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    for person, attribute, day, (_, value) in (
        (*key, kept) for key, kept in _known(db, people).items()
    ):
        facts[person].append((attribute, value, day))
    columns = {person: columns_on(said, today) for person, said in facts.items()}
    return write_columns(db, actor_id, {p: c for p, c in columns.items() if c})


def write_columns(
    db: Session, actor_id: UUID | None, columns: Mapping[UUID, Mapping[str, Any]]
) -> set[UUID]:
    """Update the job columns of many people; whoever turns to left is deactivated here."""
    gone = [p for p, c in columns.items() if c.get("status") is PersonStatus.LEFT]
    here = set(db.scalars(
        select(Person.id).where(Person.id.in_(gone), Person.status != PersonStatus.LEFT)
    )) if gone else set()
    for names, rows in _by_shape(columns).items():
        change = update(PEOPLE).where(PEOPLE.c.id == bindparam("row")).values(
            {name: bindparam(f"new_{name}") for name in names}
        )
        db.connection().execute(change, rows)
    _expire(db, columns)
    for person in sorted(here):
        deactivate(db, actor_id, person_id=person)
    return here


def _by_shape(columns: Mapping[UUID, Mapping[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    shaped: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for person, values in columns.items():
        names = tuple(sorted(values))
        shaped[names].append({"row": person, **{f"new_{name}": values[name] for name in names}})
    return shaped


def _expire(db: Session, people: Iterable[UUID]) -> None:
    wanted = set(people)
    for row in list(db.identity_map.values()):
        if isinstance(row, Person) and row.id in wanted:
            db.expire(row)
