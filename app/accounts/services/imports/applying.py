"""Running a checked import, batch by batch; each batch is one transaction and can run twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.models import ImportRow, PeopleImport, Person
from app.accounts.rules import PersonStatus, RowChange
from app.accounts.rules.mapping import Mapping
from app.accounts.rules.people_rows import Row
from app.accounts.services.history import Statement, record_many
from app.accounts.services.imports.lookup import Known, known_people, managers_of
from app.accounts.services.imports.sinks import hand_over
from app.accounts.services.people import index_people
from app.audit.models import AuditEvent
from app.core import clock, ids

SOURCE = "import"
MISSING_BATCH = 500


def apply_batch(db: Session, *, row: PeopleImport, rows: Sequence[Row]) -> None:
    """Add and change the people of these rows, and hand their identity values over."""
    staged = _staged(db, row.id, rows)
    sound = [line for line in rows if staged.get(line.number, (None,))[0] is not RowChange.ERROR]
    known = known_people(db, sound)
    added = _add(db, row, sound, staged, known)
    _change(db, sound, known, added)
    people = {line.number: person for line in sound if (person := known.of(line))}
    statements = [
        Statement(people[line.number].id, facts, day)
        for line in sound if line.number in people
        for day, facts in _statements(line, people[line.number].id in added)
    ]
    record_many(db, row.created_by, statements, SOURCE, added=added)
    index_people(db, {person.id for person in people.values()}, new=added)
    hand_over(db, row.created_by, _identities(sound, people))


def _statements(line: Row, is_added: bool) -> list[tuple[Any, dict[str, Any]]]:
    if is_added and "status" not in line.facts:
        line.facts["status"] = PersonStatus.ACTIVE
    return line.statements()


def _identities(rows: Sequence[Row], people: dict[int, Person]) -> dict[UUID, dict[str, str]]:
    return {
        people[line.number].id: line.identity
        for line in rows if line.identity and line.number in people
    }


def _staged(
    db: Session, import_id: UUID, rows: Sequence[Row]
) -> dict[int, tuple[RowChange, UUID | None]]:
    found = db.execute(
        select(ImportRow.number, ImportRow.change, ImportRow.person_id).where(
            ImportRow.import_id == import_id,
            ImportRow.number.between(rows[0].number, rows[-1].number),
        )
    )
    return {number: (change, person_id) for number, change, person_id in found}


def _add(
    db: Session, row: PeopleImport, rows: Iterable[Row],
    staged: dict[int, tuple[RowChange, UUID | None]], known: Known,
) -> set[UUID]:
    """Insert whoever is new; the staged id keeps a second run from adding them again."""
    new = []
    for line in rows:
        if known.of(line) is None and not known.is_taken(line):
            person_id = staged.get(line.number, (None, None))[1] or ids.new_id("person")
            new.append(_new_person(person_id, line))
            known.add(Person(id=person_id, external_id=line.external_id, email=line.email))
    if new:
        db.execute(insert(Person), new)
        db.execute(insert(AuditEvent), _audit_rows(row, "person_added", [n["id"] for n in new]))
    return {person["id"] for person in new}


def _new_person(person_id: UUID, line: Row) -> dict[str, Any]:
    named = line.person.get("name")
    return {
        "id": person_id, "external_id": line.external_id, "email": line.email, "name": named,
        "is_listed": named is not None, "locale": line.person.get("locale"),
        "zone": line.person.get("zone", "UTC"),
        "status": line.facts.get("status", PersonStatus.ACTIVE),
    }


def _audit_rows(row: PeopleImport, verb: str, people: Iterable[UUID]) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {"id": ids.new_id("audit", person), "at": now, "actor_id": row.created_by, "verb": verb,
         "subject_type": "person", "subject_id": person, "after": SOURCE}
        for person in people
    ]


def _change(db: Session, rows: Iterable[Row], known: Known, added: set[UUID]) -> None:
    """Update names, addresses and languages of whoever was here before."""
    for line in rows:
        person = known.of(line)
        if person is None or person.id in added:
            continue
        said = {"external_id": line.external_id, "email": line.email, **line.person}
        for name, value in said.items():
            if value is not None and getattr(person, name) != value:
                setattr(person, name, value)
    db.flush()


def apply_managers(db: Session, *, row: PeopleImport, rows: Sequence[Row]) -> None:
    """Note who reports to whom, once everybody is there; whoever names themselves has no manager."""
    staged = _staged(db, row.id, rows)
    sound = [line for line in rows if staged.get(line.number, (None,))[0] is not RowChange.ERROR]
    known, managers = known_people(db, sound), managers_of(db, sound)
    statements = []
    for line in sound:
        person, boss = known.of(line), managers.get(line.manager or "")
        if person and (boss or not line.manager):
            told = None if boss == person.id else boss
            statements.append(Statement(person.id, {"manager_id": told}, line.effective))
    record_many(db, row.created_by, statements, SOURCE, is_audited=False)


def apply_missing(db: Session, *, row: PeopleImport, mapping: Mapping, after: int) -> int | None:
    """Of a complete file: mark a batch of missing people as left; the next position or None."""
    rows = db.execute(
        select(ImportRow.number, ImportRow.person_id)
        .where(ImportRow.import_id == row.id, ImportRow.change == RowChange.LEAVING,
               ImportRow.number > after)
        .order_by(ImportRow.number).limit(MISSING_BATCH)
    ).all()
    if not rows:
        return None
    facts = {"status": PersonStatus.LEFT, "left_on": mapping.as_of}
    record_many(
        db, row.created_by, [Statement(person, facts, mapping.as_of) for _, person in rows], SOURCE
    )
    return int(rows[-1][0])
