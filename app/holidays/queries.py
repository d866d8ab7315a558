"""Holidays, as lists show them and as planning asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.policies import Actor
from app.holidays.models import Holiday
from app.holidays.rules import EVERYWHERE, DayOff, by_day

PAGE = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator asks the list for."""

    q: str = ""
    site: str | None = None
    past: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of holidays."""

    rows: list[Holiday]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def listing(db: Session, wanted: Wanted) -> Found:
    """Holidays that lie ahead, the next first, or those that are over, the latest first."""
    today = clock.now().date()
    chosen = select(Holiday, func.count().over()).where(Holiday.removed_at.is_(None))
    chosen = chosen.where(Holiday.ends_on < today if wanted.past else Holiday.ends_on >= today)
    if wanted.q:
        chosen = chosen.where(
            or_(
                Holiday.name.icontains(wanted.q, autoescape=True),
                Holiday.site.icontains(wanted.q, autoescape=True),
            )
        )
    if wanted.site is not None:
        chosen = chosen.where(Holiday.site == wanted.site)
    order = Holiday.starts_on.desc() if wanted.past else Holiday.starts_on
    rows = db.execute(
        chosen.order_by(order, Holiday.id).limit(PAGE).offset((wanted.number - 1) * PAGE)
    ).all()
    return Found([row[0] for row in rows], rows[0][1] if rows else 0, wanted.number)


def holiday_for(db: Session, _actor: Actor, holiday_id: UUID) -> Holiday | None:
    """One holiday, removed or not."""
    return db.get(Holiday, holiday_id)


def between(db: Session, first: date, last: date, *, site: str = EVERYWHERE) -> dict[date, str]:
    """The name of the holiday on each day off of everybody and of one site."""
    rows = db.scalars(
        select(Holiday).where(
            Holiday.removed_at.is_(None),
            Holiday.starts_on <= last,
            Holiday.ends_on >= first,
            Holiday.site.in_({EVERYWHERE, site}),
        )
    )
    return {
        day: name
        for day, name in by_day(row.day_off for row in rows).items()
        if first <= day <= last
    }


def ahead(db: Session) -> list[DayOff]:
    """All days off that lie ahead, of everybody and of every site: a calendar is a short list."""
    rows = db.scalars(
        select(Holiday)
        .where(Holiday.removed_at.is_(None), Holiday.ends_on >= clock.now().date())
        .order_by(Holiday.starts_on)
        .limit(2000)
    )
    return [row.day_off for row in rows]


def sites_with_holidays(db: Session) -> list[str]:
    """The sites that have days off of their own."""
    chosen = select(Holiday.site).where(Holiday.removed_at.is_(None), Holiday.site != EVERYWHERE)
    return list(db.scalars(chosen.distinct().order_by(Holiday.site)))


def since(db: Session, first: date) -> list[DayOff]:
    """All days off that end on a day or later, of everybody and of every site."""
    rows = db.scalars(
        select(Holiday)
        .where(Holiday.removed_at.is_(None), Holiday.ends_on >= first)
        .order_by(Holiday.starts_on, Holiday.id)
        .limit(2000)
    )
    return [row.day_off for row in rows]
