"""Many hands at one door: real threads, real transactions, both databases."""

from __future__ import annotations

import random
from datetime import timedelta
from threading import Barrier, Thread

import flask
import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.database import hold, writing
from app.core.errors import Refused
from app.ergs.models import Erg
from app.events import services
from app.events.models import Occurrence, Rsvp
from app.events.rules import HELD, Ladder, Mode, Reply, RsvpState, ladder_at
from app.events.services import admission
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg
from tests.factories.events import make_event

ROUNDS, HANDS = 20, 12


@pytest.fixture
def crowd(context):
    """Ids of (group, lead, people); nobody has quiet hours that would matter here."""

    def gather(size: int):
        with writing() as db:
            lead = make_person(db, "Dalia Lead").id
            people = [make_person(db, f"Person {n}").id for n in range(size)]
            return make_erg(db, "women", lead=lead).id, lead, people

    return gather


def new_event(erg_id, hours: int = 240, **traits):
    with writing() as db:
        start = clock.now() + timedelta(hours=hours)
        return make_event(db, db.get(Erg, erg_id), starts_at=start, **traits).id


def press_together(app: flask.Flask, acts) -> list[BaseException]:
    """Run all acts at the same moment, each in a thread and context of its own."""
    barrier, faults = Barrier(len(acts)), []

    def press(act) -> None:
        barrier.wait(timeout=60)
        try:
            with app.app_context():
                act()
        except Refused:
            pass
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=press, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def going(occurrence_id, person_id, reply=Reply.GOING, **fields):
    def act() -> None:
        with writing() as db:
            services.answer(db, person_id, occurrence_id=occurrence_id, reply=reply, **fields)

    return act


def faults_of(occurrence_id) -> list[str]:
    """What the invariant of the waiting list finds wrong, asked of the tables alone."""
    found = []
    with writing() as db:
        occurrence = db.get(Occurrence, occurrence_id)
        rows = db.scalars(select(Rsvp).where(Rsvp.occurrence_id == occurrence_id)).all()
        is_calling = ladder_at(clock.now(), occurrence.starts_at) is Ladder.BROADCAST
        for mode in Mode:
            capacity = occurrence.capacity(mode)
            held = sum(r.seats for r in rows if r.mode is mode and r.state in HELD)
            if capacity is None:
                continue
            if held > capacity:
                found.append(f"{mode}: {held} of {capacity} seats")
            for row in rows:
                waits = row.mode is mode and row.state is RsvpState.WAITLISTED
                if waits and row.seats <= capacity - held and not (is_calling and row.called_at):
                    found.append(f"{mode}: waits although {capacity - held} are free")
        if len({r.person_id for r in rows}) != len(rows):
            found.append("two answers of one person")
    return found


def last_seat(app, crowd, rounds: int, hands: int) -> None:
    erg_id, _, people = crowd(hands)
    for _ in range(rounds):
        occurrence_id = new_event(erg_id, seats_in_person=1)
        acts = [going(occurrence_id, person) for person in people[1:]]
        double_click = [going(occurrence_id, people[0])] * 2
        assert press_together(app, [*acts, *double_click]) == []
        assert faults_of(occurrence_id) == []
        with writing() as db:
            states = db.execute(
                select(Rsvp.state, func.count())
                .where(Rsvp.occurrence_id == occurrence_id)
                .group_by(Rsvp.state)
            ).all()
        assert dict(states) == {RsvpState.GOING: 1, RsvpState.WAITLISTED: hands - 1}


def test_the_last_seat_goes_to_exactly_one(app, crowd) -> None:
    last_seat(app, crowd, ROUNDS, HANDS)


@pytest.mark.soak
def test_the_last_seat_at_full_size(app, crowd) -> None:
    last_seat(app, crowd, 1000, 50)


@pytest.mark.parametrize("hours", [240, 24, 2], ids=["automatic", "timed", "broadcast"])
def test_a_storm_of_answers_leaves_no_seat_empty_and_none_sold_twice(app, crowd, hours) -> None:
    """Comings, withdrawals, mode switches, guests and changes of capacity, all at once."""
    erg_id, _, people = crowd(10)
    dice = random.Random(hours)
    occurrence_id = new_event(erg_id, hours, seats_in_person=3, seats_online=2, guest_limit=2)

    def resize():
        with writing() as db:
            occurrence = hold(db, Occurrence, occurrence_id)
            held = admission.held(db, occurrence_id).get(Mode.IN_PERSON, 0)
            occurrence.seats_in_person = max(held, dice.randint(1, 6))
            admission.settle(db, occurrence)

    for _ in range(6):
        acts = [
            going(
                occurrence_id,
                person,
                dice.choice([Reply.GOING, Reply.GOING, Reply.NO]),
                mode=dice.choice(list(Mode)),
                guests=dice.randint(0, 2),
            )
            for person in people
        ]
        assert press_together(app, [*acts, resize]) == []
        assert faults_of(occurrence_id) == []
