"""Nothing leaves for half an hour; then all offers of a run go out, or none."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.programs import feed
from app.programs.models import Candidate, Enrollment, MatchRun, PairDecision
from app.programs.rules import RECALL_MINUTES, CandidateState, OfferSource, RunState, form_from
from app.programs.services import choosing
from app.programs.services.moving import move
from app.programs.services.offers import make_offer
from app.programs.services.runs.grouping import publish_groups
from app.programs.services.runs.telling import tell_waiting


def publish(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Publish a run: nothing leaves for half an hour, in which it can be recalled."""
    run = _held_alone(db, run_id)
    choosing.refuse_while_choosing(run)
    if not to_publish(db, run_id):
        raise Refused(_("There is no pair to publish. Run the matching again, or discard the run."))
    move(db, actor_id, run, RunState.PUBLISHING)
    run.publish_at = clock.now() + timedelta(minutes=RECALL_MINUTES)
    db.flush()


def recall(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Take a publication back while nothing has left."""
    run = _held_alone(db, run_id)
    if run.state is not RunState.PUBLISHING:
        raise Refused(_("It is too late to recall: the offers have gone out."))
    move(db, actor_id, run, RunState.REVIEW, reason="recalled")
    run.publish_at = None
    db.flush()


def discard(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Put a run aside; nobody ever hears of it."""
    move(db, actor_id, _held_alone(db, run_id), RunState.DISCARDED)
    db.flush()


def _held(db: Session, run_id: UUID) -> MatchRun:
    run = hold(db, MatchRun, run_id)
    if run is None:
        raise Refused(_("This run no longer exists."))
    return run


def _held_alone(db: Session, run_id: UUID) -> MatchRun:
    run = _held(db, run_id)
    if run.joint_id is not None:
        raise Refused(_("This run is part of a joint run. Decide about all of its cohorts there."))
    return run


def to_publish(db: Session, run_id: UUID) -> list[Candidate]:
    """The pairs of a run that nobody ruled out."""
    return list(
        db.scalars(
            select(Candidate)
            .where(
                Candidate.run_id == run_id,
                Candidate.state.in_([CandidateState.PROPOSED, CandidateState.LOCKED]),
            )
            .order_by(Candidate.mentor_id, Candidate.mentee_id)
        )
    )


def due_publications(db: Session) -> list[UUID]:
    """Runs whose recall window has passed; joint ones go out together."""
    return list(
        db.scalars(
            select(MatchRun.id).where(
                MatchRun.state == RunState.PUBLISHING,
                MatchRun.publish_at <= clock.now(),
                MatchRun.joint_id.is_(None),
            )
        )
    )


def complete_publication(db: Session, run_id: UUID) -> None:
    """Send the offers of a run whose recall window has passed, all or none, once."""
    run = _held(db, run_id)
    is_due = run.publish_at is not None and run.publish_at <= clock.now()
    if run.state is not RunState.PUBLISHING or not is_due:
        return
    pool = feed.load_pool(db, run.cohort_id)
    forbidden = feed.forbidden_pairs(pool)
    overridden = _overrides(db, run.cohort_id)
    missed = {UUID(one["mentee"]) for one in run.unmatched} | _vetoed(db, run_id)
    chosen = to_publish(db, run_id)
    missed -= {candidate.mentee_id for candidate in chosen}
    if form_from(run.rules).is_mutual:
        missed |= publish_groups(db, run, chosen, forbidden - overridden)
        chosen = []
    for candidate in chosen:
        pair = (str(candidate.mentee_id), str(candidate.mentor_id))
        if pair in forbidden - overridden or not _offered(db, run, candidate):
            missed.add(candidate.mentee_id)
        else:
            move(db, run.started_by, candidate, CandidateState.ACCEPTED_IN_RUN)
    for mentee_id in sorted(missed):
        if (mentee := hold(db, Enrollment, mentee_id)) is not None:
            mentee.missed_rounds += 1
    move(db, run.started_by, run, RunState.PUBLISHED)
    tell_waiting(db, run, missed)
    db.flush()


def _vetoed(db: Session, run_id: UUID) -> set[UUID]:
    """Mentees of whom a pair was ruled out while the run waited for review."""
    ruled_out = Candidate.state == CandidateState.VETOED
    found = db.scalars(select(Candidate.mentee_id).where(Candidate.run_id == run_id, ruled_out))
    return set(found)


def _offered(db: Session, run: MatchRun, candidate: Candidate) -> bool:
    """Make the offer of a candidate; False when one of the two is no longer free."""
    try:
        make_offer(
            db,
            run.started_by,
            cohort_id=run.cohort_id,
            mentee_id=candidate.mentee_id,
            mentor_id=candidate.mentor_id,
            source=OfferSource.RUN,
            run_id=run.id,
            score=candidate.score,
            reasons=candidate.reasons,
        )
    except Refused as refused:
        audit.record(
            db,
            None,
            "candidate_dropped",
            candidate,
            reason=refused.message[:500],
        )
        return False
    return True


def _overrides(db: Session, cohort_id: UUID) -> set[tuple[str, str]]:
    rows = db.scalars(
        select(PairDecision).where(
            PairDecision.cohort_id == cohort_id, PairDecision.is_override.is_(True)
        )
    )
    return {(str(row.mentee_id), str(row.mentor_id)) for row in rows}
