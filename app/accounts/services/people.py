"""People come, get roles, and leave."""

from __future__ import annotations

from collections.abc import Collection, Container
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole, Person
from app.accounts.rules import JOB_ATTRIBUTES, OrgRoleName, PersonStatus
from app.accounts.services.history import record_facts
from app.accounts.services.sessions import revoke_all_sessions
from app.audit import services as audit
from app.core import clock, search
from app.core.errors import Refused

MANUAL = "manual"


def add_person(
    db: Session,
    actor_id: UUID | None,
    *,
    holds_from: date | None = None,
    source: str = MANUAL,
    **columns: Any,
) -> Person:
    """Create a person; job columns go through the history as facts that hold from a day."""
    facts = {name: columns.pop(name) for name in JOB_ATTRIBUTES if name in columns}
    if columns.get("email"):
        columns["email"] = columns["email"].strip().lower()
    person = Person(**columns)
    db.add(person)
    db.flush()
    audit.record(db, actor_id, "person_added", person)
    if facts:
        day = holds_from or facts.get("hired_on") or clock.now().date()
        record_facts(db, actor_id, person.id, facts, day, source)
    index_person(db, person)
    return person


def index_person(db: Session, person: Person) -> None:
    """Make a listed person findable in the directory by name and job, and nobody else."""
    if is_in_directory(person):
        search.put(db, "people", person.id, *search_texts(person))
    else:
        search.drop(db, "people", person.id)


def index_people(db: Session, people: Collection[UUID], *, new: Container[UUID] = ()) -> None:
    """The same for many people in few statements; `new` ones have nothing to drop."""
    if not people:
        return
    search.drop_many(db, "people", [person for person in people if person not in new])
    found = db.execute(
        select(Person.id, Person.name, Person.job_title, Person.department, Person.site).where(
            Person.id.in_(people),
            Person.name.is_not(None),
            Person.is_listed.is_(True),
            Person.status == PersonStatus.ACTIVE,
        )
    )
    search.add_many(db, "people", {row[0]: tuple(row[1:]) for row in found})


def is_in_directory(person: Person) -> bool:
    """Whether colleagues may find a person at all."""
    return bool(person.name) and person.is_listed and person.status is PersonStatus.ACTIVE


def search_texts(person: Person) -> tuple[str | None, ...]:
    """What a person is found by: never an identity attribute."""
    return (person.name, person.job_title, person.department, person.site)


def grant_role(
    db: Session,
    actor_id: UUID | None,
    *,
    person_id: UUID,
    role: OrgRoleName,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> OrgRole:
    """Give a person an organization role; every device is signed out, so that it starts fresh."""
    if actor_id == person_id:
        raise Refused(_("Nobody can give themselves a role. Ask another administrator."))
    row = OrgRole(
        person_id=person_id,
        role=role,
        granted_by=actor_id,
        ends_on=ends_on,
        starts_on=starts_on or clock.now().date(),
    )
    db.add(row)
    db.flush()
    revoke_all_sessions(db, actor_id, person_id=person_id)
    audit.record(db, actor_id, "role_granted", row, after=role.value)
    return row
