"""Programs of the demo company: one ready to match, one under way, one enrolling."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.events.models import EventText
from app.programs import seed_formats, seed_joint, seed_past, seed_wishes
from app.programs.models import Cohort, Enrollment, Program
from app.programs.outside import seed as outside
from app.programs.questions import QUESTIONS
from app.programs.rules import CohortState, Field, OfferSource, Role, fields_for
from app.programs.seed_review import seed_choice
from app.programs.services import enrollment, offers
from app.programs.services import programs as services
from app.programs.services.enrollment import Reply
from app.programs.services.events import attach_event
from app.programs.templates import TEMPLATES

People = Mapping[str, Any]
SENIOR = 4
LATE = 9  # days since the last pair of the cohort under way began its trial
WINDOWS = [
    f"{day}-{part}"
    for day in ("mon", "tue", "wed", "thu", "fri")
    for part in ("morning", "midday", "afternoon")
]
BO = {
    "skills_wanted": ["public_speaking", "stakeholders", "product_thinking"],
    "goals_wanted": ["next_level", "network"],
    "path_wanted": "product_owner",
    "values": ["learning", "impact"],
    "style": "exploring",
    "cadence": "biweekly",
    "mode": "online",
    "about": "I build things that work and would like more people to know it.",
}
CHEN = {
    "skills_offered": ["product_thinking", "stakeholders", "strategy", "across_cultures"],
    "goals_offered": ["next_level", "change_field"],
    "path_offered": "product_owner",
    "values": ["impact", "learning", "independence"],
    "style": "exploring",
    "cadence": "biweekly",
    "mode": "online",
    "about": "From engineer to product, across three countries.",
}


def seed(db: Session, people: People, size: str) -> None:
    """Fill the company's programs; the same seed gives the same people and answers."""
    dice = ids.generator("programs")
    staff = db.scalars(select(Person).where(Person.id.in_(people["all"])).order_by(Person.id)).all()
    stars = {value for key, value in people.items() if key != "all"}
    others = [person for person in staff if person.id not in stars]
    dice.shuffle(others)
    wanted = 15 if size == "small" else len(others) // 12
    juniors = [p for p in others if (p.level or 1) < SENIOR]
    seniors = [p for p in others if (p.level or 1) >= SENIOR]
    _ready_to_match(db, people, juniors[: wanted + 4], seniors[: wanted * 2 // 3], dice)
    _under_way(db, people, juniors[wanted + 4 : wanted + 12], seniors[wanted * 2 // 3 :][:6], dice)
    _enrolling(db, people)
    _kickoff(db, people)
    _choosing(db, people, juniors[-7:], seniors[-4:])
    outside.seed(db, people, lambda person: _reply(person, Role.MENTOR, dice, {}, 1))
    seed_formats.seed(
        db,
        people["amara"],
        others,
        dice,
        lambda template, title, days: _begin(db, people, template, title, days),
        lambda cohort, one, role, dice, said: _enroll(db, cohort, one.id, role, dice, said),
    )
    seed_past.seed(db, people, others, lambda *one: _enroll(db, *one))
    seed_joint.seed(
        db,
        people["amara"],
        others,
        ids.generator("joint"),
        lambda cohort, one, role, dice, places: _enroll(
            db, cohort, one.id, role, dice, capacity=places
        ),
    )
    seed_wishes.seed(db, stars)


def _kickoff(db: Session, people: People) -> None:
    """The cohort that is under way has an event of its own."""
    cohort_id = db.scalar(
        select(Cohort.id).join(Program).where(Program.template == "leadership").limit(1)
    )
    event_id = db.scalar(
        select(EventText.event_id).where(EventText.title.startswith("Kickoff: women")).limit(1)
    )
    if cohort_id and event_id:
        attach_event(db, people["amara"], cohort_id=cohort_id, event_id=event_id)


def _choosing(
    db: Session, people: People, juniors: Sequence[Person], seniors: Sequence[Person]
) -> None:
    """A cohort in which mentees have their lists; Bo has one to put in order, Chen is asked."""
    dice = ids.generator("choosing")
    cohort = _begin(db, people, "project", "Autumn", 20)
    with clock.frozen(clock.now() - timedelta(days=12)):
        mine = _enroll(db, cohort, people["bo"], Role.MENTEE, dice, BO)
        asked = _enroll(db, cohort, people["chen"], Role.MENTOR, dice, CHEN, capacity=2)
        for person in juniors:
            _enroll(db, cohort, person.id, Role.MENTEE, dice)
        for person in seniors:
            _enroll(db, cohort, person.id, Role.MENTOR, dice, capacity=2)
        services.move_cohort(db, people["amara"], cohort_id=cohort.id, to=CohortState.MATCHING)
    seed_choice(db, people["amara"], cohort, mine.id, asked.id)


def _begin(db: Session, people: People, template: str, cohort_title: str, days_ago: int) -> Cohort:
    """A program whose first cohort opened enrollment some days ago."""
    with clock.frozen(clock.now() - timedelta(days=days_ago)):
        model = TEMPLATES[template]
        program = services.create_program(
            db,
            people["amara"],
            template=template,
            title=model.title,
            explicit_title=model.explicit_title,
            summary=model.summary,
            cohort_title=cohort_title,
        )
        cohort = _cohort_of(db, program)
        for state in (CohortState.READY, CohortState.ENROLLING):
            services.move_cohort(
                db,
                people["amara"],
                cohort_id=cohort.id,
                to=state,
                reason="Mentors enroll together with mentees.",
            )
    return cohort


def _cohort_of(db: Session, program: Program) -> Cohort:
    return db.scalars(select(Cohort).where(Cohort.program_id == program.id)).one()


def _ready_to_match(
    db: Session,
    people: People,
    juniors: Sequence[Person],
    seniors: Sequence[Person],
    dice: random.Random,
) -> None:
    """Bo, Chen, Lena and the others, enrollment closed: the newcomer starts the matching."""
    cohort = _begin(db, people, "career_growth", "Autumn", 30)
    with clock.frozen(clock.now() - timedelta(days=12)):
        _enroll(db, cohort, people["bo"], Role.MENTEE, dice, BO)
        _enroll(db, cohort, people["chen"], Role.MENTOR, dice, CHEN, capacity=2)
        for person in juniors:
            _enroll(db, cohort, person.id, Role.MENTEE, dice)
        for person in seniors:
            _enroll(db, cohort, person.id, Role.MENTOR, dice, capacity=dice.choice((1, 2, 2, 3)))
        _invite(db, cohort, people["lena"], dice)
        services.move_cohort(db, people["amara"], cohort_id=cohort.id, to=CohortState.MATCHING)


def _invite(db: Session, cohort: Cohort, person_id: UUID, dice: random.Random) -> None:
    """A guest from outside is enrolled by the organizers."""
    reply = _reply(db.get_one(Person, person_id), Role.MENTOR, dice, {}, 1)
    enrollment.enroll_for(db, None, cohort_id=cohort.id, person_id=person_id, reply=reply)


def _enroll(
    db: Session,
    cohort: Cohort,
    person_id: UUID,
    role: Role,
    dice: random.Random,
    answers: Mapping[str, Any] | None = None,
    capacity: int = 1,
) -> Enrollment:
    reply = _reply(db.get_one(Person, person_id), role, dice, answers or {}, capacity)
    return enrollment.enroll(db, person_id, cohort_id=cohort.id, reply=reply)


def _reply(
    person: Person, role: Role, dice: random.Random, answers: Mapping[str, Any], capacity: int
) -> Reply:
    drawn = {
        question.key: _answer(question, dice)
        for question in fields_for(QUESTIONS.values(), role)
        if question.kind != "text"
    }
    languages = {"en", (person.locale or "en")[:2]}
    return Reply(
        role=role,
        answers={**drawn, **answers},
        languages=tuple(sorted(languages)),
        zone=person.zone,
        windows=tuple(dice.sample(WINDOWS, dice.randint(4, 9))),
        capacity=capacity,
        baseline={key: dice.randint(2, 5) for key in ("belonging", "safety", "growth", "goals")},
    )


def _answer(question: Field, dice: random.Random) -> Any:
    """Popular options come first, as in life."""
    values = [value for value, _text in question.options]
    weights = [1 / (place + 3) for place in range(len(values))]
    if question.kind == "choice":
        return dice.choices(values, weights)[0]
    most = 5 if question.key.startswith("skills") else 3
    drawn = dice.choices(values, weights, k=dice.randint(2, most))
    return list(dict.fromkeys(drawn))


def _under_way(
    db: Session,
    people: People,
    juniors: Sequence[Person],
    seniors: Sequence[Person],
    dice: random.Random,
) -> None:
    """A cohort whose pairs have been meeting for two months; Hugo and Dalia among them."""
    juniors = [db.get_one(Person, people["hugo"]), *juniors]
    seniors = [db.get_one(Person, people["dalia"]), *seniors]
    cohort = _begin(db, people, "leadership", "Spring", 80)
    with clock.frozen(clock.now() - timedelta(days=70)):
        mentees = [_enroll(db, cohort, p.id, Role.MENTEE, dice) for p in juniors]
        mentors = [_enroll(db, cohort, p.id, Role.MENTOR, dice, capacity=2) for p in seniors]
        services.move_cohort(db, people["amara"], cohort_id=cohort.id, to=CohortState.MATCHING)
    with clock.frozen(clock.now() - timedelta(days=60)):
        for number, mentee in enumerate(mentees[:-1]):
            _pair(db, people, cohort, mentee, mentors[number % len(mentors)])
        services.move_cohort(db, people["amara"], cohort_id=cohort.id, to=CohortState.ACTIVE)
    with clock.frozen(clock.now() - timedelta(days=LATE)):
        _pair(db, people, cohort, mentees[-1], mentors[(len(mentees) - 1) % len(mentors)])


def _pair(
    db: Session, people: People, cohort: Cohort, mentee: Enrollment, mentor: Enrollment
) -> None:
    offer = offers.make_offer(
        db,
        people["amara"],
        cohort_id=cohort.id,
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        source=OfferSource.ORGANIZER,
    )
    offers.accept(db, mentee.person_id, offer_id=offer.id)


def _enrolling(db: Session, people: People) -> None:
    """One that anybody may still join."""
    _begin(db, people, "onboarding_buddy", "Winter", 3)
