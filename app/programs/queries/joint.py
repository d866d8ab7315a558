"""Joint runs: the cohorts that may be matched together, and what each got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.accounts.models import Person
from app.core.policies import Actor
from app.programs.models import (
    Candidate,
    Cohort,
    Enrollment,
    JointRun,
    MatchRun,
    Program,
    ProgramOrganizer,
)
from app.programs.queries.runs import NEVER
from app.programs.queries.scope import is_manager
from app.programs.rules import IN_POOL, CandidateState, CohortState, Role

MOST_COHORTS = 50  # offered to choose from, the newest first
WEAKEST = 5  # pairs of each cohort shown on the joint page
SHARED = 20  # people shown who mentor in several of the cohorts
MATCHABLE = (CohortState.MATCHING, CohortState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Together:
    """A joint run with the runs of its cohorts, by program and cohort."""

    joint: JointRun
    runs: list[MatchRun]


@dataclass(frozen=True, slots=True)
class SharedMentor:
    """Somebody who mentors in several cohorts, and how many people each gives them."""

    person: Person
    given: dict[UUID, int]


def joint_for(db: Session, actor: Actor, joint_id: UUID) -> Together | None:
    """A joint run of programs all of which the actor runs; to everybody else it is absent."""
    runs = db.scalars(
        select(MatchRun)
        .where(MatchRun.joint_id == joint_id)
        .options(
            joinedload(MatchRun.cohort).joinedload(Cohort.program).selectinload(Program.organizers)
        )
    ).all()
    joint = db.get(JointRun, joint_id) if runs else None
    if joint is None or not all(is_manager(actor, run) for run in runs):
        return None
    order = sorted(runs, key=lambda run: (run.cohort.program.title, run.cohort.title, str(run.id)))
    return Together(joint, order)


def matchable_beside(db: Session, actor: Actor, cohort: Cohort) -> list[Cohort]:
    """Other cohorts of the actor's programs that can be matched now."""
    query = select(Cohort).where(Cohort.state.in_(MATCHABLE), Cohort.id != cohort.id)
    if not actor.has("program_manager"):
        query = query.where(
            exists().where(
                ProgramOrganizer.program_id == Cohort.program_id,
                ProgramOrganizer.person_id == actor.person_id,
            )
        )
    newest = query.order_by(Cohort.created_at.desc(), Cohort.id).limit(MOST_COHORTS)
    found = db.scalars(newest.options(selectinload(Cohort.program))).all()
    return sorted(found, key=lambda one: (one.program.title, one.title, str(one.id)))


def weakest_of(
    db: Session, actor: Actor, run_ids: Iterable[UUID]
) -> dict[UUID, list[tuple[Candidate, Person, Person]]]:
    """The pairs of each run that need eyes most; an organizer's own is absent."""
    own = actor.person_id or NEVER
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    one, other = aliased(Person), aliased(Person)
    place = func.row_number().over(
        partition_by=Candidate.run_id, order_by=(Candidate.score, Candidate.id)
    )
    ranked = (
        select(Candidate.id, place.label("place"))
        .join(mentee, mentee.id == Candidate.mentee_id)
        .join(mentor, mentor.id == Candidate.mentor_id)
        .where(
            Candidate.run_id.in_(list(run_ids)), mentee.person_id != own, mentor.person_id != own
        )
        .subquery()
    )
    rows = db.execute(
        select(Candidate, one, other)
        .join(ranked, ranked.c.id == Candidate.id)
        .join(mentee, mentee.id == Candidate.mentee_id)
        .join(mentor, mentor.id == Candidate.mentor_id)
        .join(one, one.id == mentee.person_id)
        .join(other, other.id == mentor.person_id)
        .where(ranked.c.place <= WEAKEST)
        .order_by(ranked.c.place)
    )
    found: dict[UUID, list[tuple[Candidate, Person, Person]]] = defaultdict(list)
    for candidate, first, second in rows:
        found[candidate.run_id].append((candidate, first, second))
    return found


def shared_mentors(db: Session, actor: Actor, runs: Iterable[MatchRun]) -> list[SharedMentor]:
    """People who mentor in several of the cohorts, most used first; the actor is absent."""
    runs = list(runs)
    cohorts, of_runs = [run.cohort_id for run in runs], [run.id for run in runs]
    several = (
        select(Enrollment.person_id)
        .where(
            Enrollment.cohort_id.in_(cohorts),
            Enrollment.role == Role.MENTOR,
            Enrollment.state.in_(IN_POOL),
            Enrollment.person_id != (actor.person_id or NEVER),
        )
        .group_by(Enrollment.person_id)
        .having(func.count() > 1)
    )
    given = (
        select(func.count(Candidate.id))
        .where(
            Candidate.mentor_id == Enrollment.id,
            Candidate.run_id.in_(of_runs),
            Candidate.state != CandidateState.VETOED,
        )
        .correlate(Enrollment)
        .scalar_subquery()
    )
    rows = db.execute(
        select(Person, Enrollment.cohort_id, given)
        .join(Enrollment, Enrollment.person_id == Person.id)
        .where(
            Person.id.in_(several),
            Enrollment.cohort_id.in_(cohorts),
            Enrollment.role == Role.MENTOR,
            Enrollment.state.in_(IN_POOL),
        )
        .order_by(Person.name, Person.id)
    )
    people: dict[UUID, SharedMentor] = {}
    for person, cohort_id, count in rows:
        people.setdefault(person.id, SharedMentor(person, {})).given[cohort_id] = count
    ranked = sorted(people.values(), key=lambda one: -sum(one.given.values()))
    return ranked[:SHARED]
