"""Flags, nudges and notices as the hourly sweep makes them, on a clock that moves."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text

from app.accounts.models import JobFact
from app.core import clock, outbox
from app.core.database import end_reading, hold, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState, Message, Recipient
from app.core.quiet import is_quiet
from app.holidays import services as holidays
from app.mentoring import jobs
from app.mentoring.links import opened_still
from app.mentoring.messages.risks import WORDS
from app.mentoring.models import (
    ClosingNotice,
    Goal,
    Meeting,
    Nudge,
    PairMessage,
    Pause,
    Relationship,
    RiskFlag,
    SessionFeedback,
)
from app.mentoring.queries.facts import watched
from app.mentoring.rules import (
    ClosingReason,
    FlagState,
    RelationshipState,
    SessionState,
    Sharing,
)
from app.mentoring.rules.risks import RULES, Outcome, Play, Risk
from app.mentoring.services import deciding, reopening, sessions, silence
from app.posts.models import Digest
from app.posts.registry import riders
from app.programs.rules import Role
from app.programs.services import enrollment
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_pair
from tests.factories.risks import make_flag

MONDAY = datetime(2027, 1, 4, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def pair(context):
    """Two people who began on a Monday and have said that they go on."""
    with clock.frozen(MONDAY), writing() as db:
        made = make_pair(db)
        made.state = RelationshipState.ACTIVE
        return made


def sweep(days: float, times: int = 1) -> None:
    with clock.frozen(MONDAY + days * DAY):
        for _ in range(times):
            jobs.watch_risks()
    end_reading()


def flags(pair: Relationship) -> dict[str, RiskFlag]:
    end_reading()
    found = select(RiskFlag).where(RiskFlag.relationship_id == pair.id)
    return {flag.rule.value: flag for flag in reading().scalars(found)}


def held(pair: Relationship, days: float, state: SessionState = SessionState.CONFIRMED) -> None:
    at = MONDAY + days * DAY
    with clock.frozen(at), writing() as db:
        row = Meeting(relationship_id=pair.id, state=state, starts_at=at, zone="UTC")
        row.wall_time = at.replace(tzinfo=None)
        db.add(row)


def nudges(*pairs: Relationship) -> list[Nudge]:
    end_reading()
    keys = [pair.id for pair in pairs]
    found = select(Nudge).where(Nudge.relationship_id.in_(keys)).order_by(Nudge.written_at)
    return list(reading().scalars(found))


def tables() -> dict[str, int]:
    end_reading()
    models = (RiskFlag, Nudge, ClosingNotice, Delivery)
    return {m.__tablename__: reading().scalar(select(func.count()).select_from(m)) for m in models}


def test_a_flag_opens_after_the_nudge_and_settles_itself(pair):
    sweep(6)
    assert nudges(pair) == [] and flags(pair) == {}
    sweep(7)
    assert {row.rule for row in nudges(pair)} == {Risk.FIRST_SESSION} and not flags(pair)
    assert {row.person_id for row in nudges(pair)} == {m.person_id for m in pair.members}
    sweep(10, times=3)
    before = tables()
    assert flags(pair)["first_session"].state is FlagState.OPEN
    sweep(10, times=2)
    assert tables() == before, "a sweep twice changes nothing"
    with clock.frozen(MONDAY + 11 * DAY), writing() as db:
        at = (MONDAY + 14 * DAY).replace(tzinfo=None)
        who = pair.members[0].person_id
        sessions.plan(db, who, relationship_id=pair.id, wall_time=at, zone="UTC")
    sweep(11.2)
    flag = flags(pair)["first_session"]
    assert (flag.state, flag.outcome) == (FlagState.RESOLVED, Outcome.REVIVED)
    assert all(row.done_at for row in nudges(pair))


def test_what_is_done_before_the_message_leaves_is_not_said(pair):
    with clock.frozen(MONDAY), writing() as db:
        for member in db.get_one(Relationship, pair.id).members:
            member.person.quiet_from, member.person.quiet_to = time(9), time(8)
            member.person.quiet_from = None
    sweep(7)
    told = {row.id for row in nudges(pair)}
    with clock.frozen(MONDAY + 7.1 * DAY), writing() as db:
        at = (MONDAY + 14 * DAY).replace(tzinfo=None)
        who = pair.members[0].person_id
        sessions.plan(db, who, relationship_id=pair.id, wall_time=at, zone="UTC")
    with clock.frozen(MONDAY + 7.1 * DAY):
        for row in reading().scalars(select(Delivery).where(Delivery.subject_id.in_(told))):
            assert outbox.kinds[row.kind].wanted(reading(), row) == "done"
    sweep(7.2)
    left = reading().scalars(select(Delivery.state).where(Delivery.subject_id.in_(told)))
    assert set(left) == {DeliveryState.SKIPPED}


@pytest.mark.parametrize("why", ["pause", "leave", "holiday", "trial question"])
def test_timers_stand_still(pair, why):
    """Ten days that do not count move the flag of the tenth day to the twentieth."""
    first, last = (MONDAY + 2 * DAY).date(), (MONDAY + 11 * DAY).date()
    with clock.frozen(MONDAY), writing() as db:
        row = db.get_one(Relationship, pair.id)
        who = row.members[0].person_id
        if why == "pause":
            db.add(Pause(relationship_id=row.id, began_on=first, until=last, ended_on=last))
        elif why == "leave":
            for status, day in (("on_leave", first), ("active", last + DAY)):
                fact = {"attribute": "status", "value": status, "source": "test"}
                db.add(JobFact(person_id=who, holds_from=day, **fact))
        elif why == "holiday":
            holidays.add(db, None, starts_on=first, ends_on=last, name="Rest")
        else:  # seven days and the rest of the last one
            row.trial_asked_at = MONDAY + 2 * DAY
            db.add(Pause(relationship_id=row.id, began_on=last, until=last, ended_on=last))
            earlier = (MONDAY + 10 * DAY).date()
            db.add(Pause(relationship_id=row.id, began_on=earlier, until=last, ended_on=last))
    sweep(19)
    assert flags(pair) == {}
    sweep(20)
    assert flags(pair)["first_session"].evidence["days"] == 10


def test_nothing_of_what_people_write_or_rate_becomes_evidence(pair):
    mina, omar = (member.person_id for member in pair.members)
    held(pair, 1)
    with clock.frozen(MONDAY + 20 * DAY), writing() as db:
        db.add(PairMessage(relationship_id=pair.id, author_id=mina, text="SECRET", key="k"))
        session_id = db.scalars(select(Meeting.id)).first()
        db.add(SessionFeedback(session_id=session_id, person_id=omar, rating=1, line="SECRET"))
    sweep(29)
    kept = str([(flag.rule, flag.evidence) for flag in flags(pair).values()])
    assert {"no_session", "unanswered"} <= flags(pair).keys()
    assert "SECRET" not in kept and mina.hex not in kept and "rating" not in kept
    assert "feedback" not in flags(pair), "what one thought of a session is nobody else's"
    one = watched(reading(), [pair.id])[pair.id]
    assert one.owes_answer == {omar}


def many_pairs(number: int) -> tuple[list[Relationship], UUID]:
    """Somebody who is a mentor in several pairs, none of which has met."""
    with clock.frozen(MONDAY), writing() as db:
        mentor = make_person(db, "Busy Mentor")
        made = [make_pair(db, make_person(db, f"Mentee {n}"), mentor) for n in range(number)]
        for one in made:
            one.state = RelationshipState.ACTIVE
        return made, mentor.id


def test_one_nudge_a_day_and_two_a_week_over_all_relationships(context):
    pairs, mentor = many_pairs(4)
    for hours in range(0, 15 * 24, 2):
        sweep(7 + hours / 24)
    mine = [row for row in nudges(*pairs) if row.person_id == mentor]
    days = sorted(row.day for row in mine)
    assert len(days) >= 4 and len(set(days)) == len(days)
    assert all(sum(d <= other < d + 7 * DAY for other in days) <= 2 for d in days)
    assert len({(row.relationship_id, row.rule, row.since) for row in mine}) == len(mine)
    assert all(day.weekday() < 5 for day in days)


@pytest.mark.parametrize(
    "began", [datetime(2027, 3, 15, tzinfo=UTC), datetime(2027, 10, 18, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland"])
def test_nudges_keep_quiet_hours_and_the_cap_across_both_changes_of_clocks(context, began, zone):
    """An hour-by-hour sweep over three weeks around the change, with quiet hours 17:00 to 10:00."""
    with clock.frozen(began - 12 * DAY), writing() as db:
        mentor = make_person(db, "Mentor", zone=zone, quiet_from=time(17), quiet_to=time(10))
        made = [make_pair(db, make_person(db, f"Mentee {n}"), mentor) for n in range(5)]
        who = mentor.id
    for hours in range(0, 21 * 24, 3):
        with clock.frozen(began + timedelta(hours=hours)):
            jobs.watch_risks()
    mine = [row for row in nudges(*made) if row.person_id == who]
    assert len(mine) >= 4
    days = [row.written_at.astimezone(clock.zone(zone)).date() for row in mine]
    assert days == [row.day for row in mine] and all(a < b for a, b in pairwise(days))
    assert not any(is_quiet(row.written_at, clock.zone(zone), time(17), time(10)) for row in mine)
    due = reading().scalars(
        select(Delivery.due_at).where(Delivery.subject_id.in_([row.id for row in mine]))
    )
    assert not any(is_quiet(at, clock.zone(zone), time(17), time(10)) for at in due)


def test_a_false_alarm_is_not_raised_again_but_a_new_silence_is(pair):
    sweep(10)
    flag_id = flags(pair)["first_session"].id
    with clock.frozen(MONDAY + 11 * DAY), writing() as db:
        amara = make_person(db, "Amara Okafor").id
        deciding.conclude(db, amara, flag_id=flag_id, outcome=Outcome.FALSE_ALARM)
    sweep(12)
    assert flags(pair)["first_session"].id == flag_id
    held(pair, 13)
    sweep(40)  # twenty of these days count: people have a week to think after the first session
    assert "no_session" not in flags(pair)
    sweep(41)
    assert flags(pair)["no_session"].state is FlagState.OPEN


def test_whoever_says_that_all_is_well_is_left_in_peace(pair):
    sweep(10)
    who = pair.members[0].person_id
    with clock.frozen(MONDAY + 11 * DAY), writing() as db:
        until = (MONDAY + 41 * DAY).date()
        silence.reassure(db, who, relationship_id=pair.id, until=until)
    sweep(11)
    assert flags(pair)["first_session"].outcome is Outcome.FALSE_ALARM
    told = len(nudges(pair))
    sweep(41)
    sweep(47)
    assert len(nudges(pair)) == told
    sweep(51)
    latest = reading().scalars(select(RiskFlag).order_by(RiskFlag.opened_at.desc())).first()
    assert latest.state is FlagState.OPEN and latest.since == date(2027, 2, 14)


@pytest.mark.parametrize("state", [RelationshipState.ACTIVE, RelationshipState.TRIAL])
def test_a_silent_pair_is_asked_told_and_ended_and_comes_back(pair, state):
    """What is under way, and a trial that nobody has begun."""
    with clock.frozen(MONDAY), writing() as db:
        db.get_one(Relationship, pair.id).state = state
    for day in (60, 89):
        sweep(day)
    assert Risk.SILENT in {row.rule for row in nudges(pair)} and "silent" in flags(pair)
    sweep(89)
    assert reading().scalar(select(func.count()).select_from(ClosingNotice)) == 0
    sweep(90, times=2)
    notice = reading().scalars(select(ClosingNotice)).one()
    assert notice.closes_on == (MONDAY + 97 * DAY).date()
    sweep(96)
    assert reading().get_one(Relationship, pair.id).state is state
    sweep(97, times=2)
    ended = reading().get_one(Relationship, pair.id)
    assert (ended.state, ended.closing_reason) == (
        RelationshipState.CLOSED,
        ClosingReason.INACTIVITY,
    )
    sweep(98)
    assert {flag.state for flag in flags(pair).values()} == {FlagState.RESOLVED}
    mina, omar = (member.person_id for member in pair.members)
    with clock.frozen(MONDAY + 110 * DAY), writing() as db:
        assert not reopening.reopen(db, mina, relationship_id=pair.id)
        assert reopening.reopen(db, omar, relationship_id=pair.id)


def test_a_word_takes_the_notice_back_and_the_link_works_once(pair):
    held(pair, -7)
    sweep(60)
    asked = next(row for row in nudges(pair) if row.rule is Risk.SILENT)
    sweep(90)
    assert reading().scalar(select(func.count()).select_from(ClosingNotice)) == 1
    key = {"relationship_id": pair.id, "asked": asked.id}
    with clock.frozen(MONDAY + 91 * DAY), writing() as db:
        silence.go_on(db, asked.person_id, **key)
    for day in (97, 120):
        sweep(day)
    assert reading().get_one(Relationship, pair.id).state is RelationshipState.ACTIVE
    with pytest.raises(Refused), writing() as db:
        silence.go_on(db, asked.person_id, **key)


def test_the_link_and_the_page_pressed_at_once_wait_for_each_other(app, pair, eventually):
    """One taps in the mail, the other says on the page that all is well: both lock in one order."""
    held(pair, -7)
    sweep(60)
    asked = next(row for row in nudges(pair) if row.rule is Risk.SILENT)
    other = next(m.person_id for m in pair.members if m.person_id != asked.person_id)
    key, said = {"relationship_id": pair.id}, []

    def tap():
        with app.app_context():
            try:
                with writing() as db:
                    silence.go_on(db, asked.person_id, asked=asked.id, **key)
            except Exception as error:
                said.append(type(error))

    tapping = threading.Thread(target=tap)
    with clock.frozen(MONDAY + 60 * DAY), writing() as db:
        hold(db, Relationship, pair.id)
        tapping.start()
        if db.get_bind().dialect.name == "postgresql":
            eventually(lambda: db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
        until = clock.now().date() + 30 * DAY
        silence.reassure(db, other, **key, until=until)
    tapping.join()
    assert said == [Refused], "the question was settled; nobody was thrown out by the database"


def test_ten_statements_find_the_facts_however_many_pairs_there_are(context, queries):
    seen_by_number = []
    for number in (1, 8):
        many_pairs(number)
        end_reading()
        with queries() as seen:
            watched(reading())
        seen_by_number.append(len(seen))
    assert seen_by_number[0] == seen_by_number[1] <= 10


def test_others_get_a_turn_while_many_silent_pairs_are_looked_at(app, context):
    """Forty pairs are told in at least four transactions, and none twice."""
    many_pairs(40)
    told = [0]

    def count(connection) -> None:
        notices = connection.exec_driver_sql("SELECT count(*) FROM closing_notice").scalar()
        told.append(notices)

    engine = app.extensions["database"].engine
    event.listen(engine, "commit", count)
    try:
        sweep(100)
    finally:
        event.remove(engine, "commit", count)
    assert told[-1] == 40
    assert max(after - before for before, after in pairwise(told)) <= 10
    sweep(100)
    assert reading().scalar(select(func.count()).select_from(ClosingNotice)) == 40


def test_a_digest_takes_the_nudge_along_and_the_mail_stays_away(pair):
    who = pair.members[0].person_id
    sweep(7 - 1.5 / 24)  # half past eight
    row = next(row for row in nudges(pair) if row.person_id == who)
    mail = (
        reading()
        .scalars(select(Delivery).where(Delivery.subject_id == row.id, Delivery.channel == "mail"))
        .one()
    )
    assert mail.due_at == MONDAY + 7 * DAY + timedelta(hours=1), "it waits for the digest"
    with clock.frozen(MONDAY + 7 * DAY):
        lines = [line for _name, lines in riders for line in lines(reading(), who)]
        assert len(lines) == 1 and "Omar" not in lines[0]
    kind = outbox.kinds["nudge_mail"]
    with clock.frozen(MONDAY + 7 * DAY), writing() as db:
        assert kind.wanted(db, db.get_one(Delivery, mail.id)) is None
        digest = Digest(person_id=who, day=row.day, since_at=MONDAY, until_at=clock.now())
        db.add(digest)
        db.flush()
        outbox.put(db, "digest", subject=digest.id, person=who)
        sent = db.scalars(select(Delivery).where(Delivery.kind == "digest")).one()
        sent.state, sent.finished_at = DeliveryState.SENT, clock.now()
        db.flush()
        assert kind.wanted(db, db.get_one(Delivery, mail.id)) == "in the digest"


def test_every_message_names_the_next_step_and_none_says_what_a_rule_has_seen(pair):
    mina = next(m for m in pair.members if m.role is Role.MENTEE)
    key = {"relationship_id": pair.id, "person_id": mina.person_id, "since": MONDAY.date()}
    to = Recipient(mina.person_id, "Mina Mentee", "mina@t.example", "en", "UTC")
    spoken: dict[str, Message] = {}
    with clock.frozen(MONDAY), writing() as db:
        flag = make_flag(db, db.get_one(Relationship, pair.id))
        days = {"noticed_on": MONDAY.date(), "closes_on": (MONDAY + 7 * DAY).date()}
        db.add(ClosingNotice(relationship_id=pair.id, since=MONDAY.date(), **days))
        subjects = {"closing_notice": pair.id}
        subjects |= dict.fromkeys(deciding.LETTERS.values(), flag.id)
        for number, rule in enumerate(WORDS):
            row = Nudge(rule=rule, day=(MONDAY + number * DAY).date(), **key)
            db.add(row)
            db.flush()
            spoken[rule.value] = outbox.kinds["nudge_mail"].message(
                db, Delivery(subject_id=row.id, person_id=to.person_id), to
            )
        for kind, subject in subjects.items():
            row = Delivery(subject_id=subject, person_id=to.person_id)
            assert outbox.kinds[kind].wanted(db, row) is None
            spoken[kind] = outbox.kinds[kind].message(db, row, to)
    assert spoken.keys() >= {rule.value for rule in Risk if RULES[rule].nudge is not None}
    for name, message in spoken.items():
        assert "Omar" not in message.subject and "Omar" in " ".join(message.lines), name
        assert "%(" not in " ".join(message.lines) and message.link.startswith("/mentoring/")
        assert not any(
            word in " ".join(message.lines) for word in ("flag", "rule", "rated", "12")
        ), name
    assert opened_still(spoken["silent"].link.rsplit("/", 1)[1])[1] == mina.person_id


def test_days_on_which_somebody_pauses_the_own_enrollment_do_not_count_also_when_it_is_over(pair):
    """Nine days of it move the flag of the tenth day to the nineteenth."""
    mentor = next(m for m in pair.members if m.role is Role.MENTOR)
    key = {"enrollment_id": mentor.enrollment_id, "capacity": 1, "takes_no_more": False}
    with clock.frozen(MONDAY + 2 * DAY), writing() as db:
        until = (MONDAY + 30 * DAY).date()
        enrollment.set_availability(db, mentor.person_id, paused_until=until, **key)
    sweep(8)
    assert nudges(pair) == [] and flags(pair) == {}
    with clock.frozen(MONDAY + 10 * DAY), writing() as db:
        enrollment.set_availability(db, mentor.person_id, **key)
    sweep(18)
    assert flags(pair) == {}, "what was paused stays uncounted after it"
    sweep(19)
    assert flags(pair)["first_session"].evidence["days"] == 10


def test_goals_that_are_not_shared_with_the_program_date_no_flag(pair):
    mina = next(m for m in pair.members if m.role is Role.MENTEE).person_id
    held(pair, -7)
    with clock.frozen(MONDAY), writing() as db:
        for sharing, day in ((Sharing.PAIR, 20), (Sharing.PROGRAM, 5)):
            goal = Goal(relationship_id=pair.id, owner_id=mina, text="Lead", sharing=sharing)
            goal.moved_at = MONDAY + day * DAY
            db.add(goal)
    sweep(80)
    assert flags(pair)["silent"].since == (MONDAY + 5 * DAY).date()


def test_days_off_neither_take_a_notice_back_nor_shorten_it(pair):
    """Three days off in the week of a notice: one notice, one message, three days more."""
    held(pair, -7)
    with clock.frozen(MONDAY), writing() as db:
        for day in (92, 94, 95):
            off = (MONDAY + day * DAY).date()
            holidays.add(db, None, starts_on=off, ends_on=off, name="Rest")
    for day in range(90, 100):
        sweep(day)
    assert reading().get_one(Relationship, pair.id).state is RelationshipState.ACTIVE
    told = reading().scalars(select(Delivery).where(Delivery.kind == "closing_notice")).all()
    assert len({row.revision for row in told}) == 1
    assert not any(row.state is DeliveryState.SKIPPED for row in told)
    sweep(100)
    assert reading().get_one(Relationship, pair.id).state is RelationshipState.CLOSED


def test_nobody_is_nudged_on_a_holiday_of_the_own_day(context):
    """In Auckland the day off has begun while it is still the day before in Greenwich."""
    began = datetime(2027, 12, 20, 21, tzinfo=UTC)
    with clock.frozen(began), writing() as db:
        people = [make_person(db, name, zone="Pacific/Auckland") for name in ("Mina", "Omar")]
        made = make_pair(db, *people)
        day = date(2027, 12, 30)
        holidays.add(db, None, starts_on=day, ends_on=day, name="Rest")
    with clock.frozen(datetime(2027, 12, 29, 21, tzinfo=UTC)):
        jobs.watch_risks()
    assert nudges(made) == [], "Thursday the thirtieth, ten in the morning: a day off there"
    with clock.frozen(datetime(2027, 12, 30, 21, tzinfo=UTC)):
        jobs.watch_risks()
    assert nudges(made) == [], "a day off in Greenwich still"
    with clock.frozen(datetime(2027, 12, 31, 1, tzinfo=UTC)):
        jobs.watch_risks()
    assert {row.day for row in nudges(made)} == {date(2027, 12, 31)}


def test_a_second_letter_of_the_same_kind_is_sent_too(pair):
    with clock.frozen(MONDAY), writing() as db:
        flag_id = make_flag(db, db.get_one(Relationship, pair.id)).id
        amara = make_person(db, "Amara Okafor").id
    for day in (0, 9):
        with clock.frozen(MONDAY + day * DAY), writing() as db:
            assert deciding.act(db, amara, flag_id=flag_id, play=Play.WRITE, writes=True)
    letters = select(Delivery).where(Delivery.kind == "organizer_asks", Delivery.channel == "mail")
    told = [row.person_id for row in reading().scalars(letters)]
    assert sorted(told) == sorted([m.person_id for m in pair.members] * 2)
