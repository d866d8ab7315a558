"""Whom those at the door may look up when somebody comes without an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.queries.directory import listed
from app.core import search
from app.ergs.models import Membership
from app.ergs.queries import Standing
from app.ergs.rules import SEEN_BY, MembershipState
from app.events.models import Occurrence
from app.events.rules import Audience

FEWEST, MOST, LOOKED_AT = 2, 10, 200


def walk_in_people(
    db: Session,
    mine: Standing,
    occurrence: Occurrence,
    q: str = "",
    *,
    person_id: UUID | None = None,
) -> list[Person]:
    """A few people by name; nobody without a question, so that nothing can be listed.

    Listed colleagues; at an event for members only those whom the reader may see as members; at a
    hidden event nobody: there people come in by their own code.
    """
    if occurrence.event.is_hidden:
        return []
    if person_id is not None:
        return list(db.scalars(_seen(mine, occurrence).where(Person.id == person_id)))
    found = search.ids("people", q) if len(q.strip()) >= FEWEST else None
    if found is None:
        return []
    chosen = _seen(mine, occurrence).where(Person.id.in_(found))
    people = db.scalars(chosen.order_by(Person.name, Person.id).limit(LOOKED_AT))
    return [person for person in people if _is_named(person, q)][:MOST]


def _is_named(person: Person, q: str) -> bool:
    """By name alone: the index knows jobs and departments as well."""
    names = search.index_words(person.name or "")
    return all(any(name.startswith(word) for name in names) for word in search.query_words(q))


def _seen(mine: Standing, occurrence: Occurrence) -> Select[Any]:
    event, chosen = occurrence.event, listed()
    if event.audience is Audience.COMPANY:
        return chosen
    options = [
        and_(Membership.erg_id == erg.id, Membership.visibility.in_(SEEN_BY[viewer]))
        for erg in event.accepted_hosts
        for viewer in [mine.viewer(erg.id)]
        if erg.roster in SEEN_BY[viewer]
    ]
    belongs = select(Membership.id).where(
        Membership.person_id == Person.id,
        Membership.state == MembershipState.ACTIVE,
        or_(false(), *options),
    )
    return chosen.where(belongs.exists())
