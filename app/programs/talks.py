"""After speed mentoring: two who both want to go on get an offer, where a cohort was chosen."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.errors import Refused
from app.core.policies import Actor
from app.programs.models import Cohort, CohortTalks, Enrollment, Program, ProgramOrganizer
from app.programs.queries.scope import is_manager
from app.programs.rules import CohortState, OfferSource, Role
from app.programs.services.offers import make_offer
from app.programs.texts import told
from app.speed.registry import Destination, destinations, on_mutual

TAKES_PAIRS = (CohortState.ENROLLING, CohortState.MATCHING, CohortState.ACTIVE)


def offer_to_both(db: Session, session_id: UUID, mentor_id: UUID, mentee_id: UUID) -> bool:
    """Offer them a relationship if both are in the pool of the chosen cohort and free."""
    link = db.get(CohortTalks, session_id)
    cohort = db.get(Cohort, link.cohort_id) if link else None
    if cohort is None or cohort.state not in TAKES_PAIRS:
        return False
    # Whoever could be either at the event has one role in the program.
    return any(
        _offer(db, cohort.id, mentor, mentee)
        for mentor, mentee in ((mentor_id, mentee_id), (mentee_id, mentor_id))
    )


def _offer(db: Session, cohort_id: UUID, mentor_id: UUID, mentee_id: UUID) -> bool:
    mentor = _enrolled(db, cohort_id, mentor_id, Role.MENTOR)
    mentee = _enrolled(db, cohort_id, mentee_id, Role.MENTEE)
    if mentor is None or mentee is None:
        return False
    try:
        make_offer(
            db,
            None,
            cohort_id=cohort_id,
            mentee_id=mentee,
            mentor_id=mentor,
            source=OfferSource.SPEED,
        )
    except Refused:
        return False  # refused before anything was written: they take it from there themselves
    return True


def _enrolled(db: Session, cohort_id: UUID, person_id: UUID, role: Role) -> UUID | None:
    return db.scalar(
        select(Enrollment.id).where(
            Enrollment.cohort_id == cohort_id,
            Enrollment.person_id == person_id,
            Enrollment.role == role,
        )
    )


def cohorts_of(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """Cohorts that take pairs now and that the actor runs."""
    chosen = select(Cohort).join(Program).where(Cohort.state.in_(TAKES_PAIRS))
    if not actor.has("program_manager"):
        chosen = chosen.join(ProgramOrganizer, ProgramOrganizer.program_id == Program.id).where(
            ProgramOrganizer.person_id == actor.person_id
        )
    rows = db.scalars(chosen.order_by(Program.title, Cohort.created_at, Cohort.id).limit(50))
    return [
        (
            str(cohort.id),
            _("%(program)s, %(cohort)s", program=told(cohort.program.title), cohort=cohort.title),
        )
        for cohort in rows
    ]


def chosen_for(db: Session, session_id: UUID) -> str | None:
    """The cohort chosen for a session."""
    found = db.get(CohortTalks, session_id)
    return str(found.cohort_id) if found else None


def choose(db: Session, actor: Actor, session_id: UUID, chosen: str | None) -> None:
    """Choose a cohort that the actor runs, or none."""
    link = db.get(CohortTalks, session_id)
    if chosen is None:
        if link is not None:
            audit.record(db, actor.person_id, "talks_unlink", ("cohort", link.cohort_id))
            db.delete(link)
        return
    if link is not None and str(link.cohort_id) == chosen:
        return
    wanted = _id(chosen)
    cohort = db.get(Cohort, wanted) if wanted else None
    if cohort is None or not is_manager(actor, cohort) or cohort.state not in TAKES_PAIRS:
        raise Refused(_("Choose a cohort from the list: one that you run and that takes pairs."))
    link = link or CohortTalks(session_id=session_id)
    link.cohort_id, link.chosen_by = cohort.id, actor.person_id
    db.add(link)
    audit.record(db, actor.person_id, "talks_link", ("cohort", cohort.id))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


on_mutual.add("programs", offer_to_both)
destinations.add(
    "programs",
    Destination(lambda: _("Cohort of a mentoring program"), cohorts_of, chosen_for, choose),
)
