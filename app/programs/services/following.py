"""The next candidate by itself: whoever waits is matched again with the places that are free.

An offer that ended without a yes makes its mentee wait and a place free. Instead of asking the next
on a list, all who wait in the cohort are matched anew by the same exact matcher, so that one no
cannot cost two people their best remaining match.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.audit import services as audit
from app.core.database import hold
from app.core.errors import Refused
from app.matching.types import Instance, Outcome
from app.programs import feed
from app.programs.feed import Pool
from app.programs.models import Cohort, MatchRun, Offer, Program
from app.programs.rules import (
    FOLLOW_UPS,
    LIVE_RUNS,
    NO_YES,
    CohortState,
    OfferSource,
    OfferState,
    Role,
    RunState,
    form_from,
)
from app.programs.services.offers import make_offer, side_asked
from app.programs.services.runs import contribution_json

SERVED = (CohortState.MATCHING, CohortState.ACTIVE)
IN_WORK = (*LIVE_RUNS, RunState.REVIEW, RunState.PUBLISHING)


def to_follow(db: Session) -> list[UUID]:
    """Cohorts that have published a run, have none in work, and follow up by themselves.

    Rolling waves serve the others: evergreen cohorts, and formats without sides.
    """
    of_cohort = select(MatchRun.id).where(MatchRun.cohort_id == Cohort.id)
    found = db.scalars(
        select(Cohort)
        .join(Program, Program.id == Cohort.program_id)
        .where(
            Cohort.state.in_(SERVED),
            Cohort.wave_days.is_(None),
            Program.follows_up.is_(True),
            of_cohort.where(MatchRun.state == RunState.PUBLISHED).exists(),
            ~of_cohort.where(MatchRun.state.in_(IN_WORK)).exists(),
        )
        .order_by(Cohort.id)
    )
    return [cohort.id for cohort in found if not form_from(cohort.rules).is_mutual]


def waiting(db: Session, cohort_id: UUID) -> tuple[Instance, str] | None:
    """Those who wait and the free places as an instance, and a key of what was seen.

    None when the cohort is not to be served, nobody waits, no place is free, or nothing has changed
    since the last search.
    """
    if cohort_id not in to_follow(db):
        return None
    pool = _pool(db, cohort_id)
    free = [mentor for mentor in pool.mentors if pool.places[mentor.id]]
    if pool.form.kind == "groups":  # one more person joins a group, but is none alone
        free = [mentor for mentor in free if pool.places[mentor.id] < mentor.capacity]
    if not pool.mentees or not free:
        return None
    pool.mentors = free
    key = _key(pool)
    if key == pool.cohort.follow_key:
        return None
    rules = {**pool.cohort.rules, "minimum": 0}
    return feed.instance_of(pool, rules, seed=_seed(cohort_id)), key


def _pool(db: Session, cohort_id: UUID) -> Pool:
    """Without whom a person should talk to first, and without pairs that had their offer."""
    pool = feed.load_pool(db, cohort_id)
    ended = db.scalars(
        select(Offer)
        .where(Offer.cohort_id == cohort_id, Offer.state.in_(NO_YES))
        .order_by(Offer.answered_at, Offer.id)
        .options(joinedload(Offer.cohort))
    ).all()
    counted: dict[UUID, int] = {}
    silent: set[UUID] = set()
    for offer in ended:
        counted[offer.mentee_id] = counted.get(offer.mentee_id, 0) + 1
        pool.banned.add((str(offer.mentee_id), str(offer.mentor_id)))
        if offer.state is OfferState.EXPIRED and side_asked(offer.cohort, offer) is Role.MENTEE:
            silent.add(offer.mentee_id)
    pool.mentees = [
        mentee
        for mentee in pool.mentees
        if counted.get(mentee.id, 0) < FOLLOW_UPS
        and mentee.id not in silent
        and not mentee.talks_first
    ]
    return pool


def _key(pool: Pool) -> str:
    seen = [
        *(f"{mentee.id}" for mentee in pool.mentees),
        *(f"{mentor.id}:{pool.places[mentor.id]}" for mentor in pool.mentors),
        *sorted(f"{one}/{other}" for one, other in pool.banned),
    ]
    return hashlib.sha256("|".join(seen).encode()).hexdigest()


def _seed(cohort_id: UUID) -> int:
    return cohort_id.int % 2**31


def offer_next(db: Session, cohort_id: UUID, key: str, outcome: Outcome) -> int:
    """Make the offers that a search found, and remember what it saw; returns how many."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.follow_key == key or cohort_id not in to_follow(db):
        return 0
    cohort.follow_key = key
    forbidden = feed.forbidden_pairs(_pool(db, cohort_id))
    made = 0
    for pair in outcome.pairs:
        if (pair.mentee, pair.mentor) in forbidden:
            continue
        try:
            make_offer(
                db,
                None,
                cohort_id=cohort_id,
                mentee_id=UUID(pair.mentee),
                mentor_id=UUID(pair.mentor),
                source=OfferSource.REMATCH,
                score=pair.score,
                reasons=[contribution_json(part) for part in pair.contributions],
            )
            made += 1
        except Refused as refused:
            audit.record(db, None, "candidate_dropped", cohort, reason=refused.message[:500])
    db.flush()
    return made
