"""Jobs and sweeps of programs; each may run at any time and twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import jobs
from app.core.database import end_reading, reading, writing
from app.core.jobs import job, sweep
from app.matching.joint import solve_jointly
from app.matching.solver import solve
from app.matching.text import MatchingError
from app.matching.types import Instance
from app.programs import feed
from app.programs.forming import formed
from app.programs.models import Cohort, MatchRun
from app.programs.rules import Form, form_from
from app.programs.services import (
    choosing,
    enrollment,
    following,
    offers,
    programs,
    replays,
    requests,
    runs,
    waves,
)

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
    instance, ranked, form = _read(wanted)
    try:
        outcome = formed(form, instance, ranked, _Reporter(wanted))
    except MatchingError as error:
        with writing() as db:
            runs.fail_run(db, wanted, runs.message_json(error.message))
        return
    with writing() as db:
        runs.save_outcome(db, wanted, outcome, instance, ranked)


def _read(run_id: UUID) -> tuple[Instance, dict[str, list[str]], Form]:
    db = reading()
    run = db.get_one(MatchRun, run_id)
    instance, cohort_id, rules = feed.instance_for(db, run), run.cohort_id, run.rules
    ranked = choosing.ranks_for(db, cohort_id, rules, instance)
    is_trial = run.is_trial  # whoever tries weights must not see what private answers do to them
    end_reading()
    if is_trial:
        return feed.public_of(instance), ranked, form_from(rules)
    whole = _private(instance, cohort_id, rules, run_id)
    return whole, ranked, form_from(rules)


@job("run_joint", queue="slow", timeout=1800)
def run_joint(joint_id: str) -> None:
    """Work off a joint run: read all its cohorts, solve them as one, write all results at once."""
    wanted = UUID(joint_id)
    with writing() as db:
        if not runs.claim_joint_run(db, wanted):
            return
    instances = _read_jointly(wanted)
    try:
        found = solve_jointly(instances, progress=_Reporter(wanted, runs.note_joint_progress))
    except MatchingError as error:
        with writing() as db:
            runs.fail_joint_run(db, wanted, runs.message_json(error.message))
        return
    with writing() as db:
        runs.save_joint_outcome(db, wanted, found, instances)


def _read_jointly(joint_id: UUID) -> dict[str, Instance]:
    db = reading()
    of_joint = select(MatchRun).where(MatchRun.joint_id == joint_id).order_by(MatchRun.id)
    rows = {str(run.id): (run.id, run.cohort_id, run.rules) for run in db.scalars(of_joint)}
    instances = feed.instances_for(db, db.scalars(of_joint))
    end_reading()
    return {
        key: _private(instances[key], cohort_id, rules, run_id)
        for key, (run_id, cohort_id, rules) in rows.items()
    }


def _private(
    instance: Instance, cohort_id: UUID, rules: Mapping[str, Any], run_id: UUID | None = None
) -> Instance:
    """The instance with what people agreed to, for the solver alone."""
    subject = ("match_run", run_id) if run_id else ("cohort", cohort_id)
    with writing() as db:
        return feed.with_private(db, instance, rules, cohort_id=cohort_id, subject=subject)


class _Reporter:
    """Writes progress to a run, at most twice a second."""

    def __init__(self, run_id: UUID, note: Any = runs.note_progress) -> None:
        self.run_id, self.note, self.last = run_id, note, time.monotonic()

    def __call__(self, phase: str, done: int, of: int) -> None:
        if time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        low, high = PHASES.get(phase, (0, 100))
        percent = low + int((high - low) * done / max(of, 1))
        with writing() as db:
            self.note(db, self.run_id, phase, min(percent, 99))


@sweep("resume_runs", every=20)
def resume_runs() -> None:
    """Wake whatever run nobody works on: a lost wake-up, or a worker that died."""
    for run_id in runs.waiting_runs(reading()):
        jobs.wake("run_match", str(run_id))
    for joint_id in runs.waiting_joint_runs(reading()):
        jobs.wake("run_joint", str(joint_id))


@sweep("publish_runs", every=30)
def publish_runs() -> None:
    """Send the offers of runs whose recall window has passed."""
    due = runs.due_publications(reading())
    for run_id in due:
        with writing() as db:
            runs.complete_publication(db, run_id)
    due_together = runs.due_joint_publications(reading())
    end_reading()
    for joint_id in due_together:
        with writing() as db:
            runs.complete_joint_publication(db, joint_id)


@sweep("expire_offers", every=300)
def expire_offers() -> None:
    """End offers that nobody answered in time."""
    with writing() as db:
        offers.expire_due(db)


@sweep("expire_requests", every=300)
def expire_requests() -> None:
    """End requests that nobody answered in time."""
    with writing() as db:
        requests.expire_due(db)


@sweep("follow_up", every=600)
def follow_up() -> None:
    """Look for the next candidate wherever an offer has ended."""
    for cohort_id in following.to_follow(reading()):
        jobs.wake("follow_cohort", str(cohort_id))


@sweep("rolling_waves", every=900)
def rolling_waves() -> None:
    """Start a wave wherever enough people wait, or a week has passed."""
    due = waves.due_waves(reading())
    end_reading()
    for cohort_id in due:
        with writing() as db:
            waves.start_wave(db, cohort_id)


@job("follow_cohort", queue="slow", timeout=1800)
def follow_cohort(cohort_id: str) -> None:
    """Match those who wait with the places that are free, and send their offers."""
    wanted = UUID(cohort_id)
    db = reading()
    found, rules = following.waiting(db, wanted), db.get_one(Cohort, wanted).rules
    end_reading()
    if found is None:
        return
    instance, key = found
    outcome = solve(_private(instance, wanted, rules))
    with writing() as db:
        following.offer_next(db, wanted, key, outcome)


@sweep("close_cohorts", every=3600)
def close_cohorts() -> None:
    """A cohort that has been closing for three weeks is closed."""
    with writing() as db:
        programs.close_due(db)


@sweep("end_pauses", every=3600)
def end_pauses() -> None:
    """Whoever paused until today is in the pool again."""
    with writing() as db:
        enrollment.resume_due(db)


@job("replay_run", queue="slow", timeout=1800)
def replay_run(run_id: str) -> None:
    """Solve a run again from its record, and write down whether the result is the same."""
    wanted = UUID(run_id)
    if wanted not in replays.asked_replays(reading()):
        return
    record = replays.record_of(reading(), wanted)
    end_reading()
    found = replays.replay(record)
    with writing() as db:
        replays.note_replay(db, None, run_id=wanted, found=found)


@sweep("resume_replays", every=120)
def resume_replays() -> None:
    """Wake whatever should be solved again and is not."""
    for run_id in replays.asked_replays(reading()):
        jobs.wake("replay_run", str(run_id))


@sweep("forget_run_inputs", every=86400)
def forget_run_inputs() -> None:
    """What runs were given is not kept for ever."""
    with writing() as db:
        replays.forget_old(db)
