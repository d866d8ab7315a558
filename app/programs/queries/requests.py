"""Requests of mentees to mentors: one's own list with its answers, and what waits for a mentor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import Person
from app.accounts.queries.directory import Page, paged
from app.core import clock, hints, search
from app.core.policies import Actor
from app.programs.models import (
    Enrollment,
    Exclusion,
    MatchRequest,
    MatchRun,
    Offer,
    ShortlistEntry,
)
from app.programs.queries.choosing import shortlist_for
from app.programs.queries.scope import is_manager
from app.programs.rules import (
    IN_POOL,
    OPEN_OFFERS,
    SECOND_THOUGHTS,
    OfferState,
    RequestState,
    Role,
)
from app.programs.weights import takes_requests


@dataclass(frozen=True, slots=True)
class Choice:
    """A mentor of one's list: whether they can take somebody now, and what one asked them."""

    entry: ShortlistEntry
    person: Person
    is_free: bool
    request: MatchRequest | None

    @property
    def can_be_asked(self) -> bool:
        """Free, and not asked yet; what was taken back may be asked again."""
        asked = self.request is not None and self.request.state is not RequestState.WITHDRAWN
        return self.is_free and not asked

    @property
    def state(self) -> RequestState | None:
        """How the request stands, as its mentee knows it."""
        return state_for(self.request, Role.MENTEE) if self.request else None


def choices_of(db: Session, mentee_id: UUID, run_id: UUID) -> list[Choice]:
    """A mentee's list in the own order, each with the last request to them."""
    held = or_(
        Offer.state.in_(OPEN_OFFERS),
        and_(Offer.state == OfferState.ACCEPTED, Offer.released_at.is_(None)),
    )
    taken = select(func.count()).where(Offer.mentor_id == Enrollment.id, held).scalar_subquery()
    is_free = and_(
        Enrollment.state.in_(IN_POOL), ~Enrollment.takes_no_more, taken < Enrollment.capacity
    )
    rows = db.execute(
        select(ShortlistEntry, Person, is_free, MatchRequest)
        .join(Enrollment, Enrollment.id == ShortlistEntry.mentor_id)
        .join(Person, Person.id == Enrollment.person_id)
        .outerjoin(MatchRequest, _to_this_mentor())
        .where(ShortlistEntry.run_id == run_id, ShortlistEntry.mentee_id == mentee_id)
        .order_by(
            ShortlistEntry.rank.is_(None),
            ShortlistEntry.rank,
            ShortlistEntry.place,
            MatchRequest.asked_at,
        )
    )
    found = {entry.mentor_id: Choice(entry, who, bool(free), row) for entry, who, free, row in rows}
    return list(found.values())


def _to_this_mentor() -> ColumnElement[bool]:
    return and_(
        MatchRequest.mentee_id == ShortlistEntry.mentee_id,
        MatchRequest.mentor_id == ShortlistEntry.mentor_id,
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """A mentee about to ask somebody of the own list."""

    enrollment: Enrollment
    run: MatchRun
    choice: Choice


def asking_for(db: Session, actor: Actor, enrollment_id: UUID, mentor_id: UUID) -> Asking | None:
    """The actor's own list and one mentor of it, where mentees ask themselves."""
    mine = shortlist_for(db, actor, enrollment_id)
    if mine is None or not takes_requests(mine.run.rules):
        return None
    choices = choices_of(db, enrollment_id, mine.run.id)
    found = next((one for one in choices if one.entry.mentor_id == mentor_id), None)
    return Asking(mine.enrollment, mine.run, found) if found else None


def next_choice(choices: list[Choice]) -> Choice | None:
    """Whom to ask next."""
    return next((one for one in choices if one.can_be_asked), None)


def has_heard(row: MatchRequest) -> bool:
    """Whether the mentee knows of the answer; a fresh no may still be taken back."""
    is_fresh = row.answered_at is not None and row.answered_at > clock.now() - SECOND_THOUGHTS
    return row.state is not RequestState.DECLINED or not is_fresh


def state_for(row: MatchRequest, side: Role) -> RequestState:
    """The state as that side knows it."""
    return row.state if side is Role.MENTOR or has_heard(row) else RequestState.ASKED


def request_for(db: Session, actor: Actor, request_id: UUID) -> MatchRequest | None:
    """A request of the actor, to the actor, or in a cohort the actor runs."""
    found = db.execute(
        _with_people(select(MatchRequest, _ruled_out().exists()))
        .where(MatchRequest.id == request_id)
        .join(Enrollment, Enrollment.id == MatchRequest.mentee_id)
    ).one_or_none()
    if found is None:
        return None
    row, is_unheard = found
    if row.mentor.person_id == actor.person_id:
        return None if is_unheard else row
    is_own = row.mentee.person_id == actor.person_id
    return row if is_own or is_manager(actor, row.cohort) else None


def side_of_request(actor: Actor, row: MatchRequest) -> Role | None:
    """The actor's side of a request."""
    if row.mentee.person_id == actor.person_id:
        return Role.MENTEE
    return Role.MENTOR if row.mentor.person_id == actor.person_id else None


def _ruled_out() -> Select[Any]:
    """Whether a mentor has ruled out the mentee who asks: they never hear of the request."""
    return select(Exclusion.person_id).where(
        Exclusion.enrollment_id == MatchRequest.mentor_id,
        Exclusion.person_id == Enrollment.person_id,
    )


def _with_people(query: Any) -> Any:
    return query.options(
        joinedload(MatchRequest.mentee).joinedload(Enrollment.person),
        joinedload(MatchRequest.mentor).joinedload(Enrollment.person),
        joinedload(MatchRequest.cohort),
    )


def requests_to(
    db: Session, actor: Actor, number: int, *, q: str = "", state: RequestState | None = None
) -> Page:
    """What mentees have asked the actor, open ones first."""
    mentor = aliased(Enrollment)
    query = (
        select(MatchRequest)
        .join(Enrollment, Enrollment.id == MatchRequest.mentee_id)
        .join(mentor, mentor.id == MatchRequest.mentor_id)
        .where(mentor.person_id == actor.person_id, ~_ruled_out().exists())
        .order_by(
            (MatchRequest.state == RequestState.ASKED).desc(),
            MatchRequest.expires_at.desc(),
            MatchRequest.id,
        )
    )
    if state is not None:
        query = query.where(MatchRequest.state == state)
    if (named := search.ids("enrollments", q)) is not None:
        query = query.where(MatchRequest.mentee_id.in_(named))
    return paged(db, _with_people(query), number)


def open_requests(db: Session, actor: Actor) -> list[MatchRequest]:
    """What waits for the actor's answer, and what the actor waits for."""
    return list(db.scalars(_open_requests(), {"person": actor.person_id}))


@cache
def _open_requests() -> Select[tuple[MatchRequest]]:
    """Home asks this; building the statement costs more than running it."""
    mentor = aliased(Enrollment)
    person = bindparam("person", type_=Uuid())
    heard = and_(mentor.person_id == person, ~_ruled_out().exists())
    found: Select[tuple[MatchRequest]] = _with_people(
        select(MatchRequest)
        .join(Enrollment, Enrollment.id == MatchRequest.mentee_id)
        .join(mentor, mentor.id == MatchRequest.mentor_id)
        .where(
            MatchRequest.state == RequestState.ASKED,
            or_(Enrollment.person_id == person, heard),
        )
        .order_by(MatchRequest.expires_at, MatchRequest.id)
        .limit(20)
    )
    return found


def may_speak() -> ColumnElement[bool]:
    """Whether home has to ask for requests at all."""
    return exists().where(
        Enrollment.person_id == hints.person(),
        or_(MatchRequest.mentee_id == Enrollment.id, MatchRequest.mentor_id == Enrollment.id),
        MatchRequest.state == RequestState.ASKED,
    )
