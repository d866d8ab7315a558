"""Series: their dates ahead, changes of this, following and all, and coming to every date."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

import app.events.services as services
from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.core.policies import Actor
from app.ergs import services as erg_services
from app.ergs.models import Erg
from app.ergs.rules import Visibility
from app.events.models import Occurrence, Rsvp, Series, SeriesDate, SeriesSubscription
from app.events.queries import clashes, outlooks
from app.events.queries import series as series_queries
from app.events.queries.hosting import asked_of
from app.events.queries.series import own_dates_ahead
from app.events.rules import (
    Access,
    Audience,
    EventState,
    Mode,
    OccurrenceState,
    Question,
    QuestionKind,
    Reply,
    RsvpState,
)
from app.events.rules.series import Change, Frequency, Recurrence, Repeats, from_then_on
from app.events.services import series as series_services
from app.events.services import series_change, subscriptions
from app.holidays import services as holidays
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.events import make_event, make_plan

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 9, 8, 10, tzinfo=UTC)  # 12:00 in Berlin, before the clocks go back
WEEKLY = Recurrence(Frequency.WEEKLY, weekdays=(1,))
GOING, WITHDRAWN, WAITLISTED = RsvpState.GOING, RsvpState.WITHDRAWN, RsvpState.WAITLISTED


class World:
    """A group with a weekly lunch in Berlin, and six people."""

    def __init__(self) -> None:
        with writing() as db:
            self.lead = make_person(db, "Dalia Lead").id
            self.people = [make_person(db, f"Person {n}").id for n in range(6)]
            self.erg = make_erg(db, "women", lead=self.lead, roster=Visibility.COMPANY).id

    def lunch(self, rule: Recurrence = WEEKLY, starts_at=TUESDAY, repeats=None, **traits) -> None:
        traits.setdefault("zone", "Europe/Berlin")
        with writing() as db:
            first = make_event(db, db.get(Erg, self.erg), "Lunch", starts_at=starts_at, **traits)
            given = repeats or Repeats(rule)
            self.id = series_services.repeat(
                db, self.lead, occurrence_id=first.id, repeats=given
            ).id

    def dates(self, series_id=None) -> list[SeriesDate]:
        with writing() as db:
            chosen = select(SeriesDate).where(SeriesDate.series_id == (series_id or self.id))
            rows = list(db.scalars(chosen.order_by(SeriesDate.day)))
            for row in rows:
                _ = (
                    row.occurrence.event.accepted_hosts,
                    row.series.event,
                    row.occurrence.event.texts,
                )
            return rows

    def walls(self, series_id=None) -> list[datetime]:
        return [row.occurrence.wall_start for row in self.dates(series_id)]

    def occurrence(self, number: int):
        return self.dates()[number].occurrence_id

    def occurrence_in(self, db, number: int):
        chosen = select(SeriesDate.occurrence_id).where(SeriesDate.series_id == self.id)
        return db.scalars(chosen.order_by(SeriesDate.day)).all()[number]

    def answer(self, n: int, occurrence_id, reply=Reply.GOING, **fields) -> RsvpState:
        with writing() as db:
            return services.answer(
                db, self.people[n], occurrence_id=occurrence_id, reply=reply, **fields
            ).state

    def rsvp(self, n: int, occurrence_id) -> Rsvp | None:
        with writing() as db:
            return db.scalar(
                select(Rsvp).where(
                    Rsvp.occurrence_id == occurrence_id, Rsvp.person_id == self.people[n]
                )
            )

    def states(self, n: int) -> list[str]:
        return [
            str(found.state) if (found := self.rsvp(n, row.occurrence_id)) else "-"
            for row in self.dates()
        ]

    def change(self, **traits) -> Change:
        """A change of nothing but what is named."""
        with writing() as db:
            series = db.get(Series, self.id)
            anchor = traits.pop("anchor", None) or series_change.next_day(db, series)
            usual = Change(
                title="Lunch",
                description=series.event.texts[0].description,
                venue=series.event.venue,
                online_link=series.event.online_link,
                first_day=anchor,
                wall_time=series.wall_time,
                zone=series.zone,
                minutes=series.minutes,
                seats_in_person=series.seats_in_person,
                seats_online=series.seats_online,
                repeats=Repeats(from_then_on(series.recurrence, series.first_day, anchor)),
            )
            return replace(usual, **traits)

    def revise(self, change: Change, from_day: date | None = None):
        with writing() as db:
            return series_change.revise_series(
                db, self.lead, series_id=self.id, change=change, from_day=from_day
            )

    def extend(self) -> list:
        with writing() as db:
            return series_services.extend(db, self.id)

    def subscribe(self, n: int, mode=Mode.IN_PERSON, **fields) -> int:
        with writing() as db:
            return subscriptions.subscribe(
                db, self.people[n], series_id=self.id, mode=mode, **fields
            ).answered

    def sweep(self) -> None:
        with writing() as db:
            for series_id in series_services.to_extend(db):
                series_services.extend(db, series_id)
            for pair in subscriptions.to_answer(db):
                subscriptions.answer_dates(db, *pair)

    def pending(self, n: int) -> list[tuple[str, datetime]]:
        with writing() as db:
            rows = db.scalars(
                select(Delivery).where(
                    Delivery.person_id == self.people[n], Delivery.state == DeliveryState.PENDING
                )
            )
            return sorted((row.kind, row.due_at) for row in rows if row.channel == "mail")


@pytest.fixture
def world(context):
    with clock.frozen(NOW):
        yield World()


@contextmanager
def later(**delta):
    with clock.frozen(clock.now() + timedelta(**delta)):
        yield


def test_dates_are_made_ahead_at_the_same_time_on_the_clocks(world) -> None:
    world.lunch()
    rows = world.dates()
    assert {wall.time() for wall in world.walls()} == {time(12)}
    assert [row.occurrence.starts_at.hour for row in rows] == [10] * 7 + [11] * 6  # 25 October
    assert rows[-1].day <= (NOW + timedelta(days=92)).date()
    assert all(row.occurrence.event_id == row.series.event_id for row in rows)


def test_the_sweep_goes_on_and_a_second_run_changes_nothing(world) -> None:
    world.lunch()
    before = {row.day: row.occurrence_id for row in world.dates()}
    assert world.extend() == []
    with later(days=21):
        assert len(world.extend()) == 3
        assert world.extend() == []
        after = {row.day: row.occurrence_id for row in world.dates()}
    assert before.items() <= after.items()


def test_rare_dates_are_made_two_ahead_and_an_end_is_an_end(world) -> None:
    world.lunch(Recurrence(Frequency.YEARLY))
    assert [wall.year for wall in world.walls()] == [2026, 2027]
    world.lunch(Recurrence(Frequency.WEEKLY, weekdays=(1,), count=3), TUESDAY + timedelta(hours=3))
    assert len(world.walls()) == 3
    with later(days=300):
        assert world.extend() == []


def test_a_rule_must_name_its_first_day_and_one_more(world) -> None:
    with pytest.raises(Refused, match="first date"):
        world.lunch(Recurrence(Frequency.WEEKLY, weekdays=(2,)))
    with pytest.raises(Refused, match="only one date"):
        world.lunch(Recurrence(Frequency.WEEKLY, weekdays=(1,), count=1))


def test_only_leads_make_change_and_end_series(world) -> None:
    world.lunch()
    stranger, change = world.people[0], world.change(minutes=45)
    with writing() as db, pytest.raises(Refused, match="organizers"):
        series_change.revise_series(db, stranger, series_id=world.id, change=change, from_day=None)
    with writing() as db, pytest.raises(Refused, match="organizers"):
        series_services.end(db, stranger, series_id=world.id, from_day=None)


def test_holidays_are_skipped_where_wanted_and_days_left_out(world) -> None:
    with writing() as db:
        holidays.add(db, None, starts_on=date(2026, 9, 15), name="Founders' day")
        holidays.add(db, None, starts_on=date(2026, 9, 22), name="Cairo only", site="Cairo")
        holidays.add(db, None, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 7), name="Rest")
    world.lunch(repeats=Repeats(WEEKLY, True, "", frozenset({date(2026, 9, 29)})))
    days = [row.day for row in world.dates()]
    assert date(2026, 9, 22) in days
    assert not {date(2026, 9, 15), date(2026, 9, 29), date(2026, 10, 6)} & set(days)


def test_editing_one_date_leaves_the_others_and_keeps_its_place(world) -> None:
    world.lunch()
    one = world.occurrence(2)
    world.answer(0, one)
    with writing() as db:
        plan = make_plan(
            "Lunch in the park",
            starts_at=TUESDAY + timedelta(days=15),
            zone="Europe/Berlin",
            venue="Park",
        )
        assert "title" in services.revise(db, world.lead, occurrence_id=one, plan=plan)
    rows = world.dates()
    assert [row.is_edited for row in rows[:4]] == [False, False, True, False]
    assert rows[2].occurrence.event.venue == "Park"
    assert {row.occurrence.event.venue for row in rows if not row.is_edited} == {"Hall 1"}
    assert world.rsvp(0, one).sequence == 2
    assert world.extend() == []


def test_saving_one_date_unchanged_makes_no_copy(world) -> None:
    world.lunch()
    row = world.dates()[1]
    with writing() as db:
        plan = make_plan("Lunch", starts_at=row.occurrence.starts_at, zone="Europe/Berlin")
        assert not services.revise(db, world.lead, occurrence_id=row.occurrence_id, plan=plan)
    assert not world.dates()[1].is_edited


def test_all_changes_what_follows_the_template_and_nothing_else(world) -> None:
    world.lunch()
    edited, plain = world.occurrence(1), world.occurrence(2)
    world.answer(0, edited), world.answer(0, plain)
    with writing() as db:
        plan = make_plan("Special", starts_at=TUESDAY + timedelta(days=7), zone="Europe/Berlin")
        services.revise(db, world.lead, occurrence_id=edited, plan=plan)
    entry, version = world.rsvp(0, plain).entry_id, world.rsvp(0, edited).sequence
    seen = world.revise(world.change(wall_time=time(13), venue="Hall 2"))
    assert (seen.people, len(seen.dropped), len(seen.fresh)) == (1, 0, 0)
    walls = world.walls()
    assert walls[1].time() == time(12)
    assert {wall.time() for wall in walls[:1] + walls[2:]} == {time(13)}
    moved = world.rsvp(0, plain)
    assert (moved.state, moved.entry_id, moved.sequence) == (GOING, entry, 2)
    assert world.rsvp(0, edited).sequence == version
    assert len(world.dates()) == 13


def test_another_weekday_moves_each_date_within_its_week(world) -> None:
    world.lunch()
    one = world.occurrence(3)
    world.answer(0, one)
    first = date(2026, 9, 10)
    thursdays = Repeats(Recurrence(Frequency.WEEKLY, weekdays=(3,)))
    world.revise(world.change(first_day=first, repeats=thursdays))
    assert {wall.weekday() for wall in world.walls()} == {3}
    assert world.dates()[3].occurrence_id == one
    assert world.rsvp(0, one).sequence == 2
    assert ("event_entry", clock.now()) in world.pending(0)


def test_following_splits_and_keeps_answers_and_subscribers(world) -> None:
    world.lunch()
    world.subscribe(0)
    rows = world.dates()
    kept, moved = rows[1].occurrence_id, rows[4].occurrence_id
    entry = world.rsvp(0, moved).entry_id
    change = world.change(anchor=rows[4].day, wall_time=time(18))
    world.revise(change, rows[4].day)
    with writing() as db:
        later_id = db.scalar(select(Series.id).where(Series.follows_id == world.id))
    assert len(world.dates()) == 4
    assert {wall.time() for wall in world.walls()} == {time(12)}
    assert {wall.time() for wall in world.walls(later_id)} == {time(18)}
    assert len(world.walls(later_id)) == 9
    assert world.extend() == []
    found = world.rsvp(0, moved)
    assert (found.state, found.entry_id, found.sequence) == (GOING, entry, 2)
    assert world.rsvp(0, kept).sequence == 1
    with later(days=20), writing() as db:
        made = series_services.extend(db, later_id)
        assert len(made) == 3
        assert subscriptions.to_answer(db) == [(later_id, world.people[0])]


def test_another_zone_keeps_the_time_on_the_clocks(world) -> None:
    world.lunch()
    world.revise(world.change(zone="America/New_York"))
    rows = world.dates()
    assert {wall.time() for wall in world.walls()} == {time(12)}
    assert {row.occurrence.starts_at.hour for row in rows} == {16, 17}


def test_the_preview_says_what_then_happens_and_changes_nothing(world) -> None:
    world.lunch()
    for n in (0, 1):
        world.subscribe(n)
    change = world.change(
        repeats=Repeats(Recurrence(Frequency.WEEKLY, 2, (1,))), wall_time=time(12, 30)
    )
    with writing() as db:
        series = db.get(Series, world.id)
        seen = outlooks.outlook(db, series, change, series_change.next_day(db, series))
    assert (len(seen.moved), len(seen.dropped), seen.people) == (7, 6, 2)
    assert world.walls()[0].time() == time(12)
    done = world.revise(change)
    assert (done.moved, set(done.dropped), done.people) == (seen.moved, set(seen.dropped), 2)
    assert len(world.dates()) == 7
    assert [kind for kind, _due in world.pending(0)].count("event_canceled") == 6


def test_the_preview_of_an_end_counts_exactly_those_who_are_told(world) -> None:
    world.lunch(seats_in_person=1)
    world.subscribe(0), world.subscribe(1)
    world.answer(2, world.occurrence(1), Reply.MAYBE)
    world.answer(3, world.occurrence(1), Reply.NO)
    with writing() as db:
        _, people = series_queries.told_of_end(db, world.id, None)
        series_services.end(db, world.lead, series_id=world.id, from_day=None)
        ends = Delivery.kind.in_(("event_canceled", "event_wait_over"))
        told = set(db.scalars(select(Delivery.person_id).where(ends)))
    assert people == len(told) == 3 and told == set(world.people[:3])


def test_fewer_seats_eject_nobody_and_more_serve_who_waits(world) -> None:
    world.lunch(seats_in_person=1)
    world.subscribe(0), world.subscribe(1)
    assert set(world.states(0)) == {"going"}
    assert set(world.states(1)) == {"waitlisted"}
    world.revise(world.change(seats_in_person=2))
    assert set(world.states(1)) == {"going"}
    world.revise(world.change(seats_in_person=1))
    assert set(world.states(1)) == {"going"}


def test_canceling_one_date_following_and_all(world) -> None:
    world.lunch()
    world.subscribe(0)
    one = world.occurrence(2)
    with writing() as db:
        services.cancel(db, world.lead, occurrence_id=one)
    states = [row.occurrence.state for row in world.dates()]
    assert states.count(OccurrenceState.CANCELED) == 1
    assert world.dates()[2].series.event.state is EventState.PUBLISHED
    assert world.extend() == []
    sixth = world.dates()[5].day
    with writing() as db:
        assert series_services.end(db, world.lead, series_id=world.id, from_day=sixth) == 8
    assert [row.occurrence.state for row in world.dates()].count(OccurrenceState.CANCELED) == 9
    with later(days=60):
        assert world.extend() == []
        assert world.states(0)[:2] == ["going", "going"]


def test_the_end_of_all_cancels_the_template_when_nothing_took_place(world) -> None:
    world.lunch()
    with writing() as db:
        series_services.end(db, world.lead, series_id=world.id, from_day=None)
    assert world.dates()[0].series.event.state is EventState.CANCELED


def test_a_subscriber_answers_new_dates_but_never_one_they_withdrew_from(world) -> None:
    world.lunch()
    assert world.subscribe(0, visibility=Visibility.COMPANY) == 13
    third = world.occurrence(2)
    assert world.answer(0, third, Reply.NO) == WITHDRAWN
    assert world.subscribe(0) == 0
    with later(days=15):
        world.sweep()
        states = world.states(0)
    assert states[2] == "withdrawn"
    assert len(states) == 15
    assert set(states[:2] + states[3:]) == {"going"}


def test_unsubscribing_keeps_the_dates_or_withdraws_them(world) -> None:
    world.lunch()
    world.subscribe(0), world.subscribe(1)
    with writing() as db:
        assert not subscriptions.unsubscribe(
            db, world.people[0], series_id=world.id, withdraws=False
        )
        assert (
            subscriptions.unsubscribe(db, world.people[1], series_id=world.id, withdraws=True) == 13
        )
    assert set(world.states(0)) == {"going"}
    assert set(world.states(1)) == {"withdrawn"}
    with later(days=15):
        world.sweep()
        assert world.states(0)[-1] == "-"


def test_withdrawing_from_all_works_after_one_date_was_canceled_alone(world) -> None:
    world.lunch()
    world.subscribe(0)
    with writing() as db:
        services.cancel(db, world.lead, occurrence_id=world.occurrence_in(db, 3))
        assert own_dates_ahead(db, world.id, world.people[0]) == 12
        given = subscriptions.unsubscribe(db, world.people[0], series_id=world.id, withdraws=True)
        assert given == 12
        assert db.get(SeriesSubscription, (world.id, world.people[0])) is None
    states = world.states(0)
    assert set(states[:3] + states[4:]) == {"withdrawn"} and states[3] == "going"


def test_how_people_answer_holds_for_one_date_or_for_all_that_lie_ahead(world) -> None:
    world.lunch(seats_in_person=1)
    world.answer(0, world.occurrence(0))
    for row in world.dates()[1:3]:
        world.answer(0, row.occurrence_id), world.answer(1, row.occurrence_id)
    rule = {"closes_minutes": None, "questions": []}
    with later(days=8), writing() as db:
        one = world.occurrence_in(db, 1)
        services.set_answering(db, world.lead, occurrence_id=one, needs_approval=True, **rule)
    asks = RsvpState.PENDING_APPROVAL
    assert [str(state) for state in world.states(1)[1:3]] == [asks, WAITLISTED]
    assert [row.is_edited for row in world.dates()[:3]] == [False, True, False]
    with later(days=8), writing() as db:
        third = world.occurrence_in(db, 2)
        services.set_answering(
            db, world.lead, occurrence_id=third, needs_approval=True, is_for_all=True, **rule
        )
    assert world.states(1)[2] == asks
    rows = world.dates()
    assert [row.occurrence.event.needs_approval for row in rows[:4]] == [False, True, True, True]
    assert rows[3].occurrence.event_id == rows[2].occurrence.event_id == rows[2].series.event_id


def test_a_question_taken_away_from_one_date_keeps_the_answers_of_the_others(world) -> None:
    world.lunch()
    ask(world, world.occurrence(0), ASKED)
    world.subscribe(0, told={"diet": "Vegan"})
    with writing() as db:
        services.set_answering(
            db,
            world.lead,
            occurrence_id=world.occurrence_in(db, 1),
            needs_approval=False,
            closes_minutes=None,
            questions=[],
        )
    told = [world.rsvp(0, row.occurrence_id).told for row in world.dates()[:3]]
    assert told == [{"diet": "Vegan"}, {}, {"diet": "Vegan"}]


def test_reminders_words_and_groups_hold_for_one_date_or_for_all(world) -> None:
    world.lunch(audience=Audience.MEMBERS)
    with writing() as db:
        friends = make_erg(db, "friends", lead=world.lead).id
        parents = make_erg(db, "parents", lead=world.lead).id
        rows = [world.occurrence_in(db, n) for n in range(5)]
    with writing() as db:
        one = {"occurrence_id": rows[0]}
        services.choose_reminders(db, world.lead, minutes=[60], **one)
        one = {"occurrence_id": rows[1]}
        services.translate(db, world.lead, locale="es", title="Almuerzo", **one)
        one = {"occurrence_id": rows[2], "erg_id": friends}
        services.ask_host(db, world.lead, **one)
        services.accept_host(db, world.lead, **one)
        services.invite_group(db, world.lead, occurrence_id=rows[3], erg_id=parents)
    dates = [row.occurrence.event for row in world.dates()[:5]]
    assert [event.reminder_minutes for event in dates] == [[60], None, None, None, None]
    assert [len(event.texts) for event in dates] == [1, 2, 1, 1, 1]
    assert [len(event.accepted_hosts) for event in dates] == [1, 1, 2, 1, 1]
    with writing() as db:
        invited = [len(db.get(Occurrence, key).event.invited) for key in rows]
    assert invited == [0, 0, 0, 1, 0]
    last = {"occurrence_id": rows[4], "is_for_all": True}
    with writing() as db:
        services.choose_reminders(db, world.lead, minutes=[180], **last)
        services.translate(db, world.lead, locale="es", title="Almuerzo", **last)
        services.ask_host(db, world.lead, erg_id=friends, **last)
        services.accept_host(db, world.lead, occurrence_id=rows[4], erg_id=friends)
        services.invite_group(db, world.lead, erg_id=parents, **last)
    [template] = {row.occurrence.event for row in world.dates()[4:]}
    assert template.reminder_minutes == [180] and len(template.texts) == 2
    assert len(template.accepted_hosts) == 2
    assert world.dates()[0].occurrence.event.reminder_minutes == [60]
    with writing() as db:
        services.step_down(db, world.lead, occurrence_id=rows[4], erg_id=friends)
    hosts = [len(row.occurrence.event.accepted_hosts) for row in world.dates()[4:6]]
    assert hosts == [1, 2]


def test_a_group_that_joins_a_running_series_hosts_no_date_that_took_place(world) -> None:
    world.lunch()
    with writing() as db:
        other = make_person(db, "Hugo").id
        friends = make_erg(db, "friends", lead=other).id
        services.ask_host(
            db,
            world.lead,
            occurrence_id=world.occurrence_in(db, 0),
            erg_id=friends,
            is_for_all=True,
        )
    with later(days=8), writing() as db:
        [asked] = asked_of(db, [friends])
        assert asked.occurrence.id == world.occurrence_in(db, 1), "the next date"
        services.accept_host(db, other, occurrence_id=asked.occurrence.id, erg_id=friends)
    hosts = [len(row.occurrence.event.accepted_hosts) for row in world.dates()[:3]]
    assert hosts == [1, 2, 2]


def test_a_series_whose_dates_were_all_changed_alone_goes_on_and_ends(world) -> None:
    world.lunch(Recurrence(Frequency.YEARLY))
    with writing() as db:
        for number in (0, 1):
            services.cancel(db, world.lead, occurrence_id=world.occurrence_in(db, number))
    change = world.change(venue="Hall 2")
    assert change.first_day == date(2028, 9, 8), "the next day of the rule that has no date"
    world.revise(change)
    rows = world.dates()
    assert [row.day.year for row in rows] == [2026, 2027, 2028, 2029]
    assert rows[-1].occurrence.event.venue == "Hall 2" and not rows[-1].is_edited
    assert {row.occurrence.state for row in rows[:2]} == {OccurrenceState.CANCELED}
    with writing() as db:
        assert series_services.end(db, world.lead, series_id=world.id, from_day=None) == 2


ASKED = Question("diet", QuestionKind.TEXT, "Food?", "To order", is_required=True)


def ask(world, occurrence_id, *questions) -> None:
    with writing() as db:
        services.set_answering(
            db,
            world.lead,
            occurrence_id=occurrence_id,
            needs_approval=False,
            closes_minutes=None,
            questions=questions,
            is_for_all=True,
        )


def test_what_is_asked_is_told_once_for_every_date_also_for_later_ones(world) -> None:
    world.lunch()
    ask(world, world.occurrence(0), ASKED)
    with pytest.raises(Refused, match="No date could be answered"):
        world.subscribe(0)
    assert world.subscribe(0, told={"diet": "Vegan"}) == 13
    with later(days=15):
        world.sweep()
        rows = world.dates()
        assert len(rows) == 15
        assert {world.rsvp(0, row.occurrence_id).told["diet"] for row in rows} == {"Vegan"}


def test_a_date_that_cannot_be_answered_is_named_and_a_later_one_is_told_once(world) -> None:
    world.lunch()
    one = world.occurrence(2)
    with writing() as db:
        services.set_answering(
            db,
            world.lead,
            occurrence_id=one,
            needs_approval=False,
            closes_minutes=None,
            questions=[ASKED],
        )
        coming = subscriptions.subscribe(
            db, world.people[0], series_id=world.id, mode=Mode.IN_PERSON
        )
        assert coming.answered == 12
        assert [(left.occurrence_id, "questions" in left.reason) for left in coming.left] == [
            (one, True)
        ]
    with later(days=8):
        world.sweep(), world.sweep()
        with writing() as db:
            rows = db.scalars(select(Delivery).where(Delivery.kind == "event_unanswered")).all()
            assert {(row.subject_id, row.person_id) for row in rows} == {(one, world.people[0])}
            assert sorted(row.channel for row in rows) == ["in_app", "mail"]
            assert [outbox.kinds[row.kind].wanted(db, row) for row in rows] == [None, None]
        world.answer(0, one, Reply.NO)
        with writing() as db:
            row = db.scalars(select(Delivery).where(Delivery.kind == "event_unanswered")).first()
            assert outbox.kinds[row.kind].wanted(db, row) == "answered"


def test_whoever_leaves_group_or_company_comes_to_no_date_any_more(world) -> None:
    with writing() as db:
        erg = db.get(Erg, world.erg)
        for n in (0, 1):
            make_member(db, erg, world.people[n])
    world.lunch(audience=Audience.MEMBERS)
    world.subscribe(0), world.subscribe(1)
    with writing() as db:
        erg_services.leave(db, world.people[0], erg_id=world.erg)
        services.depart(db, world.people[1])
        subscriptions.end_departed(db, world.people[1])
    with writing() as db:
        assert db.scalar(select(func.count()).select_from(SeriesSubscription)) == 0
    assert set(world.states(0)) == {"withdrawn"}


def test_conflicts_of_the_group_and_of_the_reader_are_found(world) -> None:
    world.lunch()
    with writing() as db:
        erg = db.get(Erg, world.erg)
        clash = make_event(
            db, erg, "Workshop", starts_at=TUESDAY + timedelta(days=7, minutes=30)
        ).id
    world.answer(0, clash)
    with writing() as db:
        series = db.get(Series, world.id)
        found = clashes.soon(
            db,
            Actor(person_id=world.people[0]),
            series.event,
            first=datetime(2026, 9, 8, 12),
            zone="Europe/Berlin",
            minutes=60,
            rule=WEEKLY,
            title=lambda event: event.texts[0].title,
        )
        assert [(one.conflicts, one.own_conflicts) for one in found[:3]] == [
            ((), 0),
            ((), 1),
            ((), 0),
        ]
        lead = clashes.soon(
            db,
            Actor(person_id=world.lead),
            series.event,
            first=datetime(2026, 9, 8, 12),
            zone="Europe/Berlin",
            minutes=60,
            rule=WEEKLY,
            title=lambda event: event.texts[0].title,
        )
        assert lead[1].conflicts == ("Workshop",)
        second = db.get(Occurrence, world.occurrence_in(db, 1))
        mine = clashes.own_conflicts(db, world.people[0], second)
        assert [row.id for row in mine] == [clash]


def test_what_took_place_keeps_its_words_and_place(world) -> None:
    world.lunch()
    with later(days=15):
        world.revise(world.change(title="Supper", venue="Hall 9"))
        rows = world.dates()
        titles = [row.occurrence.event.texts[0].title for row in rows]
        assert titles == ["Lunch"] * 2 + ["Supper"] * 13
        assert [row.occurrence.event.venue for row in rows[1:3]] == ["Hall 1", "Hall 9"]
        assert [row.is_edited for row in rows[1:3]] == [True, False]


def test_what_took_place_keeps_whom_it_was_for_and_its_answers_about_access(world) -> None:
    world.lunch()
    with later(days=8):
        change = world.change(others={"captions": Access.NO, "guest_limit": 2})
        world.revise(change)
    rows = world.dates()
    assert [row.occurrence.event.captions for row in rows[:2]] == [Access.YES, Access.NO]
    assert [row.occurrence.event.guest_limit for row in rows[:2]] == [0, 2]


def test_the_same_change_twice_tells_nobody_the_second_time(world) -> None:
    world.lunch()
    world.subscribe(0)
    assert world.revise(world.change(wall_time=time(13))).people == 1
    assert world.revise(world.change()).is_nothing
    assert {world.rsvp(0, row.occurrence_id).sequence for row in world.dates()} == {2}


def test_a_date_changed_alone_before_the_series_is_out_begins_as_a_draft(world) -> None:
    world.lunch(published=False)
    with writing() as db:
        template = db.get(Series, world.id).event
        template.state = EventState.APPROVED
    row = world.dates()[1]
    with writing() as db:
        plan = make_plan("Other", starts_at=row.occurrence.starts_at, zone="Europe/Berlin")
        services.revise(db, world.lead, occurrence_id=row.occurrence_id, plan=plan)
    states = {row.is_edited: row.occurrence.event.state for row in world.dates()}
    assert states == {False: EventState.APPROVED, True: EventState.DRAFT}
