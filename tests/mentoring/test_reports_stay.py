"""(8) Whoever keeps every report of what came of a cohort learns of nobody from their differences.

One state machine lets single people do what they may: end, open again, join, be forgotten, take a
line out, say something else. No such act moves a report by itself, and what months add is many.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.accounts.services import erasing
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.health.rules import HIDDEN, THRESHOLD
from app.mentoring.jobs import ask_for_sponsorship
from app.mentoring.models import (
    Meeting,
    Member,
    Relationship,
    SessionClaim,
    SponsorAction,
)
from app.mentoring.queries.sponsorship import totals_of
from app.mentoring.queries.surveys import outcomes_of
from app.mentoring.rules import Claim, RelationshipState, SessionState
from app.mentoring.rules.sponsorship import SponsorAct
from app.mentoring.rules.surveys import MEASURES, Reached
from app.mentoring.services import attending, closing, reopening, sponsoring, surveying, terms
from app.programs.models import Baseline, Cohort
from app.programs.rules import CohortState, Format, Role
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_enrollment

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PAIRS = 12  # of each format; every second one with something that counts
number = st.integers(0, 99)


def make_life(db, cohort, format_, place) -> Relationship:
    """A pair under way, with a line in its ledger or a session behind it."""
    is_one = format_ is Format.ONE_TO_ONE
    pair = Relationship(
        cohort_id=cohort.id,
        format=format_,
        state=RelationshipState.ACTIVE,
        ends_on=NOW.date() + timedelta(days=150),
        sponsorship_opened_at=NOW if is_one else None,
    )
    db.add(pair)
    db.flush()
    for role in (Role.MENTEE, Role.MENTOR):
        row = make_enrollment(db, cohort, role, make_person(db))
        db.add(Baseline(enrollment_id=row.id, **dict.fromkeys(MEASURES, 3)))
        key = {"relationship_id": pair.id, "person_id": row.person_id}
        db.add(Member(role=role, enrollment_id=row.id, **key))
        if is_one and role is Role.MENTOR and place % 2:
            db.add(SponsorAction(relationship_id=pair.id, **said_by(row.person_id)))
        if not is_one and role is Role.MENTEE:
            met(db, pair, row.person_id)
    return pair


def said_by(person_id) -> dict:
    return {"author_id": person_id, "act": SponsorAct.SPOKE_FOR, "acted_on": NOW.date()}


def met(db, pair, senior) -> None:
    """A session of a reverse pair of which the senior can say something."""
    meeting = Meeting(
        relationship_id=pair.id,
        state=SessionState.CONFIRMED,
        starts_at=NOW - timedelta(days=1),
        wall_time=NOW.replace(tzinfo=None),
        zone="UTC",
        minutes=60,
    )
    db.add(meeting)
    db.flush()
    key = {"session_id": meeting.id, "person_id": senior}
    db.add(SessionClaim(revision=meeting.revision, answer=Claim.MET, **key))


class Reports(RuleBasedStateMachine):
    """A cohort whose organizer looks at "What came of it" after whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.shown = NOW, []
        with clock.frozen(NOW), writing() as db:
            cohort = make_cohort(db, CohortState.ACTIVE)
            self.cohort_id = cohort.id
            formats = (Format.ONE_TO_ONE, Format.REVERSE)
            lives = {f: [make_life(db, cohort, f, n) for n in range(PAIRS)] for f in formats}
            self.pairs = {f: [pair.id for pair in found] for f, found in lives.items()}
        for place in range(PAIRS):
            self.end(place, 0)
            self.answer(place, 4 if place % 2 else 2)
            self.say(place, place % 2 == 0)
        for _month in range(3):
            self.months_pass(35)
        assert HIDDEN not in self.report().values(), "there is something to attack"

    def act(self, verb, *arguments, **named):
        """An act of one person moves no report at once; what the rules refuse changes nothing."""
        before = self.report()
        try:
            with clock.frozen(self.now), writing() as db:
                verb(db, *arguments, **named)
        except Refused:
            pass
        assert self.report() == before, f"{verb.__name__} is seen in the report"

    def report(self):
        with clock.frozen(self.now):
            totals, outcomes = (f(reading(), self.cohort_id) for f in (totals_of, outcomes_of))
        end_reading()
        every = {"conversion": totals.conversion, "commitments": totals.commitments}
        return every | {"growth": outcomes.rose["growth"], "reached": outcomes.reached}

    def pair(self, n, format_=Format.ONE_TO_ONE):
        db = reading()
        pair = db.get_one(Relationship, self.pairs[format_][n % PAIRS])
        people = {m.role: (m.person_id, m.enrollment_id) for m in pair.members}
        end_reading()
        return pair.id, people

    @rule(n=number, who=st.integers(0, 1))
    def end(self, n, who):
        pair_id, people = self.pair(n)
        self.act(closing.end, people[list(people)[who]][0], relationship_id=pair_id)

    @rule(n=number)
    def reopen(self, n):
        pair_id, people = self.pair(n)
        for person, _enrollment in people.values():
            self.act(reopening.reopen, person, relationship_id=pair_id)

    @rule()
    def close_the_cohort(self):
        def closed(db):
            db.get_one(Cohort, self.cohort_id).state = CohortState.CLOSED

        self.act(closed)
        self.act(terms.close_with_cohorts)

    @rule(months=st.integers(1, 12))
    def change_the_length(self, months):
        def changed(db):
            db.get_one(Cohort, self.cohort_id).program.months = months

        self.act(changed)

    @rule(n=number)
    def note_a_line(self, n):
        pair_id, people = self.pair(n)
        author, _enrollment = people[Role.MENTOR]
        line = {"act": SponsorAct.NOMINATED, "acted_on": self.now.date()}
        self.act(sponsoring.note_action, author, relationship_id=pair_id, **line)

    @rule(n=number, returns=st.booleans(), hours=st.sampled_from((0, 20, 30)))
    def take_a_line_out(self, n, returns, hours):
        lines = select(SponsorAction.id, SponsorAction.author_id).order_by(SponsorAction.id)
        of_pair = lines.where(SponsorAction.relationship_id == self.pair(n)[0])
        for action_id, author in reading().execute(of_pair).all():
            self.act(sponsoring.remove_action, author, action_id=action_id)
            self.months_pass(hours / 24)
            if returns:
                self.act(sponsoring.return_action, author, action_id=action_id)
        end_reading()

    @rule(n=number, value=st.integers(1, 5), role=st.sampled_from((Role.MENTEE, Role.MENTOR)))
    def answer(self, n, value, role=Role.MENTEE):
        pair_id, people = self.pair(n)
        person, enrollment_id = people[role]

        def answered(db):
            pair = db.get_one(Relationship, pair_id)
            if pair.state is RelationshipState.CLOSED:
                pair.closing_reason = "completed"  # whoever ended it otherwise is not asked
                reached = Reached.ALL if value > 3 else Reached.SOME
                about = {"enrollment_id": enrollment_id, "reached": reached}
                surveying.answer(db, person, measures={"growth": value}, **about)

        self.act(answered)

    @rule(n=number, value=st.integers(1, 5))
    def enroll_anew(self, n, value):
        """What somebody said at enrollment is said anew."""
        _pair, people = self.pair(n)
        said = dict.fromkeys(MEASURES, value)

        def enrolled(db):
            db.merge(Baseline(enrollment_id=people[Role.MENTEE][1], **said))

        self.act(enrolled)

    @rule(n=number, is_kept=st.sampled_from((True, False, None)))
    def say(self, n, is_kept):
        pair_id, people = self.pair(n, Format.REVERSE)
        senior, _enrollment = people[Role.MENTEE]
        of_pair = select(Meeting.id).where(Meeting.relationship_id == pair_id)
        found = reading().scalars(of_pair).one()
        end_reading()
        words = {"rating": None, "line": "I listen", "is_kept": is_kept}
        self.act(attending.give_feedback, senior, session_id=found, **words)

    @rule(n=number, format_=st.sampled_from((Format.ONE_TO_ONE, Format.REVERSE)), who=st.booleans())
    def forget(self, n, format_, who):
        person, _enrollment = self.pair(n, format_)[1][Role.MENTEE if who else Role.MENTOR]

        def forgotten(db):
            erasing.ask(db, None, person_id=person)
            row = db.scalars(select(erasing.Erasure).filter_by(person_id=person)).one()
            row.due_at = self.now
            db.flush()
            erasing.carry_out(db, erasure_id=row.id)

        self.act(forgotten)

    @rule(days=st.sampled_from((1, 8, 35)))
    def months_pass(self, days):
        self.now += timedelta(days=days)
        with clock.frozen(self.now):
            ask_for_sponsorship()
        end_reading()

    @invariant()
    def differences_tell_of_many(self):
        if (found := self.report()) not in self.shown:
            self.shown.append(found)
        for earlier, later in combinations(self.shown, 2):
            for name, cell in later.items():
                was = earlier[name]
                if HIDDEN in (cell, was):
                    assert cell != HIDDEN or was == HIDDEN, "what was shown stays shown"
                    continue
                yes, all_ = cell.value - was.value, cell.of - was.of
                assert all(s == 0 or s >= THRESHOLD for s in (yes, all_ - yes)), (name, was, cell)


def test_nothing_that_one_person_does_can_be_read_from_two_reports(context, ids_in_order):
    run_state_machine_as_test(
        Reports,
        settings=settings(
            max_examples=3,
            stateful_step_count=40,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
