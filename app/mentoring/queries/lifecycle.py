"""How relationships go on: for their members, and for organizers who look after them."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.queries.directory import Page, paged
from app.core import clock, hints, search
from app.core.policies import Actor
from app.mentoring.models import (
    Handover,
    LookBack,
    Member,
    Pause,
    PrivateAnswer,
    Relationship,
    Rematch,
)
from app.mentoring.queries.relationships import WITH_MEMBERS, is_mine, relationship_for
from app.mentoring.rules import LIVE, AskedQuestion, RelationshipState
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.queries.scope import is_manager
from app.programs.rules import IN_POOL, Role
from app.programs.services.offers import holds_a_place


def look_backs_of(db: Session, relationship_id: UUID) -> dict[UUID, LookBack]:
    """What each member wrote at the end, by person."""
    rows = db.scalars(select(LookBack).where(LookBack.relationship_id == relationship_id))
    return {row.person_id: row for row in rows}


def open_pause(relationship_id: UUID) -> Select[Pause]:
    """The pause in which a relationship rests now."""
    return select(Pause).where(Pause.relationship_id == relationship_id, Pause.ended_on.is_(None))


def ends_pause(db: Session, actor: Actor, pair: Relationship) -> bool:
    """Whether a pair rests because the actor asked for it, or whoever did has left."""
    if pair.state is not RelationshipState.PAUSED:
        return False
    row = db.scalars(open_pause(pair.id)).one_or_none()
    return row is not None and (row.asked_by == actor.person_id or not pair.has(row.asked_by))


def handovers_for(db: Session, actor: Actor, pair: Relationship) -> list[Handover]:
    """Notes of this relationship, and for its mentor those that the mentee let go on to it."""
    here = Handover.relationship_id == pair.id
    if pair.role_of(actor.person_id) is Role.MENTOR:
        here = and_(here, Handover.author_id == actor.person_id)
        if pair.state in LIVE:
            here = or_(here, _brought_to(pair))
    return list(db.scalars(select(Handover).where(here).order_by(Handover.written_at)))


def _brought_to(pair: Relationship) -> ColumnElement[bool]:
    """Notes for the next mentor: their pair ended before this one began, in the same program."""
    mentees = [m.person_id for m in pair.members if m.role is Role.MENTEE and m.left_at is None]
    earlier = (
        select(Member.relationship_id)
        .join(Relationship, Relationship.id == Member.relationship_id)
        .join(Cohort, Cohort.id == Relationship.cohort_id)
        .where(
            Member.person_id.in_(mentees),
            Member.role == Role.MENTEE,
            Relationship.state == RelationshipState.CLOSED,
            Relationship.closed_at <= pair.started_at,
            Cohort.program_id == pair.cohort.program_id,
            ~_has_more_mentees(),
        )
    )
    return and_(Handover.relationship_id.in_(earlier), Handover.consented_at.is_not(None))


def _has_more_mentees() -> ColumnElement[bool]:
    other = aliased(Member)
    return exists().where(
        other.relationship_id == Member.relationship_id,
        other.person_id != Member.person_id,
        other.role == Role.MENTEE,
    )


def hands_over(pair: Relationship, person_id: UUID | None) -> bool:
    """Whether a person may write a note for the next mentor: of one mentee, who decides alone.

    A note about several people would tell the next mentor of one of them about the others.
    """
    mentees = sum(member.role is Role.MENTEE for member in pair.members)
    return pair.role_of(person_id) is Role.MENTOR and mentees == 1


def is_asked() -> ColumnElement[bool]:
    """The condition under which a person has a private question to answer, as home asks it."""
    mine = aliased(Member)
    has_said = exists().where(
        PrivateAnswer.relationship_id == Relationship.id,
        PrivateAnswer.person_id == hints.person(),
        PrivateAnswer.question.in_([AskedQuestion.TRIAL, AskedQuestion.RENEWAL]),
    )
    is_open = or_(
        and_(
            Relationship.state == RelationshipState.TRIAL,
            Relationship.trial_asked_at.is_not(None),
            Relationship.settles_at > hints.now(),
        ),
        and_(
            Relationship.state == RelationshipState.ACTIVE,
            Relationship.renewal_asked_at.is_not(None),
        ),
    )
    belongs = exists().where(
        mine.relationship_id == Relationship.id,
        mine.person_id == hints.person(),
        mine.left_at.is_(None),
    )
    return and_(is_open, belongs, ~has_said)


def asked(db: Session, actor: Actor) -> list[Relationship]:
    """Relationships whose private question the actor has not answered."""
    values = {"person": actor.person_id, "now": clock.now()}
    return list(db.scalars(_asked(), values).unique())


@cache
def _asked() -> Select[Any]:
    """Home asks this; building the statement costs more than running it."""
    return select(Relationship).where(is_asked()).order_by(Relationship.id).options(WITH_MEMBERS)


def unanswered(db: Session, cohort_id: UUID) -> int:
    """Pairs of a cohort that are asked for another term and of whom somebody has not answered."""
    answered = exists().where(
        PrivateAnswer.relationship_id == Relationship.id,
        PrivateAnswer.person_id == Member.person_id,
        PrivateAnswer.question == AskedQuestion.RENEWAL,
    )
    silent = (
        select(func.count(Relationship.id.distinct()))
        .join(Member, Member.relationship_id == Relationship.id)
        .where(
            Relationship.cohort_id == cohort_id,
            Relationship.state == RelationshipState.ACTIVE,
            Relationship.renewal_asked_at.is_not(None),
            Member.left_at.is_(None),
            ~answered,
        )
    )
    return db.scalar(silent) or 0


def managed_pair(
    db: Session, actor: Actor, cohort_id: UUID, relationship_id: UUID
) -> Relationship | None:
    """A relationship of a cohort that the actor runs, but for the actor's own."""
    found = db.scalars(
        select(Relationship)
        .where(
            Relationship.id == relationship_id,
            Relationship.cohort_id == cohort_id,
            ~is_mine(actor),
        )
        .options(WITH_MEMBERS)
    ).unique()
    pair = found.one_or_none()
    return pair if pair is not None and is_manager(actor, pair.cohort) else None


REMATCH_KINDS = ("overdue", "talk")  # past its day, or somebody should talk to them first


def rematches_page(
    db: Session, actor: Actor, cohort: Cohort, number: int, *, q: str = "", kind: str = ""
) -> Page:
    """People of a cohort who need a new partner, the earliest due first; never the actor."""
    has_place = exists().where(Offer.mentee_id == Enrollment.id, holds_a_place())
    query = (
        select(Rematch)
        .join(Enrollment, Enrollment.id == Rematch.enrollment_id)
        .where(
            Rematch.cohort_id == cohort.id,
            Enrollment.state.in_(IN_POOL),
            Enrollment.person_id != bindparam("me", actor.person_id, type_=Uuid()),
            ~has_place,
            *_still_waits(),
        )
        .order_by(Rematch.due_on, Rematch.id)
        .options(joinedload(Rematch.enrollment).joinedload(Enrollment.person))
    )
    if kind == "overdue":
        query = query.where(Rematch.due_on < clock.now().date())
    elif kind == "talk":
        query = query.where(Enrollment.talks_first.is_(True))
    if (named := search.ids("enrollments", q)) is not None:
        query = query.where(Enrollment.id.in_(named))
    return paged(db, query, number)


def _still_waits() -> tuple[ColumnElement[bool], ...]:
    """One entry for each person: the oldest since which no partner has come."""
    older = aliased(Rematch)
    is_older = or_(
        older.opened_at < Rematch.opened_at,
        and_(older.opened_at == Rematch.opened_at, older.id < Rematch.id),
    )
    same = and_(older.enrollment_id == Rematch.enrollment_id, is_older)
    return ~_is_settled(Rematch), ~exists().where(same, ~_is_settled(older))


def _is_settled(row: Any) -> ColumnElement[bool]:
    """Whether somebody began with another partner after an entry was made."""
    return exists().where(
        Member.enrollment_id == row.enrollment_id,
        Member.relationship_id != row.relationship_id,
        Member.joined_at >= row.opened_at,
    )


def rematch_for(db: Session, actor: Actor, rematch_id: UUID) -> Rematch | None:
    """An entry of the list of a cohort that the actor runs."""
    row = db.get(Rematch, rematch_id, options=[joinedload(Rematch.enrollment)])
    if row is None or row.enrollment.person_id == actor.person_id:
        return None
    cohort = db.get(Cohort, row.cohort_id)
    return row if cohort is not None and is_manager(actor, cohort) else None


def handover_for(
    db: Session, actor: Actor, relationship_id: UUID, author_id: UUID
) -> Relationship | None:
    """A relationship of the actor in which this person wrote a handover note."""
    note = db.get(Handover, (relationship_id, author_id))
    return relationship_for(db, actor, relationship_id) if note is not None else None
