"""A session as it is lived: sides, draw, rounds by the clock, people who miss, wishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.accounts.models import Person
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.ergs.rules import Discovery, Visibility
from app.events import services as events
from app.events.rules import Audience, EventKind, Reply
from app.speed import jobs, queries, services
from app.speed.models import SpeedMatch, SpeedSeat, SpeedSession, SpeedTable, SpeedWish
from app.speed.pairing import Side, may_talk
from app.speed.rules import Phase, SeatState, SessionState
from app.speed.services import Settings
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.speed import make_speed, make_speed_event, take_part

NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def evening(in_context):
    """Four mentors and five mentees who come to talk; three rounds of 8 minutes, breaks of 2."""
    with clock.frozen(NOW), in_context() as db:
        lead = make_person(db, "Lea Lead").id
        erg = make_erg(db, "women", lead=lead)
        date = make_speed_event(db, erg, starts_at=NOW + timedelta(minutes=10))
        mentors = [make_person(db, f"Mentor {n}", f"m{n}@t.example").id for n in range(4)]
        mentees = [make_person(db, f"Mentee {n}", f"e{n}@t.example").id for n in range(5)]
        sides = dict.fromkeys(mentors, Side.MENTOR) | dict.fromkeys(mentees, Side.MENTEE)
        session = make_speed(db, date, lead, sides, rounds=3)
        return SimpleNamespace(
            id=session.id, date=date.id, lead=lead, mentors=mentors, mentees=mentees
        )


@pytest.fixture
def act(in_context, evening):
    """Runs a verb at a minute of the evening and gives the session as it is then."""

    def run(verb, actor=None, *, minute: float = 0, **arguments) -> SpeedSession:
        arguments.setdefault("session_id", evening.id)
        with clock.frozen(NOW + timedelta(minutes=minute)), in_context() as db:
            verb(db, actor or evening.lead, **arguments)
            db.flush()
            return db.get(SpeedSession, evening.id)

    return run


def test_nobody_talks_to_somebody_three_levels_above(in_context, evening) -> None:
    with clock.frozen(NOW), in_context() as db:
        one, top = evening.mentees[0], evening.mentors[0]
        under = make_person(db, "Middle", manager_id=top)
        over = make_person(db, "Lower", manager_id=under.id)
        db.get_one(Person, one).manager_id = over.id
        db.flush()
        found = queries.players(db, db.get_one(SpeedSession, evening.id))
        assert found[one][1].above == {over.id, under.id, top}
        assert not may_talk(found[one][1], found[top][1])


def tables(in_context, session_id, after: int = 0) -> dict[tuple[int, int], tuple]:
    with in_context() as db:
        rows = db.scalars(
            select(SpeedTable).where(SpeedTable.session_id == session_id, SpeedTable.round > after)
        )
        return {(row.round, row.number): row.seat_ids for row in rows}


def seat_of(in_context, session_id, person_id) -> SpeedSeat:
    with in_context() as db:
        return db.scalars(
            select(SpeedSeat).where(
                SpeedSeat.session_id == session_id, SpeedSeat.person_id == person_id
            )
        ).one()


def test_a_draw_is_full_and_says_who_pauses(act, evening, in_context) -> None:
    session = act(services.draw_tables)
    assert session.state is SessionState.DRAWN and session.report["full"] == 3
    assert [r["code"] for r in session.report["reasons"]] == ["uneven"]
    assert len(tables(in_context, evening.id)) == 12
    before = tables(in_context, evening.id)
    again = act(services.draw_tables)
    assert again.state is SessionState.DRAWN and tables(in_context, evening.id) != before


def test_the_clock_moves_rounds_and_a_sweep_that_comes_late_or_twice_changes_nothing(
    act, evening, in_context
) -> None:
    act(services.draw_tables)
    session = act(services.start)
    assert (session.round, session.phase) == (1, Phase.TALK)
    with clock.frozen(NOW + timedelta(minutes=9)):
        assert session.clock_now.phase is Phase.BREAK, "a page knows before any sweep ran"
    with clock.frozen(NOW + timedelta(minutes=21)):
        for _ in range(2):
            jobs.move_rounds()
    with in_context() as db:
        session = db.get(SpeedSession, evening.id)
        assert (session.round, session.phase) == (3, Phase.TALK)
        assert session.until == NOW + timedelta(minutes=28), "late sweeps lose no second"
        verbs = db.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "speed_clock")).all()
        assert len(verbs) == 1
    with clock.frozen(NOW + timedelta(minutes=29)):
        jobs.move_rounds()
    with in_context() as db:
        session = db.get(SpeedSession, evening.id)
        assert (session.state, session.phase) == (SessionState.OVER, Phase.OVER)
        told = db.scalar(select(func.count()).where(Delivery.kind == "speed_wishes"))
        assert told == 9 * 2


def test_pause_extend_next_and_undo(act) -> None:
    act(services.draw_tables)
    act(services.start)
    session = act(services.pause, minute=3)
    assert session.state is SessionState.PAUSED and session.seconds_left == 300
    session = act(services.extend, minute=4, minutes=2)
    assert session.seconds_left == 420
    session = act(services.resume, minute=10)
    assert session.until == NOW + timedelta(minutes=17)
    session = act(services.next_round, minute=11)
    assert session.round == 2
    session = act(services.undo, minute=12)
    assert (session.round, session.until) == (1, NOW + timedelta(minutes=17))
    with pytest.raises(Refused, match="too late"):
        act(services.undo, minute=12)
    act(services.next_round, minute=13)
    with pytest.raises(Refused, match="too late"):
        act(services.undo, minute=16)


def test_ending_by_mistake_is_taken_back_with_its_messages(act, evening, in_context) -> None:
    act(services.draw_tables)
    act(services.start)
    assert act(services.finish, minute=2).state is SessionState.OVER
    session = act(services.undo, minute=3)
    assert session.state is SessionState.RUNNING and session.wishes_until is None
    with in_context() as db:
        waiting = select(func.count()).where(
            Delivery.kind == "speed_wishes", Delivery.state == "pending"
        )
        assert db.scalar(waiting) == 0
    assert act(services.finish, minute=4).state is SessionState.OVER
    with in_context() as db:
        assert db.scalar(waiting) == 18, "the second end is told, though the first was taken back"


def test_a_no_show_changes_only_rounds_to_come(act, evening, in_context) -> None:
    act(services.draw_tables)
    act(services.start)
    before = tables(in_context, evening.id)
    seat = seat_of(in_context, evening.id, evening.mentors[0]).id
    with clock.frozen(NOW + timedelta(minutes=1)), in_context() as db:
        services.mark_absent(db, evening.lead, seat_id=seat)
    after = tables(in_context, evening.id)
    assert {k: v for k, v in before.items() if k[0] == 1} == {
        k: v for k, v in after.items() if k[0] == 1
    }
    later = [seats for (number, _), seats in after.items() if number > 1]
    assert len(later) == 6 and all(seat not in seats for seats in later)
    with clock.frozen(NOW + timedelta(minutes=2)), in_context() as db:
        services.mark_here(db, evening.lead, seat_id=seat)
    back = [s for (n, _), s in tables(in_context, evening.id).items() if n > 1]
    assert len(back) == 8, "the undo gives the talks back"


def test_late_arrivals_pauses_and_leaving(act, evening, in_context) -> None:
    act(services.draw_tables)
    act(services.start)
    with clock.frozen(NOW + timedelta(minutes=1)), in_context() as db:
        late = make_person(db, "Late Mentor").id
        with pytest.raises(Refused, match="coming to the event"):
            services.choose_side(db, late, session_id=evening.id, side=Side.MENTOR)
        session = db.get(SpeedSession, evening.id)
        take_part(db, session, late, Side.MENTOR)
    mine = seat_of(in_context, evening.id, late).id
    assert sum(mine in s for s in tables(in_context, evening.id).values()) == 2
    one = evening.mentees[0]
    act(services.step_out, one, minute=2, is_leaving=False)
    own = seat_of(in_context, evening.id, one)
    assert own.state is SeatState.PAUSING
    assert not any(own.id in s for s in tables(in_context, evening.id, after=1).values())
    act(services.come_back, one, minute=3)
    assert any(own.id in s for s in tables(in_context, evening.id, after=1).values())
    with clock.frozen(NOW + timedelta(minutes=4)), in_context() as db:
        services.depart(db, one)
    assert seat_of(in_context, evening.id, one).state is SeatState.LEFT


def test_whoever_has_a_seat_at_talks_that_ran_out_unseen_can_leave(
    act, evening, in_context
) -> None:
    act(services.draw_tables)
    act(services.start)
    one = evening.mentees[0]
    assert act(lambda *_who, session_id: None, minute=600).state is not SessionState.OVER
    with clock.frozen(NOW + timedelta(hours=10)), in_context() as db:
        services.depart(db, one)
    assert seat_of(in_context, evening.id, one).state is SeatState.HERE
    assert act(lambda *_who, session_id: None, minute=600).state is SessionState.OVER


def test_who_gives_the_place_at_the_event_back_is_not_drawn(act, evening, in_context) -> None:
    with clock.frozen(NOW), in_context() as db:
        events.answer(db, evening.mentees[0], occurrence_id=evening.date, reply=Reply.NO)
    act(services.draw_tables)
    gone = seat_of(in_context, evening.id, evening.mentees[0]).id
    assert not any(gone in seats for seats in tables(in_context, evening.id).values())


def test_only_organizers_run_it_and_only_at_such_an_event(act, evening, in_context) -> None:
    for verb in (services.draw_tables, services.start, services.finish, services.undo):
        with pytest.raises(Refused, match="organizers"):
            act(verb, evening.mentees[0])
    with clock.frozen(NOW), in_context() as db:
        erg = make_erg(db, "veterans", lead=evening.lead)
        other = make_speed_event(db, erg, kind=EventKind.WORKSHOP).id
        with pytest.raises(Refused, match="kind of the event"):
            services.set_up(db, evening.lead, occurrence_id=other, settings=Settings())
    with pytest.raises(Refused, match="bounds"):
        act(
            lambda db, actor, session_id: services.set_up(
                db, actor, occurrence_id=evening.date, settings=Settings(rounds=99)
            )
        )


def test_organizers_seat_only_those_who_let_them_know(act, evening, in_context) -> None:
    with clock.frozen(NOW), in_context() as db:
        session = db.get(SpeedSession, evening.id)
        shy, open_ = make_person(db, "Shy").id, make_person(db, "Open").id
        take_part(db, session, shy, None)
        take_part(db, session, open_, None, Visibility.LEADS)
        assert [name for _, name in queries.seatable(db, session)] == ["Open"]
    act(services.seat_somebody, person_id=open_, side=Side.BOTH)
    with pytest.raises(Refused, match="themselves"):
        act(services.seat_somebody, person_id=shy, side=Side.BOTH)


# Wishes


@pytest.fixture
def after(act, evening, in_context):
    """The evening is over; gives the partners of a person and a way to wish."""
    act(services.draw_tables)
    act(services.start)
    act(services.finish, minute=5)

    def partner(person):
        with in_context() as db:
            seat = db.scalars(
                select(SpeedSeat).where(
                    SpeedSeat.session_id == evening.id, SpeedSeat.person_id == person
                )
            ).one()
            mine = [
                row
                for row in db.scalars(
                    select(SpeedTable).where(
                        SpeedTable.session_id == evening.id, SpeedTable.round == 1
                    )
                )
                if seat.id in row.seat_ids
            ]
            other = next(s for s in mine[0].seat_ids if s != seat.id)
            return seat.id, other, db.get(SpeedSeat, other).person_id

    return partner


def close(minute: float = 48 * 60 + 10) -> None:
    with clock.frozen(NOW + timedelta(minutes=minute)):
        jobs.close_wishes()


def test_only_what_is_mutual_remains_and_only_after_the_window(
    act, after, evening, in_context
) -> None:
    mine, theirs, partner = after(evening.mentors[0])
    _, second, other = after(evening.mentors[1])
    act(services.wish, evening.mentors[0], minute=6, partners=[theirs])
    act(services.wish, partner, minute=7, partners=[mine])
    act(services.wish, evening.mentors[1], minute=8, partners=[second])
    close(minute=60)
    with in_context() as db:
        assert db.scalar(select(func.count(SpeedMatch.id))) == 0, "nobody learns it early"
    close()
    close()
    with in_context() as db:
        match = db.scalars(select(SpeedMatch)).one()
        assert {match.mentor_id, match.mentee_id} == {mine, theirs}
        assert db.scalar(select(func.count(SpeedWish.id))) == 0, "the one-sided yes is gone"
        told = db.scalars(
            select(Delivery.person_id).where(Delivery.kind == "speed_mutual").distinct()
        ).all()
        assert set(told) == {evening.mentors[0], partner} and other not in told
    with pytest.raises(Refused):
        act(services.wish, partner, minute=49 * 60, partners=[mine])


def test_a_no_and_no_answer_are_the_same_rows(act, after, evening, in_context) -> None:
    mine, theirs, partner = after(evening.mentors[0])
    act(services.wish, evening.mentors[0], minute=6, partners=[theirs])
    act(services.wish, partner, minute=6, partners=[mine])
    act(services.wish, partner, minute=7, partners=[])
    with in_context() as db:
        assert db.scalars(select(SpeedWish.partner_id)).all() == [theirs]
    close()
    with in_context() as db:
        assert db.scalar(select(func.count(SpeedMatch.id))) == 0
        kinds = set(db.scalars(select(Delivery.kind)).all())
        assert "speed_mutual" not in kinds
        log = db.scalars(select(AuditEvent).where(AuditEvent.verb == "speed_wish")).all()
        assert {(row.actor_id, row.subject_id, row.after) for row in log} == {
            (None, evening.id, None)
        }


def test_nobody_wishes_for_somebody_they_did_not_meet(act, after, evening, in_context) -> None:
    _, theirs, _ = after(evening.mentors[0])
    strangers = [seat_of(in_context, evening.id, p).id for p in evening.mentors[1:]]
    act(services.wish, evening.mentors[0], minute=6, partners=[*strangers, theirs])
    with in_context() as db:
        assert db.scalars(select(SpeedWish.partner_id)).all() == [theirs]


def test_a_hidden_event_names_nobody_in_the_log(in_context) -> None:
    with clock.frozen(NOW), in_context() as db:
        lead = make_person(db, "Lea Lead").id
        erg = make_erg(db, "quiet", lead=lead, discovery=Discovery.HIDDEN)
        date = make_speed_event(
            db, erg, starts_at=NOW + timedelta(hours=1), audience=Audience.MEMBERS
        )
        person = make_person(db, "Confidential").id
        make_member(db, erg, person, visibility=Visibility.NOBODY)
        session = make_speed(db, date, lead, {person: Side.BOTH})
        services.step_out(db, person, session_id=session.id, is_leaving=True)
        assert person not in set(db.scalars(select(AuditEvent.actor_id)).all())
        with pytest.raises(Refused, match="themselves"):
            services.seat_somebody(
                db, lead, session_id=session.id, person_id=person, side=Side.BOTH
            )
