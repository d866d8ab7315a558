"""A wave that somebody starts: at once, once, and taken back while nothing has left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.programs.jobs import publish_runs, rolling_waves, run_match
from app.programs.models import Cohort, MatchRun, Offer
from app.programs.rules import CohortState, RunState
from app.programs.services import waves
from app.programs.services.programs import add_cohort
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.formats import make_members
from tests.factories.programs import make_cohort


@pytest.fixture
def desk(app):
    """An always open cohort of peers whose last wave was just now, and its organizer's browser."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        first = make_cohort(db, manager=amara, template="peer", title="Peers")
        cohort = add_cohort(
            db, amara.id, program_id=first.program_id, title="Always", is_evergreen=True
        )
        cohort.state, cohort.waved_at = CohortState.ENROLLING, clock.now()
        url = f"/programs/{first.program.slug}/manage/?cohort={cohort.id}"
    return cohort, url, Browser(app).sign_in("amara@t.example")


def amara(db):
    return db.scalars(select(Person.id).where(Person.email == "amara@t.example")).one()


def states(app) -> list[RunState]:
    with app.app_context():
        found = reading().scalars(select(MatchRun.state).order_by(MatchRun.created_at)).all()
        end_reading()
    return list(found)


def work(app) -> None:
    with app.app_context():
        for run_id in reading().scalars(select(MatchRun.id)).all():
            end_reading()
            run_match(str(run_id))
        end_reading()


def sent(app, minutes: int) -> int:
    with app.app_context(), clock.frozen(clock.now() + timedelta(minutes=minutes)):
        publish_runs()
        end_reading()
        found = reading().scalar(select(func.count()).select_from(Offer)) or 0
        end_reading()
    return found


def test_a_wave_is_started_called_off_and_started_again(app, desk):
    cohort, url, browser = desk
    browser.get(url)
    browser.submit("Start a wave now")
    assert browser.status == 409 and browser.has("Fewer than 2 people wait here")
    with app.app_context(), writing() as db:
        make_members(db, cohort, 4)
    with app.app_context():
        rolling_waves()
        end_reading()
    assert states(app) == [], "four people wait for the day of the next wave"
    browser.get(url)
    browser.submit("Start a wave now")
    assert browser.has("The wave has started") and states(app) == [RunState.QUEUED]
    browser.submit("Undo")
    assert browser.has("The wave is called off") and states(app) == [RunState.DISCARDED]
    work(app)
    browser.get(url)
    browser.submit("Start a wave now")
    work(app)
    browser.get(url)
    assert browser.has("A wave is under way") and not browser.has("Start a wave now")
    browser.submit("Call it off")
    assert states(app) == [RunState.DISCARDED] * 2 and sent(app, 31) == 0
    browser.submit("Start a wave now")
    work(app)
    assert sent(app, 31) == 4 and states(app)[-1] is RunState.PUBLISHED
    with app.app_context():
        newest = select(MatchRun.id).order_by(MatchRun.created_at.desc()).limit(1)
        run_id = reading().scalar(newest)
        end_reading()
        with writing() as db, pytest.raises(Refused, match="too late"):
            waves.call_off_wave(db, cohort.id, run_id=run_id)
    assert sent(app, 31) == 4


def test_a_cohort_that_is_reviewed_has_no_button_and_no_wave(app):
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.MATCHING, amara)
        url = f"/programs/{cohort.program.slug}/manage/"
    browser = Browser(app).sign_in("amara@t.example")
    browser.get(url)
    assert not browser.has("Start a wave now")
    with app.app_context(), writing() as db, pytest.raises(Refused, match="not matched in waves"):
        waves.start_wave_now(db, amara.id, cohort_id=cohort.id)
    assert states(app) == []


def test_a_wave_that_was_called_off_puts_the_weekly_one_off_by_nothing(app, desk):
    cohort, *_page = desk
    began = clock.now()
    with app.app_context(), writing() as db:
        db.get_one(Cohort, cohort.id).waved_at = None
        make_members(db, cohort, 4)
    with app.app_context():
        rolling_waves()  # the weekly one
        end_reading()
        with writing() as db:
            run = db.scalars(select(MatchRun)).one()
            run.state = RunState.FAILED
            weekly = run.created_at
    with clock.frozen(began + timedelta(days=3)), app.app_context(), writing() as db:
        by_hand = waves.start_wave_now(db, amara(db), cohort_id=cohort.id).id
        waves.call_off_wave(db, amara(db), run_id=by_hand)
    with app.app_context():
        assert reading().get_one(Cohort, cohort.id).waved_at == weekly
        end_reading()
        with clock.frozen(began + timedelta(days=7, minutes=1)):
            rolling_waves()
            end_reading()
    assert states(app)[-1] is RunState.QUEUED
