"""Programs and cohorts as far as the actor may know of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.queries.directory import Page, paged
from app.core import search
from app.core.policies import Actor
from app.programs.models import Cohort, Enrollment, Program, ProgramOrganizer, SignUpSheet
from app.programs.queries.scope import is_manager
from app.programs.rules import ProgramState


def visible_to(actor: Actor) -> Select[tuple[Program]]:
    """Published programs for people of the company; everybody else what they take part in."""
    if actor.has("program_manager"):
        return select(Program)
    organized = exists().where(
        ProgramOrganizer.program_id == Program.id, ProgramOrganizer.person_id == actor.person_id
    )
    enrolled = exists().where(
        Cohort.program_id == Program.id,
        Enrollment.cohort_id == Cohort.id,
        Enrollment.person_id == actor.person_id,
    )
    is_public = [] if actor.is_external else [Program.state == ProgramState.PUBLISHED]
    return select(Program).where(or_(organized, enrolled, *is_public))


def program_page(db: Session, actor: Actor, q: str, number: int) -> Page:
    """The list of programs, by title."""
    found = visible_to(actor).order_by(Program.title, Program.id)
    if (matching := search.ids("programs", q)) is not None:
        found = found.where(Program.id.in_(matching))
    return paged(db, found, number)


def program_for(db: Session, actor: Actor, slug: str) -> Program | None:
    """A program the actor may see, with its organizers."""
    chosen = visible_to(actor).where(Program.slug == slug)
    found = db.scalars(chosen.options(joinedload(Program.organizers)))
    return found.unique().one_or_none()


def managed_program(db: Session, actor: Actor, slug: str) -> Program | None:
    """A program the actor runs; for everybody else its desk does not exist."""
    return _if_managed(actor, db.scalar(select(Program).where(Program.slug == slug)))


def cohort_for(db: Session, actor: Actor, cohort_id: UUID) -> Cohort | None:
    """A cohort of a program the actor runs."""
    return _if_managed(actor, db.get(Cohort, cohort_id))


def sheet_for(db: Session, actor: Actor, sheet_id: UUID) -> SignUpSheet | None:
    """A sign-up sheet of a program the actor runs."""
    return _if_managed(actor, db.get(SignUpSheet, sheet_id))


def _if_managed(actor: Actor, subject: Any) -> Any:
    return subject if subject is not None and is_manager(actor, subject) else None


def cohorts_of(db: Session, program_id: UUID) -> list[Cohort]:
    """All cohorts of a program, the newest first."""
    return list(
        db.scalars(
            select(Cohort)
            .where(Cohort.program_id == program_id)
            .order_by(Cohort.created_at.desc(), Cohort.id)
        )
    )
