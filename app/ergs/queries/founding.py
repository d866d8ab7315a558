"""All groups as administrators see them, drafts and archived ones included."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.core import clock, search
from app.ergs.models import Erg, ErgText, RoleGrant
from app.ergs.queries.groups import PAGE, name_in
from app.ergs.queries.standing import leads_of
from app.ergs.rules import LEADING, ErgState, Lack, RoleState, TextStatus, lacks


@dataclass(frozen=True, slots=True)
class Founded:
    """One page of all groups, and which of them have a lead."""

    rows: list[Erg]
    led: set[UUID]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def every_group(
    db: Session, *, tag: str, q: str = "", state: ErgState | None = None, number: int = 1
) -> Founded:
    """All groups by name, with search and state."""
    chosen = select(Erg, func.count().over())
    if (found := search.ids("ergs", q)) is not None:
        chosen = chosen.where(Erg.id.in_(found))
    if state is not None:
        chosen = chosen.where(Erg.state == state)
    rows = db.execute(
        chosen.order_by(name_in(tag), Erg.slug)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(selectinload(Erg.texts))
    ).all()
    led = _with_lead(db, [erg.id for erg, _total in rows])
    return Founded([erg for erg, _total in rows], led, rows[0][1] if rows else 0, number)


def _with_lead(db: Session, erg_ids: list[UUID]) -> set[UUID]:
    today = clock.now().date()
    return set(
        db.scalars(
            select(RoleGrant.erg_id).where(
                RoleGrant.erg_id.in_(erg_ids),
                RoleGrant.chapter_id.is_(None),
                RoleGrant.role.in_(LEADING),
                RoleGrant.state == RoleState.ACTIVE,
                RoleGrant.starts_on <= today,
                or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
            )
        )
    )


def lacks_of(db: Session, erg: Erg) -> list[Lack]:
    """What keeps a group from starting."""
    source = source_of(erg)
    return lacks(has_lead=bool(leads_of(db, erg.id)), has_charter=bool(source and source.charter))


def source_of(erg: Erg) -> ErgText | None:
    """The words from which the others are translated."""
    return next((t for t in erg.texts if t.status is TextStatus.SOURCE), None)
