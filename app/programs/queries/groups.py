"""Groups of a run and of offers: who is together with whom."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.queries.directory import Page, paged
from app.core import search
from app.core.policies import Actor
from app.programs.models import Candidate, Enrollment, Offer
from app.programs.queries.runs import NEVER
from app.programs.rules import OPEN_OFFERS, CandidateState, OfferState

HERE = (*OPEN_OFFERS, OfferState.ACCEPTED)


def company_of(db: Session, offer: Offer) -> list[Enrollment]:
    """The others of a group without sides who have a seat in it, or may still take it."""
    return list(
        db.scalars(
            select(Enrollment)
            .join(Offer, Offer.mentee_id == Enrollment.id)
            .where(
                Offer.group_id == offer.group_id,
                Offer.id != offer.id,
                Offer.state.in_(HERE),
                Offer.released_at.is_(None),
            )
            .order_by(Offer.id)
            .options(joinedload(Enrollment.person))
        )
    )


def group_page(
    db: Session,
    actor: Actor,
    run_id: UUID,
    number: int,
    *,
    q: str = "",
    state: CandidateState | None = None,
) -> tuple[Page, list[Candidate]]:
    """A page of group numbers of a run, and the candidates of these groups; the actor's own group
    is absent."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    own = actor.person_id or NEVER
    mine = (
        select(Candidate.group_no)
        .join(mentee, mentee.id == Candidate.mentee_id)
        .join(mentor, mentor.id == Candidate.mentor_id)
        .where(Candidate.run_id == run_id, (mentee.person_id == own) | (mentor.person_id == own))
    )
    found = (
        select(Candidate.group_no)
        .where(Candidate.run_id == run_id, Candidate.group_no.not_in(mine))
        .distinct()
        .order_by(Candidate.group_no)
    )
    if state is not None:
        found = found.where(Candidate.state == state)
    if (named := search.ids("enrollments", q)) is not None:
        found = found.where(Candidate.mentee_id.in_(named) | Candidate.mentor_id.in_(named))
    page = paged(db, found, number)
    return page, _members(db, run_id, page.rows)


def _members(db: Session, run_id: UUID, numbers: Iterable[int]) -> list[Candidate]:
    chosen = select(Candidate).where(
        Candidate.run_id == run_id, Candidate.group_no.in_(list(numbers))
    )
    return list(db.scalars(chosen.order_by(Candidate.group_no, Candidate.score.desc())))
