"""Access needs: opened for the person, and for the access lead of a hosting group, alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.attendance.models import AccessNeed
from app.attendance.queries.naming import is_named, label
from app.attendance.queries.sealing import opened
from app.attendance.rules import NeedKind, NeedState
from app.core import clock
from app.core.policies import Actor
from app.ergs.models import RoleGrant
from app.ergs.queries import Standing, standing
from app.ergs.rules import LEADING, RoleName, RoleState
from app.ergs.rules.terms import holds
from app.events import queries as events
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import RsvpState

ASKING = (
    RsvpState.GOING,
    RsvpState.MAYBE,
    RsvpState.WAITLISTED,
    RsvpState.OFFERED,
    RsvpState.PENDING_APPROVAL,
    RsvpState.CHECKED_IN,
    RsvpState.ATTENDED,
)


@dataclass(frozen=True, slots=True)
class Need:
    """One person's needs, opened for a reader who may; `is_lost` without the key."""

    id: UUID
    who: str
    kinds: tuple[NeedKind, ...]
    text: str
    state: NeedState
    answer: str
    is_lost: bool = False


def access_leads(db: Session, event: Event) -> dict[UUID, set[UUID]]:
    """Who looks after access today, by hosting group."""
    today = clock.now().date()
    hosts = [erg.id for erg in event.accepted_hosts]
    grants = db.scalars(
        select(RoleGrant).where(
            RoleGrant.erg_id.in_(hosts),
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role == RoleName.ACCESS_LEAD,
            RoleGrant.state == RoleState.ACTIVE,
        )
    )
    found: dict[UUID, set[UUID]] = {}
    for grant in grants:
        if holds(grant.role, grant.starts_on, grant.ends_on, today):
            found.setdefault(grant.erg_id, set()).add(grant.person_id)
    return found


def reads_needs(db: Session, mine: Standing, event: Event) -> bool:
    """Access leads of a hosting group; where no host has one, the leads."""
    hosts = event.accepted_hosts
    if any(mine.holds(erg.id, RoleName.ACCESS_LEAD) for erg in hosts):
        return True
    leads = any(mine.holds(erg.id, *LEADING) for erg in hosts)
    return leads and not access_leads(db, event)


def own_need(db: Session, occurrence_id: UUID, person_id: UUID | None) -> Need | None:
    """What the person asked for, for themselves."""
    row = _row_of(db, occurrence_id, person_id)
    return _open(row, "") if row is not None else None


def _row_of(db: Session, occurrence_id: UUID, person_id: UUID | None) -> AccessNeed | None:
    return db.scalar(
        select(AccessNeed).where(
            AccessNeed.occurrence_id == occurrence_id, AccessNeed.person_id == person_id
        )
    )


def needs_of(db: Session, mine: Standing, occurrence: Occurrence) -> list[Need]:
    """All needs of those who may still come, in the order of random ids, under name or letters."""
    named = is_named(mine, occurrence)
    rows = db.execute(
        _living(occurrence.id).add_columns(Rsvp.id, named, Person.name).order_by(AccessNeed.id)
    ).all()
    return [_open(row[0], label(row[1], row[3] if row[2] else None)) for row in rows]


def _living(occurrence_id: UUID) -> Select[tuple[AccessNeed]]:
    return (
        select(AccessNeed)
        .join(
            Rsvp,
            (Rsvp.occurrence_id == AccessNeed.occurrence_id)
            & (Rsvp.person_id == AccessNeed.person_id),
        )
        .join(Person, Person.id == AccessNeed.person_id)
        .where(AccessNeed.occurrence_id == occurrence_id, Rsvp.state.in_(ASKING))
    )


def need_for(
    db: Session, actor: Actor, occurrence_id: UUID, need_id: UUID
) -> tuple[Occurrence, AccessNeed] | None:
    """A need by its id, to those who may read it."""
    occurrence = events.occurrence_for(db, actor, occurrence_id)
    if occurrence is None or not reads_needs(db, standing(db, actor), occurrence.event):
        return None
    row = db.scalar(_living(occurrence_id).where(AccessNeed.id == need_id))
    return (occurrence, row) if row is not None else None


def open_needs(db: Session, occurrence_ids: list[UUID]) -> dict[UUID, int]:
    """How many wait for an answer, by date; nothing of what they say."""
    rows = db.execute(
        select(AccessNeed.occurrence_id, func.count())
        .join(
            Rsvp,
            (Rsvp.occurrence_id == AccessNeed.occurrence_id)
            & (Rsvp.person_id == AccessNeed.person_id),
        )
        .where(
            AccessNeed.occurrence_id.in_(occurrence_ids),
            AccessNeed.state == NeedState.OPEN,
            Rsvp.state.in_(ASKING),
        )
        .group_by(AccessNeed.occurrence_id)
    )
    return {row[0]: row[1] for row in rows}


def _open(row: AccessNeed, who: str) -> Need:
    try:
        said, answer = opened(row)
    except (InvalidTag, KeyError, FileNotFoundError):  # a backup without its keys
        return Need(row.id, who, (), "", row.state, "", is_lost=True)
    kept = json.loads(said)
    kinds = tuple(NeedKind(kind) for kind in kept["kinds"])
    return Need(row.id, who, kinds, kept["text"], row.state, (answer or b"").decode())
