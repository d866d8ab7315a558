"""Chapters of a group, found by address, and those near a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, ErgSnapshot, Membership, MembershipChapter
from app.ergs.queries.groups import erg_for
from app.ergs.queries.standing import standing
from app.ergs.rules import near
from app.ergs.rules.snapshots import Band


@dataclass(frozen=True, slots=True)
class Branch:
    """A chapter with its group."""

    erg: Erg
    chapter: Chapter


def branch_for(db: Session, actor: Actor, slug: str, chapter: str) -> Branch | None:
    """A chapter of a group that the actor may see; a closed one is there for the leads alone."""
    erg = erg_for(db, actor, slug)
    if erg is None:
        return None
    for found in erg.chapters:
        if found.slug == chapter:
            return Branch(erg, found)
    if erg.id not in standing(db, actor).led:
        return None
    closed = chapter_at(db, erg, chapter)
    return Branch(erg, closed) if closed else None


def chapter_at(db: Session, erg: Erg, slug: str) -> Chapter | None:
    """A chapter by its address, open or closed."""
    return db.scalar(select(Chapter).where(Chapter.erg_id == erg.id, Chapter.slug == slug))


def closed_chapters(db: Session, erg: Erg) -> list[Chapter]:
    """Chapters that were closed, the last one first."""
    return list(
        db.scalars(
            select(Chapter)
            .where(Chapter.erg_id == erg.id, Chapter.archived_at.is_not(None))
            .order_by(Chapter.archived_at.desc(), Chapter.slug)
        )
    )


def nearby(actor: Actor, erg: Erg) -> list[Chapter]:
    """The chapters that lie near a person, by their own site and time zone."""
    return near(erg.chapters, zone=actor.zone, site=actor.site)


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A person's newest row in a group, open or ended, the chapters chosen, the group's band."""

    row: Membership | None
    chosen: set[UUID]
    band: Band | None


def own_place(db: Session, erg_id: UUID, person_id: UUID | None) -> OwnPlace:
    """What a group's page must know about its reader and its size, in one statement."""
    own = and_(Membership.erg_id == Erg.id, Membership.person_id == person_id)
    low, high = _newest(ErgSnapshot.low), _newest(ErgSnapshot.high)
    rows = db.execute(
        select(Membership, MembershipChapter.chapter_id, low, high)
        .select_from(Erg)
        .outerjoin(Membership, own)
        .outerjoin(MembershipChapter, MembershipChapter.membership_id == Membership.id)
        .where(Erg.id == erg_id)
        .order_by(Membership.ended_at.is_not(None), Membership.ended_at.desc(), Membership.id)
    ).all()
    row, _chapter, least, most = rows[0]
    chosen = {chapter for other, chapter, _low, _high in rows if other is row and chapter}
    return OwnPlace(row, chosen, None if least is None else Band(least, most))


def _newest(part: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    return (
        select(part)
        .where(ErgSnapshot.erg_id == Erg.id)
        .order_by(ErgSnapshot.taken_on.desc())
        .limit(1)
        .correlate(Erg)
        .scalar_subquery()
    )
