"""People for tests: `make_person(db, name=..., password="trellis-demo", roles=("org_admin",))`."""

from __future__ import annotations

import itertools
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import services
from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName
from app.core import search

_numbers = itertools.count(1)
DERIVED = "derived"


def make_person(
    db: Session,
    name: str | None = "Robin Doe",
    email: str | None = DERIVED,
    password: str | None = None,
    roles: tuple[str, ...] = (),
    **columns: Any,
) -> Person:
    """A person with any columns; with a password they can sign in, `email=None` has no account.

    Unless given, there are no quiet hours, so that no test depends on the time of day.
    """
    columns = {"quiet_from": time(), "quiet_to": time(), **columns}
    if email == DERIVED:
        word = search.normalize(name or "person").replace(" ", ".")
        email = f"{word}.{next(_numbers)}@test.example"
    person = Person(name=name, email=email.lower() if email else None, **columns)
    db.add(person)
    db.flush()
    if password is not None:
        services.set_password(db, None, person_id=person.id, password=password)
    for role in roles:
        db.add(OrgRole(person_id=person.id, role=OrgRoleName(role), starts_on=date(2020, 1, 1)))
    services.index_person(db, person)
    db.flush()
    return person


def number_anew() -> None:
    """The next people get the same addresses again, in a company to be compared."""
    global _numbers
    _numbers = itertools.count(1)


def outing_person(db: Session, name: str) -> UUID:
    """Somebody of the outing tests (tests/outing.py) by the first part of the address."""
    return db.scalars(select(Person.id).where(Person.email == f"{name}@t.example")).one()
