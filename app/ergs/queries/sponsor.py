"""Sponsors, their commitments, and the aggregates of their brief."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.core.policies import Actor
from app.ergs.models import Erg, RoleGrant, SponsorCommitment
from app.ergs.queries.groups import erg_for
from app.ergs.queries.snapshots import bands
from app.ergs.queries.standing import standing_of
from app.ergs.rules import ErgState, RoleName, RoleState
from app.ergs.rules.snapshots import Band
from app.ergs.rules.sponsor import CommitmentState
from app.ergs.rules.terms import holds

SHOWN = 50
QUARTER = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment of a group's sponsor."""

    erg: Erg
    row: SponsorCommitment


def sponsors(db: Session, erg_id: UUID) -> list[tuple[RoleGrant, str]]:
    """Who sponsors a group today, with their names: sponsoring is public."""
    today = clock.now().date()
    rows = db.execute(
        select(RoleGrant, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.role == RoleName.SPONSOR,
            RoleGrant.state == RoleState.ACTIVE,
        )
        .order_by(RoleGrant.starts_on, RoleGrant.id)
    )
    return [(g, n or "") for g, n in rows if holds(g.role, g.starts_on, g.ends_on, today)]


def is_sponsor(db: Session, person_id: UUID | None, erg_id: UUID) -> bool:
    """Whether a person sponsors a group today, asked fresh."""
    return standing_of(db, person_id).holds(erg_id, RoleName.SPONSOR)


def commitments(db: Session, erg_id: UUID) -> list[tuple[SponsorCommitment, str]]:
    """What was promised to a group and by whom: open ones by their day, then the newest."""
    is_open = SponsorCommitment.state == CommitmentState.OPEN
    rows = db.execute(
        select(SponsorCommitment, Person.name)
        .join(Person, Person.id == SponsorCommitment.person_id)
        .where(SponsorCommitment.erg_id == erg_id)
        .order_by(
            case((is_open, 0), else_=1),
            case((is_open, SponsorCommitment.due_on)),
            SponsorCommitment.due_on.desc(),
            SponsorCommitment.id,
        )
        .limit(SHOWN)
    )
    return [(row, name or "") for row, name in rows]


def commitment_in(db: Session, actor: Actor, slug: str, commitment_id: UUID) -> Promise | None:
    """A commitment to a group that the reader sees."""
    erg = erg_for(db, actor, slug)
    row = db.get(SponsorCommitment, commitment_id)
    if erg is None or row is None or row.erg_id != erg.id:
        return None
    return Promise(erg, row)


def due_commitments(db: Session, person_id: UUID | None, until: date) -> list[SponsorCommitment]:
    """A sponsor's own open promises that are due soon."""
    return list(
        db.scalars(
            select(SponsorCommitment)
            .where(
                SponsorCommitment.person_id == person_id,
                SponsorCommitment.state == CommitmentState.OPEN,
                SponsorCommitment.due_on <= until,
            )
            .order_by(SponsorCommitment.due_on, SponsorCommitment.id)
        )
    )


def to_confirm(db: Session, erg_ids: Iterable[UUID]) -> list[tuple[SponsorCommitment, str]]:
    """What sponsors say they kept or not, and no lead has confirmed yet."""
    rows = db.execute(
        select(SponsorCommitment, Person.name)
        .join(Person, Person.id == SponsorCommitment.person_id)
        .where(
            SponsorCommitment.erg_id.in_(list(erg_ids)),
            SponsorCommitment.state != CommitmentState.OPEN,
            SponsorCommitment.confirmed_at.is_(None),
        )
        .order_by(SponsorCommitment.marked_at, SponsorCommitment.id)
    )
    return [(row, name or "") for row, name in rows]


@dataclass(frozen=True, slots=True)
class Brief:
    """A quarter of a group in aggregates; there is nobody in it."""

    band: Band | None
    band_before: Band | None
    chapters: int
    roles: int
    roles_ending: int
    open: int
    kept: int
    not_kept: int


def brief(db: Session, erg: Erg) -> Brief:
    """What a sponsor needs for a conversation with the leads, never the roster."""
    today = clock.now().date()
    roles = db.execute(
        select(
            func.count(),
            func.count().filter(RoleGrant.ends_on <= today + QUARTER),
        ).where(RoleGrant.erg_id == erg.id, RoleGrant.state == RoleState.ACTIVE)
    ).one()
    states = db.execute(
        select(SponsorCommitment.state, func.count())
        .where(
            SponsorCommitment.erg_id == erg.id,
            SponsorCommitment.due_on >= today - QUARTER,
        )
        .group_by(SponsorCommitment.state)
    )
    counted = {row[0]: row[1] for row in states}
    return Brief(
        bands(db, [erg.id]).get(erg.id),
        bands(db, [erg.id], until=today - QUARTER).get(erg.id),
        len(erg.chapters),
        roles[0],
        roles[1],
        counted.get(CommitmentState.OPEN, 0),
        counted.get(CommitmentState.KEPT, 0),
        counted.get(CommitmentState.NOT_KEPT, 0),
    )


def sponsored(db: Session) -> list[tuple[UUID, UUID]]:
    """(group, sponsor) of all living groups, for the quarterly brief."""
    today = clock.now().date()
    rows = db.execute(
        select(RoleGrant)
        .join(Erg, Erg.id == RoleGrant.erg_id)
        .where(
            Erg.state == ErgState.ACTIVE,
            RoleGrant.role == RoleName.SPONSOR,
            RoleGrant.state == RoleState.ACTIVE,
        )
        .order_by(RoleGrant.id)
    ).scalars()
    return [(g.erg_id, g.person_id) for g in rows if holds(g.role, g.starts_on, g.ends_on, today)]
