"""Which handlers are far enough from the people concerned, their lines and their program."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, null, or_, select, union_all
from sqlalchemy.orm import Session

from app.accounts import queries as people
from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonStatus
from app.concerns.models import Concern
from app.concerns.rules import is_near
from app.core import clock
from app.mentoring.models import Relationship
from app.programs.models import Cohort, ProgramOrganizer


@dataclass(frozen=True, slots=True)
class Subject:
    """What somebody wants to speak about: a relationship, a person, a program, or anything."""

    pair: Relationship | None = None
    person: Person | None = None
    cohort: Cohort | None = None

    def case(self, raiser_id: UUID) -> Case:
        """Who is concerned, and whose program it is."""
        members = [m.person_id for m in self.pair.members] if self.pair else []
        about = [self.person.id] if self.person else []
        cohort = self.pair.cohort if self.pair else self.cohort
        return Case(frozenset([raiser_id, *members, *about]), cohort and cohort.program_id)


@dataclass(frozen=True, slots=True)
class Case:
    """The people concerned and the program: what decides which handlers are too near."""

    concerned: frozenset[UUID]
    program_id: UUID | None


def case_of(concern: Concern) -> Case:
    """The same of a concern with its pair and cohort."""
    return Subject(concern.pair, concern.about, concern.cohort).case(concern.raised_by)


def handlers_now(db: Session) -> list[Person]:
    """Everybody who holds the role today and can sign in, by name."""
    return list(
        db.scalars(
            select(Person)
            .where(
                Person.status == PersonStatus.ACTIVE,
                Person.email.is_not(None),
                Person.id.in_(_holding(OrgRoleName.CONCERN_HANDLER)),
            )
            .order_by(Person.name, Person.id)
        )
    )


def _holding(role: OrgRoleName) -> Select[UUID]:
    today = clock.now().date()
    return select(OrgRole.person_id).where(
        OrgRole.role == role,
        OrgRole.starts_on <= today,
        or_(OrgRole.ends_on.is_(None), OrgRole.ends_on >= today),
    )


def too_near(db: Session, handlers: Collection[UUID], cases: Iterable[Case]) -> list[set[UUID]]:
    """For each case the handlers who cannot read it: concerned, in the line, or its organizers."""
    cases, wanted = list(cases), set(handlers)
    if not wanted or not cases:
        return [set() for _case in cases]
    above = people.lines_above(db, wanted.union(*(case.concerned for case in cases)))
    programs = {case.program_id for case in cases if case.program_id}
    organizers: dict[UUID | None, set[UUID]] = {}
    everywhere = _holding(OrgRoleName.PROGRAM_MANAGER).where(OrgRole.person_id.in_(wanted))
    of_one = select(ProgramOrganizer.program_id, ProgramOrganizer.person_id)
    rows = union_all(
        of_one.where(ProgramOrganizer.program_id.in_(programs)),
        everywhere.with_only_columns(null(), OrgRole.person_id),
    )
    for program_id, person_id in db.execute(rows):
        organizers.setdefault(program_id, set()).add(person_id)
    managers = organizers.get(None, set())
    found = []
    for case in cases:
        near = {one for one in wanted if is_near(one, case.concerned, above)}
        if case.program_id:
            near |= wanted & (organizers.get(case.program_id, set()) | managers)
        found.append(near)
    return found


def free_handlers(db: Session, case: Case) -> list[Person]:
    """The handlers who can read such a concern, by name."""
    handlers = handlers_now(db)
    [near] = too_near(db, [person.id for person in handlers], [case])
    return [person for person in handlers if person.id not in near]
