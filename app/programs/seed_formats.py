"""Other formats at the demo company: a circle, two peers and a reverse pair, two months old."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.programs.models import Cohort, Enrollment
from app.programs.rules import CohortState, OfferSource, Role
from app.programs.services import enrollment, offers
from app.programs.services import programs as services

OFFERED = (
    ["strategy", "public_speaking"],
    ["data_analysis", "writing"],
    ["negotiation", "across_cultures"],
    ["coaching", "stakeholders"],
    ["product_thinking", "visibility"],
)
Begin = Callable[[str, str, int], Cohort]
Enroll = Callable[[Cohort, Person, Role, random.Random, dict[str, object]], Enrollment]


def seed(
    db: Session,
    organizer: UUID,
    staff: Sequence[Person],
    dice: random.Random,
    begin: Begin,
    enroll: Enroll,
) -> None:
    """People who take part in no other program meet in other ways."""
    busy = set(db.scalars(select(Enrollment.person_id)))
    free = [person for person in staff if person.id not in busy]
    seniors = [person for person in free if (person.level or 1) >= 5]
    juniors = [person for person in free if (person.level or 1) <= 3]
    if len(juniors) < 8 or not seniors:
        return
    _group(db, organizer, "circle", juniors[:5], dice, begin, enroll)
    _group(db, organizer, "peer", juniors[5:7], dice, begin, enroll)
    _reverse(db, organizer, seniors[0], juniors[7], dice, begin, enroll)


def _group(
    db: Session,
    organizer: UUID,
    template: str,
    people: Sequence[Person],
    dice: random.Random,
    begin: Begin,
    enroll: Enroll,
) -> None:
    """Everybody of a group without sides has said yes."""
    cohort = begin(template, "Spring", 80)
    with clock.frozen(clock.now() - timedelta(days=70)):
        rows = [
            enroll(cohort, one, Role.MENTEE, dice, {"skills_offered": OFFERED[n % 5]})
            for n, one in enumerate(people)
        ]
        services.move_cohort(db, organizer, cohort_id=cohort.id, to=CohortState.MATCHING)
    with clock.frozen(clock.now() - timedelta(days=60)):
        first, second = rows[0].id, rows[1].id
        made = offers.make_seats(
            db,
            organizer,
            cohort_id=cohort.id,
            seats=[offers.Seat(row.id, first if row.id != first else second) for row in rows],
            source=OfferSource.ORGANIZER,
        )
        by_enrollment = {row.id: row.person_id for row in rows}
        for offer in made:
            offers.accept(db, by_enrollment[offer.mentee_id], offer_id=offer.id)
        services.move_cohort(db, organizer, cohort_id=cohort.id, to=CohortState.ACTIVE)


def _reverse(
    db: Session,
    organizer: UUID,
    leader: Person,
    junior: Person,
    dice: random.Random,
    begin: Begin,
    enroll: Enroll,
) -> None:
    """A leader who has listened first, and a junior mentor who had the last word."""
    cohort = begin("reverse", "Spring", 80)
    with clock.frozen(clock.now() - timedelta(days=70)):
        learner = enroll(cohort, leader, Role.MENTEE, dice, {})
        enrollment.finish_listening(db, leader.id, enrollment_id=learner.id)
        mentor = enroll(cohort, junior, Role.MENTOR, dice, {})
        services.move_cohort(db, organizer, cohort_id=cohort.id, to=CohortState.MATCHING)
    with clock.frozen(clock.now() - timedelta(days=60)):
        offer = offers.make_offer(
            db,
            organizer,
            cohort_id=cohort.id,
            mentee_id=learner.id,
            mentor_id=mentor.id,
            source=OfferSource.ORGANIZER,
        )
        offers.accept(db, leader.id, offer_id=offer.id)
        offers.accept(db, junior.id, offer_id=offer.id)
        services.move_cohort(db, organizer, cohort_id=cohort.id, to=CohortState.ACTIVE)
