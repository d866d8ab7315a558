"""Running a checked import, batch by batch; each batch is one transaction and can run twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import ImportRow, PeopleImport, Person
from app.accounts.rules import PersonStatus, RowChange
from app.accounts.rules.mapping import Mapping
from app.accounts.rules.people_rows import Row
from app.accounts.services.history import Statement, record_many
from app.accounts.services.imports.lookup import known_people, managers_of
from app.accounts.services.imports.sinks import hand_over
from app.accounts.services.people import index_people
from app.audit.models import AuditEvent
from app.core import clock, ids
from app.core.database import insert_rows

SOURCE = "import"
MISSING_BATCH = 500


def add_batch(db: Session, *, row: PeopleImport, rows: Sequence[Row]) -> None:
    """Add whoever of these rows is new, so that later rows can name anybody as manager."""
    staged, sound = _staged(db, row.id, rows)
    known = known_people(db, sound)
    new = []
    for line in sound:
        if known.of(line) is None and not known.is_taken(line):
            person_id = staged.get(line.number, (None, None))[1] or ids.new_id("person")
            new.append(_new_person(person_id, line))
            known.add(Person(id=person_id, external_id=line.external_id, email=line.email))
    if new:
        insert_rows(db, Person, new)
        people = [person["id"] for person in new]
        insert_rows(db, AuditEvent, _audit_rows(row, "person_added", people))


def apply_batch(db: Session, *, row: PeopleImport, rows: Sequence[Row]) -> None:
    """Change the people of these rows, note their jobs, and hand their identity values over."""
    staged, sound = _staged(db, row.id, rows)
    born, bosses = _born(db, staged), managers_of(db, sound)
    added = set(born.values())
    found = _found(db, [line for line in sound if line.number not in born])
    _change(db, found.values())
    people = [
        (line, id_)
        for line in sound
        if (id_ := born.get(line.number)) or (id_ := _id_in(found, line))
    ]
    has_managers = "manager" in row.mapping["columns"]
    statements = [
        Statement(person, facts, day)
        for line, person in people
        for day, facts in _statements(line, person, added, bosses if has_managers else None)
    ]
    record_many(db, row.created_by, statements, SOURCE, added=added)
    index_people(db, {person for _, person in people}, new=added)
    hand_over(
        db, row.created_by, {person: line.identity for line, person in people if line.identity}
    )


def _born(db: Session, staged: dict[int, tuple[RowChange, UUID | None]]) -> dict[int, UUID]:
    """By row number those whom this import has added: they are as their row says."""
    meant = {
        number: id_ for number, (change, id_) in staged.items() if change is RowChange.ADDED and id_
    }
    if not meant:
        return {}
    there = set(db.scalars(select(Person.id).where(Person.id.in_(meant.values()))))
    return {number: id_ for number, id_ in meant.items() if id_ in there}


def _found(db: Session, rows: Sequence[Row]) -> dict[int, tuple[Row, Person]]:
    known = known_people(db, rows) if rows else None
    return {line.number: (line, person) for line in rows if known and (person := known.of(line))}


def _id_in(found: dict[int, tuple[Row, Person]], line: Row) -> UUID | None:
    return found[line.number][1].id if line.number in found else None


def _statements(
    line: Row, person: UUID, added: set[UUID], bosses: dict[str, UUID] | None
) -> list[tuple[date, dict[str, Any]]]:
    """What the row says from which day; whoever names themselves as manager has none."""
    if person in added:
        line.facts.setdefault("status", PersonStatus.ACTIVE)
    if bosses is not None:
        boss = bosses.get(line.manager or "")
        line.facts["manager_id"] = None if boss == person else boss
    return line.statements()


def _staged(
    db: Session, import_id: UUID, rows: Sequence[Row]
) -> tuple[dict[int, tuple[RowChange, UUID | None]], list[Row]]:
    """(what the dry run decided by row number, the rows that are sound)."""
    found = db.execute(
        select(ImportRow.number, ImportRow.change, ImportRow.person_id).where(
            ImportRow.import_id == import_id,
            ImportRow.number.between(rows[0].number, rows[-1].number),
        )
    )
    staged = {number: (change, person_id) for number, change, person_id in found}
    refused = {number for number, (change, _) in staged.items() if change is RowChange.ERROR}
    return staged, [line for line in rows if line.number not in refused]


def _new_person(person_id: UUID, line: Row) -> dict[str, Any]:
    named = line.person.get("name")
    return {
        "id": person_id,
        "external_id": line.external_id,
        "email": line.email,
        "name": named,
        "is_listed": named is not None,
        "locale": line.person.get("locale"),
        "zone": line.person.get("zone", "UTC"),
        "status": line.facts.get("status", PersonStatus.ACTIVE),
    }


def _audit_rows(row: PeopleImport, verb: str, people: Iterable[UUID]) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "id": ids.new_id("audit", person),
            "at": now,
            "actor_id": row.created_by,
            "verb": verb,
            "subject_type": "person",
            "subject_id": person,
            "after": SOURCE,
        }
        for person in people
    ]


def _change(db: Session, found: Iterable[tuple[Row, Person]]) -> None:
    """Update numbers, addresses, names and languages where they differ."""
    for line, person in found:
        said = {"external_id": line.external_id, "email": line.email, **line.person}
        for name, value in said.items():
            if value is not None and getattr(person, name) != value:
                setattr(person, name, value)
    db.flush()


def apply_missing(db: Session, *, row: PeopleImport, mapping: Mapping, after: int) -> int | None:
    """Of a complete file: mark a batch of missing people as left; the next position or None."""
    rows = db.execute(
        select(ImportRow.number, ImportRow.person_id)
        .where(
            ImportRow.import_id == row.id,
            ImportRow.change == RowChange.LEAVING,
            ImportRow.number > after,
        )
        .order_by(ImportRow.number)
        .limit(MISSING_BATCH)
    ).all()
    if not rows:
        return None
    facts = {"status": PersonStatus.LEFT, "left_on": mapping.as_of}
    record_many(
        db,
        row.created_by,
        [Statement(person, facts, mapping.as_of) for _, person in rows if person],
        SOURCE,
    )
    return int(rows[-1][0])
