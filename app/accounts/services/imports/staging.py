"""The dry run: what each row would change, written down as the diff people look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import ImportRow, PeopleImport, Person
from app.accounts.rules import PersonKind, PersonStatus, RowChange
from app.accounts.rules.history import as_text, held_on
from app.accounts.rules.people_rows import Row
from app.accounts.services.imports.lookup import Known, known_people, managers_of
from app.accounts.services.imports.register import Register
from app.core import ids
from app.core.database import insert_rows

Diff = dict[str, list[str | None]]


def stage_batch(
    db: Session, *, row: PeopleImport, rows: Sequence[Row], register: Register
) -> Counter[str]:
    """Write down what a batch of rows would do; returns how many rows do what."""
    known = known_people(db, rows, with_facts=True)
    managers = managers_of(db, rows)
    counts: Counter[str] = Counter(rows=len(rows))
    staged = []
    for line in rows:
        _find_faults(line, known, managers, register)
        person = known.of(line)
        change, detail = _judged(line, person, known, managers, register)
        counts[change.value] += 1
        if change is RowChange.ADDED and line.facts.get("status") is PersonStatus.LEFT:
            counts["added_left"] += 1
        if change is not RowChange.UNCHANGED:
            staged.append(_staged(row.id, line, change, person, detail))
    if staged:
        insert_rows(db, ImportRow, staged)
    return counts


def _find_faults(line: Row, known: Known, managers: dict[str, UUID], register: Register) -> None:
    if known.is_taken(line):
        line.problems.append(("email_taken", {"value": line.email}))
    if line.manager and line.manager not in managers and not register.has(line.manager):
        line.problems.append(("manager", {"value": line.manager[:100]}))


def _judged(
    line: Row, person: Person | None, known: Known, managers: dict[str, UUID], register: Register
) -> tuple[RowChange, dict[str, Any]]:
    if line.problems:
        return RowChange.ERROR, {"problems": [list(problem) for problem in line.problems]}
    if person is None:
        is_new = register.is_first(line.number, line.external_id, line.email)
        return (RowChange.ADDED if is_new else RowChange.CHANGED), {}
    diff = _differences(line, person, known, managers)
    if _leaves(line, person, known):
        return RowChange.LEAVING, diff
    return (RowChange.CHANGED if diff else RowChange.UNCHANGED), diff


def _leaves(line: Row, person: Person, known: Known) -> bool:
    """Whether the row says of an open account for the first time that it ends, today or later."""
    facts = known.facts.get(person.id, [])
    return person.status is not PersonStatus.LEFT and any(
        said.get("status") is PersonStatus.LEFT
        and held_on(facts, day).get("status") != PersonStatus.LEFT.value
        for day, said in line.statements()
    )


def _differences(line: Row, person: Person, known: Known, managers: dict[str, UUID]) -> Diff:
    """{field: [before, after]} against what held on the row's day."""
    said: dict[str, Any] = {**line.person, **line.facts}
    if line.external_id:
        said["external_id"] = line.external_id
    if line.email:
        said["email"] = line.email
    if line.manager:
        boss = managers.get(line.manager)
        said["manager_id"] = None if boss == person.id else boss or line.manager
    held = held_on(known.facts.get(person.id, []), line.effective)
    diff: Diff = {}
    for name, value in said.items():
        before = held[name] if name in held else as_text(getattr(person, name))
        if before != as_text(value):
            diff[name] = [before, as_text(value)]
    return diff


def _staged(
    import_id: UUID, line: Row, change: RowChange, person: Person | None, detail: dict[str, Any]
) -> dict[str, Any]:
    """A row of the diff; a new person's id is drawn now, so that running twice adds them once."""
    person_id = person.id if person else None
    if change is RowChange.ADDED:
        person_id = ids.new_id("person", f"{import_id}|{line.number}")
    return {
        "import_id": import_id,
        "number": line.number,
        "change": change,
        "person_id": person_id,
        "label": line.label[:200],
        "detail": detail,
    }


def stage_missing(db: Session, *, import_id: UUID, register: Register, start: int) -> int:
    """In a complete file: employees of the records who do not stand in it leave; how many."""
    people = db.execute(
        select(Person.id, Person.external_id, Person.email, Person.name)
        .where(
            Person.status != PersonStatus.LEFT,
            Person.kind == PersonKind.EMPLOYEE,
            Person.external_id.is_not(None),
        )
        .order_by(Person.id)
        .execution_options(yield_per=1000)
    )
    missing = [
        {
            "import_id": import_id,
            "number": start + index,
            "change": RowChange.LEAVING,
            "person_id": id_,
            "label": (name or number or "")[:200],
            "detail": {"status": ["active", "left"]},
        }
        for index, (id_, number, email, name) in enumerate(
            person for person in people if not any(key and register.has(key) for key in person[1:3])
        )
    ]
    if missing:
        insert_rows(db, ImportRow, missing)
    return len(missing)
