"""Real nudges, notices and reminders of sessions: none lost, none twice, whatever is killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, jobs
from app.core.database import end_reading, reading, writing
from app.core.outbox import Delivery
from app.mentoring.models import ClosingNotice, Member, Nudge, Relationship, RiskFlag
from app.mentoring.rules import RelationshipState
from app.mentoring.services import sessions
from app.notifications.models import Notification
from app.programs.models import Cohort
from app.programs.rules import CohortState, Format, Role
from tests.factories.programs import make_cohort
from tests.operations.stage import until
from tests.operations.test_faults import Scene

# Where a worker dies: between following, nudging and giving notice, and within each of them.
PLACES = (
    *("follow.written", "nudge.before", "nudge.written"),
    *("give_notice.before", "give_notice.written"),
)
SIDES = (Role.MENTEE, Role.MENTOR)
# What is sent about one pair: to two people, each on the channels of the kind.
COMING = {"session_planned": 4, "session_reminder": 8}
WAITING = {"nudge": 2, "nudge_mail": 2}
SILENT = {**WAITING, "closing_notice": 4}


def to_monday_noon() -> str:
    """How far the clock is shifted: nudges are written in the hours of a working day."""
    now = clock.machine_now()
    monday = now.date() + timedelta(days=7 - now.weekday())
    ahead = datetime.combine(monday, time(12), now.tzinfo) - now
    return f"+P{ahead.days}DT{ahead.seconds // 3600}H{ahead.seconds // 60 % 60}M"


class Watch(Scene):
    """A scene in which workers die during the watch over relationships."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.orders = folder / "deaths"
        self.orders.mkdir()
        deaths = {"TEST_DEATHS": str(self.orders)}
        super().__init__({**environ, **deaths, "TRELLIS_NOW": to_monday_noon()}, folder)
        self.expected: Counter[str] = Counter()
        self.kills = 0

    def meet_soon(self, db: Session, cohort: Cohort, pairs: int) -> None:
        """Pairs with a session within the hour, planned two days ago: both reminders are due."""
        starts = clock.now() + timedelta(minutes=45)
        with clock.frozen(clock.now() - timedelta(days=2)):
            for pair in begin(db, cohort, pairs, days=1):
                who = pair.members[0].person_id
                at = {"wall_time": starts.replace(tzinfo=None), "zone": "UTC"}
                sessions.plan(db, who, relationship_id=pair.id, **at)
        self._expect(COMING, pairs)

    def wait(self, db: Session, cohort: Cohort, pairs: int, silent: int) -> None:
        """Pairs that have not met for twelve days, and some that have been silent for ninety."""
        begin(db, cohort, pairs, days=12)
        begin(db, cohort, silent, days=100)
        self._expect(WAITING, pairs)
        self._expect(SILENT, silent)

    def _expect(self, kinds: dict[str, int], pairs: int) -> None:
        for kind, number in kinds.items():
            self.expected[kind] += pairs * number

    def told(self) -> Counter[str]:
        """What was sent, by kind."""
        end_reading()
        sent = select(Delivery.kind, func.count()).where(Delivery.state == "sent")
        return Counter(dict(reading().execute(sent.group_by(Delivery.kind)).all()))

    def die_at(self, places: tuple[str, ...]) -> None:
        """The watch is woken until a worker has died at each of these places, and once more."""
        for place in places:
            (self.orders / place).touch()
        self.kills += len(places)
        sweep = jobs.sweeps["watch_risks"]
        wake = jobs.Job(sweep.name, sweep.run, "urgent", jobs.SWEEP_TIMEOUT)
        for left in reversed(range(len(places))):
            jobs.enqueue(wake)
            until(
                lambda left=left: self.replaced() and len(list(self.orders.iterdir())) == left,
                60,
                "an ordered death",
            )
        jobs.enqueue(wake)
        until(lambda: self.replaced() and self.written() == self.wanted(), 60, "all is written")

    def wanted(self) -> tuple[int, int]:
        """How many nudges and notices of an end there ought to be."""
        return self.expected["nudge"], self.expected["closing_notice"] // 4

    def written(self) -> tuple[int, int]:
        end_reading()
        counts = [
            reading().scalar(select(func.count()).select_from(m)) for m in (Nudge, ClosingNotice)
        ]
        return counts[0], counts[1]

    def replaced(self) -> bool:
        self.crew.replace_dead()
        return True

    def murder_one(self) -> None:
        """Some worker, whatever it does just now."""
        workers = [pid for pid, role in self.crew.roles.items() if role == "work"]
        self.crew.murder(workers[0])
        self.crew.hire("work")
        self.kills += 1

    def judge_watch(self) -> dict[str, int]:
        """One nudge a person, one flag a rule, one notice a silent pair; each shown once."""
        assert self.told() == self.expected
        assert self.written() == self.wanted()
        end_reading()
        db = reading()
        nudged, notices = self.wanted()
        assert len(set(db.scalars(select(Nudge.person_id)))) == nudged
        flags = db.execute(select(RiskFlag.relationship_id, RiskFlag.rule)).all()
        assert len(flags) == len(set(flags)) == nudged // 2 + notices, "the silent have two"
        shown = self.shown()
        in_app = select(func.count()).select_from(Delivery).where(Delivery.channel == "in_app")
        assert len(shown) == len(set(shown)) == db.scalar(in_app.where(Delivery.state == "sent"))
        about = select(Delivery.person_id).join(
            Notification, Notification.delivery_id == Delivery.id
        )
        for kind in ("nudge", "closing_notice"):
            people = db.scalars(about.where(Delivery.kind == kind)).all()
            assert len(people) == len(set(people)), f"{kind} is shown twice"
        mails = self.expected.total() - len(shown)
        assert len(self.sink.seen) == mails
        return {"kills": self.kills, "repeated mails": self.sink.seen.total() - mails}


_numbers = count(1)


def begin(db: Session, cohort: Cohort, pairs: int, days: int) -> list[Relationship]:
    """Pairs that began so many days ago and have said what they were asked; a nudge is next."""
    began = clock.now() - timedelta(days=days)
    made = []
    for _ in range(pairs):
        people = [
            Person(id=uuid4(), name="P", email=f"p{next(_numbers)}@example.org") for _ in "ab"
        ]
        pair = Relationship(
            id=uuid4(),
            cohort_id=cohort.id,
            format=Format.ONE_TO_ONE,
            state=RelationshipState.ACTIVE,
            started_at=began,
            sponsorship_asked_at=began,
        )
        db.add_all([*people, pair])
        db.flush()
        for person, role in zip(people, SIDES, strict=True):
            db.add(Member(relationship_id=pair.id, person_id=person.id, role=role))
        made.append(pair)
    db.flush()
    return made


@pytest.fixture
def watch(environ: dict[str, str], tmp_path: Path) -> Iterator[Watch]:
    scene = Watch(environ, tmp_path)
    with scene.app.app_context():
        yield scene
        scene.close()
        end_reading()
    clock.configure(None)


def kill_the_watch(
    watch: Watch, *, waves: int, pairs: tuple[int, int, int], workers: int, more: int
) -> dict[str, int]:
    """Waves of pairs that meet soon, wait or are silent; `more` deaths while messages leave."""
    with writing() as db:
        cohort = make_cohort(db, CohortState.ACTIVE)
    watch.crew.hire("tick")
    for _ in range(workers):
        watch.crew.hire("work")
    meeting, waiting, silent = pairs
    for wave in range(1, waves + 1):
        done = watch.told().total()
        with writing() as db:
            watch.meet_soon(db, cohort, meeting)
            watch.wait(db, cohort, waiting, silent)
        watch.die_at(PLACES)
        patience = 120 + watch.expected.total() / 20
        for kill in range(1, more + 1):
            goal = done + (watch.expected.total() - done) * kill // (more + 1)
            until(
                lambda goal=goal: watch.replaced() and watch.told().total() >= goal,
                patience,
                f"progress before kill {kill} of wave {wave}",
            )
            watch.murder_one()
        until(
            lambda: watch.replaced() and watch.told() == watch.expected,
            patience,
            f"everything sent of wave {wave}",
        )
    return watch.judge_watch()


def test_killing_the_watch_between_its_steps_loses_no_nudge_and_says_none_twice(
    watch: Watch,
) -> None:
    kill_the_watch(watch, waves=1, pairs=(2, 2, 2), workers=2, more=1)


@pytest.mark.soak
def test_ten_thousand_nudges_and_reminders_survive_fifty_kills(watch: Watch) -> None:
    # In each wave 500 pairs are nudged, and 250 reminded twice: 2,000 of both.
    print(kill_the_watch(watch, waves=5, pairs=(250, 460, 40), workers=4, more=5))
