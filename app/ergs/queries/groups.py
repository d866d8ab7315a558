"""Groups: found by address, listed in the directory."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.core import search
from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, ErgText, Membership
from app.ergs.queries.standing import Standing, standing
from app.ergs.rules import (
    Discovery,
    ErgState,
    MembershipState,
    Region,
    TextStatus,
    Visibility,
)

PAGE = 20


def erg_for(db: Session, actor: Actor, slug: str) -> Erg | None:
    """A group by its address with all texts and chapters; hidden and absent alike are None."""
    found = (
        db.scalars(
            select(Erg)
            .where(Erg.slug == slug)
            .options(joinedload(Erg.texts), joinedload(Erg.chapters))
        )
        .unique()
        .one_or_none()
    )
    mine = standing(db, actor)
    if found is None or not _is_open_to(found, actor, mine):
        return None
    return found


def _is_open_to(erg: Erg, actor: Actor, mine: Standing) -> bool:
    if actor.has("org_admin") or erg.id in mine.known:
        return True
    is_published = erg.state in (ErgState.ACTIVE, ErgState.DORMANT)
    return is_published and erg.discovery is not Discovery.HIDDEN


@dataclass(frozen=True, slots=True)
class Line:
    """A group in the directory; `shown` counts whom every colleague may see, None if sensitive."""

    erg: Erg
    shown: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    lines: list[Line]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def directory(
    db: Session,
    actor: Actor,
    *,
    tag: str,
    q: str = "",
    region: Region | None = None,
    mine_only: bool = False,
    number: int = 1,
) -> Listing:
    """The groups a reader finds, by name in their language."""
    mine = standing(db, actor)
    chosen = listed_for(actor, mine, mine_only=mine_only)
    found = search.ids("ergs", q)
    if found is not None:
        chosen = chosen.where(Erg.id.in_(found))
    if region:
        chosen = chosen.where(Erg.id.in_(select(Chapter.erg_id).where(Chapter.region == region)))
    rows = db.execute(
        chosen.add_columns(func.count().over())
        .order_by(_name_in(tag), Erg.slug)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(selectinload(Erg.texts))
    ).all()
    shown = _shown_to_all(db, [erg.id for erg, _total in rows])
    lines = [Line(erg, None if erg.is_sensitive else shown.get(erg.id, 0)) for erg, _ in rows]
    return Listing(lines, rows[0][1] if rows else 0, number)


def listed_for(actor: Actor, mine: Standing, *, mine_only: bool = False) -> Select[Erg]:
    """The groups that a reader finds without having their address."""
    if mine_only:
        return select(Erg).where(Erg.id.in_(mine.known))
    listed = and_(
        Erg.state.in_((ErgState.ACTIVE, ErgState.DORMANT)), Erg.discovery == Discovery.LISTED
    )
    if actor.has("org_admin"):
        return select(Erg)
    return select(Erg).where(or_(listed, Erg.id.in_(mine.known)))


def _shown_to_all(db: Session, erg_ids: list[UUID]) -> dict[UUID, int]:
    """How many members every colleague may see; confidential ones change nothing."""
    rows = db.execute(
        select(Membership.erg_id, func.count())
        .join(Erg, Erg.id == Membership.erg_id)
        .where(
            Membership.erg_id.in_(erg_ids),
            Membership.state == MembershipState.ACTIVE,
            Membership.visibility == Visibility.COMPANY,
            Erg.roster == Visibility.COMPANY,
        )
        .group_by(Membership.erg_id)
    )
    return {row[0]: row[1] for row in rows}


def _name_in(tag: str) -> ColumnElement[str]:
    wanted, source = aliased(ErgText), aliased(ErgText)
    return func.coalesce(
        select(wanted.sort_key)
        .where(wanted.erg_id == Erg.id, wanted.locale == tag)
        .correlate(Erg)
        .scalar_subquery(),
        select(func.min(source.sort_key))
        .where(source.erg_id == Erg.id, source.status == TextStatus.SOURCE)
        .correlate(Erg)
        .scalar_subquery(),
    )


def by_slug(db: Session, slug: str) -> Erg | None:
    """A group by its address, for seeds and jobs that act for nobody."""
    return db.scalar(select(Erg).where(Erg.slug == slug))
