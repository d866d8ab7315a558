"""Circles for tests, made the way the app makes them: by seats that everybody takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.mentoring.models import Relationship
from app.mentoring.rules import RelationshipState
from app.mentoring.rules.circles import PostKind
from app.mentoring.services import board, reshaping, topics
from app.programs.models import Cohort, Enrollment
from app.programs.rules import CohortState, OfferSource, Role
from app.programs.services import offers
from tests.factories.accounts import make_person
from tests.factories.formats import make_members
from tests.factories.programs import make_cohort, make_enrollment

NAMES = (
    "Ada Ames",
    "Ben Boyd",
    "Cleo Cruz",
    "Dora Dahl",
    "Eli Engel",
    "Fay Finn",
    "Gus Gray",
    "Hana Holm",
    "Ivo Iris",
    "Jo Jansen",
)


def make_people(db: Session, count: int, first: int = 0) -> list[Person]:
    """People who can sign in: ada@t.example and so on."""
    names = NAMES[first : first + count]
    return [make_person(db, name, f"{name.split()[0].lower()}@t.example", None) for name in names]


def make_circle(
    db: Session,
    count: int = 4,
    cohort: Cohort | None = None,
    people: Sequence[Person] = (),
    first: int = 0,
) -> Relationship:
    """A circle under way; its people joined in the order of their names."""
    cohort = cohort or make_cohort(db, CohortState.ACTIVE, template="circle")
    people = people or make_people(db, count, first)
    rows = make_members(db, cohort, len(people), people)
    return seat(db, cohort, rows)


def seat(db: Session, cohort: Cohort, rows: Sequence[Enrollment]) -> Relationship:
    """Everybody takes an own seat in one new circle."""
    beside = rows[1].id
    made = offers.make_seats(
        db,
        None,
        cohort_id=cohort.id,
        seats=[offers.Seat(row.id, rows[0].id if row is not rows[0] else beside) for row in rows],
        source=OfferSource.ORGANIZER,
    )
    who = {row.id: row.person_id for row in rows}
    order = [row.id for row in rows]
    for offer in sorted(made, key=lambda one: order.index(one.mentee_id)):
        offers.accept(db, who[offer.mentee_id], offer_id=offer.id)
    group = db.scalars(select(Relationship).where(Relationship.group_id == made[0].group_id)).one()
    db.refresh(group)
    for member in group.members:  # one after the other, also while the clock stands still
        place = order.index(member.enrollment_id)
        member.joined_at += timedelta(microseconds=place)
    assert not group.is_gathering and len(group.members) == len(rows)
    return group


def make_group(db: Session, mentees: int = 4) -> Relationship:
    """Group mentoring under way: Mo Mentor and some mentees."""
    cohort = make_cohort(db, CohortState.ACTIVE, template="group_mentoring")
    mentor = make_person(db, "Mo Mentor", "mo@t.example", None)
    lead = make_enrollment(db, cohort, Role.MENTOR, mentor, capacity=8)
    made = []
    for person in make_people(db, mentees, 5):
        row = make_enrollment(db, cohort, Role.MENTEE, person)
        offer = offers.make_offer(
            db,
            None,
            cohort_id=cohort.id,
            mentee_id=row.id,
            mentor_id=lead.id,
            source=OfferSource.ORGANIZER,
        )
        made.append((person, offer))
    for person, offer in made:
        if cohort.program.asks_mentor:
            offers.accept(db, mentor.id, offer_id=offer.id)
        offers.accept(db, person.id, offer_id=offer.id)
    group = db.scalars(select(Relationship).where(Relationship.cohort_id == cohort.id)).one()
    db.refresh(group)
    assert not group.is_gathering
    return group


def circle_scene(db: Session, star: dict[str, Person]) -> dict[str, Any]:
    """A circle of Bo's in Amara's cohort with all it lives with, and Hugo who could join: ids."""
    cohort = make_cohort(
        db, CohortState.ACTIVE, manager=star["amara"], template="circle", title="Circle Program"
    )
    circle = make_circle(db, cohort=cohort, people=[star["bo"], *make_people(db, 2)])
    other = make_circle(db, 3, cohort, first=5)
    waiting = make_members(db, cohort, 1, [star["hugo"]])[0]
    both = [circle.id, other.id]
    asked = reshaping.propose(db, star["amara"].id, cohort_id=cohort.id, circle_ids=both)
    return {
        **_talking(db, circle, star["bo"]),
        "cohort_id": cohort.id,
        "enrollment_id": waiting.id,
        "reshaping_id": asked.id,
    }


def circle_of_others(db: Session, star: dict[str, Person]) -> dict[str, Any]:
    """A circle that Chen looks after now and Elena belongs to: ids."""
    cohort = make_cohort(db, CohortState.ACTIVE, template="circle", title="Other Circle")
    people = [star["chen"], star["elena"], *make_people(db, 1, first=2)]
    return _talking(db, make_circle(db, cohort=cohort, people=people), star["chen"])


def closed_circle(db: Session, star: dict[str, Person]) -> dict[str, Any]:
    """A circle of Bo's that is over: ids."""
    cohort = make_cohort(db, CohortState.ACTIVE, template="circle", title="Closed Circle")
    people = [star["bo"], *make_people(db, 2, first=3)]
    circle = make_circle(db, cohort=cohort, people=people)
    found = _talking(db, circle, star["bo"])
    circle.state = RelationshipState.CLOSED
    db.flush()
    return found


def _talking(db: Session, circle: Relationship, by: Person) -> dict[str, Any]:
    """Somebody asks their circle and opens a round of topics: ids."""
    ask = {"relationship_id": circle.id}
    post = board.write(db, by.id, kind=PostKind.QUESTION, body="Who brings a case?", **ask)
    row = topics.open_round(db, by.id, closes_at=clock.now() + timedelta(days=3), **ask)
    topic = topics.propose(db, by.id, round_id=row.id, text="Saying no")
    return {**ask, "post_id": post.id, "round_id": row.id, "topic_id": topic.id}
