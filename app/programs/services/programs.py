"""Programs are made from templates; cohorts walk their states."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, search
from app.core.database import hold
from app.core.errors import Refused
from app.core.search import normalize
from app.programs.models import (
    Cohort,
    Enrollment,
    EnrollmentForm,
    Offer,
    Program,
    ProgramOrganizer,
    RulesVersion,
)
from app.programs.registry import on_closing
from app.programs.rules import (
    CLOSING_TIME,
    SHAPES,
    WAVE_DAYS,
    CohortState,
    ProgramState,
    Role,
    form_from,
)
from app.programs.services.moving import move
from app.programs.templates import TEMPLATES


def create_program(
    db: Session,
    actor_id: UUID | None,
    *,
    template: str,
    title: str,
    explicit_title: str = "",
    summary: str = "",
    cohort_title: str = "",
    months: int | None = None,
    sizes: tuple[int, int] | None = None,
    asks_mentor: bool | None = None,
    follows_up: bool = True,
) -> Program:
    """A program with its form and a first cohort, all as the template says; run by its maker."""
    made = TEMPLATES[template]
    rules = made.rules()
    if sizes and "form" in rules:
        rules["form"] = {**rules["form"], "least": sizes[0], "most": sizes[1]}
    program = Program(
        slug=_free_slug(db, title, template),
        template=template,
        title=title,
        summary=summary,
        explicit_title=explicit_title,
        format=made.format,
        guide=made.guide,
        months=months or made.months,
        cadence_days=made.cadence_days,
        asks_mentor=made.asks_both if asks_mentor is None else asks_mentor,
        follows_up=follows_up,
        rules=rules,
        created_by=actor_id,
    )
    db.add(program)
    db.flush()
    if actor_id is not None:
        db.add(ProgramOrganizer(program_id=program.id, person_id=actor_id))
    db.add(
        EnrollmentForm(
            program_id=program.id,
            version=1,
            questions=[field.stored() for field in made.fields],
        )
    )
    db.flush()
    audit.record(db, actor_id, "program_created", program, after=program.state.value)
    add_cohort(db, actor_id, program_id=program.id, title=cohort_title)
    return program


def _free_slug(db: Session, title: str, template: str) -> str:
    """The title in letters that fit a URL, else the template's; more letters when it is taken."""
    words = normalize(title).split()
    base = "-".join(word for word in words if word.isascii())[:60].strip("-")
    base = base or template.replace("_", "-")
    taken = set(db.scalars(select(Program.slug).where(Program.slug.startswith(base))))
    reserved = {"new", "cohorts", "runs", "offers", "sheets", "enrollments"}
    if base not in taken | reserved:
        return base
    return f"{base}-{ids.token('slug', title, size=6).lower().replace('_', 'x')}"


def publish_program(db: Session, actor_id: UUID | None, *, program_id: UUID) -> None:
    """Show a program to everyone, and let them find it."""
    program = _held(db, Program, program_id)
    move(db, actor_id, program, ProgramState.PUBLISHED)
    search.put(db, "programs", program.id, program.title, program.summary)
    db.flush()


def set_offers(
    db: Session,
    actor_id: UUID | None,
    *,
    program_id: UUID,
    asks_mentor: bool,
    follows_up: bool,
) -> None:
    """Whom offers ask from now on, and whether whoever waits is matched again by itself.

    Offers that have gone out keep their order: those older than the choice are told it now.
    """
    program = _held(db, Program, program_id)
    before = _offers_told(program)
    if asks_mentor and SHAPES[program.format].kind != "pairs":
        raise Refused(_("In this format everybody is asked for themselves."), 422)
    if asks_mentor is not program.asks_mentor:
        cohorts = select(Cohort.id).where(Cohort.program_id == program_id)
        older = update(Offer).where(Offer.cohort_id.in_(cohorts), Offer.asks_both.is_(None))
        db.execute(older.values(asks_both=program.asks_mentor))
    program.asks_mentor, program.follows_up = asks_mentor, follows_up
    db.flush()
    after = _offers_told(program)
    if after != before:
        audit.record(db, actor_id, "program_offers_changed", program, before=before, after=after)


def _offers_told(program: Program) -> str:
    order = "both" if program.asks_mentor else "one"
    return f"{order}, {'again' if program.follows_up else 'by hand'}"


def add_cohort(
    db: Session,
    actor_id: UUID | None,
    *,
    program_id: UUID,
    title: str = "",
    starts_on: date | None = None,
    is_evergreen: bool = False,
) -> Cohort:
    """A further run of a program, with the newest form and the program's rules.

    An evergreen one has no end; whoever enrolls is matched in rolling waves.
    """
    program = _held(db, Program, program_id)
    form = db.scalar(
        select(EnrollmentForm)
        .where(EnrollmentForm.program_id == program_id)
        .order_by(EnrollmentForm.version.desc())
        .limit(1)
    )
    number = 1 + (
        db.scalar(select(func.count()).select_from(Cohort).where(Cohort.program_id == program_id))
        or 0
    )
    day = starts_on or clock.now().date() + timedelta(days=28)
    cohort = Cohort(
        program_id=program_id,
        form_id=form.id if form else None,
        rules=program.rules,
        title=title or _("Cohort %(number)s", number=number),
        starts_on=day,
        ends_on=None if is_evergreen else day + timedelta(days=program.months * 30),
        wave_days=WAVE_DAYS if is_evergreen else None,
    )
    db.add(cohort)
    db.flush()
    audit.record(db, actor_id, "cohort_created", cohort, after=cohort.state.value)
    return cohort


def move_cohort(
    db: Session,
    actor_id: UUID | None,
    *,
    cohort_id: UUID,
    to: CohortState,
    reason: str = "",
    closes_at: datetime | None = None,
) -> None:
    """Take a cohort one state further; an unfinished checklist needs a reason."""
    cohort = _held(db, Cohort, cohort_id)
    if to is CohortState.READY and launch_gaps(db, cohort):
        if not reason:
            raise Refused(
                _("The launch checklist is not complete. Complete it, or give a reason to go on.")
            )
        cohort.override_reason = reason
    if to is CohortState.ENROLLING:
        cohort.enrollment_opens_at = cohort.enrollment_opens_at or clock.now()
        cohort.enrollment_closes_at = closes_at
        if cohort.program.state is ProgramState.DRAFT:
            publish_program(db, actor_id, program_id=cohort.program_id)
    if to is CohortState.MATCHING:
        cohort.enrollment_closes_at = clock.now()
        cohort.matching_opens_at = clock.now()
    move(db, actor_id, cohort, to, reason=reason or None)
    if to is CohortState.CLOSING:
        cohort.ends_on = clock.now().date() + CLOSING_TIME
        for _name, ask in on_closing:
            ask(db, cohort.id)
    db.flush()


def close_due(db: Session) -> int:
    """Close the cohorts whose last day has come; returns how many."""
    due = db.scalars(
        select(Cohort.id)
        .where(Cohort.state == CohortState.CLOSING, Cohort.ends_on <= clock.now().date())
        .order_by(Cohort.id)
    ).all()
    for cohort_id in due:
        move_cohort(db, None, cohort_id=cohort_id, to=CohortState.CLOSED)
    return len(due)


def launch_gaps(db: Session, cohort: Cohort) -> list[str]:
    """Gates of the launch checklist that are still open, by name."""
    gaps = []
    if not cohort.rules.get("rules"):
        gaps.append("criteria")
    if not cohort.program.guide:
        gaps.append("guides")
    if not _pool_is_large_enough(db, cohort):
        gaps.append("pool")
    return gaps


def _pool_is_large_enough(db: Session, cohort: Cohort) -> bool:
    """At least one mentor per five mentees, and seats for all of them; without sides, one group."""
    rows = db.execute(
        select(Enrollment.role, func.count(), func.coalesce(func.sum(Enrollment.capacity), 0))
        .where(Enrollment.cohort_id == cohort.id)
        .group_by(Enrollment.role)
    ).all()
    found: dict[Role, tuple[int, int]] = {role: (people, seats) for role, people, seats in rows}
    mentees, _seats = found.get(Role.MENTEE, (0, 0))
    form = form_from(cohort.rules)
    if form.is_mutual:
        return mentees >= form.least
    mentors, seats = found.get(Role.MENTOR, (0, 0))
    return mentors > 0 and mentors * 5 >= mentees and seats >= mentees


def change_rules(
    db: Session, actor_id: UUID | None, *, cohort_id: UUID, rules: dict[str, Any]
) -> None:
    """Give a cohort other matching rules, under the next version number."""
    cohort = _held(db, Cohort, cohort_id)
    former = int(cohort.rules.get("version", 0))
    _keep_rules(db, actor_id, cohort, former)
    cohort.rules = {**rules, "version": former + 1}
    audit.record(
        db, actor_id, "cohort_rules_changed", cohort, before=str(former), after=str(former + 1)
    )
    db.flush()


def _keep_rules(db: Session, actor_id: UUID | None, cohort: Cohort, version: int) -> None:
    """Former rules stay at hand, so that every change can be taken back."""
    is_kept = select(RulesVersion.id).where(
        RulesVersion.cohort_id == cohort.id, RulesVersion.version == version
    )
    if cohort.rules.get("rules") and db.scalar(is_kept) is None:
        row = RulesVersion(cohort_id=cohort.id, version=version, rules=cohort.rules)
        row.made_by = actor_id
        db.add(row)


def _held(db: Session, model: Any, row_id: UUID) -> Any:
    row = hold(db, model, row_id)
    if row is None:
        raise Refused(_("This no longer exists. Go back to the list of programs."))
    return row
