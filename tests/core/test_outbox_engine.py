"""What a person may rely on when something is to reach them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import time as wall
from datetime import timedelta

import flask
import pytest
from sqlalchemy import func, select, update

from app.core import clock, delivery, outbox
from app.core.channels import Away, Rejected, TryLater
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery, DeliveryState, Message
from app.notifications.models import Notification
from tests.core.outbox_world import SUBJECT, Note, Spy, World, instant

NIGHT = {"quiet_from": wall(20), "quiet_to": wall(8)}


@pytest.fixture
def spy(context: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> Spy:
    spy = Spy()
    known = {**dict(delivery.channels), "spy": spy}
    monkeypatch.setattr(delivery.channels, "_items", known)
    return spy


@pytest.fixture
def world(context: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    note = Note()
    world = World(note)
    monkeypatch.setattr(outbox.kinds, "_items", {**dict(outbox.kinds), note.name: note})
    monkeypatch.setattr(outbox.resolvers, "_items", {"test": world.resolve})
    yield world
    end_reading()


def shown() -> int:
    end_reading()
    return reading().scalar(select(func.count()).select_from(Notification)) or 0


def test_a_due_message_stands_in_the_inbox_once(world: World) -> None:
    person = world.add()
    world.put(person)
    assert delivery.deliver("in_app")
    assert delivery.deliver("in_app")
    assert shown() == 1
    row = world.row(person)
    assert (row.state, row.lease_owner, row.finished_at is not None) == ("sent", None, True)
    [note] = reading().scalars(select(Notification)).all()
    assert (note.person_id, note.delivery_id, note.subject) == (person, row.id, "A note")


def test_writing_the_same_message_twice_sends_it_once_and_a_revision_again(world: World) -> None:
    person = world.add()
    world.put(person, occasion="start")
    world.put(person, occasion="start")
    delivery.deliver("in_app")
    world.put(person, occasion="start")
    delivery.deliver("in_app")
    assert shown() == 1
    world.put(person, occasion="start", revision=1)
    delivery.deliver("in_app")
    assert shown() == 2


def test_what_is_not_due_waits(world: World) -> None:
    person = world.add()
    world.put(person, due=clock.now() + timedelta(hours=1))
    delivery.deliver("in_app")
    assert world.row(person).state == "pending"
    with clock.frozen(clock.now() + timedelta(hours=2)):
        delivery.deliver("in_app")
    assert world.row(person).state == "sent"


@pytest.mark.parametrize(
    ("traits", "reason"),
    [
        ({"is_active": False}, "inactive"),
        ({"muted": frozenset({("events", "in_app")})}, "muted"),
        ({"muted": frozenset({("events", "mail")})}, None),
    ],
)
def test_who_left_or_muted_a_topic_gets_nothing(
    world: World, traits: dict, reason: str | None
) -> None:
    person = world.add(**traits)
    world.put(person)
    delivery.deliver("in_app")
    row = world.row(person)
    assert (row.state, row.outcome) == (("skipped", reason) if reason else ("sent", None))
    assert shown() == (0 if reason else 1)


def test_a_message_nobody_wants_any_more_is_not_sent(world: World) -> None:
    person = world.add()
    world.put(person)
    world.note.refusal = "moved"
    delivery.deliver("in_app")
    assert (world.row(person).state, world.row(person).outcome) == ("skipped", "moved")


def test_a_person_nobody_knows_is_skipped(world: World) -> None:
    person = world.add()
    world.put(person)
    world.people.clear()
    delivery.deliver("in_app")
    assert world.row(person).state == "skipped"


def test_mail_without_an_address_is_skipped_and_says_so(world: World) -> None:
    world.note.channels = ("mail",)
    person = world.add(email=None)
    world.put(person)
    delivery.deliver("mail")
    assert (world.row(person).state, world.row(person).outcome) == ("skipped", "no address")


def test_a_late_message_expires_and_is_never_sent(world: World) -> None:
    person = world.add()
    world.put(person, expires=clock.now() - timedelta(seconds=1))
    delivery.deliver("in_app")
    assert (world.row(person).state, shown()) == ("expired", 0)


def test_quiet_hours_postpone_to_the_persons_morning_unless_urgent(world: World) -> None:
    world.note.is_urgent = False
    sleeping = world.add(zone="Europe/Berlin", **NIGHT)
    awake = world.add(zone="America/New_York", **NIGHT)
    with clock.frozen(instant("2026-03-28T21:00+00:00")):  # the night of the jump forward
        world.put(sleeping)
        world.put(awake)
        delivery.deliver("in_app")
    assert world.row(awake).state == "sent"
    row = world.row(sleeping)
    assert (row.state, row.due_at, row.attempts) == (
        DeliveryState.PENDING,
        instant("2026-03-29T06:00+00:00"),
        0,
    )
    with clock.frozen(instant("2026-03-29T06:00+00:00")):
        delivery.deliver("in_app")
    assert world.row(sleeping).state == "sent"
    world.note.is_urgent = True
    with clock.frozen(instant("2026-03-29T21:00+00:00")):
        world.put(sleeping, occasion="urgent")
        delivery.deliver("in_app")
    assert [row.state for row in world.rows(sleeping)] == ["sent", "sent"]


def test_what_would_expire_in_quiet_hours_expires_at_once(world: World) -> None:
    world.note.is_urgent = False
    person = world.add(**NIGHT)
    with clock.frozen(instant("2026-11-21T22:00+00:00")):
        world.put(person, expires=instant("2026-11-22T07:00+00:00"))
        delivery.deliver("in_app")
    assert (world.row(person).state, world.row(person).outcome) == ("expired", "quiet hours")


def test_one_broken_message_stops_nobody_and_fails_after_three_tries(world: World) -> None:
    broken, well = world.add(), world.add()
    world.note.broken.add(broken)
    world.put(broken, due=clock.now() - timedelta(minutes=1))
    world.put(well)
    delivery.deliver("in_app")
    assert world.row(well).state == "sent"
    row = world.row(broken)
    assert (row.state, row.attempts, row.outcome) == ("pending", 1, "ZeroDivisionError")
    assert row.due_at > clock.now() + timedelta(minutes=1)
    for _ in range(2):
        with clock.frozen(world.row(broken).due_at):
            delivery.deliver("in_app")
    row = world.row(broken)
    assert (row.state, row.attempts, row.outcome) == ("failed", 3, "ZeroDivisionError")


def test_a_full_inbox_batch_with_faults_in_it_reaches_everybody_else(world: World) -> None:
    people = [world.add() for _ in range(60)]
    world.note.broken.update(people[::20])
    with writing() as db:
        for person in people:
            outbox.put(db, world.note.name, subject=SUBJECT, person=person)
    delivery.deliver("in_app")
    assert shown() == 57
    assert {(row.state.value, row.attempts) for row in world.rows()} == {
        ("sent", 1),
        ("pending", 1),
    }


def test_a_retry_keeps_the_time_the_other_side_asks_for(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    person = world.add()
    asked = clock.now() + timedelta(minutes=17)
    spy.fails = lambda to: TryLater("busy", asked)
    world.put(person)
    delivery.deliver("spy")
    assert (world.row(person).state, world.row(person).due_at) == ("pending", asked)


def test_a_refused_message_fails_at_once(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    person = world.add()
    spy.fails = lambda to: Rejected("no such mailbox")
    world.put(person)
    delivery.deliver("spy")
    assert (world.row(person).state, world.row(person).outcome) == ("failed", "no such mailbox")


def test_when_a_channel_is_away_everybody_waits_and_nobody_is_blamed(
    world: World, spy: Spy
) -> None:
    world.note.channels = ("spy",)
    people = [world.add() for _ in range(5)]
    for person in people:
        world.put(person)
    calls = []

    def away(to: object) -> Exception:
        calls.append(to)
        return Away("gone")

    spy.fails = away
    for _ in range(8):
        with clock.frozen(clock.now() + timedelta(days=len(calls))):
            delivery.deliver("spy")
    assert len(calls) == 8, "one knock per try, not one per message"
    assert {(row.state.value, row.attempts) for row in world.rows()} == {("pending", 0)}
    spy.fails = lambda to: None
    with clock.frozen(clock.now() + timedelta(days=30)):
        delivery.deliver("spy")
    assert len(spy.sent) == 5


def test_a_persons_messages_arrive_in_due_order(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    person = world.add()
    begin = clock.now() - timedelta(hours=1)
    for minute in (3, 1, 2):
        world.put(person, occasion=str(minute), due=begin + timedelta(minutes=minute))
    delivery.deliver("spy")
    assert [subject for _, subject in spy.sent] == ["A note 1", "A note 2", "A note 3"]


def test_nobody_else_sends_a_persons_next_message_meanwhile(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    person, other = world.add(), world.add()
    world.put(person, occasion="1")
    first = delivery._Shift(spy, time.monotonic() + 60)
    batch = first.claim()
    world.put(person, occasion="2")
    world.put(other)
    delivery.deliver("spy")
    assert [subject for _, subject in spy.sent] == ["A note"], "only the other person's"
    assert first.work_off(batch)
    delivery.deliver("spy")
    assert [subject for _, subject in spy.sent] == ["A note", "A note 1", "A note 2"]


def _age_leases() -> None:
    with writing() as db:
        past = clock.machine_now() - timedelta(seconds=1)
        db.execute(update(Delivery).where(Delivery.state == "claimed").values(lease_until=past))


def test_what_a_dead_worker_held_is_taken_over_when_its_lease_ends(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    person = world.add()
    world.put(person)
    assert len(delivery._Shift(spy, 0).claim()) == 1  # and dies
    delivery.deliver("spy")
    assert (world.row(person).state, spy.sent) == ("claimed", [])
    assert delivery.LEASE + timedelta(seconds=10) <= timedelta(seconds=30)
    assert delivery.due_channels(reading()) == []
    end_reading()
    _age_leases()
    assert delivery.due_channels(reading()) == ["spy"]
    delivery.deliver("spy")
    assert (world.row(person).state, len(spy.sent)) == ("sent", 1)


def test_a_worker_that_slept_through_its_lease_shows_nothing(world: World) -> None:
    person = world.add()
    world.put(person)
    slow = delivery._Shift(delivery.channels["in_app"], time.monotonic() + 60)
    batch = slow.claim()
    _age_leases()
    delivery.deliver("in_app")
    assert shown() == 1
    slow.work_off(batch)
    assert shown() == 1
    # and if it had got as far as its last step, the last step does not count
    late = delivery._Try(batch[0], delivery.SENT, world.people[person], Message("Late", ("x",)))
    slow._settle([late])
    assert shown() == 1


def test_a_message_that_kills_its_worker_is_given_up(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    person = world.add()
    world.put(person)
    for _ in range(delivery.GIVE_UP_AFTER):
        shift = delivery._Shift(spy, time.monotonic() + 60)
        [row] = shift.claim()
        assert shift._start([row])  # and is killed while sending
        _age_leases()
    delivery.deliver("spy")
    assert (world.row(person).state, world.row(person).outcome) == ("failed", "given up")


def test_a_hanging_channel_gets_no_second_worker(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    world.put(world.add())
    hanging = delivery._Shift(spy, time.monotonic() + 60)
    [row] = hanging.claim()
    hanging._start([row])
    world.put(world.add())
    with writing() as db:
        begun = clock.machine_now() - delivery.HANGING - timedelta(seconds=1)
        db.execute(update(Delivery).where(Delivery.id == row).values(started_at=begun))
    assert delivery.deliver("spy")
    assert spy.sent == []


def test_withdrawing_reaches_what_a_worker_has_already_claimed(world: World) -> None:
    person = world.add()
    world.put(person)
    shift = delivery._Shift(delivery.channels["in_app"], time.monotonic() + 60)
    batch = shift.claim()
    with writing() as db:
        outbox.withdraw(db, world.note.name, subject=SUBJECT, person=person, reason="cancelled")
    shift.work_off(batch)
    assert (world.row(person).outcome, shown()) == ("cancelled", 0)


def test_a_shift_that_runs_out_of_time_gives_the_rest_back(world: World, spy: Spy) -> None:
    world.note.channels = ("spy",)
    for _ in range(3):
        world.put(world.add())
    assert delivery.deliver("spy", seconds=-1) is False
    assert {(row.state.value, row.attempts) for row in world.rows()} == {("pending", 0)}
    assert delivery.deliver("spy")
    assert len(spy.sent) == 3


def test_a_rolled_back_cause_sends_nothing(world: World) -> None:
    person = world.add()
    with pytest.raises(KeyError), writing() as db:
        outbox.put(db, world.note.name, subject=SUBJECT, person=person)
        raise KeyError
    delivery.deliver("in_app")
    assert (world.rows(person), shown()) == ([], 0)


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing more is done, open transactions are undone."""


@pytest.mark.parametrize("channel", ["in_app", "spy"])
@pytest.mark.parametrize("point", ["_start", "_prepare", "send", "record", "_settle"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(
    world: World, spy: Spy, monkeypatch: pytest.MonkeyPatch, channel: str, point: str, when: str
) -> None:
    world.note.channels = (channel,)
    people = [world.add() for _ in range(3)]
    for person in people:
        world.put(person)
    owner = delivery._Shift if point.startswith("_") else type(delivery.channels[channel])
    original = getattr(owner, point)

    def killed(*args: object, **options: object) -> None:
        if when == "after":
            original(*args, **options)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(owner, point, killed)
        delivery.deliver(channel)
    _age_leases()
    delivery.deliver(channel)
    assert {row.state.value for row in world.rows()} == {"sent"}
    if channel == "in_app":
        assert shown() == 3
    else:
        keys = [key for key, _ in spy.sent]
        assert len(set(keys)) == 3 and len(keys) <= 4, "the one in flight may go out twice"
