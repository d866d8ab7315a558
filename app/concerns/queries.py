"""Concerns found through the person who raised them or a handler who may read them: nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts import queries as people
from app.accounts.models import Person
from app.accounts.rules import OrgRoleName
from app.concerns.models import (
    Concern,
    ConcernEntry,
    ConcernHandler,
    ConcernRead,
    ConcernReader,
    ConcernSetting,
)
from app.concerns.nearness import Subject, case_of, free_handlers, too_near
from app.concerns.rules import FOR_RAISER, ConcernState, HandlerState
from app.core.policies import Actor
from app.mentoring.models import Member, Relationship
from app.programs.models import Cohort, Enrollment

MOST = 200


def subject_for(db: Session, actor: Actor) -> Subject | None:
    """What the address names, if the actor knows of it; an address that names nothing is anything.

    A relationship that has ended, or that the actor left, is found as well.
    """
    asked = {name: _uuid(flask.request.args.get(name)) for name in ("pair", "person", "cohort")}
    named = [name for name in asked if name in flask.request.args]
    if not named:
        return Subject()
    if (wanted := asked[named[0]]) is None:
        return None
    found: Any
    if named[0] == "pair":
        found = pair_of(db, actor.person_id, wanted)
    elif named[0] == "person":
        found = people.person_for(db, actor, wanted)
        found = None if found is None or found.id == actor.person_id else found
    else:
        found = _cohort_of(db, actor.person_id, wanted)
    return None if found is None else Subject(**{named[0]: found})


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def pair_of(db: Session, person_id: UUID | None, relationship_id: UUID) -> Relationship | None:
    """A relationship to which the person belongs or belonged."""
    pair = db.get(Relationship, relationship_id, options=[selectinload(Relationship.members)])
    belonged = pair is not None and any(m.person_id == person_id for m in pair.members)
    return pair if belonged else None


def met_in(pair: Relationship, person_id: UUID | None) -> list[Person]:
    """The others who were there in the person's own time, not those who came afterwards."""
    [own] = [m for m in pair.members if m.person_id == person_id]
    return [
        m.person
        for m in pair.members
        if m is not own
        and (own.left_at is None or m.joined_at <= own.left_at)
        and (m.left_at is None or own.joined_at <= m.left_at)
    ]


def _cohort_of(db: Session, person_id: UUID | None, cohort_id: UUID) -> Cohort | None:
    mine = select(Enrollment.cohort_id).where(Enrollment.person_id == person_id)
    return db.scalars(
        select(Cohort).where(Cohort.id == cohort_id, Cohort.id.in_(mine))
    ).one_or_none()


def pairs_of(db: Session, person_id: UUID | None) -> list[Relationship]:
    """Everybody with whom one met, the newest first, also after the end."""
    mine = select(Member.relationship_id).where(Member.person_id == person_id)
    return list(
        db.scalars(
            select(Relationship)
            .where(Relationship.id.in_(mine))
            .order_by(Relationship.started_at.desc(), Relationship.id)
            .limit(30)
            .options(joinedload(Relationship.members).joinedload(Member.person))
        ).unique()
    )


def cohorts_of(db: Session, person_id: UUID | None) -> list[Cohort]:
    """The programs in which one takes part."""
    mine = select(Enrollment.cohort_id).where(Enrollment.person_id == person_id)
    newest = select(Cohort).where(Cohort.id.in_(mine)).order_by(Cohort.created_at.desc(), Cohort.id)
    return list(db.scalars(newest.limit(20)))


# -- who may read ---------------------------------------------------------------------------------


def free_for(db: Session, concern: Concern) -> tuple[Person, ...]:
    """The handlers who can read a concern that `in_full` has found; asked once."""
    if concern.free is None:
        concern.free = tuple(free_handlers(db, case_of(concern)))
    return concern.free


def readers_now(db: Session, concern: Concern) -> list[Person]:
    """Those of its readers who can read it as things stand today."""
    free = {person.id for person in free_for(db, concern)}
    return [row.person for row in concern.readers if row.ended_at is None and row.person_id in free]


WITH_CASE = (
    joinedload(Concern.pair).joinedload(Relationship.members).joinedload(Member.person),
    joinedload(Concern.cohort),
    joinedload(Concern.about),
    joinedload(Concern.raiser),
)
WITH_READERS = joinedload(Concern.readers).joinedload(ConcernReader.person)


def own_concern(db: Session, actor: Actor, concern_id: UUID) -> Concern | None:
    """A concern that the actor raised."""
    concern = in_full(db, concern_id)
    return concern if concern is not None and concern.raised_by == actor.person_id else None


def desk_concern(db: Session, actor: Actor, concern_id: UUID) -> Concern | None:
    """A concern whose reader the actor is, and not too near to it as things stand today."""
    if not actor.has(OrgRoleName.CONCERN_HANDLER) or actor.person_id is None:
        return None
    concern = in_full(db, concern_id)
    if concern is None or not concern.is_read_by(actor.person_id):
        return None
    can_read = any(person.id == actor.person_id for person in readers_now(db, concern))
    return concern if can_read else None


def in_full(db: Session, concern_id: UUID) -> Concern | None:
    """A concern with all that decides who may read it."""
    asked = select(Concern).where(Concern.id == concern_id).options(*WITH_CASE, WITH_READERS)
    fresh = asked.execution_options(populate_existing=True)
    concern = db.scalars(fresh).unique().one_or_none()
    if concern is not None:
        concern.free = None
    return concern


def open_ones(db: Session) -> list[Concern]:
    """Every concern that is not closed, with all that decides who may read it."""
    chosen = select(Concern).where(Concern.state != ConcernState.CLOSED).order_by(Concern.id)
    return list(db.scalars(chosen.options(*WITH_CASE, WITH_READERS)).unique())


def mine(db: Session, actor: Actor) -> list[Concern]:
    """What the actor raised, the newest first."""
    return list(
        db.scalars(
            select(Concern)
            .where(Concern.raised_by == actor.person_id)
            .order_by(Concern.raised_at.desc(), Concern.id)
            .limit(MOST)
        )
    )


def on_desk(db: Session, actor: Actor, state: ConcernState | None) -> list[Concern]:
    """What a handler may read, the most urgent first."""
    if actor.person_id is None:
        return []
    chosen = (
        select(Concern)
        .join(
            ConcernReader,
            and_(
                ConcernReader.concern_id == Concern.id,
                ConcernReader.person_id == actor.person_id,
                ConcernReader.ended_at.is_(None),
            ),
        )
        .order_by(Concern.triage_by, Concern.id)
        .limit(MOST)
        .options(*WITH_CASE)
    )
    if state is not None:
        chosen = chosen.where(Concern.state == state)
    found = list(db.scalars(chosen).unique())
    near = too_near(db, [actor.person_id], map(case_of, found))
    return [one for one, is_too_near in zip(found, near, strict=True) if not is_too_near]


def entries_of(db: Session, concern_id: UUID, *, for_raiser: bool) -> list[ConcernEntry]:
    """What was written, in its order; for the person without the handlers' notes."""
    chosen = select(ConcernEntry).where(ConcernEntry.concern_id == concern_id)
    if for_raiser:
        chosen = chosen.where(ConcernEntry.kind.in_(FOR_RAISER))
    ordered = chosen.order_by(ConcernEntry.written_at, ConcernEntry.id)
    return list(db.scalars(ordered.options(joinedload(ConcernEntry.author))))


def reads_of(db: Session, concern_id: UUID) -> list[ConcernRead]:
    """Who opened the words and when, the newest first."""
    return list(
        db.scalars(
            select(ConcernRead)
            .where(ConcernRead.concern_id == concern_id)
            .order_by(ConcernRead.read_at.desc(), ConcernRead.id)
            .limit(MOST)
            .options(joinedload(ConcernRead.person))
        )
    )


# -- what the organization set --------------------------------------------------------------------


def setting(db: Session) -> ConcernSetting:
    """What is set, or what holds before anything is."""
    return db.get(ConcernSetting, 1) or ConcernSetting(number=1, outside="", kept_months=12)


def roles(db: Session) -> list[ConcernHandler]:
    """Handlers and proposals, by name."""
    return list(
        db.scalars(
            select(ConcernHandler)
            .join(Person, Person.id == ConcernHandler.person_id)
            .where(ConcernHandler.state != HandlerState.ENDED)
            .order_by(Person.name, ConcernHandler.id)
            .limit(MOST)
            .options(joinedload(ConcernHandler.person))
        )
    )


def role_for(db: Session, actor: Actor, role_id: UUID) -> ConcernHandler | None:
    """A handler's role or its proposal, for administrators."""
    row = db.get(ConcernHandler, role_id) if actor.has(OrgRoleName.ORG_ADMIN) else None
    return row if row is not None and row.state is not HandlerState.ENDED else None
