"""A cohort closes in three weeks: its pairs are asked, go on, or look back; nobody is cut off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.core import clock
from app.core.database import reading, writing
from app.mentoring.models import Relationship
from app.mentoring.rules import ClosingReason, RelationshipState
from app.mentoring.services import pausing, terms
from app.programs.jobs import close_cohorts
from app.programs.models import Cohort
from app.programs.rules import CohortState
from app.programs.services import programs
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort
from tests.simulation.days import now_is, people, sweep_at, told

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday(app):
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pairs(app):
    """Three pairs under way and one in its trial, in a cohort that begins to close."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",))
        cohort = make_cohort(db, CohortState.ACTIVE, amara)
        found = [make_pair(db, cohort=cohort) for _n in range(4)]
        for pair in found[:3]:
            pair.state = RelationshipState.ACTIVE
    with app.app_context(), writing() as db:
        programs.move_cohort(db, amara.id, cohort_id=cohort.id, to=CohortState.CLOSING)
    return found


def say_yes(pair, *who) -> None:
    with writing() as db:
        for person_id in who:
            terms.answer_renewal(db, person_id, relationship_id=pair.id, says_yes=True)


def cohort_of(pair) -> Cohort:
    return reading().get_one(Cohort, pair.cohort_id)


def test_closing_asks_every_pair_and_settles_all_after_three_weeks(context, pairs):
    goes_on, one_yes, silent, in_trial = pairs
    for pair in pairs[:3]:
        assert told("renewal_question", pair) == set(people(pair))
        assert now_is(pair).ends_on == date(2026, 12, 14) == cohort_of(pair).ends_on
    assert not told("renewal_question", in_trial)
    say_yes(goes_on, *people(goes_on))
    say_yes(one_yes, people(one_yes)[0])
    with clock.frozen(NOW + 20 * DAY):
        close_cohorts()
    sweep_at(NOW + 20 * DAY)
    assert cohort_of(silent).state is CohortState.CLOSING
    assert now_is(silent).state is RelationshipState.ACTIVE
    for _twice in range(2):
        with clock.frozen(NOW + 21 * DAY):
            close_cohorts()
        sweep_at(NOW + 21 * DAY)
    assert cohort_of(silent).state is CohortState.CLOSED
    assert (now_is(goes_on).state, now_is(goes_on).term) == (RelationshipState.ACTIVE, 2)
    assert now_is(one_yes).state is now_is(silent).state is RelationshipState.CONCLUDING
    assert now_is(in_trial).closing_reason is ClosingReason.COHORT_END
    sweep_at(NOW + 36 * DAY)
    assert now_is(silent).closing_reason is ClosingReason.COMPLETED, "with a certificate"
    assert now_is(goes_on).state is RelationshipState.ACTIVE


@pytest.mark.parametrize("both", [True, False])
def test_two_yeses_count_although_the_pair_pauses_when_the_cohort_closes(context, pairs, both):
    resting = pairs[0]
    say_yes(resting, *people(resting)[: 2 if both else 1])
    with writing() as db, clock.frozen(NOW + DAY):
        until = (NOW + 40 * DAY).date()
        pausing.pause(db, people(resting)[0], relationship_id=resting.id, until=until)
    with clock.frozen(NOW + 21 * DAY):
        close_cohorts()
    sweep_at(NOW + 21 * DAY)
    if not both:
        assert now_is(resting).closing_reason is ClosingReason.COHORT_END
        return
    assert (now_is(resting).state, now_is(resting).term) == (RelationshipState.PAUSED, 2)
    assert told("pair_renewed", resting) == set(people(resting))
    sweep_at(NOW + 41 * DAY)
    assert now_is(resting).state is RelationshipState.ACTIVE


def test_an_organizer_who_closes_earlier_reads_how_many_have_not_answered(app, pairs):
    goes_on, one_yes, silent, _in_trial = pairs
    with app.app_context():
        say_yes(goes_on, *people(goes_on))
        say_yes(one_yes, people(one_yes)[0])
        slug = cohort_of(silent).program.slug
    amara = Browser(app, lang="en").sign_in("amara@t.example").get(f"/programs/{slug}/manage/")
    assert "2 pairs have not answered whether they go on." in amara.html
    amara.submit("Close the cohort")
    with app.app_context():
        assert cohort_of(silent).state is CohortState.CLOSED
        sweep_at(NOW + timedelta(hours=1))
        assert (now_is(goes_on).state, now_is(goes_on).term) == (RelationshipState.ACTIVE, 2)
        assert now_is(silent).state is RelationshipState.CONCLUDING, "they look back first"


def test_a_trial_that_becomes_a_pair_while_the_cohort_closes_is_asked_as_well(context, pairs):
    late = pairs[-1]
    with writing() as db:
        db.get_one(Relationship, late.id).state = RelationshipState.ACTIVE
    sweep_at(NOW + 15 * DAY)
    assert told("renewal_question", late) == set(people(late))
    assert now_is(late).ends_on == date(2026, 12, 14)
