"""A run is started by somebody, and waits for a worker."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import ids, jobs
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Cohort, JointRun, MatchRun
from app.programs.rules import LIVE_RUNS, CohortState, RunState
from app.programs.services import choosing
from app.programs.services.moving import move

MATCHABLE = (CohortState.MATCHING, CohortState.ACTIVE)
UNDECIDED = (*LIVE_RUNS, RunState.PUBLISHING, RunState.REVIEW)


def start_run(db: Session, actor_id: UUID, *, cohort_id: UUID) -> MatchRun:
    """Queue a run over a cohort; an older one that waits for review is discarded."""
    cohort = hold_matchable(db, cohort_id)
    for run in older_runs(db, cohort_id):
        if run.joint_id is not None:
            raise waits_elsewhere()
        move(db, actor_id, run, RunState.DISCARDED, reason="rerun")
    seed = int.from_bytes(ids.random_bytes(4, "match-run", cohort_id), "big") % 2**31
    run = queued(db, actor_id, cohort, seed=seed)
    jobs.wake_after(db, "run_match", str(run.id))
    return run


def waits_elsewhere() -> Refused:
    """Why a cohort cannot leave a joint run by itself."""
    return Refused(_("A joint run with other cohorts waits for review. Put it aside there first."))


def hold_matchable(db: Session, cohort_id: UUID) -> Cohort:
    """Lock a cohort that can be matched now."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or cohort.state not in MATCHABLE:
        raise Refused(_("Matching starts when enrollment is closed. Close enrollment first."))
    return cohort


def older_runs(db: Session, cohort_id: UUID) -> list[MatchRun]:
    """The runs of a cohort that wait for review, locked; refused while one works or goes out."""
    found = db.execute(
        select(MatchRun.id, MatchRun.joint_id)
        .where(
            MatchRun.cohort_id == cohort_id,
            MatchRun.is_trial.is_(False),
            MatchRun.state.in_(UNDECIDED),
        )
        .order_by(MatchRun.id)
    ).all()
    for joint_id in sorted({row.joint_id for row in found if row.joint_id}):
        hold(db, JointRun, joint_id)  # before its runs, as for all who reach for them
    held = [hold(db, MatchRun, row.id) for row in found]
    waiting = [run for run in held if run is not None and run.state in UNDECIDED]
    for run in waiting:
        if run.state in LIVE_RUNS:
            raise Refused(_("The matching is running already. Wait for it to finish."))
        if run.state is RunState.PUBLISHING:
            raise Refused(_("A run is about to be published. Recall it before you start another."))
        choosing.refuse_while_choosing(run)
    return waiting


def queued(
    db: Session, actor_id: UUID | None, cohort: Cohort, *, seed: int, joint_id: UUID | None = None
) -> MatchRun:
    """A run under a cohort's rules as they are now, waiting for a worker."""
    run = MatchRun(
        cohort_id=cohort.id,
        joint_id=joint_id,
        rules=cohort.rules,
        rule_version=int(cohort.rules.get("version", 1)),
        seed=seed,
        started_by=actor_id,
        state=RunState.DRAFT,
    )
    db.add(run)
    db.flush()
    move(db, actor_id, run, RunState.QUEUED)
    db.flush()
    return run
