"""Named selects about money; what a reader may not see is not found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName
from app.budgets.models import (
    BudgetApproval,
    BudgetCycle,
    BudgetEntry,
    BudgetLine,
    BudgetRate,
    BudgetRequest,
    EventSpend,
)
from app.budgets.rules import (
    RATE_MAX_AGE,
    RECONCILE_WITHIN,
    WAITING,
    Account,
    EntryKind,
    Purpose,
    RequestState,
    Sums,
)
from app.core import clock, money, search
from app.core.policies import Actor
from app.ergs.models import Chapter, Erg, Membership, RoleGrant
from app.ergs.queries import erg_for, standing, standing_of
from app.ergs.rules import (
    LEADING,
    SEEN_BY,
    MembershipState,
    RoleName,
    RoleState,
    is_in_force,
    is_visible,
)
from app.events.models import Event, EventHost, Occurrence
from app.events.rules import HostState

PAGE = 20
HANDLING = (RoleName.LEAD, RoleName.CO_LEAD, RoleName.TREASURER)


# who
def is_org_admin(db: Session, person_id: UUID) -> bool:
    """Whether a person is an administrator of the organization today, asked fresh."""
    today = clock.now().date()
    rows = db.execute(
        select(OrgRole.starts_on, OrgRole.ends_on).where(
            OrgRole.person_id == person_id, OrgRole.role == OrgRoleName.ORG_ADMIN
        )
    )
    return any(is_in_force(starts, ends, today) for starts, ends in rows)


def handles_money(db: Session, person_id: UUID, erg_id: UUID) -> bool:
    """Whether a person decides about a group's money today, asked fresh."""
    return standing_of(db, person_id).holds(erg_id, *HANDLING)


def asks_for_money(db: Session, person_id: UUID, erg_id: UUID) -> bool:
    """Whether a person may ask: also the leads of chapters; asked fresh."""
    mine = standing_of(db, person_id)
    chapters = set(db.scalars(select(Chapter.id).where(Chapter.erg_id == erg_id)))
    return mine.holds(erg_id, *HANDLING) or leads_any(mine.chapter_roles, chapters)


def leads_any(roles: dict[UUID, frozenset[RoleName]], chapters: Iterable[UUID]) -> bool:
    """Whether somebody leads one of some chapters."""
    return any(roles.get(chapter, frozenset()) & LEADING for chapter in chapters)


def handlers_of(db: Session, erg_id: UUID) -> list[UUID]:
    """Who decides about a group's money today."""
    today = clock.now().date()
    grants = db.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.chapter_id.is_(None),
            RoleGrant.role.in_(HANDLING),
            RoleGrant.state == RoleState.ACTIVE,
        )
        .order_by(RoleGrant.id)
    )
    found = [g.person_id for g in grants if is_in_force(g.starts_on, g.ends_on, today)]
    return list(dict.fromkeys(found))


def shown_names(
    db: Session, actor: Actor, erg: Erg, people: Iterable[UUID | None]
) -> dict[UUID, str]:
    """The names of those who act for a group as far as this reader may know that they belong.

    Who is missing here appears under an alias. A role makes its holder known, unless the person
    hides the membership; everybody knows themselves.
    """
    wanted = {person for person in people if person is not None}
    if not wanted:
        return {}
    viewer = standing(db, actor).viewer(erg.id)
    rows = db.execute(
        select(Person.id, Person.name, Membership.visibility, has_role(erg))
        .outerjoin(
            Membership,
            and_(
                Membership.person_id == Person.id,
                Membership.erg_id == erg.id,
                Membership.state == MembershipState.ACTIVE,
            ),
        )
        .where(Person.id.in_(wanted), Person.name.is_not(None))
    )
    return {
        person: name
        for person, name, own, holds in rows
        if person == actor.person_id
        or (own is not None and is_visible(erg.roster, own, viewer))
        or (own is not None and holds and own in SEEN_BY[viewer])
    }


def has_role(erg: Erg) -> Any:
    """Whether the person of the outer select has a role in a group."""
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.erg_id == erg.id,
            RoleGrant.person_id == Person.id,
            RoleGrant.state == RoleState.ACTIVE,
        )
        .correlate(Person)
        .exists()
    )


# found by address
@dataclass(frozen=True, slots=True)
class OfCycle:
    """A cycle with its group."""

    erg: Erg
    cycle: BudgetCycle


@dataclass(frozen=True, slots=True)
class OfRequest:
    """A request with its group; `request.line.cycle` is loaded."""

    erg: Erg
    request: BudgetRequest


@dataclass(frozen=True, slots=True)
class OfEntry:
    """A line of the ledger with its group."""

    erg: Erg
    entry: BudgetEntry


def cycle_for(db: Session, actor: Actor, cycle_id: UUID) -> OfCycle | None:
    """A cycle of a group that the actor may see."""
    row = db.execute(
        select(BudgetCycle, Erg.slug)
        .join(Erg, Erg.id == BudgetCycle.erg_id)
        .where(BudgetCycle.id == cycle_id)
    ).one_or_none()
    erg = erg_for(db, actor, row[1]) if row else None
    return OfCycle(erg, row[0]) if erg and row else None


def request_for(db: Session, actor: Actor, request_id: UUID) -> OfRequest | None:
    """A request of a group that the actor may see; a draft is found by its author alone."""
    loaded = joinedload(BudgetRequest.pays_for).joinedload(EventSpend.event)
    row = (
        db.execute(
            select(BudgetRequest, Erg.slug)
            .join(Erg, Erg.id == BudgetRequest.erg_id)
            .where(BudgetRequest.id == request_id)
            .options(
                joinedload(BudgetRequest.line).joinedload(BudgetLine.cycle),
                loaded.joinedload(Event.texts),
                joinedload(BudgetRequest.approvals),
            )
        )
        .unique()
        .one_or_none()
    )
    if row is None or not _is_shown(row[0], actor):
        return None
    erg = erg_for(db, actor, row[1])
    return OfRequest(erg, row[0]) if erg else None


def _is_shown(request: BudgetRequest, actor: Actor) -> bool:
    return request.state is not RequestState.DRAFT or request.requested_by == actor.person_id


def entry_for(db: Session, actor: Actor, entry_id: UUID) -> OfEntry | None:
    """A line of the ledger of a group that the actor may see."""
    row = db.execute(
        select(BudgetEntry, Erg.slug)
        .join(BudgetLine, BudgetLine.id == BudgetEntry.line_id)
        .join(BudgetCycle, BudgetCycle.id == BudgetLine.cycle_id)
        .join(Erg, Erg.id == BudgetCycle.erg_id)
        .where(BudgetEntry.id == entry_id)
    ).one_or_none()
    erg = erg_for(db, actor, row[1]) if row else None
    return OfEntry(erg, row[0]) if erg and row else None


# sums
def _sums_of(rows: Iterable[tuple[Account, int]]) -> Sums:
    found = {account: int(total) for account, total in rows}
    return Sums(
        found.get(Account.ALLOCATED, 0),
        found.get(Account.COMMITTED, 0),
        found.get(Account.SPENT, 0),
    )


def line_sums(db: Session, line_id: UUID) -> Sums:
    """What a line has, counted from its entries."""
    return _sums_of(_totals(db, BudgetEntry.line_id == line_id))


def request_sums(db: Session, request_id: UUID) -> Sums:
    """What a request holds, counted from its entries."""
    return _sums_of(_totals(db, BudgetEntry.request_id == request_id))


def _totals(db: Session, condition: Any) -> list[Any]:
    return list(
        db.execute(
            select(BudgetEntry.account, func.sum(BudgetEntry.amount))
            .where(condition)
            .group_by(BudgetEntry.account)
        )
    )


def sums_by_line(db: Session, cycle: BudgetCycle) -> dict[UUID, Sums]:
    """The sums of every line of a cycle, in one statement."""
    rows = db.execute(
        select(BudgetEntry.line_id, BudgetEntry.account, func.sum(BudgetEntry.amount))
        .join(BudgetLine, BudgetLine.id == BudgetEntry.line_id)
        .where(BudgetLine.cycle_id == cycle.id)
        .group_by(BudgetEntry.line_id, BudgetEntry.account)
    ).all()
    return {
        line.id: _sums_of((row[1], row[2]) for row in rows if row[0] == line.id)
        for line in cycle.lines
    }


def commitment_of(db: Session, request_id: UUID) -> BudgetEntry | None:
    """The newest commitment of a request; its rate holds for what follows."""
    return _newest(db, request_id, EntryKind.COMMITMENT)


def spend_of(db: Session, request_id: UUID) -> BudgetEntry | None:
    """The newest spend of a request."""
    return _newest(db, request_id, EntryKind.SPEND)


def _newest(db: Session, request_id: UUID, kind: EntryKind) -> BudgetEntry | None:
    reversed_ones = select(BudgetEntry.reverses_id).where(BudgetEntry.reverses_id.is_not(None))
    return db.scalar(
        select(BudgetEntry)
        .where(
            BudgetEntry.request_id == request_id,
            BudgetEntry.kind == kind,
            BudgetEntry.id.not_in(reversed_ones),
        )
        .order_by(BudgetEntry.at.desc(), BudgetEntry.id)
        .limit(1)
    )


# rates
@dataclass(frozen=True, slots=True)
class Priced:
    """A request in the currency of its cycle, and by which day's rate."""

    amount: int
    rate: str | None = None
    day: date | None = None
    source: str = ""


def rate_on(db: Session, currency: str, into: str, day: date) -> BudgetRate | None:
    """The rate of a day: its own, else the newest of the week before it."""
    return db.scalar(
        select(BudgetRate)
        .where(
            BudgetRate.currency == currency,
            BudgetRate.into == into,
            BudgetRate.day <= day,
            BudgetRate.day >= day - RATE_MAX_AGE,
        )
        .order_by(BudgetRate.day.desc())
        .limit(1)
    )


def price(db: Session, request: BudgetRequest, into: str) -> Priced | None:
    """What a request costs in the currency of its cycle; None when the rate is missing."""
    if request.currency == into:
        return Priced(request.amount)
    day = request.submitted_on or clock.now().date()
    found = rate_on(db, request.currency, into, day)
    if found is None:
        return None
    amount = money.convert(request.amount, request.currency, into, found.value)
    return Priced(max(1, amount), found.rate, found.day, found.source)


def at_rate_of(entry: BudgetEntry, amount: int, request: BudgetRequest, into: str) -> int:
    """An amount of a request in the currency of its cycle, at the rate of its commitment."""
    if entry.rate is None:
        return amount
    return money.convert(amount, request.currency, into, Decimal(entry.rate))


def rates(db: Session, currency: str = "", number: int = 1) -> Listing:
    """Rates, the newest day first."""
    chosen = select(BudgetRate).order_by(BudgetRate.day.desc(), BudgetRate.currency)
    if currency:
        chosen = chosen.where(or_(BudgetRate.currency == currency, BudgetRate.into == currency))
    return _page(db, chosen, number)


# lists
@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks a list of money for."""

    q: str = ""
    state: RequestState | None = None
    purpose: Purpose | None = None
    kind: EntryKind | None = None
    cycle_id: UUID | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of rows."""

    rows: list[Any]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // PAGE))


def _page(db: Session, chosen: Select[Any], number: int) -> Listing:
    rows = db.execute(
        chosen.add_columns(func.count().over()).limit(PAGE).offset((number - 1) * PAGE)
    ).all()
    return Listing([row[0] for row in rows], rows[0][1] if rows else 0, number)


def cycles(db: Session, erg: Erg) -> list[BudgetCycle]:
    """The cycles of a group with their lines, the newest first."""
    return list(
        db.scalars(
            select(BudgetCycle)
            .where(BudgetCycle.erg_id == erg.id)
            .options(joinedload(BudgetCycle.lines))
            .order_by(BudgetCycle.starts_on.desc(), BudgetCycle.name, BudgetCycle.id)
        ).unique()
    )


def ledger_rows(erg: Erg, wanted: Wanted) -> Select[Any]:
    """The lines of a group's ledger, the newest first."""
    chosen = (
        select(BudgetEntry)
        .join(BudgetLine, BudgetLine.id == BudgetEntry.line_id)
        .join(BudgetCycle, BudgetCycle.id == BudgetLine.cycle_id)
        .where(BudgetCycle.erg_id == erg.id)
        .options(
            joinedload(BudgetEntry.line).joinedload(BudgetLine.cycle),
            joinedload(BudgetEntry.request),
        )
        .order_by(BudgetEntry.at.desc(), BudgetEntry.id)
    )
    if wanted.purpose:
        chosen = chosen.where(BudgetLine.purpose == wanted.purpose)
    if wanted.kind:
        chosen = chosen.where(BudgetEntry.kind == wanted.kind)
    if wanted.cycle_id:
        chosen = chosen.where(BudgetCycle.id == wanted.cycle_id)
    found = search.ids("budgets", wanted.q)
    return chosen if found is None else chosen.where(BudgetEntry.request_id.in_(found))


def ledger(db: Session, erg: Erg, wanted: Wanted) -> Listing:
    """One page of the ledger."""
    return _page(db, ledger_rows(erg, wanted), wanted.number)


def allocations(db: Session, erg: Erg, wanted: Wanted) -> Listing:
    """The allocations of a cycle that hold, the newest first."""
    other = aliased(BudgetEntry)
    is_taken_back = select(other.id).where(other.reverses_id == BudgetEntry.id).exists()
    chosen = ledger_rows(erg, wanted).where(
        BudgetEntry.kind == EntryKind.ALLOCATION, ~is_taken_back
    )
    return _page(db, chosen, wanted.number)


def requests(db: Session, actor: Actor, erg: Erg, wanted: Wanted) -> Listing:
    """Requests of a group, those that changed last first; drafts only to their authors."""
    chosen = (
        select(BudgetRequest)
        .join(BudgetLine, BudgetLine.id == BudgetRequest.line_id)
        .where(
            BudgetRequest.erg_id == erg.id,
            or_(
                BudgetRequest.state != RequestState.DRAFT,
                BudgetRequest.requested_by == actor.person_id,
            ),
        )
        .options(joinedload(BudgetRequest.line))
        .order_by(BudgetRequest.changed_at.desc(), BudgetRequest.id)
    )
    if wanted.state:
        chosen = chosen.where(BudgetRequest.state == wanted.state)
    if wanted.purpose:
        chosen = chosen.where(BudgetLine.purpose == wanted.purpose)
    if (found := search.ids("budgets", wanted.q)) is not None:
        chosen = chosen.where(BudgetRequest.id.in_(found))
    return _page(db, chosen, wanted.number)


def entries_of(db: Session, request_id: UUID) -> list[BudgetEntry]:
    """What the ledger says about a request, oldest first."""
    return list(
        db.scalars(
            select(BudgetEntry)
            .where(BudgetEntry.request_id == request_id)
            .order_by(BudgetEntry.at, BudgetEntry.id)
            .limit(50)
        )
    )


def group_events(db: Session, erg: Erg, limit: int = 60) -> list[Event]:
    """The events a group hosts, the latest first, to choose from."""
    latest = func.max(Occurrence.starts_at)
    chosen = (
        select(EventHost.event_id, latest.label("at"))
        .join(Occurrence, Occurrence.event_id == EventHost.event_id)
        .where(EventHost.erg_id == erg.id, EventHost.state == HostState.ACCEPTED)
        .group_by(EventHost.event_id)
        .order_by(latest.desc(), EventHost.event_id)
        .limit(limit)
        .subquery()
    )
    return list(
        db.scalars(
            select(Event)
            .join(chosen, chosen.c.event_id == Event.id)
            .options(joinedload(Event.texts))
            .order_by(chosen.c.at.desc(), Event.id)
        ).unique()
    )


def waiting(db: Session, actor: Actor, erg_ids: set[UUID], limit: int = 50) -> list[Any]:
    """(request, group) that wait for this person's decision: not their own, not yet approved."""
    approved = select(BudgetApproval.request_id).where(
        BudgetApproval.person_id == actor.person_id, BudgetApproval.taken_back_at.is_(None)
    )
    return _with_group(
        db,
        select(BudgetRequest.id).where(
            BudgetRequest.erg_id.in_(erg_ids),
            BudgetRequest.state.in_(WAITING),
            or_(
                BudgetRequest.requested_by.is_(None),
                BudgetRequest.requested_by != actor.person_id,
            ),
            BudgetRequest.id.not_in(approved),
        ),
        limit,
    )


def unreconciled(db: Session, erg_ids: set[UUID], limit: int = 50) -> list[Any]:
    """(request, group) that were spent longer ago than reconciling may take."""
    return _with_group(
        db,
        select(BudgetRequest.id).where(
            BudgetRequest.erg_id.in_(erg_ids),
            BudgetRequest.state == RequestState.SPENT,
            BudgetRequest.changed_at <= clock.now() - RECONCILE_WITHIN,
        ),
        limit,
    )


def _with_group(db: Session, chosen: Select[Any], limit: int) -> list[Any]:
    oldest = chosen.order_by(BudgetRequest.changed_at, BudgetRequest.id).limit(limit)
    found = db.execute(
        select(BudgetRequest, Erg)
        .join(Erg, Erg.id == BudgetRequest.erg_id)
        .where(BudgetRequest.id.in_(oldest.scalar_subquery()))
        .options(joinedload(Erg.texts))
        .order_by(BudgetRequest.changed_at, BudgetRequest.id)
    )
    return list(found.unique())
