"""Bugs of other products about local time and series, each by its name, which must not be ours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import icalendar
import pytest
from sqlalchemy import func, select

import app.events.services as event_services
from app.core import clock
from app.core.database import writing
from app.core.locale import speaking
from app.ergs.models import Erg
from app.ergs.rules import Discovery, Visibility
from app.events import ical, messages, rules
from app.events.models import Occurrence, Rsvp, Series, SeriesDate
from app.events.rules import Audience, Mode, Reply, RsvpState
from app.events.rules.series import Frequency, Recurrence, Repeats
from app.events.services import series as services
from app.events.services import subscriptions
from app.holidays import services as holidays
from app.holidays.queries import between
from app.holidays.rules import DayOff
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 9, 8, 10, tzinfo=UTC)
WEEKLY = Recurrence(Frequency.WEEKLY, weekdays=(1,))


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-09-01T09:00Z"}


@pytest.fixture
def weekly(write):
    """Makes a weekly series of a group; returns its id and that of a person who may come."""

    def make(starts_at=TUESDAY, zone="Europe/Berlin", erg_traits=None, rule=WEEKLY, **traits):
        with write() as db:
            lead = make_person(db, "Dalia Lead", "dalia@t.example", PASSWORD, zone=zone).id
            person = make_person(db, "Bo Guest", "bo@t.example", PASSWORD, zone=zone).id
            erg = make_erg(db, "women", lead=lead, **(erg_traits or {}))
            make_member(db, db.get(Erg, erg.id), person)
            event = make_event(db, erg, "Lunch", starts_at=starts_at, zone=zone, **traits)
            made = services.repeat(db, lead, occurrence_id=event.id, repeats=Repeats(rule))
            return made.id, person, lead

    return make


def occurrences(db) -> list[Occurrence]:
    chosen = select(Occurrence).join(SeriesDate, SeriesDate.occurrence_id == Occurrence.id)
    return list(db.scalars(chosen.order_by(SeriesDate.day)))


def test_bug_utc_printed_under_a_local_label(app, weekly) -> None:
    series_id, _person, _lead = weekly()
    bo = Browser(app).sign_in("bo@t.example")
    bo.get(f"/events/series/{series_id}/")
    assert bo.has("12:00") and not bo.has("10:00")
    bo.click("Sep 8")
    assert bo.has("12:00 PM GMT+02:00") or bo.has("12:00 PM CEST")


def test_bug_todays_offset_used_across_a_dst_change(weekly, write) -> None:
    weekly()
    with write() as db:
        hours = [row.starts_at.hour for row in occurrences(db)]
    assert hours == [10] * 7 + [11] * 6


def test_bug_a_series_jumping_an_hour(weekly, write) -> None:
    series_id, _person, _lead = weekly()
    with write() as db:
        assert {row.wall_start.time() for row in occurrences(db)} == {time(12)}
    for weeks in (10, 30, 60):
        with clock.frozen(NOW + timedelta(weeks=weeks)), write() as db:
            services.extend(db, series_id)
            rows = occurrences(db)
        shown = {rules.wall_of(row.starts_at, "Europe/Berlin").time() for row in rows}
        assert shown == {time(12)}


def test_bug_an_evening_event_west_of_utc_landing_on_the_next_day(weekly, write) -> None:
    start = datetime(2026, 9, 9, 3, tzinfo=UTC)  # Tuesday, 20:00 in Los Angeles
    weekly(starts_at=start, zone="America/Los_Angeles")
    with write() as db:
        rows = occurrences(db)
        assert {row.wall_start.weekday() for row in rows} == {1}
        days = db.scalars(select(SeriesDate.day).order_by(SeriesDate.day)).all()
        assert [row.wall_start.date() for row in rows] == list(days)


def test_bug_all_day_off_by_one(weekly, write, app) -> None:
    """A holiday is a day of the event's own zone, its last day counts, and no instant is made."""
    with write() as db:
        holidays.add(db, None, starts_on=date(2026, 9, 14), ends_on=date(2026, 9, 15), name="Rest")
        found = between(db, date(2026, 9, 1), date(2026, 9, 30))
        assert sorted(found) == [date(2026, 9, 14), date(2026, 9, 15)]
    assert DayOff(date(2026, 9, 15), date(2026, 9, 15), "x").days == [date(2026, 9, 15)]
    for zone, start in (
        ("Pacific/Apia", datetime(2026, 9, 7, 18, tzinfo=UTC)),  # Tuesday 07:00 there
        ("America/Los_Angeles", datetime(2026, 9, 9, 3, tzinfo=UTC)),  # Tuesday 20:00 there
    ):
        with write() as db:
            erg = make_erg(db, zone.split("/")[1].lower().replace("_", "-"))
            event = make_event(db, erg, "Lunch", starts_at=start, zone=zone)
            repeats = Repeats(WEEKLY, skips_holidays=True)
            made = services.repeat(db, None, occurrence_id=event.id, repeats=repeats)
            chosen = select(SeriesDate.day).where(SeriesDate.series_id == made.id)
            days = set(db.scalars(chosen))
        assert date(2026, 9, 8) in days and date(2026, 9, 22) in days
        assert date(2026, 9, 15) not in days


def test_bug_roll_over_wiping_rsvps(weekly, write) -> None:
    series_id, person, _lead = weekly()
    with write() as db:
        chosen = [row.id for row in occurrences(db)][2:4]
        for occurrence_id in chosen:
            event_services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
        before = {row.id: (row.state, row.sequence) for row in db.scalars(select(Rsvp))}
    for weeks in (1, 2, 5, 20):
        with clock.frozen(NOW + timedelta(weeks=weeks)), write() as db:
            services.extend(db, series_id)
    with write() as db:
        after = {row.id: (row.state, row.sequence) for row in db.scalars(select(Rsvp))}
    assert after == before and len(after) == 2


def test_bug_duplicate_occurrences(weekly, write, app) -> None:
    """Four sweeps at the same moment make each date once."""
    series_id, person, _lead = weekly()
    with write() as db:
        subscriptions.subscribe(db, person, series_id=series_id, mode=Mode.IN_PERSON)
    barrier, faults, made = Barrier(4), [], []

    def sweep() -> None:
        barrier.wait(timeout=60)
        try:
            with app.app_context(), clock.frozen(NOW + timedelta(weeks=6)):
                with writing() as db:
                    made.append(len(services.extend(db, series_id)))
                with writing() as db:
                    subscriptions.answer_dates(db, series_id, person)
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=sweep) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert sorted(made) == [0, 0, 0, 6]
    with write() as db:
        per_start = db.execute(
            select(Occurrence.starts_at, func.count()).group_by(Occurrence.starts_at)
        ).all()
        assert {count for _start, count in per_start} == {1}
        assert len(per_start) == 19
        assert db.scalar(select(func.count()).select_from(Rsvp)) == 19


def test_bug_a_private_flag_lost_on_an_edited_occurrence(weekly, write, app) -> None:
    series_id, person, lead = weekly(
        erg_traits={"discovery": Discovery.HIDDEN, "roster": Visibility.NOBODY},
        audience=Audience.MEMBERS,
    )
    with write() as db:
        second = occurrences(db)[1]
        event_services.answer(db, person, occurrence_id=second.id, reply=Reply.GOING)
        plan = make_plan(
            "Lunch elsewhere",
            starts_at=second.starts_at,
            zone="Europe/Berlin",
            venue="Park",
            audience=Audience.MEMBERS,
        )
        assert event_services.revise(db, lead, occurrence_id=second.id, plan=plan)
        second_id = second.id
    with write() as db:
        edited = db.get(Occurrence, second_id)
        template = db.get(Series, series_id).event
        assert edited.event_id != template.id
        assert edited.event.is_hidden and template.is_hidden
        assert edited.event.audience is Audience.MEMBERS
        rsvp = db.scalar(select(Rsvp).where(Rsvp.occurrence_id == second_id))
        with speaking("en", "UTC"):
            entry = messages.entry_of(rsvp)
    assert entry.is_private and "Lunch" not in entry.summary and entry.location == ""
    parsed = icalendar.Calendar.from_ical(ical.calendar([entry], method="PUBLISH"))
    event = parsed.walk("VEVENT")[0]
    assert (event["class"], "Park" in str(event)) == ("PRIVATE", False)


def test_bug_a_moved_series_leaves_its_answers_behind(weekly, write) -> None:
    """The neighbor of roll-over: a split keeps states, entries and order of every answer."""
    from app.events.rules.series import Change
    from app.events.services.series_change import revise_series

    series_id, person, lead = weekly(seats_in_person=1)
    with write() as db:
        other = make_person(db, "Kai Late").id
        subscriptions.subscribe(db, person, series_id=series_id, mode=Mode.IN_PERSON)
        subscriptions.subscribe(db, other, series_id=series_id, mode=Mode.IN_PERSON)
        change = Change(
            "Lunch",
            "",
            "Hall 1",
            "",
            date(2026, 9, 24),
            time(18),
            "Europe/Berlin",
            60,
            1,
            0,
            Repeats(Recurrence(Frequency.WEEKLY, weekdays=(3,))),
        )
        before = {row.id: (row.state, row.entry_id) for row in db.scalars(select(Rsvp))}
        revise_series(db, lead, series_id=series_id, change=change, from_day=date(2026, 9, 22))
    with write() as db:
        after = {row.id: (row.state, row.entry_id) for row in db.scalars(select(Rsvp))}
        assert {key: after[key] for key in before} == before
        assert {state for state, _entry in before.values()} == {
            RsvpState.GOING,
            RsvpState.WAITLISTED,
        }
