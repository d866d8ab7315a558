"""Somebody is forgotten: asked for, a week in which it can be recalled, then carried out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import (
    ChannelChoice,
    Credential,
    Erasure,
    ImportRow,
    JobFact,
    OrgRole,
    PasswordReset,
    Person,
    SignIn,
)
from app.accounts.rules import PersonStatus
from app.accounts.services.departure import deactivate
from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.core.registries import erasures

GRACE = timedelta(days=7)
OF_PERSON = (
    *("external_id", "email", "name", "locale", "job_title", "level", "department", "function"),
    *("site", "legal_entity", "manager_id", "hired_on", "left_on", "leaving_kind"),
    *("hour_cycle", "quiet_from", "quiet_to"),
)


def ask(db: Session, actor_id: UUID | None, *, person_id: UUID) -> datetime:
    """Order the erasure of a person; returns when it is carried out. Nothing changes until then."""
    person, row = hold(db, Person, person_id), _row(db, person_id)
    if person is None:
        raise Refused(_("There is nobody with this number or address."))
    if row is None:
        row = Erasure(person_id=person_id, due_at=clock.now() + GRACE)
        db.add(row)
        audit.record(db, actor_id, "erasure_asked", person)
    db.flush()
    return row.due_at


def recall(db: Session, actor_id: UUID | None, *, person_id: UUID) -> None:
    """Take the order back, as long as it has not been carried out."""
    person, row = hold(db, Person, person_id), _row(db, person_id)
    if person is None or row is None or row.done_at is not None:
        raise Refused(_("There is nothing to recall for this person."))
    db.delete(row)
    audit.record(db, actor_id, "erasure_recalled", person)
    db.flush()


def _row(db: Session, person_id: UUID) -> Erasure | None:
    return db.scalars(select(Erasure).where(Erasure.person_id == person_id)).one_or_none()


def due(db: Session) -> list[UUID]:
    """Orders whose day has come."""
    wanted = select(Erasure.id).where(Erasure.done_at.is_(None), Erasure.due_at <= clock.now())
    return list(db.scalars(wanted.order_by(Erasure.due_at, Erasure.id)))


def carry_out(db: Session, *, erasure_id: UUID) -> None:
    """Forget one person: they depart, domains forget what was theirs, then the name goes.

    The row of the person stays, empty, because what others wrote refers to it. History and columns
    of the job go together here, where no fact holds any more.
    """
    person_id = db.scalar(select(Erasure.person_id).where(Erasure.id == erasure_id))
    if person_id is None or hold(db, Person, person_id) is None:  # first, as `recall` does
        return
    row = hold(db, Erasure, erasure_id)
    if row is None or row.done_at is not None or row.due_at > clock.now():
        return
    deactivate(db, None, person_id=person_id)
    for _name, forget in erasures:
        forget(db, person_id)
    db.execute(
        update(ImportRow).where(ImportRow.person_id == person_id).values(label="", detail={})
    )
    db.execute(update(SignIn).where(SignIn.person_id == person_id).values(device=""))
    for kind in (Credential, PasswordReset, ChannelChoice, JobFact, OrgRole):
        db.execute(delete(kind).where(kind.person_id == person_id))
    person = db.get_one(Person, person_id)
    for column in OF_PERSON:
        setattr(person, column, None)
    person.status, person.is_listed, person.zone = PersonStatus.LEFT, False, "UTC"
    row.done_at = clock.now()
    audit.record(db, None, "person_erased", person)
    db.flush()
