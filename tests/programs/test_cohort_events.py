"""Events of a cohort: chosen on its desk, found at home by those whom the event is for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.database import writing
from app.core.errors import Refused
from app.core.policies import Actor
from app.ergs.models import Erg
from app.events.models import Occurrence, SeriesDate
from app.events.rules import Audience
from app.events.services.dates import own_event
from app.programs.models import CohortEvent
from app.programs.queries.events import events_of_cohort
from app.programs.rules import CohortState, EnrollmentState, Role
from app.programs.services import events as services
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event, make_series
from tests.factories.programs import make_cohort, make_enrollment


@pytest.fixture
def world(write):
    with write() as db:
        amara = make_person(db, "Amara Organizer", "amara@t.example", PASSWORD)
        bo = make_person(db, "Bo Mentee", "bo@t.example", PASSWORD)
        stranger = make_person(db, "Juno Other", "juno@t.example", PASSWORD)
        cohort = make_cohort(db, CohortState.ACTIVE, manager=amara)
        row = make_enrollment(db, cohort, Role.MENTEE, bo)
        row.state = EnrollmentState.READY
        erg = make_erg(db, "women", lead=make_person(db, "Dalia Lead").id)
        open_event = make_event(db, erg, "Kickoff of the year")
        inner = make_event(db, erg, "Inner circle", audience=Audience.MEMBERS)
        return {
            "cohort": cohort.id,
            "open": open_event.event_id,
            "inner": inner.event_id,
            "amara": amara.id,
            "stranger": stranger.id,
        }


def test_the_organizer_chooses_an_event_and_the_cohort_finds_it_at_home(app, world) -> None:
    bo = Browser(app).sign_in("bo@t.example")
    assert not bo.get("/").has("Kickoff of the year")
    amara = Browser(app).sign_in("amara@t.example")
    desk = f"/programs/cohorts/{world['cohort']}/events"
    amara.get(desk)
    assert not amara.has("Kickoff of the year"), "nothing is listed before words are entered"
    amara.get(f"{desk}?q=kickoff").submit("Choose")
    assert amara.has("Chosen.") and amara.has("Kickoff of the year")
    assert bo.get("/").has("An event of your mentoring program. Are you coming?")
    assert not Browser(app).sign_in("juno@t.example").get("/").has("Kickoff of the year")
    bo.click("Kickoff of the year").submit("I am coming")
    assert not bo.get("/").has("An event of your mentoring program")
    amara.get(desk).submit("Take away")
    assert amara.has("not as one of this cohort")
    amara.submit("Undo")
    assert amara.get(desk).has("Kickoff of the year")


def test_the_audience_stays_the_events_own_rule(app, world, write) -> None:
    """An event for members that somebody attached outs nothing to the cohort."""
    with write() as db:
        services.attach_event(db, None, cohort_id=world["cohort"], event_id=world["inner"])
    bo = Browser(app).sign_in("bo@t.example")
    assert not bo.get("/").has("Inner circle")
    with write() as db:
        date = db.scalar(select(Occurrence.id).where(Occurrence.event_id == world["inner"]))
    assert bo.get(f"/events/{date}/").status == 404


def test_an_event_that_the_organizer_does_not_find_is_not_chosen(app, world, write) -> None:
    amara = Browser(app).sign_in("amara@t.example")
    desk = f"/programs/cohorts/{world['cohort']}/events"
    assert not amara.get(f"{desk}?q=circle").has("Inner circle")
    amara.get(f"{desk}?q=kickoff").submit("Choose", event=str(world["inner"]))
    assert amara.status == 404
    with write() as db:
        assert db.scalars(select(CohortEvent)).all() == []


def test_choosing_twice_is_once_and_only_organizers_choose(world, context) -> None:
    where = {"cohort_id": world["cohort"], "event_id": world["open"]}
    for _ in range(2):
        with writing() as db:
            services.attach_event(db, world["amara"], **where)
    with writing() as db:
        assert len(db.scalars(select(CohortEvent)).all()) == 1
    with pytest.raises(Refused, match="Only organizers"), writing() as db:
        services.attach_event(db, world["stranger"], **where)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_an_event_planned_for_a_cohort_belongs_to_it_from_the_start(app, write, htmx) -> None:
    with write() as db:
        amara = make_person(db, "Amara Organizer", "amara@t.example", PASSWORD)
        dalia = make_person(db, "Dalia Lead", "dalia@t.example", PASSWORD)
        cohort = make_cohort(db, CohortState.ACTIVE, manager=amara)
        make_cohort(db, CohortState.CLOSED, manager=amara, title="Long over")
        make_erg(db, "women", lead=amara.id)
        make_erg(db, "others", lead=dalia.id)
    browser = Browser(app, htmx=htmx).sign_in("amara@t.example")
    browser.get(f"/programs/cohorts/{cohort.id}/events").click("Plan another event with")
    browser.click("Kickoff")
    assert browser.has("Career Growth · Spring") and not browser.has("Long over")
    browser.submit("Save", action="/events/new", belongs="cohort:nonsense")
    assert browser.status == 422, "a choice that is none"
    browser.get(f"/programs/cohorts/{cohort.id}/events").click("Plan a kickoff with")
    browser.submit("Save", action="/events/new", title="Our kickoff", day="2027-03-01")
    assert browser.has("Saved as a draft"), browser.text
    assert browser.get(f"/programs/cohorts/{cohort.id}/events").has("Our kickoff")
    browser.get("/events/new?host=women&kind=kickoff").submit(
        "Save", action="/events/new", title="For all", day="2027-03-01"
    )
    with write() as db:
        assert len(db.scalars(select(CohortEvent)).all()) == 1, "unasked it belongs to its group"
    dalias = Browser(app).sign_in("dalia@t.example").get("/events/new?host=others&kind=kickoff")
    assert dalias.has("Plan an event") and not dalias.has("Belongs to")


def test_dates_of_a_series_stay_with_the_cohort_when_they_are_changed_alone_or_from_then_on(
    world, write
) -> None:
    with write() as db:
        weekly = make_series(db, db.scalar(select(Erg).where(Erg.slug == "women")), "Lunch")
        services.attach_event(db, None, cohort_id=world["cohort"], event_id=weekly.event_id)
        rows = db.scalars(
            select(SeriesDate).where(SeriesDate.series_id == weekly.id).order_by(SeriesDate.day)
        ).all()
        own_event(db, rows[1].occurrence)
        assert rows[1].occurrence.event_id != weekly.event_id
        dates = events_of_cohort(db, Actor(person_id=world["amara"]), world["cohort"])
        assert {row.occurrence_id for row in rows} == {date.id for date in dates}
