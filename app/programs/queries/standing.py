"""Whether one waits after a matching: only what the person may know decides."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.programs.models import Cohort, Enrollment, MatchRun, Offer
from app.programs.rules import (
    IN_POOL,
    OPEN_OFFERS,
    CohortState,
    OfferState,
    Role,
    RunState,
)

UNDER_WAY = (CohortState.ENROLLING, CohortState.MATCHING, CohortState.ACTIVE)


def waits_of(db: Session, enrollments: Iterable[Enrollment]) -> tuple[dict[UUID, bool], set[UUID]]:
    """Those of one's own enrollments that a published matching left without anybody, with whether
    there were more people than places then; and those as a mentee that have found somebody.

    An offer that this side has not heard of changes nothing, so that nobody can tell from it that
    somebody else was asked, or said no.
    """
    here = {
        one.id: one
        for one in enrollments
        if one.state in IN_POOL and one.cohort.state in UNDER_WAY and not one.takes_no_more
    }
    if not here:
        return {}, set()
    last = _last_runs(db, {one.cohort_id for one in here.values()})
    found = {}
    for one in here.values():
        at, is_scarce = last.get(one.cohort_id, (None, False))
        if at is not None and at >= (one.waiting_since or one.created_at):
            found[one.id] = is_scarce
    served = _served(db, here)
    matched = {one for one in served if served[one] and here[one].role is Role.MENTEE}
    return {one: is_scarce for one, is_scarce in found.items() if one not in served}, matched


def _last_runs(db: Session, cohort_ids: Iterable[UUID]) -> dict[UUID, tuple[object, bool]]:
    of_cohorts = (
        MatchRun.cohort_id.in_(cohort_ids),
        MatchRun.state == RunState.PUBLISHED,
        MatchRun.is_trial.is_(False),
    )
    newest = (
        select(MatchRun.cohort_id, func.max(MatchRun.created_at).label("at"))
        .where(*of_cohorts)
        .group_by(MatchRun.cohort_id)
        .subquery()
    )
    rows = db.execute(
        select(MatchRun.cohort_id, MatchRun.created_at, MatchRun.metrics)
        .join(newest, newest.c.cohort_id == MatchRun.cohort_id)
        .where(MatchRun.created_at == newest.c.at, *of_cohorts)
    )
    return {
        cohort_id: (
            at,
            metrics.get("places", metrics.get("mentees", 0)) < metrics.get("mentees", 0),
        )
        for cohort_id, at, metrics in rows
    }


def _served(db: Session, enrollment_ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Who has a pair (True), or an offer they have heard of."""
    wanted = set(enrollment_ids)
    rows = db.scalars(
        select(Offer)
        .where(
            Offer.mentee_id.in_(wanted) | Offer.mentor_id.in_(wanted),
            Offer.state.in_((*OPEN_OFFERS, OfferState.ACCEPTED)),
            Offer.released_at.is_(None),
        )
        .options(joinedload(Offer.cohort).joinedload(Cohort.program))
    )
    found: dict[UUID, bool] = {}
    for offer in rows:
        is_pair = offer.state is OfferState.ACCEPTED
        for one, role in ((offer.mentee_id, Role.MENTEE), (offer.mentor_id, Role.MENTOR)):
            if one in wanted and (is_pair or offer.is_known_to(role, offer.cohort.program)):
                found[one] = found.get(one, False) or is_pair
    return found
