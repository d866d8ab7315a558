"""After the end: attended or not known, feedback that nobody can trace, what was missed, needs."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import func, select, text

from app.attendance import queries, services
from app.attendance.models import AccessNeed, FeedbackBox
from app.attendance.rules import MaterialKind, NeedKind, NeedState, put_in, summary_of, to_show
from app.audit.models import AuditEvent
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.ergs.models import Erg
from app.ergs.queries import standing_of
from app.ergs.rules import RoleName, Visibility, alias
from app.events.models import Occurrence
from app.events.rules import Mode
from tests.attendance.conftest import later
from tests.factories.attendance import scan_of
from tests.factories.ergs import make_role


def settle(door) -> None:
    with writing() as db:
        for occurrence_id in services.to_settle(db):
            services.settle(db, occurrence_id)


def test_no_show_is_only_said_where_check_in_was_used(door) -> None:
    door.date(title="Used")
    came, stayed = door.place(0), door.place(1)
    door.scan(scan_of(came))
    door.date(title="Not used")
    unknown = door.place(0)
    with later(hours=2):
        settle(door)
    assert [door.state(r) for r in (came, stayed)] == ["checked_in", "going"]
    with later(hours=3):
        settle(door)
    assert [door.state(r) for r in (came, stayed, unknown)] == ["attended", "no_show", "going"]


def test_each_way_of_taking_part_is_closed_for_itself(door) -> None:
    door.date(seats_online=None)
    room, other, online = door.place(0), door.place(1), door.place(2, mode=Mode.ONLINE)
    door.scan(scan_of(room))
    with later(hours=3):
        settle(door)
    assert [door.state(r) for r in (room, other, online)] == ["attended", "no_show", "going"]


def test_a_scan_that_comes_back_late_corrects_a_no_show(door) -> None:
    door.date()
    came, kept = door.place(0), door.place(1)
    scan = scan_of(kept)
    door.scan(scan_of(came))
    with later(days=1):
        settle(door)
        assert door.state(kept) == "no_show"
        door.scan(scan)
        assert door.state(kept) == "attended"
        with writing() as db:
            services.undo(db, door.lead, occurrence_id=door.id, rsvp_id=kept)
        assert door.state(kept) == "no_show"


# Feedback


def ask(door) -> int:
    with writing() as db:
        return sum(services.ask_for_feedback(db, i) for i in queries.due_for_feedback(db))


def give(door, n, stars=5, good="", change="") -> None:
    with writing() as db:
        services.give_feedback(
            db, door.people[n], occurrence_id=door.id, stars=stars, good=good, change=change
        )


def box(door) -> FeedbackBox:
    with writing() as db:
        return db.get(FeedbackBox, door.id)


def test_those_who_came_are_asked_once_a_day_after(door) -> None:
    door.date()
    came = door.place(0)
    door.place(1)
    door.scan(scan_of(came))
    with later(hours=3):
        settle(door)
        assert ask(door) == 0
    with later(hours=26):
        assert ask(door) == 1
        assert ask(door) == 0
    with writing() as db:
        rows = db.scalars(select(Delivery).where(Delivery.kind == "event_feedback")).all()
    assert {row.person_id for row in rows} == {door.people[0]}


def test_without_check_in_those_who_went_are_asked(door) -> None:
    door.date()
    for n in range(3):
        door.place(n)
    with later(hours=26):
        assert ask(door) == 3


@pytest.fixture
def asked(door):
    door.date()
    for n in range(9):
        door.place(n)
    with later(hours=26):
        ask(door)
        yield door


def test_hosts_read_from_five_answers_on_and_in_steps_of_five(asked) -> None:
    seen = []
    for n in range(9):
        give(asked, n, stars=1 + n % 5)
        seen.append(len(box(asked).shown))
    assert seen == [0, 0, 0, 0, 5, 5, 5, 5, 5]


def test_two_readings_never_differ_by_fewer_than_five() -> None:
    answers, shown, sizes = [], [], {0}
    for n in range(60):
        answers = put_in(answers, n % 5 + 1, f"good {n}", "")
        shown = to_show(answers, shown)
        sizes.add(len(shown))
    steps = sorted(sizes)
    assert steps[0] == 0
    assert min(b - a for a, b in itertools.pairwise(steps)) >= 5
    assert summary_of(answers[:4]) is None


def test_an_answer_leaves_no_row_no_time_and_no_order(asked) -> None:
    """Whatever the order in which people answer, the database is the same to the byte."""
    before = _rows()
    said = [(5, "The bread", ""), (1, "", "Too loud"), (3, "Nice", "Shorter")]
    for n, answer in enumerate(said):
        give(asked, n, *answer)
    first = _rows()
    with writing() as db:
        row = db.get(FeedbackBox, asked.id)
        row.answers, row.shown = [], []
        row.answered = bytes(len(row.answered))
    assert _rows() == before
    for n, answer in reversed(list(enumerate(said))):
        give(asked, n, *answer)
    assert _rows() == first


def _rows() -> dict[str, list]:
    """Every row of every table that feedback might touch."""
    tables = ("feedback_box", "feedback_place", "audit_event", "delivery", "rsvp", "door_scan")
    with writing() as db:
        return {
            name: sorted(map(str, db.execute(text(f"SELECT * FROM {name}")).all()))
            for name in tables
        }


def test_one_answer_a_person_and_only_of_those_asked(asked) -> None:
    give(asked, 0)
    with pytest.raises(Refused, match="already"):
        give(asked, 0)
    asked.people[1] = asked.helper
    with pytest.raises(Refused, match="were there"):
        give(asked, 1)
    with later(days=15), pytest.raises(Refused, match="closed"):
        give(asked, 2)


# What was missed


def test_who_missed_it_is_told_once_and_who_was_there_is_not(door) -> None:
    door.date(seats_in_person=3)
    places = [door.place(n) for n in range(4)]  # the last one waits
    door.scan(scan_of(places[0]))
    with later(hours=3):
        settle(door)
        for title in ("Recording", "Notes"):
            with writing() as db:
                services.add_material(
                    db,
                    door.lead,
                    occurrence_id=door.id,
                    kind=MaterialKind.LINK,
                    title=title,
                    url="https://example.org/",
                )
    with writing() as db:
        told = db.scalars(
            select(Delivery.person_id).where(
                Delivery.kind == "event_missed", Delivery.channel == "in_app"
            )
        ).all()
    assert sorted(told) == sorted(door.people[n] for n in (1, 2, 3))


def test_materials_are_for_dates_of_the_past_and_for_leads(door) -> None:
    door.date()
    fields = {"kind": MaterialKind.NOTES, "title": "Notes", "notes": "We met."}
    with pytest.raises(Refused, match="took place"), writing() as db:
        services.add_material(db, door.lead, occurrence_id=door.id, **fields)
    with later(hours=3), pytest.raises(Refused, match="organizers"), writing() as db:
        services.add_material(db, door.helper, occurrence_id=door.id, **fields)
    with later(hours=3), writing() as db:
        row = services.add_material(db, door.lead, occurrence_id=door.id, **fields)
        services.withdraw_material(db, door.lead, material_id=row.id)
        assert queries.materials_of(db, door.id) == []
        services.return_material(db, door.lead, material_id=row.id)
        assert len(queries.materials_of(db, door.id)) == 1


# Access needs


def say(door, n, *kinds, words="") -> None:
    with writing() as db:
        services.say_needs(db, door.people[n], occurrence_id=door.id, kinds=kinds, text=words)


def read(door, person_id):
    with writing() as db:
        date = db.get(Occurrence, door.id)
        mine = standing_of(db, person_id)
        return (
            queries.needs_of(db, mine, date) if queries.reads_needs(db, mine, date.event) else None
        )


def test_needs_are_read_by_leads_until_there_is_an_access_lead(door) -> None:
    door.date(hours=48)
    door.place(0, visibility=Visibility.NOBODY)
    say(door, 0, NeedKind.DIET, words="No nuts, please")
    need = read(door, door.lead)[0]
    assert (need.kinds, need.text) == ((NeedKind.DIET,), "No nuts, please")
    assert read(door, door.helper) is None  # the check-in role is not the access lead
    with writing() as db:
        make_role(db, db.get(Erg, door.erg), door.helper, RoleName.ACCESS_LEAD)
    assert read(door, door.lead) is None
    assert read(door, door.helper)[0].text == "No nuts, please"


def test_who_hides_asks_under_letters(door) -> None:
    door.date(hours=48)
    rsvp = door.place(0, visibility=Visibility.NOBODY)
    shown = door.place(1)
    say(door, 0, NeedKind.QUIET)
    say(door, 1, NeedKind.SEATING)
    assert {need.who for need in read(door, door.lead)} == {f"Person {alias(rsvp)}", "Person 1"}
    assert shown


def test_needs_stand_nowhere_in_the_clear(door) -> None:
    door.date(hours=48)
    door.place(0)
    say(door, 0, NeedKind.OTHER, words="insulin fridge")
    with writing() as db:
        row = db.scalars(select(AccessNeed)).one()
        services.answer_need(
            db, door.lead, need_id=row.id, state=NeedState.CANNOT, words="fridge on floor 2"
        )
        kept = b"".join(
            repr(r).encode()
            for name in ("access_need", "audit_event", "delivery", "search_word")
            for r in db.execute(text(f"SELECT * FROM {name}")).all()
        )
    assert b"insulin" not in kept
    assert b"fridge" not in kept


def test_an_answer_is_told_and_a_changed_need_is_open_again(door) -> None:
    door.date(hours=48)
    door.place(0)
    say(door, 0, NeedKind.CAPTIONS)
    with writing() as db:
        row = db.scalars(select(AccessNeed)).one()
        with pytest.raises(Refused, match="what is possible"):
            services.answer_need(db, door.lead, need_id=row.id, state=NeedState.CANNOT, words="")
        services.answer_need(db, door.lead, need_id=row.id, state=NeedState.ARRANGED, words="")
        told = db.scalars(select(Delivery).where(Delivery.kind == "access_answer")).all()
        assert {d.person_id for d in told} == {door.people[0]}
    say(door, 0, NeedKind.CAPTIONS, NeedKind.LARGE_PRINT)
    assert read(door, door.lead)[0].state is NeedState.OPEN
    with writing() as db:
        states = db.scalars(select(Delivery.state).where(Delivery.kind == "access_answer")).all()
    assert set(states) == {"skipped"}


def test_needs_of_who_does_not_come_any_more_are_not_shown(door) -> None:
    from app.events import services as events
    from app.events.rules import Reply

    door.date(hours=48)
    door.place(0)
    say(door, 0, NeedKind.CAPTIONS)
    with writing() as db:
        events.answer(db, door.people[0], occurrence_id=door.id, reply=Reply.NO)
    assert read(door, door.lead) == []


def test_needs_are_gone_a_week_after_the_end_and_the_log_says_so(door) -> None:
    door.date(hours=48)
    door.place(0)
    say(door, 0, NeedKind.CAPTIONS)
    with later(days=8), writing() as db:
        assert services.to_purge(db) == []
    with later(days=10), writing() as db:
        assert [services.purge_needs(db, i) for i in services.to_purge(db)] == [1]
        assert services.to_purge(db) == []
        assert db.scalar(select(func.count()).select_from(AccessNeed)) == 0
        row = db.scalars(select(AuditEvent).where(AuditEvent.verb == "purge_needs")).one()
        assert row.subject_id == door.id


def test_a_rotation_of_root_keys_keeps_needs_readable(door) -> None:
    from app.demographics.services import keys

    door.date(hours=48)
    door.place(0)
    say(door, 0, NeedKind.OTHER, words="A chair with arms")
    keys.add_root()
    with writing() as db:
        while keys.rewrap(db, None):
            pass
        keys.drop_unused_roots(db)
    assert read(door, door.lead)[0].text == "A chair with arms"
