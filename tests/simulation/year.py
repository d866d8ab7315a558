"""A year of mentoring cohorts: who does what on which day is drawn once, from one seed.

`Year(people=2000, pairs=300).play()` enrolls, matches by offers, and lives day by day: people plan,
meet, tell, fade out, pause, leave; every sweep runs with each step. `lives` keeps for each
relationship the temper that was drawn for it and the last day on which its people meant to go on,
so that rules about risk can be judged against it. Everything is simulated; no number here is
about real people.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.services import deactivate
from app.core import clock
from app.core.database import insert_rows, writing
from app.core.errors import Refused
from app.mentoring import jobs
from app.mentoring.models import Relationship
from app.mentoring.rules import Claim, EndingCode, InThePause
from app.mentoring.services import closing, pausing, reopening, sessions, terms, trial
from app.programs.models import Cohort, Enrollment
from app.programs.rules import CohortState, EnrollmentState, Role
from app.programs.services import enrollment, offers
from tests.factories.accounts import make_person
from tests.factories.programs import make_cohort, make_offer
from tests.simulation.few import Few

START = datetime(2027, 1, 4, 13, tzinfo=UTC)  # a Monday; the sweeps have settled at noon
DAY = timedelta(days=1)
STEP = 2  # days lived through in one transaction
# How often each temper is drawn, of a hundred.
TEMPERS = {
    "steady": 52,
    "renewing": 10,
    "fading": 12,
    "parting": 5,
    "ended": 3,
    "pausing": 6,
    "leaving": 3,
    "withdrawing": 2,
    "idle": 3,
    "returning": 2,
    "concluding": 2,
}
Act = Callable[[Session], object]


@dataclass(slots=True)
class Life:
    """One relationship, and what was drawn for it."""

    id: UUID
    mentee: UUID
    mentor: UUID
    enrollment: UUID
    temper: str
    began: int
    last_meant: int = 0  # the day after which its people would not have met again
    acts: dict[int, list[Act]] = field(default_factory=lambda: defaultdict(list))


def _whole(act: Act) -> Act:
    """An act of which nothing stays when the rules refuse it half way."""

    def done(db: Session) -> None:
        with db.begin_nested():
            act(db)

    return done


class Year:
    """A company of people, of whom some are pairs in three cohorts that follow each other."""

    def __init__(self, people: int = 2000, pairs: int = 300, seed: int = 7) -> None:
        self.dice = random.Random(seed)
        self.people, self.pairs = people, pairs
        self.lives: list[Life] = []
        self.refused = 0

    # the company

    def build(self) -> None:
        """People, an organizer, and three cohorts of a program of four months."""
        with clock.frozen(START - DAY), writing() as db:
            rows = [{"name": f"Person {n}", "zone": "UTC"} for n in range(self.people)]
            insert_rows(db, Person, rows)
            self.organizer = make_person(db, "Amara Okafor").id
            named = Person.name.startswith("Person ")
            ids = list(db.scalars(select(Person.id).where(named).order_by(Person.name, Person.id)))
            self.cohorts = [make_cohort(db, CohortState.ACTIVE, title=f"Run {n}") for n in range(3)]
            for cohort in self.cohorts:
                cohort.program.months = 4
            self.cohort_ids = [cohort.id for cohort in self.cohorts]
            self.few = Few(db)
            for number in range(self.pairs):
                self._enroll(db, self.cohorts[number % 3], ids[2 * number : 2 * number + 2])

    def _enroll(self, db: Session, cohort: Cohort, two: list[UUID]) -> None:
        for person_id, role in zip(two, (Role.MENTEE, Role.MENTOR), strict=True):
            db.add(
                Enrollment(
                    cohort_id=cohort.id,
                    person_id=person_id,
                    role=role,
                    state=EnrollmentState.READY,
                    languages=["en"],
                    waiting_since=clock.now(),
                    capacity=1,
                )
            )

    def _begin(self, db: Session, cohort_id: UUID, day: int) -> None:
        """Offers to all who wait in a cohort, and their yes."""
        cohort = db.get_one(Cohort, cohort_id)
        sides = {
            role: db.scalars(
                select(Enrollment)
                .join(Person, Person.id == Enrollment.person_id)
                .where(Enrollment.cohort_id == cohort.id, Enrollment.role == role)
                .order_by(Person.name, Person.id)
            ).all()
            for role in Role
        }
        for one, other in zip(sides[Role.MENTEE], sides[Role.MENTOR], strict=True):
            offer = make_offer(db, one, other)
            offers.accept(db, one.person_id, offer_id=offer.id)
            pair = db.scalars(select(Relationship.id).where(Relationship.offer_id == offer.id))
            temper = self.dice.choices(list(TEMPERS), list(TEMPERS.values()))[0]
            life = Life(pair.one(), one.person_id, other.person_id, one.id, temper, day)
            self._draw(life)
            self.lives.append(life)

    # what people will do

    def _draw(self, life: Life) -> None:
        rounds = {"idle": 0, "fading": self.dice.randint(1, 3)}.get(life.temper, 4)
        first = life.began + self.dice.randint(2, 9)
        for n in range(rounds):
            self._meeting(life, first + 28 * n + self.dice.randint(0, 3))
            life.last_meant = first + 28 * n
        at = first + self.dice.randint(33, 70)
        key = {"relationship_id": life.id}
        organizer, mentee, mentor = self.organizer, life.mentee, life.mentor
        until = (START + (at + 25) * DAY).date()
        verbs: dict[str, list[tuple[int, Act]]] = {
            "parting": [(first + 3, lambda db: trial.answer(db, mentee, goes_on=False, **key))],
            "ended": [
                (at, lambda db: closing.end_for(db, organizer, code=EndingCode.SCHEDULES, **key))
            ],
            "pausing": [
                (
                    at,
                    lambda db: pausing.pause(
                        db, mentor, until=until, in_the_pause=InThePause.MOVE, **key
                    ),
                )
            ],
            "leaving": [(at, lambda db: deactivate(db, None, person_id=mentor))],
            "withdrawing": [
                (at, lambda db: enrollment.withdraw(db, mentee, enrollment_id=life.enrollment))
            ],
            "returning": [
                (at, lambda db: closing.end(db, mentee, **key)),
                (at + 4, lambda db: reopening.reopen(db, mentee, **key)),
                (at + 5, lambda db: reopening.reopen(db, mentor, **key)),
            ],
            "concluding": [(at, lambda db: terms.conclude(db, mentee, **key))],
        }
        for day, act in verbs.get(life.temper, []):
            life.acts[day].append(_whole(act))
        if life.temper == "renewing":
            for who in (mentee, mentor):
                life.acts[life.began + 110].append(self._says_yes(life.id, who))
        if life.temper not in ("steady", "renewing", "pausing", "idle", "fading"):
            life.last_meant = at

    def _says_yes(self, pair_id: UUID, who: UUID) -> Act:
        return lambda db: terms.answer_renewal(db, who, relationship_id=pair_id, says_yes=True)

    def _meeting(self, life: Life, day: int) -> None:
        """Planned three days ahead; the mentee says that it was held, often the mentor too."""
        kept: list[UUID] = []
        says = [life.mentee, life.mentor][: self.dice.choice((1, 2))]

        def plan(db: Session) -> None:
            wall = (clock.now() + 3 * DAY).replace(hour=10, tzinfo=None)
            made = sessions.plan(
                db, life.mentee, relationship_id=life.id, wall_time=wall, zone="UTC"
            )
            kept.append(made.id)

        def tell(db: Session) -> None:
            for who in says if kept else ():
                sessions.answer(db, who, session_id=kept[0], said=Claim.MET)

        life.acts[day].append(plan)
        life.acts[day + 3].append(tell)

    # the year

    def play(self, days: int = 365, each_day: Callable[[int], None] | None = None) -> Year:
        """Live through the days; `each_day` looks at the company in the evening of each."""
        self.build()
        for day in range(0, days, STEP):
            with clock.frozen(START + day * DAY):
                self._live(day)
                for run in (jobs.pass_sessions, jobs.settle_trials, jobs.pass_terms):
                    run()
                if each_day is not None:
                    each_day(day)
        return self

    def _live(self, day: int) -> None:
        with writing() as db:
            if day in (0, 56, 112):
                self._begin(db, self.cohort_ids[(0, 56, 112).index(day)], day)
            if day == 190:  # the third run is called off before its pairs are done
                db.get_one(Cohort, self.cohort_ids[2]).state = CohortState.CLOSED
            self.few.live(db, day)
            for life in self.lives:
                for due in sorted(when for when in life.acts if when <= day):
                    for act in life.acts.pop(due):
                        try:
                            act(db)
                        except Refused:
                            self.refused += 1
