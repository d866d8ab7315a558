"""Handlers and concerns for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import OrgRoleName
from app.accounts.services import grant_role
from app.concerns.models import Concern, ConcernHandler
from app.concerns.rules import HandlerState
from app.concerns.services import handling, raising
from app.core import ids
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair

WORDS = "He comments on my body in every session."


def make_handler(db: Session, name: str = "Hanna Handler", **traits: Any) -> Person:
    """Somebody who handles concerns."""
    person = make_person(db, name, **traits)
    let_handle(db, person.id)
    return person


def let_handle(db: Session, person_id: UUID) -> None:
    """Give somebody the role as two administrators do."""
    role = grant_role(db, None, person_id=person_id, role=OrgRoleName.CONCERN_HANDLER)
    db.add(ConcernHandler(person_id=person_id, state=HandlerState.ACTIVE, role_id=role.id))
    db.flush()


def make_concern(
    db: Session, raiser_id: UUID, readers: list[UUID], text: str = WORDS, **about: Any
) -> Concern:
    """Something raised, for these readers."""
    return raising.raise_concern(db, raiser_id, text=text, readers=readers, **about)


def scenes(db: Session, star: dict[str, Person]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene: raised by a participant, read by a handler or in their line."""
    handler = star["hugo"].id
    let_handle(db, handler)
    pair = make_pair(db, star["elena"], star["chen"])
    told = make_concern(db, star["elena"].id, [handler], pair_id=pair.id)
    handling.take(db, handler, concern_id=told.id)
    near = make_concern(db, star["elena"].id, [handler])
    near.about_person_id = handler
    proposed = ConcernHandler(person_id=star["juno"].id, proposed_by=star["amara"].id)
    own = ConcernHandler(person_id=star["kai"].id, proposed_by=star["farid"].id)
    db.add_all([proposed, own])
    db.flush()
    return {
        "raised": {"concern_id": told.id, "role_id": proposed.id},
        "about the handler": {"concern_id": near.id},
        "proposed by the administrator": {"role_id": own.id},
        "absent": {"concern_id": ids.new_id(), "role_id": ids.new_id()},
    }
