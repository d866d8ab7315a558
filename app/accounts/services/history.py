"""The only writer of job facts and of the job columns that repeat the newest of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from app.accounts.models import JobFact, Person
from app.accounts.rules import JOB_ATTRIBUTES, PersonStatus
from app.accounts.rules.history import Fact, as_text, columns_on
from app.accounts.services.departure import deactivate
from app.audit.models import AuditEvent
from app.core import clock, ids
from app.core.database import insert_rows, table_of

FACTS, PEOPLE = table_of(JobFact), table_of(Person)
BATCH = 400
Kept = dict[tuple[UUID, str, date], tuple[UUID, str | None]]
"""(person, attribute, day) -> (id of the fact, value)."""
Shape = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said about one person's job, from one day on."""

    person_id: UUID
    facts: Mapping[str, Any]
    holds_from: date


def record_facts(
    db: Session,
    actor_id: UUID | None,
    person_id: UUID,
    facts: Mapping[str, Any],
    holds_from: date,
    source: str,
) -> None:
    """Note what holds from a day; loading the same facts in any order ends in the same columns.

    A second value for the same attribute and day is a correction and replaces the first.
    """
    record_many(db, actor_id, [Statement(person_id, facts, holds_from)], source)


def record_many(
    db: Session,
    actor_id: UUID | None,
    statements: Sequence[Statement],
    source: str,
    *,
    added: Container[UUID] = (),
    is_audited: bool = True,
) -> None:
    """The same for many people in few statements; `added` are new, so they cannot be leaving."""
    for start in range(0, len(statements), BATCH):
        _record(db, actor_id, statements[start : start + BATCH], source, added, is_audited)


def _record(
    db: Session,
    actor_id: UUID | None,
    statements: Sequence[Statement],
    source: str,
    added: Container[UUID],
    is_audited: bool,
) -> None:
    db.flush()
    people = {statement.person_id for statement in statements}
    known = _known(db, [person for person in people if person not in added])
    new, corrected = _sorted_out(statements, known, source)
    insert_rows(db, JobFact, new)
    if corrected:
        change = update(FACTS).where(FACTS.c.id == bindparam("fact"))
        db.connection().execute(change, corrected)
    changed = {row["person_id"] for row in new} | {row["person"] for row in corrected}
    for row in new:
        known[(row["person_id"], row["attribute"], row["holds_from"])] = (row["id"], row["value"])
    said = {fact["fact"]: fact["value"] for fact in corrected}
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    for (person, attribute, day), (id_, value) in known.items():
        facts[person].append((attribute, said.get(id_, value), day))
    if is_audited:
        _audit(db, actor_id, {person for person in changed if person not in added}, source)
    _refresh(db, actor_id, {person: facts[person] for person in changed}, added)


def _known(db: Session, people: Collection[UUID]) -> Kept:
    if not people:
        return {}
    rows = db.execute(
        select(
            JobFact.person_id, JobFact.attribute, JobFact.holds_from, JobFact.id, JobFact.value
        ).where(JobFact.person_id.in_(people))
    )
    return {(person, attribute, day): (id_, value) for person, attribute, day, id_, value in rows}


def _sorted_out(
    statements: Sequence[Statement], known: Kept, source: str
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
        {
            "id": ids.new_id("job_fact", key),
            "person_id": key[0],
            "attribute": key[1],
            "holds_from": key[2],
            "value": value,
            "source": source,
            "recorded_at": now,
        }
        for key, value in said.items()
        if key not in known
    ]
    corrected = [
        {
            "fact": known[key][0],
            "person": key[0],
            "value": value,
            "source": source,
            "recorded_at": now,
        }
        for key, value in said.items()
        if key in known and known[key][1] != value
    ]
    return new, corrected


def _audit(db: Session, actor_id: UUID | None, people: set[UUID], source: str) -> None:
    if not people:
        return
    now = clock.now()
    insert_rows(
        db,
        AuditEvent,
        [
            {
                "id": ids.new_id("audit", person),
                "at": now,
                "actor_id": actor_id,
                "verb": "job_recorded",
                "subject_type": "person",
                "subject_id": person,
                "after": source[:40],
            }
            for person in sorted(people)
        ],
    )


def refresh(db: Session, actor_id: UUID | None, people: Iterable[UUID]) -> None:
    """Repeat the facts that hold today in the people's columns, e.g. because a day has come."""
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    for (person, attribute, day), (_, value) in _known(db, set(people)).items():
        facts[person].append((attribute, value, day))
    _refresh(db, actor_id, facts, ())


def _refresh(
    db: Session, actor_id: UUID | None, facts: Mapping[UUID, list[Fact]], added: Container[UUID]
) -> None:
    today = clock.now().date()
    columns = {person: columns_on(said, today) for person, said in facts.items()}
    _write_columns(db, actor_id, {p: c for p, c in columns.items() if c}, added)


def _write_columns(
    db: Session,
    actor_id: UUID | None,
    columns: Mapping[UUID, Mapping[str, Any]],
    added: Container[UUID],
) -> None:
    """Update the job columns of many people; whoever turns to left is deactivated here."""
    gone = [
        p for p, c in columns.items() if c.get("status") is PersonStatus.LEFT and p not in added
    ]
    here = (
        db.scalars(
            select(Person.id)
            .where(Person.id.in_(gone), Person.status != PersonStatus.LEFT)
            .order_by(Person.id)
        ).all()
        if gone
        else []
    )
    for names, rows in _by_shape(columns).items():
        change = (
            update(PEOPLE)
            .where(PEOPLE.c.id == bindparam("row"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        db.connection().execute(change, rows)
    _expire(db, columns)
    for person in here:
        deactivate(db, actor_id, person_id=person)


def _by_shape(columns: Mapping[UUID, Mapping[str, Any]]) -> dict[Shape, list[dict[str, Any]]]:
    shaped: dict[Shape, list[dict[str, Any]]] = defaultdict(list)
    for person, values in columns.items():
        names = tuple(sorted(values))
        shaped[names].append({"row": person, **{f"new_{name}": values[name] for name in names}})
    return shaped


def _expire(db: Session, people: Iterable[UUID]) -> None:
    """Forget loaded columns; by key, since reading an expired id would load the row again."""
    for person in people:
        row = db.identity_map.get(identity_key(Person, person))
        if row is not None:
            db.expire(row)
