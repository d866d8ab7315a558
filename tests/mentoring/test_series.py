"""Whole series in one go, moved, canceled, undone; right at both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.walls import instant_of
from app.holidays import services as holidays
from app.mentoring.models import GuideSession, Meeting, Relationship
from app.mentoring.rules import RelationshipState, SessionState
from app.mentoring.rules.series import series_of
from app.mentoring.services import series, sessions, undoing
from app.programs.models import Enrollment
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair, plan_session

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST = datetime(2026, 12, 1, 10)


@pytest.fixture(autouse=True)
def monday(request):
    if "app" in request.fixturenames or "context" in request.fixturenames:
        request.getfixturevalue("app")  # making the app sets its own clock
    clock.configure(NOW.isoformat())
    yield
    clock.configure(None)


@pytest.fixture
def pair(context):
    with writing() as db:
        return make_pair(db)


def all_of(pair) -> list[Meeting]:
    found = select(Meeting).where(Meeting.relationship_id == pair.id)
    return list(reading().scalars(found.order_by(Meeting.starts_at)))


def plan_all(pair, first: datetime = FIRST, zone: str = "Europe/Berlin", count: int = 6):
    with writing() as db:
        return series.plan_series(
            db,
            pair.members[0].person_id,
            relationship_id=pair.id,
            first=first,
            zone=zone,
            count=count,
        )


def due(kind: str, meeting: Meeting) -> list[datetime]:
    return sorted({d.due_at for d in outbox.pending(reading(), kind, meeting.id)})


# -- the days -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(1, 30),
    st.integers(1, 26),
    st.sets(st.integers(0, 200), max_size=30),
    st.integers(0, 60),
)
def test_a_series_keeps_its_order_and_never_falls_on_a_day_off(day, cadence, count, off, pause):
    closed = {day + timedelta(days=n) for n in off}
    paused = (day + timedelta(days=10), day + timedelta(days=10 + pause))
    found = series_of(
        datetime.combine(day, FIRST.time()),
        "Europe/Berlin",
        count=count,
        cadence_days=cadence,
        off=closed,
        pauses=[paused],
    )
    days = [one.at.wall.date() for one in found]
    assert len(found) == count and days == sorted(set(days))
    for one in found:
        at = one.at.wall.date()
        assert at not in closed and not paused[0] <= at <= paused[1] and at >= one.meant
        assert one.at.wall.time() == FIRST.time() and one.at.instant > datetime(
            2025, 1, 1, tzinfo=UTC
        )
        assert day.weekday() > 4 or at.weekday() <= 4


def test_a_holiday_moves_to_the_next_working_day_and_a_pause_by_whole_weeks():
    friday = datetime(2026, 12, 4, 10)
    found = series_of(
        friday,
        "UTC",
        count=4,
        cadence_days=7,
        off=[date(2026, 12, 11)],
        pauses=[(date(2026, 12, 16), date(2026, 12, 27))],
    )
    days = [one.at.wall.date().isoformat() for one in found]
    assert days == ["2026-12-04", "2026-12-14", "2027-01-01", "2027-01-04"]
    assert [one.is_moved for one in found] == [False, True, True, True]


@pytest.mark.parametrize(
    ("zone", "first", "offsets"),
    [
        ("Europe/Berlin", datetime(2027, 3, 16, 10), [9, 8]),
        ("America/New_York", datetime(2026, 10, 27, 10), [14, 15]),
    ],
)
def test_the_wall_time_stays_when_the_clocks_change(zone, first, offsets):
    found = series_of(first, zone, count=2, cadence_days=14)
    assert [one.at.wall.hour for one in found] == [10, 10]
    assert [one.at.instant.hour for one in found] == offsets


def test_a_time_that_the_clocks_skip_or_show_twice_is_told():
    skipped = series_of(datetime(2027, 3, 21, 2, 30), "Europe/Berlin", count=2, cadence_days=7)
    assert [one.at.is_moved for one in skipped] == [False, True]
    assert skipped[1].at.wall.hour == 3
    twice = series_of(datetime(2026, 10, 18, 2, 30), "Europe/Berlin", count=2, cadence_days=7)
    assert [one.at.is_twice for one in twice] == [False, True]


# -- planned in one go --------------------------------------------------------------------------


def test_all_sessions_of_the_guide_are_planned_around_holidays_and_pauses(pair):
    with writing() as db:
        holidays.add(db, None, starts_on=date(2026, 12, 15), name="Day of rest")
        enrollment = db.get_one(Enrollment, pair.members[1].enrollment_id)
        enrollment.paused_until = date(2026, 12, 3)
        guide = list(db.scalars(select(GuideSession.id).order_by(GuideSession.position)))
    plan_all(pair)
    found = all_of(pair)
    assert [m.guide_session_id for m in found] == guide[:6] and len(found) == 6
    assert found[0].wall_time == datetime(2026, 12, 8, 10), "after the pause"
    assert found[1].wall_time == datetime(2026, 12, 16, 10), "after the holiday"
    assert all(instant_of(m.wall_time, m.zone) == m.starts_at for m in found)
    for meeting in found:
        assert len(due("session_entry", meeting)) == 1 and not due("session_planned", meeting)
    db = reading()
    told = outbox.pending(db, "series_planned", pair.id)
    assert {d.person_id for d in told} == {m.person_id for m in pair.members}
    assert {d.channel for d in told} == {"in_app"}, "entries by mail, the news once"


def test_undo_of_a_series_takes_back_no_news_of_another(pair):
    first, second = plan_all(pair), plan_all(pair, FIRST + timedelta(days=100), count=2)
    who = pair.members[0].person_id
    with writing() as db:
        series.take_back_series(db, who, relationship_id=pair.id, series_id=second)
    still = outbox.pending(reading(), "series_planned", pair.id)
    assert {row.occasion for row in still} == {first.hex}
    assert {row.person_id for row in still} == {m.person_id for m in pair.members}


def test_one_of_them_moves_alone_with_exactly_one_reminder_at_the_new_time(pair):
    plan_all(pair)
    before = all_of(pair)
    moving, rest = (
        before[2],
        [(m.id, m.starts_at, m.revision) for m in before if m is not before[2]],
    )
    new = moving.wall_time + timedelta(days=1, hours=3)
    with writing() as db:
        sessions.reschedule(
            db,
            pair.members[1].person_id,
            session_id=moving.id,
            wall_time=new,
            zone="Europe/Berlin",
        )
    after = all_of(pair)
    assert [(m.id, m.starts_at, m.revision) for m in after if m.id != moving.id] == rest
    moved = reading().get_one(Meeting, moving.id)
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert due("session_reminder", moved) == [moved.starts_at - day, moved.starts_at - hour]
    for member in pair.members:
        mine = [
            d
            for d in outbox.pending(reading(), "session_reminder", moved.id)
            if d.person_id == member.person_id and d.channel == "mail"
        ]
        assert [d.occasion for d in mine] == ["day", "hour"] and {d.revision for d in mine} == {2}


def test_undo_of_a_series_takes_back_what_lies_ahead(pair):
    series_id = plan_all(pair)
    with clock.frozen(NOW + timedelta(days=10)), writing() as db:
        sessions.mark_due(db)
        canceled = series.take_back_series(
            db, pair.members[0].person_id, relationship_id=pair.id, series_id=series_id
        )
    states = [m.state for m in all_of(pair)]
    assert canceled == 5 and states[0] is SessionState.DUE
    assert set(states[1:]) == {SessionState.CANCELED}
    assert not outbox.pending(reading(), "series_planned", pair.id)


def test_undo_of_a_move_restores_time_place_and_reminders(pair):
    with writing() as db:
        meeting = plan_session(db, pair, place="Room 4")
    was = meeting.starts_at
    me = pair.members[0].person_id
    with writing() as db:
        sessions.reschedule(
            db, me, session_id=meeting.id, wall_time=datetime(2026, 12, 1, 10), zone="Asia/Tokyo"
        )
    with writing() as db:
        undoing.put_back(db, me, session_id=meeting.id)
    kept = reading().get_one(Meeting, meeting.id)
    assert (kept.starts_at, kept.zone, kept.place, kept.revision) == (was, "UTC", "Room 4", 3)
    assert due("session_reminder", kept) == [was - timedelta(days=1), was - timedelta(hours=1)]
    with writing() as db, pytest.raises(Refused):
        undoing.put_back(db, me, session_id=meeting.id)


def test_undo_of_a_cancellation_brings_it_back_while_it_lies_ahead(pair):
    with writing() as db:
        meeting = plan_session(db, pair)
    me = pair.members[0].person_id
    with writing() as db:
        sessions.cancel(db, me, session_id=meeting.id)
    with writing() as db:
        undoing.put_back(db, me, session_id=meeting.id)
    kept = reading().get_one(Meeting, meeting.id)
    assert kept.state is SessionState.SCHEDULED and kept.revision == 3
    assert not outbox.pending(reading(), "session_canceled", meeting.id)
    assert {d.revision for d in outbox.pending(reading(), "session_planned", meeting.id)} == {3}
    with writing() as db:
        sessions.cancel(db, me, session_id=meeting.id)
    with clock.frozen(NOW + timedelta(days=5)), writing() as db, pytest.raises(Refused):
        undoing.put_back(db, me, session_id=meeting.id)


def test_a_pair_that_pauses_plans_nothing(pair):
    with writing() as db:
        db.get_one(Relationship, pair.id).state = RelationshipState.PAUSED
    with pytest.raises(Refused, match="pausing"):
        plan_all(pair)


@pytest.mark.parametrize("day", [datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 14, 2, 30)])
def test_a_skipped_time_is_refused_with_the_moment_that_is_meant(pair, day):
    zone = "Europe/Berlin" if day.day == 28 else "America/New_York"
    with writing() as db, pytest.raises(Refused, match="The clocks skip this time"):
        sessions.plan(
            db, pair.members[0].person_id, relationship_id=pair.id, wall_time=day, zone=zone
        )


def test_of_a_time_shown_twice_the_one_that_was_meant_is_kept(pair):
    wall = datetime(2027, 10, 31, 2, 30)
    found = []
    for fold in (0, 1):
        with writing() as db:
            meeting = sessions.plan(
                db,
                pair.members[0].person_id,
                relationship_id=pair.id,
                wall_time=wall,
                zone="Europe/Berlin",
                fold=fold,
            )
            found.append(meeting.starts_at)
    assert found[1] - found[0] == timedelta(hours=1)


# -- pages --------------------------------------------------------------------------------------


@pytest.fixture
def couple(app):
    with app.app_context(), writing() as db:
        mina = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        omar = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, zone="Europe/Berlin")
        return make_pair(db, mina, omar)


def test_the_days_are_shown_before_all_are_planned_and_one_undo_takes_them_back(app, couple):
    mina = Browser(app).sign_in("mina@t.example")
    mina.get(f"/mentoring/{couple.id}/").click("Plan all sessions at once")
    mina.submit("Show the days", day="2020-01-01", time="10:00")
    assert mina.status == 422 and mina.has("This day has passed")
    mina.get(f"/mentoring/{couple.id}/series/")
    mina.submit("Show the days", day="2027-03-14", time="02:30", zone="Europe/Berlin", count="3")
    assert mina.has("The clocks skip the usual time on that day") and mina.has("3 sessions")
    with app.app_context():
        assert all_of(couple) == [], "looking plans nothing"
    mina.submit("Plan these 3 sessions")
    assert mina.has("All sessions are planned.") and mina.has("Scheduled")
    with app.app_context():
        assert len(all_of(couple)) == 3
    mina.submit("Undo")
    assert mina.has("The sessions are canceled")
    with app.app_context():
        assert {m.state for m in all_of(couple)} == {SessionState.CANCELED}


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_session_is_moved_and_canceled_by_hand_and_both_are_undone(app, couple, htmx):
    with app.app_context(), writing() as db:
        meeting = plan_session(db, couple)
    mina = Browser(app, htmx=htmx).sign_in("mina@t.example")
    mina.get(f"/mentoring/{couple.id}/")
    mina.submit("Move the session", day="2027-10-31", time="02:30", zone="Europe/Berlin")
    assert mina.status == 422 and mina.has("The clocks show this time twice on that day")
    mina.get(f"/mentoring/{couple.id}/")
    mina.submit("Move the session", day="2026-12-02", time="10:00", zone="Europe/Berlin")
    assert mina.has("The session is moved.")
    mina.submit("Undo")
    assert mina.has("Undone.")
    with app.app_context():
        assert reading().get_one(Meeting, meeting.id).starts_at == meeting.starts_at
    mina.get(f"/mentoring/{couple.id}/").submit("Cancel it")
    assert mina.has("The session is canceled")
    mina.submit("Undo")
    with app.app_context():
        assert reading().get_one(Meeting, meeting.id).state is SessionState.SCHEDULED


@pytest.mark.parametrize("many", [1, 60])
def test_pages_of_sessions_cost_eight_statements_with_one_and_with_sixty(
    app, couple, queries, many
):
    with app.app_context(), writing() as db:
        for n in range(many):
            meeting = plan_session(db, couple, NOW + timedelta(days=n + 1))
    mina = Browser(app).sign_in("mina@t.example")
    base = f"/mentoring/{couple.id}/"
    for path in (
        base,
        base + "sessions/",
        base + "times/",
        base + "series/",
        f"/mentoring/sessions/{meeting.id}/",
    ):
        with queries() as seen:
            assert mina.get(path).status == 200
        assert len(seen) <= 8, (path, len(seen), seen)
