"""Organizers fix pairs or rule them out, and take it back."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.programs import feed
from app.programs.models import Candidate, Enrollment, MatchRun, PairDecision
from app.programs.rules import CandidateState, Decision, RunState
from app.programs.services.moving import move


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
    """Fix a pair or rule it out, for this run and the next ones of the cohort.

    A reason lifts whatever speaks against a fixed pair. One that the matching did not propose needs
    it always, so that nobody learns by trying who does not want to meet whom.
    """
    run = hold(db, MatchRun, run_id)
    if run is None or run.state is not RunState.REVIEW:
        raise Refused(_("Decisions are possible while a run waits for review. Reload the page."))
    _refuse_strangers(db, run, mentee_id, mentor_id)
    pool = feed.load_pool(db, run.cohort_id)
    pair, is_lock = (str(mentee_id), str(mentor_id)), kind is Decision.LOCK
    is_against = is_lock and pair in feed.forbidden_openly(pool)
    if is_lock and not reason:
        _refuse_without_reason(db, run_id, mentee_id, mentor_id, is_against=is_against)
    row = db.scalar(
        select(PairDecision).where(
            PairDecision.cohort_id == run.cohort_id,
            PairDecision.mentee_id == mentee_id,
            PairDecision.mentor_id == mentor_id,
        )
    ) or PairDecision(cohort_id=run.cohort_id, mentee_id=mentee_id, mentor_id=mentor_id)
    row.kind, row.reason = kind, reason
    row.is_override = is_lock and bool(reason) and pair in feed.forbidden_pairs(pool)
    row.decided_by, row.decided_at = actor_id, clock.now()
    db.add(row)
    db.flush()
    _mark_candidate(db, actor_id, run_id, mentee_id, mentor_id, kind, reason)
    audit.record(
        db,
        actor_id,
        f"pair_{kind.value}",
        row,
        after="override" if is_against else kind.value,
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


def _refuse_without_reason(
    db: Session, run_id: UUID, mentee_id: UUID, mentor_id: UUID, *, is_against: bool
) -> None:
    if is_against:
        raise Refused(
            _("A rule speaks against this pair. If you want it all the same, give a reason."), 422
        )
    if _candidate(db, run_id, mentee_id, mentor_id) is None:
        raise Refused(
            _(
                "The matching did not propose this pair, and does not always say why: somebody may "
                "have asked not to meet the other. If you want it all the same, give a reason."
            ),
            422,
        )


def _candidate(db: Session, run_id: UUID, mentee_id: UUID, mentor_id: UUID) -> Candidate | None:
    return db.scalar(
        select(Candidate).where(
            Candidate.run_id == run_id,
            Candidate.mentee_id == mentee_id,
            Candidate.mentor_id == mentor_id,
        )
    )


def _mark_candidate(
    db: Session,
    actor_id: UUID,
    run_id: UUID,
    mentee_id: UUID,
    mentor_id: UUID,
    kind: Decision,
    reason: str,
) -> None:
    candidate = _candidate(db, run_id, mentee_id, mentor_id)
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
    candidate = _candidate(db, run_id, row.mentee_id, row.mentor_id)
    if candidate is not None and candidate.state is not CandidateState.PROPOSED:
        move(db, actor_id, candidate, CandidateState.PROPOSED)
    audit.record(db, actor_id, "pair_decision_undone", row, before=row.kind.value)
    db.delete(row)
    db.flush()
