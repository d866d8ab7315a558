"""Events of a cohort: attached by its organizers, taken away again."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole
from app.accounts.rules import OrgRoleName
from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.events.models import Event
from app.programs.models import Cohort, CohortEvent
from app.programs.queries.events import OVER


def attach_event(
    db: Session, actor_id: UUID | None, *, cohort_id: UUID, event_id: UUID
) -> CohortEvent:
    """Let the cohort's people know of an event; who may come stays the event's own rule."""
    cohort = _managed(db, actor_id, cohort_id)
    if cohort.state in OVER:
        raise Refused(_("This cohort is over."))
    found = db.get(CohortEvent, (cohort_id, event_id))
    if found is not None:
        return found
    if db.get(Event, event_id) is None:
        raise Refused(_("This event does not exist any more."), 404)
    row = CohortEvent(
        cohort_id=cohort_id, event_id=event_id, added_by=actor_id, added_at=clock.now()
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "attach_event", cohort, after=str(event_id))
    return row


def detach_event(db: Session, actor_id: UUID, *, cohort_id: UUID, event_id: UUID) -> None:
    """The event goes on; the cohort's people are not pointed to it any more."""
    cohort = _managed(db, actor_id, cohort_id)
    row = db.get(CohortEvent, (cohort_id, event_id))
    if row is not None:
        db.delete(row)
        db.flush()
        audit.record(db, actor_id, "detach_event", cohort, before=str(event_id))


def attach_copy(db: Session, event_id: UUID, copy_id: UUID) -> None:
    """A date that got an event of its own stays one of the cohorts of its series."""
    for row in db.scalars(select(CohortEvent).where(CohortEvent.event_id == event_id)).all():
        db.add(
            CohortEvent(
                cohort_id=row.cohort_id,
                event_id=copy_id,
                added_by=row.added_by,
                added_at=row.added_at,
            )
        )
    db.flush()


def _managed(db: Session, actor_id: UUID | None, cohort_id: UUID) -> Cohort:
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None:
        raise Refused(_("This cohort does not exist any more."), 404)
    if actor_id is not None and not _manages(db, actor_id, cohort):
        raise Refused(_("Only organizers of the program can do this."), 403)
    return cohort


def _manages(db: Session, actor_id: UUID, cohort: Cohort) -> bool:
    today = clock.now().date()
    managers = select(OrgRole.id).where(
        OrgRole.person_id == actor_id,
        OrgRole.role == OrgRoleName.PROGRAM_MANAGER,
        OrgRole.starts_on <= today,
        or_(OrgRole.ends_on.is_(None), OrgRole.ends_on >= today),
    )
    return cohort.program.is_run_by(actor_id) or db.scalar(managers.limit(1)) is not None
