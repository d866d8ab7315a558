"""What ends when a person leaves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonStatus
from app.accounts.services.sessions import revoke_all_sessions
from app.audit import services as audit
from app.core import search
from app.core.database import hold
from app.core.registries import departures


def deactivate(db: Session, actor_id: UUID | None, *, person_id: UUID) -> None:
    """End what a person who left holds: sessions, and whatever upper domains registered."""
    person = hold(db, Person, person_id)
    if person is None:
        return
    revoke_all_sessions(db, actor_id, person_id=person_id)
    search.drop(db, "people", person_id)
    for _name, handler in departures:
        handler(db, person_id)
    audit.record(db, actor_id, "person_left", person, after=PersonStatus.LEFT.value)
