"""kill -9 in the middle of a run and of a publication: it goes on or is as if it had not begun."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery
from app.mentoring.models import Relationship
from app.programs.jobs import publish_runs, run_match
from app.programs.models import Candidate, MatchRun, Offer
from app.programs.rules import CohortState, RunState
from app.programs.services import runs
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort
from tests.programs.test_runs import enroll

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_id(context):
    """A queued run over five mentees and three mentors."""
    with writing() as db:
        amara = make_person(db, "Amara Okafor", roles=("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING)
        enroll(db, cohort, mentees=5, mentors=3)
        return runs.start_run(db, amara.id, cohort_id=cohort.id).id


def killed_while(environ, *what: str) -> None:
    """A real process that says when it is in the middle, and then is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.programs.doomed", *what],
        cwd=ROOT,
        text=True,
        env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    said = any(line.strip() == "here" for line in process.stdout)
    process.kill()
    process.wait()
    assert said, "it ended before its middle"
    end_reading()


def counts() -> dict[str, int]:
    end_reading()
    return {
        model.__name__: reading().scalar(select(func.count()).select_from(model)) or 0
        for model in (Candidate, Offer, Delivery, Relationship)
    }


def test_a_run_whose_worker_is_killed_leaves_nothing_and_is_taken_up_again(environ, run_id):
    killed_while(environ, "run", str(run_id))
    run = reading().get_one(MatchRun, run_id)
    assert run.state is RunState.RUNNING and counts()["Candidate"] == 0
    assert runs.waiting_runs(reading()) == [], "its lease still holds"
    end_reading()
    with writing() as db:
        db.get_one(MatchRun, run_id).lease_until = clock.machine_now() - timedelta(seconds=1)
    assert runs.waiting_runs(reading()) == [run_id]
    run_match(str(run_id))
    end_reading()
    assert reading().get_one(MatchRun, run_id).state is RunState.REVIEW
    assert counts()["Candidate"] == 5


def test_a_publication_whose_worker_is_killed_is_never_half(environ, run_id):
    run_match(str(run_id))
    end_reading()
    with writing() as db:
        runs.publish(db, None, run_id=run_id)
        db.get_one(MatchRun, run_id).publish_at = clock.now() - timedelta(seconds=1)
    killed_while(environ, "publish", str(run_id))
    assert counts() == {"Candidate": 5, "Offer": 0, "Delivery": 0, "Relationship": 0}
    assert reading().get_one(MatchRun, run_id).state is RunState.PUBLISHING
    end_reading()
    publish_runs()
    first = counts()
    publish_runs()
    assert counts() == first and first["Offer"] == 5 and first["Relationship"] == 0
    assert reading().get_one(MatchRun, run_id).state is RunState.PUBLISHED


def test_a_recall_leaves_no_mail_no_offer_and_no_pair(run_id):
    run_match(str(run_id))
    end_reading()
    with writing() as db:
        runs.publish(db, None, run_id=run_id)
    with writing() as db:
        runs.recall(db, None, run_id=run_id)
    with clock.frozen(clock.now() + timedelta(days=2)):
        publish_runs()
    assert counts() == {"Candidate": 5, "Offer": 0, "Delivery": 0, "Relationship": 0}
