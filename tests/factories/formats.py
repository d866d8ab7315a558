"""Cohorts of every format for tests: people who fit together, a run, its offers, their answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.core.database import end_reading, reading, writing
from app.programs.jobs import publish_runs, run_match
from app.programs.models import Cohort, Enrollment, MatchRun, Offer
from app.programs.rules import OPEN_OFFERS, Role
from app.programs.services import offers, runs
from tests.factories.programs import ANSWERS, make_cohort, make_enrollment

SKILLS = ("strategy", "coaching", "writing", "finance", "sales", "visibility")


def make_members(
    db: Session, cohort: Cohort, count: int, people: Iterable[Person] = (), **columns: Any
) -> list[Enrollment]:
    """People of a cohort without sides: each offers what the next one wants."""
    given = [*people, *[None] * count][:count]
    rows = []
    for n, person in enumerate(given):
        wants, offers_ = SKILLS[n % 6], SKILLS[(n + 1) % 6]
        answers = {
            "skills_wanted": [wants],
            "skills_offered": [offers_],
            "goals_wanted": ["network"],
        }
        named = {} if person else {"n": n}
        values = {**named, "answers": answers, **columns}
        rows.append(make_enrollment(db, cohort, Role.MENTEE, person, **values))
    return rows


def make_sides(
    db: Session, cohort: Cohort, mentees: int, mentors: int, capacity: int = 1
) -> tuple[list[Enrollment], list[Enrollment]]:
    """Mentees and mentors of a cohort."""
    return (
        [
            make_enrollment(db, cohort, Role.MENTEE, n=n, answers=ANSWERS[Role.MENTEE])
            for n in range(mentees)
        ],
        [make_enrollment(db, cohort, Role.MENTOR, n=n, capacity=capacity) for n in range(mentors)],
    )


def start_with(template: str, manager: Person | None = None, **columns: Any) -> Cohort:
    """A cohort of a template, ready to be matched."""
    with writing() as db:
        return make_cohort(db, manager=manager, template=template, title=template, **columns)


def run_once(cohort: Cohort, actor: Person) -> MatchRun:
    """A finished run."""
    with writing() as db:
        run_id = runs.start_run(db, actor.id, cohort_id=cohort.id).id
    run_match(str(run_id))
    end_reading()
    return reading().get_one(MatchRun, run_id)


def publish_now(run_id: UUID, actor: Person) -> None:
    """Publish a run and let the half hour pass."""
    with writing() as db:
        runs.publish(db, actor.id, run_id=run_id)
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        publish_runs()
    end_reading()


def open_offers(cohort: Cohort) -> list[Offer]:
    """What waits for an answer."""
    end_reading()
    return list(
        reading().scalars(
            select(Offer)
            .where(Offer.cohort_id == cohort.id, Offer.state.in_(OPEN_OFFERS))
            .order_by(Offer.group_id, Offer.id)
        )
    )


def say_yes(offer: Offer, role: Role = Role.MENTEE) -> str | None:
    """The person of an offer accepts it."""
    with writing() as db:
        enrollment_id = offer.mentee_id if role is Role.MENTEE else offer.mentor_id
        person_id = db.get_one(Enrollment, enrollment_id).person_id
        return offers.accept(db, person_id, offer_id=offer.id)
