"""Jobs and sweeps of programs; each may run at any time and twice."""

from __future__ import annotations

import time
from uuid import UUID

from app.core import jobs
from app.core.database import end_reading, reading, writing
from app.core.jobs import job, sweep
from app.matching.solver import solve
from app.matching.text import MatchingError
from app.matching.types import Instance
from app.programs import feed
from app.programs.models import MatchRun
from app.programs.services import offers, runs

PHASES = {
    "read": (0, 5),
    "score": (5, 30),
    "prune": (5, 35),
    "solve": (35, 60),
    "certify": (60, 95),
    "explain": (95, 100),
}
EVERY = 0.5  # seconds between two notes of progress


@job("run_match", queue="slow", timeout=1800)
def run_match(run_id: str) -> None:
    """Work off one match run: read, solve outside of any transaction, write the result."""
    wanted = UUID(run_id)
    with writing() as db:
        if not runs.claim_run(db, wanted):
            return
    instance = _read(wanted)
    end_reading()
    try:
        outcome = solve(instance, progress=_Reporter(wanted))
    except MatchingError as error:
        with writing() as db:
            runs.fail_run(db, wanted, runs.message_json(error.message))
        return
    with writing() as db:
        runs.save_outcome(db, wanted, outcome)


def _read(run_id: UUID) -> Instance:
    db = reading()
    run = db.get_one(MatchRun, run_id)
    return feed.instance_of(feed.load_pool(db, run.cohort_id), run.rules, run.seed)


class _Reporter:
    """Writes progress to the run, at most twice a second."""

    def __init__(self, run_id: UUID) -> None:
        self.run_id, self.last = run_id, time.monotonic()

    def __call__(self, phase: str, done: int, of: int) -> None:
        if time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        low, high = PHASES.get(phase, (0, 100))
        percent = low + int((high - low) * done / max(of, 1))
        with writing() as db:
            runs.note_progress(db, self.run_id, phase, min(percent, 99))


@sweep("resume_runs", every=20)
def resume_runs() -> None:
    """Wake whatever run nobody works on: a lost wake-up, or a worker that died."""
    for run_id in runs.waiting_runs(reading()):
        jobs.wake("run_match", str(run_id))


@sweep("publish_runs", every=30)
def publish_runs() -> None:
    """Send the offers of runs whose recall window has passed."""
    due = runs.due_publications(reading())
    for run_id in due:
        with writing() as db:
            runs.complete_publication(db, run_id)


@sweep("expire_offers", every=300)
def expire_offers() -> None:
    """End offers that nobody answered in time."""
    with writing() as db:
        offers.expire_due(db)
