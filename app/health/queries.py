"""Counting for snapshots, and reading what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import flask
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session, selectinload

from app.core import clock, search
from app.core.policies import Actor
from app.ergs import queries as ergs
from app.ergs.models import Erg, ErgSnapshot, Membership, RoleGrant
from app.ergs.registry import DeskItem, desk
from app.ergs.rules import LEADING, ErgState, RoleName, RoleState, Visibility
from app.health.models import HealthSnapshot
from app.health.registry import Window, activities, efforts, figures
from app.health.rules import MINUTES, MONTHS, Cell, Measure, month_after

LOOK_BACK = timedelta(days=90)
RECENT = timedelta(days=7)
PAGE = 20
WANTED_ROLES = (
    RoleName.LEAD,
    RoleName.CO_LEAD,
    RoleName.TREASURER,
    RoleName.COMMS,
    RoleName.ACCESS_LEAD,
    RoleName.MODERATOR,
    RoleName.SPONSOR,
)


def end_of(month: date) -> datetime:
    """The instant at which a month is over."""
    return datetime.combine(month_after(month), time(), UTC)


def window_of(erg_ids: list[UUID], month: date) -> Window:
    """What figures of a month look back on."""
    until = end_of(month)
    return Window(erg_ids, until - LOOK_BACK, until, clock.now() - until < RECENT)


def _is_sensitive() -> ColumnElement[bool]:
    return or_(Erg.says_sensitive, Erg.roster.in_((Visibility.NOBODY, Visibility.LEADS)))


def counted_at(until: datetime) -> Select[UUID, UUID]:
    """(erg_id, person_id) of members at an instant; confidential ones in sensitive groups only."""
    return (
        select(Membership.erg_id, Membership.person_id)
        .join(Erg, Erg.id == Membership.erg_id)
        .where(
            Membership.began_at < until,
            or_(Membership.ended_at.is_(None), Membership.ended_at >= until),
            or_(Membership.visibility != Visibility.NOBODY, _is_sensitive()),
        )
    )


def members_at(db: Session, until: datetime, since: datetime | None = None) -> dict[UUID, int]:
    """How many belong to each group at an instant; since an earlier one, how many of them came."""
    chosen = counted_at(until)
    if since is not None:
        chosen = chosen.where(Membership.began_at >= since)
    return _by_group(db, chosen)


def stayed(db: Session, until: datetime, before: datetime) -> dict[UUID, int]:
    """How many of the members of an earlier instant still belong."""
    return _by_group(db, counted_at(until).where(Membership.began_at < before))


def _by_group(db: Session, chosen: Select[UUID, UUID]) -> dict[UUID, int]:
    rows = chosen.subquery()
    counted = select(rows.c.erg_id, func.count(rows.c.person_id.distinct())).group_by(rows.c.erg_id)
    return {row[0]: row[1] for row in db.execute(counted)}


def measure_all(db: Session, window: Window) -> dict[str, Mapping[UUID, Measure]]:
    """Every registered figure of all groups, a statement or two each."""
    return {name: figure.measure(db, window) for name, figure in figures if figure.measure}


def active_share(db: Session, window: Window) -> dict[UUID, Measure]:
    """Members who answered, wrote or took part within ninety days."""
    done = [found(window) for _name, found in activities]
    if not done:
        return {}
    members, active = counted_at(window.until).subquery(), union(*done).subquery()
    rows = db.execute(
        select(members.c.erg_id, func.count(active.c.person_id.distinct()))
        .outerjoin(
            active,
            and_(active.c.erg_id == members.c.erg_id, active.c.person_id == members.c.person_id),
        )
        .group_by(members.c.erg_id)
    )
    return {erg_id: Measure(number) for erg_id, number in rows}


def role_coverage(db: Session, window: Window) -> dict[UUID, Measure]:
    """How many of the usual roles somebody held at the end."""
    day = window.until.date()
    rows = db.execute(
        select(RoleGrant.erg_id, func.count(RoleGrant.role.distinct()))
        .where(
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(WANTED_ROLES),
            RoleGrant.state.in_((RoleState.ACTIVE, RoleState.SHADOW, RoleState.ENDED)),
            RoleGrant.starts_on < day,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= day),
        )
        .group_by(RoleGrant.erg_id)
    )
    held = {row[0]: row[1] for row in rows}
    return {e: Measure(held.get(e, 0), len(WANTED_ROLES)) for e in window.erg_ids}


def lead_load(db: Session, window: Window) -> dict[UUID, Measure]:
    """What lies on the desks of each group's leads today; earlier days cannot be counted."""
    if not window.is_recent:
        return {}
    leads: dict[UUID, set[UUID]] = {}
    today = clock.now().date()
    for erg_id, person_id in db.execute(
        select(RoleGrant.erg_id, RoleGrant.person_id).where(
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(LEADING),
            RoleGrant.state == RoleState.ACTIVE,
            RoleGrant.starts_on <= today,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
        )
    ):
        leads.setdefault(erg_id, set()).add(person_id)
    waiting: dict[UUID, set[tuple[str, str]]] = {}
    # Lines of the desk hold addresses, which need a request to be built.
    with flask.current_app.test_request_context():
        for person_id in sorted({person for some in leads.values() for person in some}):
            for item in _on_desk_of(db, person_id):
                waiting.setdefault(item.erg_id, set()).add((item.topic, item.id))
    return {e: Measure(len(waiting.get(e, ())), len(some)) for e, some in leads.items()}


def lead_hours(db: Session, window: Window) -> dict[UUID, Measure]:
    """Estimated minutes of what leads did in the window, and how many led at its end."""
    minutes: dict[UUID, int] = {}
    for name, count in efforts:
        for erg_id, number in count(db, window).items():
            minutes[erg_id] = minutes.get(erg_id, 0) + number * MINUTES[name]
    return {e: Measure(minutes.get(e, 0), n) for e, n in _led_at(db, window.until.date()).items()}


def _led_at(db: Session, day: date) -> dict[UUID, int]:
    rows = db.execute(
        select(RoleGrant.erg_id, func.count(RoleGrant.person_id.distinct()))
        .where(
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(LEADING),
            RoleGrant.state.in_((RoleState.ACTIVE, RoleState.ENDED)),
            RoleGrant.starts_on < day,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= day),
        )
        .group_by(RoleGrant.erg_id)
    )
    return dict(rows.tuples().all())


def decisions(db: Session, window: Window) -> dict[UUID, int]:
    """Requests that leads answered; confidential ones count in sensitive groups only."""
    rows = db.execute(
        select(Membership.erg_id, func.count())
        .join(Erg, Erg.id == Membership.erg_id)
        .where(
            Membership.decided_at >= window.since,
            Membership.decided_at < window.until,
            or_(Membership.visibility != Visibility.NOBODY, _is_sensitive()),
        )
        .group_by(Membership.erg_id)
    )
    return dict(rows.tuples().all())


def _on_desk_of(db: Session, person_id: UUID) -> list[DeskItem]:
    actor = Actor(person_id=person_id)
    return [item for _name, lay in desk for item in lay(db, actor)]


def measured_groups(db: Session) -> list[Erg]:
    """Groups that live, by id."""
    alive = (ErgState.ACTIVE, ErgState.DORMANT)
    return list(db.scalars(select(Erg).where(Erg.state.in_(alive)).order_by(Erg.id)))


def last_month(db: Session) -> date | None:
    """The newest frozen month."""
    return db.scalar(select(func.max(HealthSnapshot.month)))


def history(db: Session, before: date) -> dict[UUID, list[HealthSnapshot]]:
    """The frozen months of every group before a month, oldest first."""
    rows: dict[UUID, list[HealthSnapshot]] = {}
    since = month_after(before, -2 * MONTHS)
    for row in db.scalars(
        select(HealthSnapshot)
        .where(HealthSnapshot.month < before, HealthSnapshot.month >= since)
        .order_by(HealthSnapshot.month)
    ):
        rows.setdefault(row.erg_id, []).append(row)
    return rows


def member_bands(db: Session, until: datetime) -> dict[UUID, tuple[int, int | None]]:
    """The band in which each group's members were last said to lie."""
    rows = db.execute(
        select(ErgSnapshot.erg_id, ErgSnapshot.low, ErgSnapshot.high)
        .where(ErgSnapshot.taken_on <= until.date())
        .order_by(ErgSnapshot.taken_on)
    )
    return {erg_id: (low, high) for erg_id, low, high in rows}


def erg_for(db: Session, actor: Actor, slug: str) -> Erg | None:
    """A group by its address; hidden and absent alike are None."""
    return ergs.erg_for(db, actor, slug)


def published(db: Session, erg: Erg) -> list[HealthSnapshot]:
    """The closed periods of a group, as it is discreet or not today, oldest first."""
    rows = db.scalars(
        select(HealthSnapshot)
        .where(
            HealthSnapshot.erg_id == erg.id,
            HealthSnapshot.is_closed,
            HealthSnapshot.is_sensitive == erg.is_discreet,
        )
        .order_by(HealthSnapshot.month.desc())
        .limit(MONTHS)
    )
    return list(reversed(list(rows)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One page of (group, newest period or None), and the cells of all groups by figure."""

    rows: list[tuple[Erg, HealthSnapshot | None]]
    cells: dict[str, list[Cell]]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def comparison(
    db: Session, actor: Actor, *, q: str = "", number: int = 1, size: int | None = PAGE
) -> Comparison:
    """The newest closed period of every group that the reader finds in the directory."""
    chosen = (
        ergs.listed_for(actor, ergs.standing(db, actor))
        .where(Erg.state.in_((ErgState.ACTIVE, ErgState.DORMANT)))
        .options(selectinload(Erg.texts))
        .order_by(Erg.slug)
    )
    newest = _newest(db)
    everyone = list(db.scalars(chosen))
    known = {erg.id: row for erg in everyone if (row := _fitting(erg, newest.get(erg.id)))}
    wanted = search.normalize(q)
    found = [e for e in everyone if any(wanted in search.normalize(t.name) for t in e.texts)]
    part = found if size is None else found[(number - 1) * size : number * size]
    cells: dict[str, list[Cell]] = {}
    for row in known.values():
        for key, kept in row.figures.items():
            cells.setdefault(key, []).append(Cell.of_kept(kept))
    return Comparison([(e, known.get(e.id)) for e in part], cells, len(found), number)


def _fitting(erg: Erg, row: HealthSnapshot | None) -> HealthSnapshot | None:
    return row if row is not None and row.is_sensitive == erg.is_discreet else None


def _newest(db: Session) -> dict[UUID, HealthSnapshot]:
    newest = (
        select(HealthSnapshot.erg_id, func.max(HealthSnapshot.month).label("month"))
        .where(HealthSnapshot.is_closed)
        .group_by(HealthSnapshot.erg_id)
        .subquery()
    )
    rows = db.scalars(
        select(HealthSnapshot).join(
            newest,
            and_(newest.c.erg_id == HealthSnapshot.erg_id, newest.c.month == HealthSnapshot.month),
        )
    )
    return {row.erg_id: row for row in rows}
