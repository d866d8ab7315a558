"""Match runs: queued, worked off by a worker, reviewed, published with a recall window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, jobs
from app.core.database import hold
from app.core.errors import Refused
from app.matching.types import Outcome, Pair
from app.programs import feed
from app.programs.models import Candidate, Cohort, Enrollment, MatchRun, PairDecision
from app.programs.rules import (
    LIVE_RUNS,
    RECALL_MINUTES,
    RUN_LEASE,
    CandidateState,
    CohortState,
    Decision,
    OfferSource,
    RunState,
)
from app.programs.services.moving import move
from app.programs.services.offers import make_offer

MATCHABLE = (CohortState.MATCHING, CohortState.ACTIVE)
TRIES = 3


def start_run(db: Session, actor_id: UUID, *, cohort_id: UUID) -> MatchRun:
    """Queue a run over a cohort; an older one that waits for review is discarded."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.state not in MATCHABLE:
        raise Refused(_("Matching starts when enrollment is closed. Close enrollment first."))
    for run in db.scalars(select(MatchRun).where(MatchRun.cohort_id == cohort_id)):
        if run.state in LIVE_RUNS:
            raise Refused(_("The matching is running already. Wait for it to finish."))
        if run.state is RunState.PUBLISHING:
            raise Refused(_("A run is about to be published. Recall it before you start another."))
        if run.state is RunState.REVIEW:
            move(db, actor_id, run, RunState.DISCARDED, reason="rerun")
    run = MatchRun(
        cohort_id=cohort_id,
        rules=cohort.rules,
        rule_version=int(cohort.rules.get("version", 1)),
        seed=int.from_bytes(ids.random_bytes(4, "match-run", cohort_id), "big") % 2**31,
        started_by=actor_id,
        state=RunState.DRAFT,
    )
    db.add(run)
    db.flush()
    move(db, actor_id, run, RunState.QUEUED)
    db.flush()
    jobs.wake_after(db, "run_match", str(run.id))
    return run


def claim_run(db: Session, run_id: UUID) -> bool:
    """Take a queued or abandoned run for this worker; False when somebody else has it."""
    run = hold(db, MatchRun, run_id)
    if run is None or not _is_claimable(run):
        return False
    if run.attempts >= TRIES:
        fail_run(db, run_id, {"code": "broken", "params": {}})
        return False
    if run.state is RunState.QUEUED:
        move(db, None, run, RunState.RUNNING)
    run.attempts += 1
    run.phase, run.progress = "read", 0
    run.lease_until = clock.machine_now() + RUN_LEASE
    db.flush()
    return True


def _is_claimable(run: MatchRun) -> bool:
    if run.state is RunState.QUEUED:
        return True
    is_abandoned = run.lease_until is None or run.lease_until <= clock.machine_now()
    return run.state is RunState.RUNNING and is_abandoned


def note_progress(db: Session, run_id: UUID, phase: str, percent: int) -> None:
    """Say how far a run is, and keep its lease alive."""
    run = hold(db, MatchRun, run_id)
    if run is not None and run.state is RunState.RUNNING:
        run.phase, run.progress = phase, percent
        run.lease_until = clock.machine_now() + RUN_LEASE


def save_outcome(db: Session, run_id: UUID, outcome: Outcome) -> None:
    """Write down what a run found; a second worker's late result changes nothing."""
    run = hold(db, MatchRun, run_id)
    if run is None or run.state is not RunState.RUNNING:
        return
    db.execute(delete(Candidate).where(Candidate.run_id == run_id))
    db.add_all(_candidate(run_id, pair) for pair in outcome.pairs)
    run.input_hash, run.certificate = outcome.input_hash, outcome.certificate.serialized()
    run.metrics = {
        "total": outcome.total,
        "floor": outcome.floor,
        "matched_share": outcome.matched_share,
        "pairs": len(outcome.pairs),
        "mentees": len(outcome.pairs) + len(outcome.unmatched),
        "mentors_used": len({pair.mentor for pair in outcome.pairs}),
        "seconds": round(sum(outcome.seconds.values()), 3),
    }
    run.prices = dict(outcome.prices)
    run.unmatched = [
        {"mentee": one.mentee, "why": [message_json(why) for why in one.why]}
        for one in outcome.unmatched
    ]
    run.finished_at, run.lease_until, run.phase, run.progress = clock.now(), None, "", 100
    move(db, None, run, RunState.REVIEW)
    db.flush()


def _candidate(run_id: UUID, pair: Pair) -> Candidate:
    state = CandidateState.LOCKED if pair.locked else CandidateState.PROPOSED
    return Candidate(
        run_id=run_id,
        mentee_id=UUID(pair.mentee),
        mentor_id=UUID(pair.mentor),
        state=state,
        score=pair.score,
        reasons=[contribution_json(c) for c in pair.contributions],
    )


def message_json(message: Any) -> dict[str, Any]:
    """A message of the matcher as JSON."""
    return {"code": message.code, "params": {k: _plain(v) for k, v in message.params.items()}}


def contribution_json(part: Any) -> dict[str, Any]:
    """One factor's share of a score as JSON."""
    return {
        "label": part.label,
        "points": float(part.points),
        "weight": float(part.weight),
        "reason": message_json(part.reason),
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)


def fail_run(db: Session, run_id: UUID, problem: Mapping[str, Any]) -> None:
    """A run that cannot be finished says why in the organizer's words."""
    run = hold(db, MatchRun, run_id)
    if run is not None and run.state in LIVE_RUNS:
        if run.state is RunState.QUEUED:
            move(db, None, run, RunState.RUNNING)
        move(db, None, run, RunState.FAILED, reason=str(problem["code"]))
        run.problem, run.finished_at, run.lease_until = dict(problem), clock.now(), None
        db.flush()


def waiting_runs(db: Session) -> list[UUID]:
    """Runs that nobody works on: queued, or left by a worker that died."""
    rows = db.scalars(
        select(MatchRun).where(MatchRun.state.in_(LIVE_RUNS)).order_by(MatchRun.created_at)
    )
    return [run.id for run in rows if _is_claimable(run)]


def decide(
    db: Session,
    actor_id: UUID,
    *,
    run_id: UUID,
    mentee_id: UUID,
    mentor_id: UUID,
    kind: Decision,
    reason: str = "",
) -> None:
    """Fix a pair or rule it out, for this run and the next ones of the cohort."""
    run = hold(db, MatchRun, run_id)
    if run is None or run.state is not RunState.REVIEW:
        raise Refused(_("Decisions are possible while a run waits for review. Reload the page."))
    _refuse_strangers(db, run, mentee_id, mentor_id)
    pool = feed.load_pool(db, run.cohort_id)
    is_forbidden = (str(mentee_id), str(mentor_id)) in feed.forbidden_pairs(pool)
    is_override = kind is Decision.LOCK and is_forbidden
    if is_override and not reason:
        raise Refused(
            _("A rule speaks against this pair. If you want it all the same, give a reason."), 422
        )
    row = db.scalar(
        select(PairDecision).where(
            PairDecision.cohort_id == run.cohort_id,
            PairDecision.mentee_id == mentee_id,
            PairDecision.mentor_id == mentor_id,
        )
    ) or PairDecision(cohort_id=run.cohort_id, mentee_id=mentee_id, mentor_id=mentor_id)
    row.kind, row.reason, row.is_override = kind, reason, is_override
    row.decided_by, row.decided_at = actor_id, clock.now()
    db.add(row)
    db.flush()
    _mark_candidate(db, actor_id, run_id, mentee_id, mentor_id, kind, reason)
    audit.record(
        db,
        actor_id,
        f"pair_{kind.value}",
        row,
        after="override" if is_override else kind.value,
        reason=reason or None,
    )
    db.flush()


def _refuse_strangers(db: Session, run: MatchRun, *enrollment_ids: UUID) -> None:
    found = db.scalar(
        select(func.count())
        .select_from(Enrollment)
        .where(Enrollment.id.in_(enrollment_ids), Enrollment.cohort_id == run.cohort_id)
    )
    if found != len(enrollment_ids):
        raise Refused(_("These people are not in this cohort. Reload the page."), 422)


def _mark_candidate(
    db: Session,
    actor_id: UUID,
    run_id: UUID,
    mentee_id: UUID,
    mentor_id: UUID,
    kind: Decision,
    reason: str,
) -> None:
    candidate = db.scalar(
        select(Candidate).where(
            Candidate.run_id == run_id,
            Candidate.mentee_id == mentee_id,
            Candidate.mentor_id == mentor_id,
        )
    )
    to = CandidateState.LOCKED if kind is Decision.LOCK else CandidateState.VETOED
    if candidate is not None and candidate.state is not to:
        move(db, actor_id, candidate, to, reason=reason or None)


def undo_decision(db: Session, actor_id: UUID, *, run_id: UUID, decision_id: UUID) -> None:
    """Take a decision about a pair back."""
    run = hold(db, MatchRun, run_id)
    row = db.get(PairDecision, decision_id)
    if run is None or row is None or row.cohort_id != run.cohort_id:
        raise Refused(_("This decision was taken back already."))
    if run.state is not RunState.REVIEW:
        raise Refused(_("Decisions are possible while a run waits for review. Reload the page."))
    candidate = db.scalar(
        select(Candidate).where(
            Candidate.run_id == run_id,
            Candidate.mentee_id == row.mentee_id,
            Candidate.mentor_id == row.mentor_id,
        )
    )
    if candidate is not None and candidate.state is not CandidateState.PROPOSED:
        move(db, actor_id, candidate, CandidateState.PROPOSED)
    audit.record(db, actor_id, "pair_decision_undone", row, before=row.kind.value)
    db.delete(row)
    db.flush()


def publish(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Publish a run: nothing leaves for half an hour, in which it can be recalled."""
    run = _held(db, run_id)
    if not _to_publish(db, run_id):
        raise Refused(_("There is no pair to publish. Run the matching again, or discard the run."))
    move(db, actor_id, run, RunState.PUBLISHING)
    run.publish_at = clock.now() + timedelta(minutes=RECALL_MINUTES)
    db.flush()


def recall(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Take a publication back while nothing has left."""
    run = _held(db, run_id)
    if run.state is not RunState.PUBLISHING:
        raise Refused(_("It is too late to recall: the offers have gone out."))
    move(db, actor_id, run, RunState.REVIEW, reason="recalled")
    run.publish_at = None
    db.flush()


def discard(db: Session, actor_id: UUID, *, run_id: UUID) -> None:
    """Put a run aside; nobody ever hears of it."""
    move(db, actor_id, _held(db, run_id), RunState.DISCARDED)
    db.flush()


def _held(db: Session, run_id: UUID) -> MatchRun:
    run = hold(db, MatchRun, run_id)
    if run is None:
        raise Refused(_("This run no longer exists."))
    return run


def _to_publish(db: Session, run_id: UUID) -> list[Candidate]:
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
    """Runs whose recall window has passed."""
    return list(
        db.scalars(
            select(MatchRun.id).where(
                MatchRun.state == RunState.PUBLISHING, MatchRun.publish_at <= clock.now()
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
    missed = {UUID(one["mentee"]) for one in run.unmatched}
    for candidate in _to_publish(db, run_id):
        pair = (str(candidate.mentee_id), str(candidate.mentor_id))
        if pair in forbidden - overridden or not _offered(db, run, candidate):
            missed.add(candidate.mentee_id)
        else:
            move(db, run.started_by, candidate, CandidateState.ACCEPTED_IN_RUN)
    for mentee_id in sorted(missed):
        if (mentee := hold(db, Enrollment, mentee_id)) is not None:
            mentee.missed_rounds += 1
    move(db, run.started_by, run, RunState.PUBLISHED)
    db.flush()


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
