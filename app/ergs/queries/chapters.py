"""Chapters of a group, found by address, and those near a person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, Membership, MembershipChapter
from app.ergs.queries.groups import erg_for
from app.ergs.queries.standing import standing
from app.ergs.rules import near


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


def own_place(
    db: Session, erg_id: UUID, person_id: UUID | None
) -> tuple[Membership | None, set[UUID]]:
    """A person's newest row in a group, open or ended, and the chapters chosen with it."""
    rows = db.execute(
        select(Membership, MembershipChapter.chapter_id)
        .outerjoin(MembershipChapter, MembershipChapter.membership_id == Membership.id)
        .where(Membership.erg_id == erg_id, Membership.person_id == person_id)
        .order_by(Membership.ended_at.is_not(None), Membership.ended_at.desc(), Membership.id)
    ).all()
    newest = rows[0][0] if rows else None
    return newest, {chosen for row, chosen in rows if row is newest and chosen}
