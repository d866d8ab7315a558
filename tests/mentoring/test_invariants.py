"""Whatever people do in whatever order, the ten promises of mentoring hold.

One state machine does what people, organizers and the calendar do; after every step the promises
that can be read from the database are checked. The numbers of the list stand beside each.
"""

from __future__ import annotations

import ast
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.services import deactivate, erasing
from app.audit.models import AuditEvent
from app.core import clock, jobs
from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.health.registry import figures
from app.health.rules import HIDDEN, THRESHOLD, Measure, shielded
from app.matching.solver import solve
from app.mentoring.models import Goal, Meeting, Note, Relationship, SessionClaim
from app.mentoring.rules import HELD, LIVE, Claim, EndingCode, InThePause, NoteScope
from app.mentoring.rules import TRANSITIONS as PAIR_TABLES
from app.mentoring.services import (
    closing,
    notes,
    pausing,
    reopening,
    sessions,
    terms,
    trial,
    work,
)
from app.programs.models import Cohort, Enrollment, Exclusion, MatchRun, Offer
from app.programs.rules import (
    OPEN_OFFERS,
    TRANSITIONS,
    CohortState,
    DeclineReason,
    OfferSource,
    OfferState,
    Role,
    RunState,
)
from app.programs.services import enrollment, following, offers
from app.schema import metadata
from tests.factories.accounts import make_person
from tests.factories.mentoring import plan_session
from tests.factories.programs import ANSWERS, make_cohort, make_enrollment, make_offer

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MENTEES, MENTORS, CANARY = 5, 3, "canary of the matcher"
TABLES = {kind.__name__: table for kind, table in {**TRANSITIONS, **PAIR_TABLES}.items()}
MOVED = {
    Offer: ("OfferState", "draft"),
    Relationship: ("RelationshipState", None),
    Meeting: ("SessionState", None),
    Goal: ("GoalState", None),
}
ROOT = Path(__file__).resolve().parents[2]
DOMAINS = ("app.accounts", "app.mentoring", "app.programs", "app.concerns")
EVERYTHING = metadata.sorted_tables
number = st.integers(0, 99)


class Lives(RuleBasedStateMachine):
    """A cohort of its own in the test's database for each example."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.kept, self.erased = NOW, {}, set()
        with clock.frozen(NOW), writing() as db:
            cohort = make_cohort(db, CohortState.ACTIVE)
            self.cohort_id, self.organizer = cohort.id, make_person(db, "Amara Okafor").id
            mentors = [
                make_enrollment(db, cohort, Role.MENTOR, capacity=1 + n % 2) for n in range(MENTORS)
            ]
            secret = {**ANSWERS[Role.MENTEE], "private": CANARY}
            mentees = [
                make_enrollment(db, cohort, Role.MENTEE, answers=secret) for _ in range(MENTEES)
            ]
            db.add(Exclusion(enrollment_id=mentees[0].id, person_id=mentors[0].person_id))
            db.add(MatchRun(cohort_id=cohort.id, state=RunState.PUBLISHED))
            self.mentees, self.mentors = ([e.id for e in side] for side in (mentees, mentors))
            self.person = {e.id: e.person_id for e in (*mentees, *mentors)}
            manager = db.get_one(Enrollment, mentors[1].id).person_id
            make_managed(db, mentees[1].person_id, manager)
            self.forbidden = {(mentees[0].id, mentors[0].id), (mentees[1].id, mentors[1].id)}
        self.begin()

    def begin(self):
        """Three pairs that met and went on, so that every step finds something to do."""
        for mentee, mentor in ((2, 0), (3, 1), (4, 1)):
            self.offer(mentee, mentor)
            self.answer(0, True)
        met = self.now + timedelta(days=1)
        pairs = [self.pair(n) for n in range(3)]
        planned = [self.act(plan_session, pair, met) for pair in pairs]
        self.now = met + timedelta(hours=3)
        for pair, meeting in zip(pairs, planned, strict=True):
            self.act(
                sessions.answer, self.people(pair.id)[0], session_id=meeting.id, said=Claim.MET
            )
        self.now += timedelta(days=9)
        self.sweep()

    # how things are done

    def act(self, verb, *arguments, **named):
        """What the rules refuse changes nothing."""
        try:
            with clock.frozen(self.now), writing() as db:
                return verb(db, *arguments, **named)
        except Refused:
            return None

    def one(self, model, n, *conditions):
        """One row of this cohort, or None."""
        chosen = select(model.id).where(*conditions).order_by(model.id)
        if model is Meeting:
            chosen = chosen.join(Relationship, Relationship.id == Meeting.relationship_id)
            chosen = chosen.where(Relationship.cohort_id == self.cohort_id)
        else:
            chosen = chosen.where(model.cohort_id == self.cohort_id)
        rows = reading().scalars(chosen).all()
        row = reading().get_one(model, rows[n % len(rows)]) if rows else None
        if isinstance(row, Relationship):
            assert len(row.members) == 2
        end_reading()
        return row

    def pair(self, n, *states):
        return self.one(Relationship, n, Relationship.state.in_(states or LIVE))

    # what happens

    @rule(mentee=number, mentor=number)
    def offer(self, mentee, mentor):
        def made(db):
            one, other = self.mentees[mentee % MENTEES], self.mentors[mentor % MENTORS]
            if (one, other) not in self.forbidden:
                make_offer(db, db.get_one(Enrollment, one), db.get_one(Enrollment, other))

        self.act(made)

    @rule()
    def matched_by_itself(self):
        found = following.waiting(reading(), self.cohort_id)
        end_reading()
        if found:
            instance, key = found
            self.act(following.offer_next, self.cohort_id, key, solve(instance))

    @rule(n=number, says_yes=st.sampled_from((True, True, True, False)))
    def answer(self, n, says_yes):
        if row := self.one(Offer, n, Offer.state.in_(OPEN_OFFERS)):
            who, no = self.person[row.mentee_id], {"reason": DeclineReason.TIME}
            verb = offers.accept if says_yes else offers.decline
            self.act(verb, who, offer_id=row.id, **({} if says_yes else no))

    @rule(n=number)
    def recall(self, n):
        if row := self.one(Offer, n, Offer.state == OfferState.OFFERED):
            self.act(offers.withdraw_offer, self.organizer, offer_id=row.id, reason="recalled")

    @rule(n=number)
    def enroll_again(self, n):
        def again(db):
            row = db.get_one(Enrollment, self.mentees[n % MENTEES])
            reply = enrollment.Reply(Role.MENTEE, dict(row.answers), ("en",), "UTC")
            cohort = db.get_one(Cohort, self.cohort_id)
            cohort.state = CohortState.ENROLLING
            enrollment.enroll(db, row.person_id, cohort_id=self.cohort_id, reply=reply)
            cohort.state = CohortState.ACTIVE

        self.act(again)

    @rule(n=number, days=st.integers(1, 40))
    def plan(self, n, days):
        if pair := self.pair(n):
            self.act(plan_session, pair, self.now + timedelta(days=days))

    @rule(n=number, who=st.integers(0, 1), said=st.sampled_from(Claim))
    def claim(self, n, who, said):
        if meeting := self.one(Meeting, n, Meeting.starts_at < self.now):
            people = self.people(meeting.relationship_id)
            self.act(sessions.answer, people[who], session_id=meeting.id, said=said)

    @rule(n=number, who=st.integers(0, 1), yes=st.booleans())
    def answer_in_private(self, n, who, yes):
        if pair := self.pair(n):
            person = pair.members[who].person_id
            self.act(trial.answer, person, relationship_id=pair.id, goes_on=yes)
            self.act(terms.answer_renewal, person, relationship_id=pair.id, says_yes=yes)

    @rule(n=number, days=st.integers(1, 61), what=st.sampled_from((None, *InThePause)))
    def pause(self, n, days, what):
        if pair := self.pair(n, "active"):
            until = self.now.date() + timedelta(days=days)
            one = pair.members[0].person_id
            self.act(pausing.pause, one, relationship_id=pair.id, until=until, in_the_pause=what)

    @rule(n=number)
    def resume(self, n):
        if pair := self.pair(n, "paused"):
            self.act(pausing.resume, pair.members[0].person_id, relationship_id=pair.id)

    @rule(n=number, who=st.integers(0, 2))
    def close(self, n, who):
        if (pair := self.pair(n)) and who == 2:
            code = EndingCode.SCHEDULES
            self.act(closing.end_for, self.organizer, relationship_id=pair.id, code=code)
        elif pair:
            self.act(closing.end, pair.members[who].person_id, relationship_id=pair.id)

    @rule(n=number)
    def conclude(self, n):
        if pair := self.pair(n, "active", "concluding"):
            one, other = (m.person_id for m in pair.members)
            self.act(terms.conclude, one, relationship_id=pair.id)
            for who in (one, other):
                self.act(
                    terms.look_back, who, relationship_id=pair.id, own_text="I", thanks="Thanks"
                )

    @rule(n=number)
    def reopen(self, n):
        if pair := self.pair(n, "closed"):
            for member in pair.members:
                self.act(reopening.reopen, member.person_id, relationship_id=pair.id)

    @rule(n=number, who=st.integers(0, 1))
    def write(self, n, who):
        if pair := self.pair(n):
            owner, key = pair.members[who].person_id, {"relationship_id": pair.id}
            note = self.act(notes.write, owner, text="Mine", scope=NoteScope.OWN, **key).note
            goal = self.act(work.set_goal, owner, text="Lead", steps=["One"], **key)
            self.kept |= {(Note, note.id): owner, (Goal, goal.id): owner}

    @rule(n=number)
    def withdraw(self, n):
        who = (*self.mentees, *self.mentors)[n % (MENTEES + MENTORS)]
        self.act(enrollment.withdraw, None, enrollment_id=who)

    @rule(n=st.integers(0, 1), erases=st.booleans())
    def leave(self, n, erases):
        person = self.person[(self.mentees[2], self.mentors[2])[n]]
        self.act(deactivate, None, person_id=person)
        if erases:
            self.act(erasing.ask, None, person_id=person)
            self.now += erasing.GRACE
            self.sweep()
            assert reading().get_one(Person, person).name is None, "the sweep erased nobody"
            end_reading()
            self.erased.add(person)

    @rule(hours=st.sampled_from((1, 4, 30, 24 * 8, 24 * 16, 24 * 190)))
    def time_passes(self, hours):
        """(6) Every sweep runs twice; the second run changes nothing."""
        self.now += timedelta(hours=hours)
        self.sweep()
        first = self.everything()
        self.sweep()
        assert self.everything() == first

    def sweep(self):
        with clock.frozen(self.now):
            for _name, sweep in jobs.sweeps:
                if sweep.run.__module__.startswith(DOMAINS):
                    sweep.run()

    # what must hold

    def people(self, relationship_id):
        pair = reading().get_one(Relationship, relationship_id)
        found = [member.person_id for member in pair.members]
        end_reading()
        return found

    def everything(self):
        """Every row of every table."""
        db = reading()
        found = {table.name: sorted(map(repr, db.execute(select(table)))) for table in EVERYTHING}
        end_reading()
        return found

    @invariant()
    def promises_hold(self):
        db = reading()
        pairs = db.scalars(select(Relationship).where(Relationship.cohort_id == self.cohort_id))
        pairs = list(pairs.unique())
        made = db.scalars(select(Offer).where(Offer.cohort_id == self.cohort_id)).all()
        live = [pair for pair in pairs if pair.state in LIVE]
        self.places(db, live, made)
        self.calendars(db, pairs)
        self.log(db, pairs, made)
        missing = [key for key in self.kept if db.get(*key) is None]
        assert {self.kept[key] for key in missing} <= self.erased, "(9) a partner's words are gone"
        assert all(key[0] is Note for key in missing), "(9) shared goals outlive an erasure"
        end_reading()

    def places(self, db, live, made):
        taken = Counter(m.enrollment_id for p in live for m in p.members if m.role is Role.MENTOR)
        taken += Counter(offer.mentor_id for offer in made if offer.state in OPEN_OFFERS)
        for mentor in self.mentors:
            assert taken[mentor] <= db.get_one(Enrollment, mentor).capacity, "(1) places"
        together = Counter(frozenset(m.person_id for m in pair.members) for pair in live)
        assert not [who for who, times in together.items() if times > 1], "(2) twice together"
        found = {(o.mentee_id, o.mentor_id) for o in made if o.source is OfferSource.REMATCH}
        found |= {tuple(sorted((m.role, m.enrollment_id) for m in pair.members)) for pair in live}
        against = self.forbidden | {((Role.MENTEE, a), (Role.MENTOR, b)) for a, b in self.forbidden}
        assert not found & against, "(3) against a rule"
        assert CANARY not in repr([o.reasons for o in made]), "(7) out of the matcher"

    def calendars(self, db, pairs):
        canceled = set(
            db.execute(
                select(Delivery.subject_id, Delivery.person_id, Delivery.revision).where(
                    Delivery.kind == "session_canceled"
                )
            ).tuples()
        )
        for pair in pairs:
            rows = db.scalars(select(Meeting).where(Meeting.relationship_id == pair.id)).all()
            for meeting in rows:
                if meeting.state in HELD:
                    said = select(SessionClaim.answer).where(SessionClaim.session_id == meeting.id)
                    assert Claim.MET in db.scalars(said).all(), "(10) held by a claim alone"
                if pair.state in LIVE or meeting.starts_at <= self.now:
                    continue
                assert meeting.state == "canceled", "(4) a session after the end"
                for member in pair.members:
                    key = (meeting.id, member.person_id, meeting.revision)
                    assert key in canceled or not member.person.can_sign_in, "(4) no CANCEL"

    def log(self, db, pairs, made):
        """(5) The log's changes lead from the first state to today's, each once, by the tables."""
        here = [pair.id for pair in pairs]
        parts = [
            db.scalars(select(kind).where(kind.relationship_id.in_(here))).all()
            for kind in (Meeting, Goal)
        ]
        rows = db.execute(
            select(AuditEvent.subject_id, AuditEvent.before, AuditEvent.after).where(
                AuditEvent.subject_type.in_([kind.__tablename__ for kind in MOVED]),
                AuditEvent.after.is_not(None),
            )
        ).all()
        changes: dict = {}
        for subject, before, after in rows:
            changes.setdefault(subject, []).append((before, after))
        for row in (*pairs, *made, *parts[0], *parts[1]):
            kind, first = MOVED[type(row)]
            steps = [(before or None, after) for before, after in changes.get(row.id, [])]
            arrived = Counter(after for _before, after in steps) + Counter([first] if first else [])
            left = Counter(before for before, _after in steps if before)
            assert arrived - left == Counter([row.state.value]), f"(5) {kind} {steps}"
            for before, after in steps:
                assert before is None or after in TABLES[kind][before], f"(5) {before} to {after}"


def make_managed(db, person_id, manager_id):
    """(3) A reporting line."""
    db.get_one(Person, person_id).manager_id = manager_id
    db.flush()


def test_the_promises_of_mentoring_hold_whatever_happens(context, ids_in_order):
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=3,
            stateful_step_count=25,
            phases=[Phase.generate],  # a failure is told at once; shrinking takes minutes
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 60), st.integers(0, 60))
def test_no_shown_share_of_mentoring_stands_for_few_or_leaves_few_by_subtraction(members, paired):
    """(8) The one number that mentoring gives to reports, over groups of any size."""
    cell = shielded(figures["mentoring_uptake"].unit, Measure(min(paired, members)), members)
    if cell != HIDDEN:
        rest = cell.of - cell.value
        assert all(part == 0 or part >= THRESHOLD for part in (cell.value, rest))
        assert cell.of >= THRESHOLD


def test_only_the_move_through_a_table_changes_a_state():
    """(5) The machine plays some kinds; that no code goes round the tables is read off the code."""
    past = []
    for folder in ("programs", "mentoring", "concerns"):
        for file in sorted((ROOT / "app" / folder).rglob("*.py")):
            if file.stem.startswith("seed"):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                targets = node.targets if isinstance(node, ast.Assign) else []
                names = [leaf for target in targets for leaf in ast.walk(target)]
                if any(isinstance(leaf, ast.Attribute) and leaf.attr == "state" for leaf in names):
                    past.append(f"{file.stem}: {ast.unparse(node)}")
    assert past == [
        "enrollment: enrollment.state = enrollment.state or EnrollmentState.STARTED",
        "moving: row.state = to",
        "making: offer.state = OfferState.DRAFT",
    ], "a row's first state, and the one place that moves it"
