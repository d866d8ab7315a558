"""The bugs about seats that other products had (COMMUNITY.md), each by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.ergs.models import Erg
from app.events import queries, services
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import Mode, Reply
from app.schema import metadata
from tests.events.world import NOW, Company, faults_of, later
from tests.factories.events import make_event, make_plan

STATEMENTS = ("insert", "update", "delete", "insert_rows", "table_of", "bulk_insert_mappings")
# In code that knows answers as well: events, their dates, needs, and tables of speed mentoring.
STATES_OF_OTHER_THINGS = {
    "attendance.scenes: off.state",
    "dates.copied: made.state",
    "dates.keep_past: host.state",
    "ending.cancel_held: occurrence.state",
    "holding.change_state: event.state",
    "hosting._answer: row.state",
    "hosting.ask_host: row.state",
    "hosting.reopen_host: row.state",
    "hosting.step_down: row.state",
    "hosting.take_back_host: row.state",
    "needs.answer_need: row.state",
    "needs.reopen_need: row.state",
    "needs.say_needs: row.state",
    "seats._set: seat.state",
    "seats._sit: seat.state",
}


@pytest.fixture
def world(context):
    with clock.frozen(NOW):
        yield Company()


def test_check_then_insert_overbooking(app, world) -> None:
    """Everybody presses at the same moment, the first ones twice: one seat, one row a person."""
    world.event(seats_in_person=1)
    pressing = [*world.people, *world.people[:3]]
    barrier, faults = Barrier(len(pressing)), []

    def press(person) -> None:
        barrier.wait(30)
        try:
            with app.app_context(), writing() as db:
                services.answer(db, person, occurrence_id=world.id, reply=Reply.GOING)
        except Exception as fault:
            faults.append(fault)

    threads = [Thread(target=press, args=(person,)) for person in pressing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and sorted(world.states()) == ["going", *["waitlisted"] * 7]


class TestSideDoorsPastTheCap:
    """side_doors_past_the_cap: every other way in is the same door."""

    def test_side_door_invite(self, world) -> None:
        """An organizer's yes and a walk-in are not seats of their own."""
        world.event(seats_in_person=1)
        world.rules(needs_approval=True)
        world.answer(0), world.answer(1)
        assert [world.act("admit", n) for n in (0, 1)] == ["going", "waitlisted"]
        with pytest.raises(Refused):
            world.walk_in(2)
        assert world.faults() == []

    def test_side_door_plus_one(self, world) -> None:
        world.event(seats_in_person=2, guest_limit=2)
        world.answer(0), world.answer(1)
        with pytest.raises(Refused):
            world.answer(0, guests=1)
        assert (world.rsvp(0).guests, world.faults()) == (0, [])

    def test_side_door_mode_switch(self, world) -> None:
        world.event(seats_in_person=5, seats_online=1)
        world.answer(0, mode=Mode.ONLINE), world.answer(1, mode=Mode.IN_PERSON)
        with pytest.raises(Refused):
            world.answer(1, mode=Mode.ONLINE)
        assert world.rsvp(1).mode is Mode.IN_PERSON and world.states(2)[1] == "going"

    def test_side_door_recurring_child(self, world) -> None:
        """Dates of one event count their own seats: one that is full gives nothing to another."""
        world.event(seats_in_person=1)
        with writing() as db:
            event = db.get(Occurrence, world.id).event
            first = db.get(Occurrence, world.id)
            start = first.starts_at + timedelta(days=7)
            child = Occurrence(
                event_id=event.id,
                wall_start=first.wall_start + timedelta(days=7),
                zone=first.zone,
                fold=0,
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                original_start=start,
                seats_in_person=1,
                seats_online=0,
            )
            db.add(child)
            db.flush()
            child_id = child.id
        for occurrence_id in (world.id, child_id):
            with writing() as db:
                for person in world.people[:3]:
                    services.answer(db, person, occurrence_id=occurrence_id, reply=Reply.GOING)
                assert faults_of(db, occurrence_id) == []

    def test_side_door_un_cancel(self, world) -> None:
        """Taking a removal back, or coming again after a no, goes through the queue."""
        world.event(seats_in_person=1)
        world.answer(0), world.answer(1)
        world.act("remove", 0, reason="Twice")
        assert world.act("restore", 0) == "waitlisted"
        world.answer(1, Reply.NO), world.answer(2)
        assert world.answer(1) == "waitlisted" and world.faults() == []

    def test_side_door_un_cancel_of_a_date_put_off(self, world) -> None:
        """What was put off comes back with the seats that were kept, and not one more."""
        world.event(seats_in_person=2)
        world.answer(0), world.answer(1), world.answer(2), world.answer(3)
        for wall_start in (None, (NOW + timedelta(days=5)).replace(tzinfo=None)):
            with writing() as db:
                services.postpone(db, world.lead, occurrence_id=world.id)
            world.act("remove", 1, reason="Twice")
            with writing() as db:
                services.resume(db, world.lead, occurrence_id=world.id, wall_start=wall_start)
            assert world.states(4) == ["going", "removed", "going", "waitlisted"]
            assert world.act("restore", 1) == "waitlisted" and world.faults() == []

    def test_side_door_import(self) -> None:
        """No code but the door writes an answer or its state: no seed, factory or import."""
        found = writes_of_answers("app", "tests/factories")
        assert found - STATES_OF_OTHER_THINGS == {
            "claiming.new_answer: Rsvp()",
            "entries.move: rsvp.state",
            "checking_in._set: rsvp.state",  # whether somebody with a seat came
            "erasing.erase: update(Rsvp)",  # words only
            "forgetting.forget: update(Rsvp)",  # words only
            "forgetting.forget_leavers: update(Rsvp)",  # words only
        }


def writes_of_answers(*roots: str) -> set[str]:
    """Where rows of answers are made or changed past the ORM, or the state of something set."""
    found = set()
    for path in (path for root in roots for path in sorted(Path(root).rglob("*.py"))):
        text = path.read_text(encoding="utf-8")
        if "Rsvp" not in text:
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef):
                at = f"{path.stem}.{function.name}"
                found |= {f"{at}: {way}" for node in ast.walk(function) for way in _writes(node)}
    return found


def _writes(node: ast.AST) -> Iterator[str]:
    """What a piece of code writes of an answer, or the state of anything that might be one."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        if node.attr == "state":
            yield f"{ast.unparse(node.value)}.state"
    elif isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        given = {ast.unparse(argument) for argument in node.args}
        if name == "Rsvp":
            yield "Rsvp()"
        elif name in STATEMENTS and given & {"Rsvp", "Rsvp.__table__", "table_of(Rsvp)"}:
            yield f"{name}(Rsvp)"
        elif name == "setattr" and "'state'" in given:
            yield ".state"


def test_drifting_counters(world) -> None:
    """Nothing counts seats but the rows themselves; there is no number to drift."""
    counters = [
        f"{table}.{column.name}"
        for table in ("event", "occurrence")
        for column in metadata.tables[table].columns
        if column.name.endswith(("_count", "_taken", "seats_free", "_left"))
    ]
    assert counters == []
    world.event(seats_in_person=2)
    world.answer(0), world.answer(1), world.answer(2), world.answer(0, Reply.NO)
    with writing() as db:
        place = queries.places(db, db.get(Occurrence, world.id))[Mode.IN_PERSON]
        goes = db.scalar(select(func.count()).where(Rsvp.state == "going"))
    assert (place.taken, place.waiting, goes) == (2, 0, 2)


@pytest.mark.parametrize("hours", [240, 40, 2])
def test_promotion_of_someone_unapproved(world, hours) -> None:
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=hours))
    world.answer(0)
    world.rules(needs_approval=True)
    assert world.answer(1) == "pending_approval"
    world.answer(0, Reply.NO)
    world.sweep()
    row = world.rsvp(1)
    assert (row.state, row.offer_until, row.called_at) == ("pending_approval", None, None)


def test_an_offer_that_comes_back_to_life_after_cancel(world) -> None:
    world.event(seats_in_person=1, starts_at=NOW + timedelta(hours=40))
    world.answer(0), world.answer(1), world.answer(0, Reply.NO)
    assert world.states(2)[1] == "offered"
    with writing() as db:
        services.cancel(db, world.lead, occurrence_id=world.id)
    for act in (lambda: world.answer(1), world.sweep, lambda: world.walk_in(1)):
        with suppress(Refused):
            act()
        assert world.states(2)[1] == "expired" and world.rsvp(1).offer_until is None


def test_a_wrong_person_served_from_a_second_queue(world) -> None:
    world.event(seats_in_person=1, seats_online=1)
    world.answer(0, mode=Mode.IN_PERSON), world.answer(1, mode=Mode.ONLINE)
    world.answer(2, mode=Mode.ONLINE), world.answer(3, mode=Mode.IN_PERSON)
    world.answer(0, Reply.NO)
    assert world.states(4)[2:] == ["waitlisted", "going"]
    world.event(title="Other", seats_in_person=1)
    world.answer(4), world.answer(5)
    world.answer(4, Reply.NO)
    assert world.states(6)[4:] == ["withdrawn", "going"], "each date has a queue of its own"


def test_waitlisted_people_getting_you_are_attending(world) -> None:
    world.event(seats_in_person=1)
    world.rules(needs_approval=False)
    world.answer(0), world.answer(1), world.answer(2, Reply.MAYBE)
    world.rules(needs_approval=True)
    world.answer(3)
    with writing() as db:
        told = db.execute(select(Delivery.person_id, Delivery.kind)).all()
    seat = {"event_entry", "event_seat", "event_tomorrow", "event_soon", "event_moved"}
    assert {person for person, kind in told if kind in seat} == {world.people[0]}


def test_no_promotion_after_registration_closes(world) -> None:
    world.event(seats_in_person=1)
    world.rules(closes_minutes=5 * 24 * 60)
    world.answer(0), world.answer(1), world.answer(2)
    with later(days=6):
        world.answer(0, Reply.NO)
        assert world.states(3) == ["withdrawn", "going", "waitlisted"]
    with later(days=9):
        world.answer(1, Reply.NO)
        assert world.states(3)[2] == "offered" and world.answer(2) == "going"


def test_the_plan_of_a_lead_is_no_side_door_either(world) -> None:
    """Saving an event, more seats or fewer, never gives more places than there are."""
    world.event(seats_in_person=1)
    for n in range(4):
        world.answer(n)
    for seats in (3, 1, 2, 4):
        with writing() as db:
            plan = make_plan(starts_at=NOW + timedelta(days=10), seats_in_person=seats)
            services.revise(db, world.lead, occurrence_id=world.id, plan=plan)
    assert world.states(4) == ["going"] * 4 and world.faults() == []
    with writing() as db:
        other = make_event(db, db.get(Erg, world.erg), "Twin", seats_in_person=1)
        assert other.event_id != db.get(Occurrence, world.id).event_id
        assert db.scalar(select(func.count()).select_from(Event)) == 2
