"""A job that comes twice, or late, changes nothing: every one of programs, at every stage."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock, jobs
from app.core.database import end_reading, reading, writing
from app.programs.models import Enrollment, MatchRun, Offer
from app.programs.rules import CohortState, DeclineReason, Role, RunState
from app.programs.services import offers, replays, runs
from app.schema import metadata
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment

# What each stage must have come to, so that no stage is replayed in vain.
STAGES = {
    "queued": RunState.REVIEW,
    "published": RunState.PUBLISHED,
    "answered": RunState.PUBLISHED,
}


@pytest.fixture
def work(context):
    """One run alone, one of two cohorts together, and the jobs about them with their ids."""
    with writing() as db:
        amara = make_person(db, "Amara Okafor", roles=("program_manager",))
        cohorts = [make_cohort(db, CohortState.MATCHING, amara, title=t) for t in ("A", "B", "C")]
        for cohort in cohorts:
            for role in (Role.MENTEE, Role.MENTOR):
                for number in range(2):
                    make_enrollment(db, cohort, role, n=number)
        alone = runs.start_run(db, amara.id, cohort_id=cohorts[0].id).id
        together = [cohort.id for cohort in cohorts[1:]]
        joint = runs.start_joint_run(db, amara.id, cohort_ids=together).id
        cohort_id = cohorts[0].id
    return {
        "run_match": alone,
        "run_joint": joint,
        "replay_run": alone,
        "follow_cohort": cohort_id,
    }


def everything() -> dict[str, list[str]]:
    """Every row of every table."""
    end_reading()
    db = reading()
    found = {
        name: sorted(map(repr, db.execute(select(table))))
        for name, table in metadata.tables.items()
    }
    end_reading()
    return found


def deliver(work) -> None:
    for name, about in work.items():
        jobs.jobs[name].run(str(about))
    end_reading()
    for _name, sweep in jobs.sweeps:
        if sweep.run.__module__.startswith("app.programs"):
            sweep.run()
    end_reading()


def publish(work) -> None:
    with writing() as db:
        runs.publish(db, None, run_id=work["run_match"])
        runs.publish_joint_run(db, None, joint_id=work["run_joint"])
        replays.ask_replay(db, None, run_id=work["run_match"])


def answer(work) -> None:
    """One offer is accepted, one declined: there is somebody to look for again."""
    with writing() as db:
        made = db.execute(
            select(Offer.id, Enrollment.person_id)
            .join(Offer.mentee)
            .where(Offer.cohort_id == work["follow_cohort"])
            .order_by(Offer.id)
        ).all()
        (first, one), (second, other) = made
        offers.accept(db, one, offer_id=first)
        offers.decline(db, other, offer_id=second, reason=DeclineReason.TIME)


def test_a_job_that_comes_again_at_any_stage_changes_nothing(work):
    known = {n for n, job in jobs.jobs if job.run.__module__.startswith("app.programs")}
    assert work.keys() == known
    now = clock.now()
    steps = {"queued": None, "published": publish, "answered": answer}
    for number, (stage, step) in enumerate(steps.items()):
        with clock.frozen(now + timedelta(minutes=31 * number)):
            if step is not None:
                step(work)
        with clock.frozen(now + timedelta(minutes=31 * (number + 1))):
            before = everything()
            deliver(work)
            first = everything()
            assert first != before, f"{stage}: there was something to do"
            deliver(work)
            assert everything() == first, stage
        states = set(reading().scalars(select(MatchRun.state)))
        end_reading()
        assert states == {STAGES[stage]}, stage
