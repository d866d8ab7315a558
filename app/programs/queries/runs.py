"""Match runs with their candidates, decisions and offers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import Person
from app.accounts.queries.directory import Page, paged
from app.core import search
from app.core.policies import Actor
from app.programs.models import Candidate, Enrollment, MatchRun, Offer, PairDecision, RulesVersion
from app.programs.queries.scope import is_manager, side_of
from app.programs.rules import OPEN_OFFERS, CandidateState, OfferState

NEVER = UUID(int=0)


def run_for(db: Session, actor: Actor, run_id: UUID) -> MatchRun | None:
    """A run of a program the actor runs."""
    run = db.get(MatchRun, run_id)
    return run if run is not None and is_manager(actor, run) else None


def run_and_person(
    db: Session, actor: Actor, run_id: UUID, enrollment_id: UUID
) -> tuple[MatchRun, Person] | None:
    """A run of a program the actor runs, with the person behind an enrollment of its cohort."""
    row = (
        db.execute(
            select(MatchRun, Person)
            .join(Enrollment, Enrollment.cohort_id == MatchRun.cohort_id)
            .join(Person, Person.id == Enrollment.person_id)
            .where(MatchRun.id == run_id, Enrollment.id == enrollment_id)
        )
        .tuples()
        .one_or_none()
    )
    return row if row is not None and is_manager(actor, row[0]) else None


def runs_of(db: Session, cohort_id: UUID) -> list[MatchRun]:
    """The runs of a cohort, the newest first."""
    return list(
        db.scalars(
            select(MatchRun)
            .where(MatchRun.cohort_id == cohort_id, MatchRun.is_trial.is_(False))
            .order_by(MatchRun.created_at.desc(), MatchRun.id)
            .limit(20)
        )
    )


def trial_of(db: Session, cohort_id: UUID, trial_id: UUID) -> MatchRun | None:
    """A dry run of a cohort."""
    run = db.get(MatchRun, trial_id)
    return run if run is not None and run.is_trial and run.cohort_id == cohort_id else None


def versions_of(db: Session, cohort_id: UUID) -> list[tuple[int, datetime, str | None]]:
    """Former rules of a cohort, the newest first: version, when it was replaced, and by whom."""
    rows = db.execute(
        select(RulesVersion.version, RulesVersion.made_at, Person.name)
        .outerjoin(Person, Person.id == RulesVersion.made_by)
        .where(RulesVersion.cohort_id == cohort_id)
        .order_by(RulesVersion.version.desc())
        .limit(10)
    )
    return [(version, at, name) for version, at, name in rows]


def names_of(db: Session, enrollment_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The person behind each enrollment."""
    rows = db.execute(
        select(Enrollment.id, Person)
        .join(Person, Person.id == Enrollment.person_id)
        .where(Enrollment.id.in_(list(enrollment_ids)))
    )
    return dict(rows.tuples().all())


def names_in(
    db: Session, actor: Actor, run_id: UUID, enrollment_ids: Iterable[UUID]
) -> tuple[dict[UUID, Person], set[UUID]]:
    """The person behind each enrollment, and which of them a run would give to the actor: nothing
    of that is for the actor to see."""
    mentee = aliased(Enrollment)
    with_actor = (
        select(Candidate.id)
        .join(mentee, mentee.id == Candidate.mentee_id)
        .where(
            Candidate.run_id == run_id,
            Candidate.mentor_id == Enrollment.id,
            mentee.person_id == (actor.person_id or NEVER),
        )
        .exists()
    )
    rows = db.execute(
        select(Enrollment.id, Person, with_actor)
        .join(Person, Person.id == Enrollment.person_id)
        .where(Enrollment.id.in_(list(enrollment_ids)))
    ).all()
    return {one: person for one, person, _own in rows}, {one for one, _person, own in rows if own}


def candidates_page(
    db: Session,
    actor: Actor,
    run_id: UUID,
    number: int,
    *,
    q: str = "",
    state: CandidateState | None = None,
) -> Page:
    """The pairs of a run, weakest first, for those need eyes; an organizer's own pair is absent."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    own = actor.person_id or NEVER
    query = (
        select(Candidate)
        .join(mentee, mentee.id == Candidate.mentee_id)
        .join(mentor, mentor.id == Candidate.mentor_id)
        .where(Candidate.run_id == run_id, mentee.person_id != own, mentor.person_id != own)
        .order_by(Candidate.score, Candidate.id)
    )
    if state is not None:
        query = query.where(Candidate.state == state)
    if (named := search.ids("enrollments", q)) is not None:
        query = query.where(or_(mentee.id.in_(named), mentor.id.in_(named)))
    return paged(db, query, number)


def candidate_for(
    db: Session, actor: Actor, run_id: UUID, candidate_id: UUID | None
) -> Candidate | None:
    """A pair of a run by its id; an organizer's own does not exist for them."""
    if candidate_id is None:
        return None
    own = select(Enrollment.id).where(Enrollment.person_id == (actor.person_id or NEVER))
    return db.scalar(
        select(Candidate).where(
            Candidate.id == candidate_id,
            Candidate.run_id == run_id,
            Candidate.mentee_id.not_in(own),
            Candidate.mentor_id.not_in(own),
        )
    )


def mates_of(db: Session, run_id: UUID) -> dict[str, str]:
    """The mentor of each mentee in a run, as the matcher's ids."""
    rows = db.execute(
        select(Candidate.mentee_id, Candidate.mentor_id).where(Candidate.run_id == run_id)
    )
    return {str(mentee_id): str(mentor_id) for mentee_id, mentor_id in rows}


def decisions_of(db: Session, cohort_id: UUID) -> list[PairDecision]:
    """What organizers decided about pairs of a cohort."""
    return list(
        db.scalars(
            select(PairDecision)
            .where(PairDecision.cohort_id == cohort_id)
            .order_by(PairDecision.decided_at, PairDecision.id)
        )
    )


def _with_people(query: Select[tuple[Offer]]) -> Select[tuple[Offer]]:
    return query.options(
        joinedload(Offer.mentee).joinedload(Enrollment.person),
        joinedload(Offer.mentor).joinedload(Enrollment.person),
        joinedload(Offer.cohort),
    )


def offer_for(db: Session, actor: Actor, offer_id: UUID) -> Offer | None:
    """An offer to the actor, or one in a cohort the actor runs."""
    found = db.scalar(_with_people(select(Offer).where(Offer.id == offer_id)))
    if found is None or side_of(actor, found) is not None:
        return found
    return found if is_manager(actor, found.cohort) else None


def offers_of(
    db: Session,
    actor: Actor,
    cohort_id: UUID,
    number: int,
    *,
    state: OfferState | None = None,
    q: str = "",
) -> Page:
    """The offers of a cohort, open ones first; an organizer's own is absent."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    own = actor.person_id or NEVER
    query = (
        select(Offer)
        .join(mentee, mentee.id == Offer.mentee_id)
        .join(mentor, mentor.id == Offer.mentor_id)
        .where(Offer.cohort_id == cohort_id, mentee.person_id != own, mentor.person_id != own)
        .order_by(Offer.state.in_(OPEN_OFFERS).desc(), Offer.expires_at, Offer.id)
    )
    if state is not None:
        query = query.where(Offer.state == state)
    if (named := search.ids("enrollments", q)) is not None:
        query = query.where(or_(mentee.id.in_(named), mentor.id.in_(named)))
    return paged(db, _with_people(query), number)


def open_offers_to(db: Session, actor: Actor) -> list[Offer]:
    """Open offers of which the actor knows."""
    found = db.scalars(_open_offers(), {"person": actor.person_id})
    return [offer for offer in found if side_of(actor, offer) is not None]


@cache
def _open_offers() -> Select[tuple[Offer]]:
    """Home asks this; building the statement costs more than running it."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    person = bindparam("person", type_=Uuid())
    return _with_people(
        select(Offer)
        .join(mentee, mentee.id == Offer.mentee_id)
        .join(mentor, mentor.id == Offer.mentor_id)
        .where(
            Offer.state.in_(OPEN_OFFERS),
            (mentee.person_id == person) | (mentor.person_id == person),
        )
        .order_by(Offer.expires_at, Offer.id)
        .limit(20)
    )
