"""A worker takes a run, says how far it is, and may die on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import hold
from app.programs.models import MatchRun
from app.programs.rules import LIVE_RUNS, RUN_LEASE, RunState
from app.programs.services.moving import move

TRIES = 3


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
    return [run.id for run in _claimable(db) if run.joint_id is None]


def waiting_joint_runs(db: Session) -> list[UUID]:
    """Joint runs that nobody works on, each once."""
    found = (run.joint_id for run in _claimable(db))
    return list(dict.fromkeys(joint_id for joint_id in found if joint_id is not None))


def _claimable(db: Session) -> list[MatchRun]:
    rows = db.scalars(
        select(MatchRun).where(MatchRun.state.in_(LIVE_RUNS)).order_by(MatchRun.created_at)
    )
    return [run for run in rows if _is_claimable(run)]
