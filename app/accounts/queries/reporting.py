"""Who stands above whom."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person


def lines_above(db: Session, people: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Everybody above each of these people, in one statement; a circle ends by itself."""
    start = select(Person.id.label("of"), Person.manager_id.label("above")).where(
        Person.id.in_(people), Person.manager_id.is_not(None)
    )
    line = start.cte("line", recursive=True)
    line = line.union(
        select(line.c.of, Person.manager_id)
        .join(Person, Person.id == line.c.above)
        .where(Person.manager_id.is_not(None))
    )
    found: dict[UUID, set[UUID]] = {}
    for of, above in db.execute(select(line.c.of, line.c.above)):
        found.setdefault(of, set()).add(above)
    return found
