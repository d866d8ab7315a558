"""Scans: once, in any order, from any number of devices, on both databases."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.attendance import queries, services
from app.attendance.models import DoorScan, RoomTry
from app.attendance.queries import Filter
from app.attendance.rules import Method, Outcome, Scanned, room_code
from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import writing
from app.core.errors import Refused
from app.ergs.queries import standing_of
from app.ergs.rules import Visibility, alias
from app.events.models import Occurrence, Rsvp
from app.events.rules import Audience, Mode, RsvpState
from tests.attendance.conftest import later
from tests.events.test_races import press_together
from tests.factories.accounts import make_person
from tests.factories.attendance import code_of, scan_of

HERE, TWICE = Outcome.CHECKED_IN, Outcome.DUPLICATE


def test_a_scan_checks_in_and_the_second_is_a_duplicate(door) -> None:
    door.date()
    rsvp = door.place(0)
    assert door.scan(scan_of(rsvp)) == [HERE]
    assert door.state(rsvp) == "checked_in"
    with later(minutes=1):
        assert door.scan(scan_of(rsvp)) == [TWICE]


def test_bug_a_scan_sent_twice_counts_once(door) -> None:
    """A device that lost the answer sends its queue again."""
    door.date()
    one = scan_of(door.place(0))
    assert door.scan(one) == door.scan(one) == [HERE]
    with writing() as db:
        assert db.scalar(select(func.count()).select_from(DoorScan)) == 1
        verbs = db.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "check_in")).all()
    assert verbs == ["check_in"]


def test_bug_an_invalid_code_never_freezes_the_scanner(door) -> None:
    door.date()
    rsvp = door.place(0)
    bad = ["", "☃" * 500, "0000-0000-0000", "'; DROP TABLE door_scan; --", code_of(uuid4())]
    scans = [Scanned(uuid4(), text, clock.now()) for text in bad]
    assert door.scan(*scans[:3], scan_of(rsvp), *scans[3:]).count(Outcome.UNKNOWN) == len(bad)
    assert door.state(rsvp) == "checked_in"


def test_a_code_is_read_forgivingly(door) -> None:
    door.date()
    rsvp = door.place(0)
    code = code_of(rsvp).lower().replace("0", "o").replace("1", "l")
    assert door.scan(Scanned(uuid4(), f" {code[:4]} {code[4:]} ", clock.now())) == [HERE]


def test_the_first_scan_by_time_wins_whichever_device_comes_back_first(door) -> None:
    door.date()
    rsvp = door.place(0)
    early, late = scan_of(rsvp, minutes=1), scan_of(rsvp, minutes=9)
    with later(minutes=20):
        assert door.scan(late) == [HERE]
        assert door.scan(early) == [HERE]
        assert door.scan(late) == [TWICE]
    with writing() as db:
        line = _lines(db, door)[0]
    assert (line.came_at, line.scans) == (early.at, 2)


def test_three_devices_offline_merge_to_the_same_list_in_any_order(door) -> None:
    door.date()
    places = [door.place(n) for n in range(6)]
    devices = [
        [scan_of(places[n], minutes=n + d, device=f"d{d}") for n in range(d, 6)] for d in range(3)
    ]
    with later(minutes=30):
        for order in ((2, 0, 1), (0, 1, 2)):
            for d in order:
                door.scan(*devices[d])
        with writing() as db:
            lines = _lines(db, door)
    assert [line.scans for line in lines] == [1, 2, 3, 3, 3, 3]
    assert [line.came_at for line in lines] == [devices[0][n].at for n in range(6)]


def test_a_device_whose_clock_is_wrong_is_corrected_by_when_it_sent(door) -> None:
    door.date()
    rsvp = door.place(0)
    days = timedelta(days=400)
    scan = Scanned(uuid4(), code_of(rsvp), clock.now() + days - timedelta(minutes=5))
    assert door.scan(scan, sent_at=clock.now() + days) == [HERE]
    with writing() as db:
        assert db.scalars(select(DoorScan.scanned_at)).one() == clock.now() - timedelta(minutes=5)


def test_a_time_outside_of_check_in_is_moved_to_its_edge(door) -> None:
    door.date()
    scan = scan_of(door.place(0), minutes=-60 * 24 * 30)
    door.scan(scan)
    with writing() as db:
        row = db.scalars(select(DoorScan)).one()
        starts = db.get(Occurrence, door.id).starts_at
    assert row.scanned_at == starts - timedelta(hours=2)


def test_undo_holds_against_scans_from_before_it(door) -> None:
    door.date()
    rsvp = door.place(0)
    kept = scan_of(rsvp, minutes=1)
    with later(minutes=2):
        door.scan(scan_of(rsvp))
        with writing() as db:
            services.undo(db, door.helper, occurrence_id=door.id, rsvp_id=rsvp)
        assert door.state(rsvp) == "going"
        assert door.scan(kept) == [Outcome.UNDONE]
        assert door.state(rsvp) == "going"
    with later(minutes=5):
        assert door.scan(scan_of(rsvp)) == [HERE]


def test_who_has_no_seat_is_told_so_at_the_door(door) -> None:
    door.date(seats_in_person=1)
    first, second = door.place(0), door.place(1)
    assert door.scan(scan_of(second)) == [Outcome.NO_SEAT]
    assert door.scan(scan_of(first)) == [HERE]
    assert door.state(second) == "waitlisted"


def test_only_leads_and_the_check_in_role_may(door) -> None:
    door.date()
    rsvp = door.place(0)
    for who, may in ((door.people[1], False), (door.helper, True), (door.lead, True)):
        if may:
            door.scan(scan_of(rsvp), by=who)
        else:
            with pytest.raises(Refused, match="check-in role"):
                door.scan(scan_of(rsvp), by=who)


def test_a_code_of_another_event_is_unknown_here(door) -> None:
    door.date(title="One")
    elsewhere = door.place(0)
    door.date(title="Two")
    assert door.scan(scan_of(elsewhere)) == [Outcome.UNKNOWN]


def test_by_name_is_idempotent_and_only_for_names_that_are_shown(door) -> None:
    door.date()
    shown, hidden = door.place(0), door.place(1, visibility=Visibility.NOBODY)

    def press(rsvp_id):
        with writing() as db:
            services.check_in_by_name(db, door.helper, occurrence_id=door.id, rsvp_id=rsvp_id)

    press(shown)
    press(shown)
    with writing() as db:
        assert db.scalar(select(func.count()).select_from(DoorScan)) == 1
    with pytest.raises(Refused, match="own code"):
        press(hidden)
    assert door.scan(scan_of(hidden)) == [HERE]


def test_who_hides_appears_under_letters_and_is_not_found_by_name(door) -> None:
    door.date()
    hidden = door.place(1, visibility=Visibility.NOBODY)
    with writing() as db:
        assert [line.name for line in _lines(db, door)] == [f"Person {alias(hidden)}"]
        assert _lines(db, door, q="Person 1") == []
        assert len(_lines(db, door, q=alias(hidden))) == 1


def test_at_an_event_for_members_the_membership_must_be_visible_too(door) -> None:
    from app.ergs.models import Erg
    from tests.factories.ergs import make_member

    with writing() as db:
        erg = db.get(Erg, door.erg)
        make_member(db, erg, door.people[0], visibility=Visibility.COMPANY)
        make_member(db, erg, door.people[1], visibility=Visibility.NOBODY)
    door.date(audience=Audience.MEMBERS)
    door.place(0)
    confidential = door.place(1, visibility=Visibility.COMPANY)
    with writing() as db:
        names = [line.name for line in _lines(db, door)]
        found = queries.walk_in_people(
            db, standing_of(db, door.helper), db.get(Occurrence, door.id), "Person"
        )
    assert names == ["Person 0", f"Person {alias(confidential)}"]
    assert [person.id for person in found if person.id in door.people] == [door.people[0]]


def test_bug_the_search_for_walk_ins_enumerates_nobody(door) -> None:
    door.date()
    with writing() as db:
        mine, date = standing_of(db, door.helper), db.get(Occurrence, door.id)
        assert queries.walk_in_people(db, mine, date, "") == []
        assert queries.walk_in_people(db, mine, date, "P") == []
        for n in range(20):
            make_person(db, f"Person Many {n}")
        db.flush()
        assert len(queries.walk_in_people(db, mine, date, "Person")) == 10


def test_bug_a_walk_in_does_not_pass_the_cap(door) -> None:
    door.date(seats_in_person=1)
    with writing() as db:
        seated = services.walk_in(
            db,
            door.helper,
            occurrence_id=door.id,
            person_id=door.people[0],
            mode=Mode.IN_PERSON,
        )
    assert seated is HERE
    with pytest.raises(Refused, match="no free seat"), writing() as db:
        services.walk_in(
            db,
            door.helper,
            occurrence_id=door.id,
            person_id=door.people[1],
            mode=Mode.IN_PERSON,
        )
    with writing() as db:
        states = db.scalars(select(Rsvp.state).where(Rsvp.occurrence_id == door.id)).all()
    assert states.count(RsvpState.CHECKED_IN) == 1


def test_guests_are_counted_down_not_up(door) -> None:
    door.date(guest_limit=3)
    rsvp = door.place(0, guests=2)
    door.scan(scan_of(rsvp))
    with writing() as db:
        assert queries.tally(db, door.id).guests == 2
        services.count_guests(db, door.helper, occurrence_id=door.id, rsvp_id=rsvp, guests=1)
        assert queries.tally(db, door.id).guests == 1
    with pytest.raises(Refused), writing() as db:
        services.count_guests(db, door.helper, occurrence_id=door.id, rsvp_id=rsvp, guests=3)


def enter(door, n, digits):
    with writing() as db:
        return services.enter_room_code(db, door.people[n], occurrence_id=door.id, digits=digits)


def on_screen(door) -> str:
    return room_code(queries.key(), door.id, clock.now())


def test_the_room_code_checks_in_for_one_window_more(door) -> None:
    door.date()
    rsvp, code = door.place(0), on_screen(door)
    with later(seconds=75):
        assert on_screen(door) != code
        assert enter(door, 0, f"{code[:3]} {code[3:]}") is HERE
        assert enter(door, 0, on_screen(door)) is TWICE
    assert door.state(rsvp) == "checked_in"
    with writing() as db:
        row = db.scalars(select(DoorScan)).one()
        assert (row.method, row.by_id) == (Method.ROOM_CODE, None)
    with later(seconds=151):
        assert enter(door, 1, code) is Outcome.WRONG


def test_the_room_code_cannot_be_tried_out(door) -> None:
    door.date()
    for _ in range(5):
        assert enter(door, 0, "000000") is Outcome.WRONG
    assert enter(door, 0, on_screen(door)) is Outcome.TOO_OFTEN
    assert enter(door, 1, on_screen(door)) is HERE  # somebody else is not stopped
    with later(minutes=11):
        assert enter(door, 0, on_screen(door)) is HERE
        with writing() as db:
            services.forget_tries(db)
            assert db.scalars(select(RoomTry)).all() == []


def test_the_room_code_gives_a_seat_to_who_had_none_but_no_second_one(door) -> None:
    door.date(seats_in_person=1)
    assert enter(door, 0, on_screen(door)) is HERE
    with pytest.raises(Refused):
        enter(door, 1, on_screen(door))


def test_check_in_is_closed_long_before_and_long_after(door) -> None:
    door.date(hours=3)
    rsvp = door.place(0)
    with pytest.raises(Refused, match="two hours"):
        door.scan(scan_of(rsvp))
    with later(days=9), pytest.raises(Refused, match="a week"):
        door.scan(scan_of(rsvp))


def test_two_scanners_one_code_at_the_same_moment(door, app) -> None:
    """Both get an answer, exactly one is the first, and there is one check-in."""
    clock_at = clock.now()
    for round_ in range(10):
        door.date(title=f"Round {round_}")
        rsvp, told = door.place(0), []
        scans = [scan_of(rsvp) for _ in range(6)]

        def press(scan, told=told):
            with clock.frozen(clock_at), writing() as db:
                told.extend(
                    services.merge(
                        db, door.helper, occurrence_id=door.id, scans=[scan], sent_at=clock_at
                    )
                )

        assert press_together(app, [lambda s=s: press(s) for s in [*scans, scans[0]]]) == []
        with writing() as db:
            ids = db.scalars(select(DoorScan.id).where(DoorScan.rsvp_id == rsvp)).all()
            checks = db.scalar(
                select(func.count())
                .select_from(AuditEvent)
                .where(AuditEvent.verb == "check_in", AuditEvent.subject_id == rsvp)
            )
        assert sorted(ids) == sorted(scan.id for scan in scans)
        assert (checks, door.state(rsvp)) == (1, "checked_in")
        assert len(told) == 7


def _lines(db, door, **asked):
    date = db.get(Occurrence, door.id)
    return queries.arrivals(db, standing_of(db, door.helper), date, Filter(**asked)).rows
