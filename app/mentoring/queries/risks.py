"""The organizers' desk: flags of the programs one runs, never of a relationship of one's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import OrgRole, Person
from app.accounts.queries.directory import Page, paged
from app.accounts.rules import OrgRoleName, PersonStatus
from app.core import clock, hints, search
from app.core.policies import Actor
from app.mentoring import links
from app.mentoring.models import (
    ClosingNotice,
    Member,
    Nudge,
    Reassurance,
    Relationship,
    RiskFlag,
)
from app.mentoring.queries.relationships import WITH_MEMBERS
from app.mentoring.rules import LIVE, FlagState, RelationshipState
from app.mentoring.rules.risks import Outcome, Risk, hits
from app.programs.models import Cohort, Program, ProgramOrganizer

NEEDS_EYES = (FlagState.OPEN, FlagState.ACKNOWLEDGED, FlagState.ACTED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an organizer asks the list for."""

    cohort_id: UUID | None = None
    q: str = ""
    rule: str = ""
    state: str = ""
    owner: str = ""
    number: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is set."""
        return bool(self.rule or self.state or self.owner)


@dataclass(frozen=True, slots=True)
class Desk:
    """The programs one runs; None is every one."""

    programs: frozenset[UUID] | None


def desk_of(db: Session, actor: Actor) -> Desk | None:
    """The desk of somebody who runs at least one program."""
    if actor.has("program_manager"):
        return Desk(None)
    mine = select(ProgramOrganizer.program_id).where(ProgramOrganizer.person_id == actor.person_id)
    programs = frozenset(db.scalars(mine))
    return Desk(programs) if programs else None


def _run_by(actor: Actor) -> ColumnElement[bool]:
    """Relationships of programs that somebody runs, without those to which they ever belonged."""
    me = bindparam("me", actor.person_id, type_=Uuid())
    own = select(Member.relationship_id).where(Member.person_id == me)
    mine = select(ProgramOrganizer.program_id).where(ProgramOrganizer.person_id == me)
    runs = Relationship.cohort_id.in_(select(Cohort.id).where(Cohort.program_id.in_(mine)))
    not_own = Relationship.id.not_in(own)
    return not_own if actor.has("program_manager") else and_(not_own, runs)


def _flags(actor: Actor) -> Select[Any]:
    return (
        select(RiskFlag)
        .join(Relationship, Relationship.id == RiskFlag.relationship_id)
        .where(_run_by(actor))
    )


def flags_page(db: Session, actor: Actor, wanted: Wanted) -> Page:
    """Flags, the longest open first; without a filter those that need eyes today."""
    query = _flags(actor).order_by(RiskFlag.opened_at, RiskFlag.id)
    if wanted.cohort_id is not None:
        query = query.where(Relationship.cohort_id == wanted.cohort_id)
    if wanted.rule in list(Risk):
        query = query.where(RiskFlag.rule == Risk(wanted.rule))
    if wanted.state in list(FlagState):
        query = query.where(RiskFlag.state == FlagState(wanted.state))
    else:
        query = query.where(RiskFlag.state.in_(NEEDS_EYES))
    if wanted.owner == "me":
        query = query.where(RiskFlag.owner_id == actor.person_id)
    elif wanted.owner == "nobody":
        query = query.where(or_(RiskFlag.owner_id.is_(None), _is_nobodys()))
    if (named := search.ids("enrollments", wanted.q)) is not None:
        theirs = select(Member.relationship_id).where(Member.enrollment_id.in_(named))
        query = query.where(Relationship.id.in_(theirs))
    found = paged(db, query.with_only_columns(RiskFlag.id), wanted.number)
    rows = db.scalars(
        select(RiskFlag)
        .where(RiskFlag.id.in_(found.rows))
        .order_by(RiskFlag.opened_at, RiskFlag.id)
        .options(
            joinedload(RiskFlag.owner),
            joinedload(RiskFlag.pair).joinedload(Relationship.members).joinedload(Member.person),
        )
    ).unique()
    return Page(list(rows), found.number, found.last, found.total)


def visible_ids(db: Session, actor: Actor, flag_ids: Collection[UUID]) -> list[UUID]:
    """Of some flags those that the actor may handle."""
    query = _flags(actor).with_only_columns(RiskFlag.id).where(RiskFlag.id.in_(flag_ids))
    return list(db.scalars(query))


def flag_for(db: Session, actor: Actor, flag_id: UUID) -> RiskFlag | None:
    """A flag of a program that the actor runs, but for the actor's own relationships."""
    return (
        db.scalars(
            _flags(actor)
            .where(RiskFlag.id == flag_id)
            .options(
                joinedload(RiskFlag.owner),
                joinedload(RiskFlag.pair)
                .joinedload(Relationship.members)
                .joinedload(Member.person),
                joinedload(RiskFlag.pair)
                .joinedload(Relationship.cohort)
                .joinedload(Cohort.program)
                .selectinload(Program.organizers),
            )
        )
        .unique()
        .one_or_none()
    )


def batch_for(db: Session, actor: Actor, batch_id: UUID) -> UUID | None:
    """Flags that were acknowledged in one go, if all of them are the actor's to handle."""
    query = _flags(actor).with_only_columns(RiskFlag.batch_id)
    return db.scalar(query.where(RiskFlag.batch_id == batch_id).limit(1))


def owners_for(db: Session, actor: Actor, flag: RiskFlag) -> list[Person]:
    """Who can look after a flag: the program's organizers and the actor, none of the pair."""
    ids = {organizer.person_id for organizer in flag.pair.cohort.program.organizers}
    ids |= {key for key in (actor.person_id, flag.owner_id) if key}
    ids -= {member.person_id for member in flag.pair.members}
    return list(
        db.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id))
    )


def hit_rates(db: Session, actor: Actor) -> dict[Risk, tuple[int, int]]:
    """By rule, over all programs one runs: (settled flags that were no false alarm, settled)."""
    rows = db.execute(
        _flags(actor)
        .with_only_columns(RiskFlag.rule, RiskFlag.outcome, func.count())
        .where(RiskFlag.outcome.is_not(None))
        .group_by(RiskFlag.rule, RiskFlag.outcome)
    )
    counts: dict[Risk, dict[Outcome, int]] = {}
    for rule, outcome, number in rows:
        counts.setdefault(rule, {})[outcome] = number
    return {rule: hits(outcomes) for rule, outcomes in counts.items()}


def cohorts_with_flags(db: Session, actor: Actor) -> list[Any]:
    """(id, title, program's title) of cohorts with flags, for the filter."""
    seen = _flags(actor).with_only_columns(Relationship.cohort_id)
    return list(
        db.execute(
            select(Cohort.id, Cohort.title, Program.title)
            .join(Program, Program.id == Cohort.program_id)
            .where(Cohort.id.in_(seen))
            .order_by(Program.title, Cohort.title, Cohort.id)
            .limit(200)
        )
    )


def waiting(db: Session, actor: Actor) -> tuple[int, datetime | None]:
    """(relationships with a flag that is the actor's, or open and nobody's, since when the first).

    Whoever has left or runs the program no more looks after nothing.
    """
    mine = RiskFlag.owner_id == bindparam("me", actor.person_id, type_=Uuid())
    nobodys = and_(RiskFlag.state.in_(NEEDS_EYES), _is_nobodys())
    is_free = or_(nobodys, and_(RiskFlag.state == FlagState.OPEN, RiskFlag.owner_id.is_(None)))
    query = _flags(actor).where(or_(and_(RiskFlag.state.in_(NEEDS_EYES), mine), is_free))
    number, first = db.execute(
        query.with_only_columns(
            func.count(func.distinct(RiskFlag.relationship_id)), func.min(RiskFlag.opened_at)
        )
    ).one()
    return number, first


def _is_nobodys() -> ColumnElement[bool]:
    """Whether the owner of a flag cannot look after it any more."""
    works_here = exists().where(
        Person.id == RiskFlag.owner_id, Person.status == PersonStatus.ACTIVE
    )
    of_program = exists().where(
        ProgramOrganizer.person_id == RiskFlag.owner_id,
        ProgramOrganizer.program_id == Cohort.program_id,
        Cohort.id == Relationship.cohort_id,
    )
    today = clock.now().date()
    of_all = exists().where(
        OrgRole.person_id == RiskFlag.owner_id,
        OrgRole.role == OrgRoleName.PROGRAM_MANAGER,
        OrgRole.starts_on <= today,
        or_(OrgRole.ends_on.is_(None), OrgRole.ends_on >= today),
    )
    looked_after = and_(works_here, or_(of_program, of_all))
    return and_(RiskFlag.owner_id.is_not(None), ~looked_after)


def may_wait() -> ColumnElement[bool]:
    """Whether home has to ask at all: a flag needs eyes, and the reader runs a program."""
    runs = exists().where(ProgramOrganizer.person_id == hints.person())
    manages = exists().where(
        OrgRole.person_id == hints.person(), OrgRole.role == OrgRoleName.PROGRAM_MANAGER
    )
    return and_(exists().where(RiskFlag.state.in_(NEEDS_EYES)), or_(runs, manages))


# for members


def open_flags(db: Session, relationship_id: UUID) -> list[RiskFlag]:
    """What stands on the organizers' desk about a relationship today."""
    rows = db.scalars(
        select(RiskFlag)
        .where(RiskFlag.relationship_id == relationship_id, RiskFlag.state != FlagState.RESOLVED)
        .order_by(RiskFlag.opened_at, RiskFlag.id)
    )
    return list(rows)


def fine_until(db: Session, relationship_id: UUID) -> Reassurance | None:
    """Until when somebody says that all is well."""
    row = db.get(Reassurance, relationship_id)
    return row if row is not None and row.until >= clock.now().date() else None


def notice_of(db: Session, relationship_id: UUID) -> ClosingNotice | None:
    """The notice that a relationship ends, while it stands."""
    return db.get(ClosingNotice, relationship_id)


@dataclass(frozen=True, slots=True)
class StillGoing:
    """What the link of a mail opens: one question to one person."""

    token: str
    nudge_id: UUID
    person_id: UUID
    pair: Relationship
    is_open: bool

    @property
    def may_pause(self) -> bool:
        """Only what is under way can pause."""
        return self.pair.state is RelationshipState.ACTIVE


def still_going_for(db: Session, _actor: Actor, token: str) -> StillGoing | None:
    """The question behind a signed link; None when it is forged or the person has left."""
    parts = links.opened_still(token)
    row = db.get(Nudge, parts[0]) if parts else None
    if parts is None or row is None or row.rule is not Risk.SILENT or row.person_id != parts[1]:
        return None
    found = db.scalars(
        select(Relationship).where(Relationship.id == row.relationship_id).options(WITH_MEMBERS)
    )
    pair = found.unique().one_or_none()
    if pair is None or not pair.has(row.person_id):
        return None
    is_open = row.done_at is None and pair.state in LIVE
    return StillGoing(token, row.id, row.person_id, pair, is_open)
