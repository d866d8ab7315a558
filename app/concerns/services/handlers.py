"""Handlers: two administrators choose them, nobody themselves; what the organization sets."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonKind
from app.accounts.services import grant_role, revoke_all_sessions
from app.audit import services as audit
from app.concerns import nearness, queries
from app.concerns.models import Concern, ConcernHandler, ConcernReader, ConcernSetting
from app.concerns.rules import KEPT_MONTHS, ConcernState, HandlerState
from app.concerns.services.base import move, tell_raiser, tell_readers
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused


def propose(db: Session, actor_id: UUID, *, person_id: UUID) -> ConcernHandler:
    """Name somebody; the role holds once another administrator agrees."""
    person = db.get(Person, person_id)
    if actor_id == person_id:
        raise Refused(_("Nobody can give themselves a role. Ask another administrator."), 403)
    if person is None or not person.can_sign_in or person.kind is PersonKind.EXTERNAL:
        raise Refused(_("Choose somebody of the organization who can sign in."), 422)
    rows = db.query(ConcernHandler).filter_by(person_id=person_id)
    known = rows.filter(ConcernHandler.state != HandlerState.ENDED).first()
    if known is not None:
        return known
    row = ConcernHandler(person_id=person_id, proposed_by=actor_id)
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "handler_proposed", row, after=row.state.value)
    return row


def confirm(db: Session, actor_id: UUID, *, role_id: UUID) -> None:
    """The second administrator agrees, and the role holds from now on."""
    row = hold(db, ConcernHandler, role_id)
    if row is None or row.state is not HandlerState.PROPOSED:
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    if actor_id in (row.person_id, row.proposed_by):
        raise Refused(_("Another administrator than the one who proposed has to agree."), 403)
    move(db, actor_id, row, HandlerState.ACTIVE)
    row.confirmed_by = actor_id
    role = OrgRoleName.CONCERN_HANDLER
    row.role_id = grant_role(db, actor_id, person_id=row.person_id, role=role).id
    db.flush()


def end(db: Session, actor_id: UUID | None, *, role_id: UUID) -> None:
    """The role ends, or its proposal is dropped; who was read by this one is told."""
    row = hold(db, ConcernHandler, role_id)
    if row is None or row.state is HandlerState.ENDED:
        return
    move(db, actor_id, row, HandlerState.ENDED)
    row.ended_at = clock.now()
    role = db.get(OrgRole, row.role_id) if row.role_id else None
    if role is not None:
        role.ends_on = clock.now().date() - timedelta(days=1)
        revoke_all_sessions(db, actor_id, person_id=row.person_id)
    _stop_reading(db, row.person_id)
    db.flush()


def leave(db: Session, person_id: UUID) -> None:
    """Departure: the role ends with it."""
    rows = db.query(ConcernHandler).filter(
        ConcernHandler.person_id == person_id, ConcernHandler.state != HandlerState.ENDED
    )
    for row in rows.all():
        end(db, None, role_id=row.id)


def _stop_reading(db: Session, person_id: UUID) -> None:
    rows = (
        db.query(ConcernReader)
        .filter_by(person_id=person_id, ended_at=None)
        .order_by(ConcernReader.concern_id)
    )
    for reader in rows.all():
        _stop(db, reader)


def stop_who_cannot_read(db: Session) -> int:
    """Whoever has come too near, or can read no more, stops reading; returns how many."""
    concerns = queries.open_ones(db)
    handlers = {person.id for person in nearness.handlers_now(db)}
    near = nearness.too_near(db, handlers, map(nearness.case_of, concerns))
    lost = [
        reader
        for concern, too_near in zip(concerns, near or [set()] * len(concerns), strict=True)
        for reader in concern.readers
        if reader.ended_at is None and reader.person_id not in handlers - too_near
    ]
    for reader in lost:
        _stop(db, reader)
    return len(lost)


def _stop(db: Session, reader: ConcernReader) -> None:
    """One reader less: the person sees who is left, and who is left that it waits for them."""
    reader.ended_at = clock.now()
    db.flush()
    concern = hold(db, Concern, reader.concern_id)
    if concern is None:
        return
    was_taken = concern.taken_by == reader.person_id
    if was_taken:
        concern.taken_by = None
    db.flush()
    if concern.state is not ConcernState.CLOSED:
        tell_raiser(db, concern)
        if was_taken:
            tell_readers(db, concern)


def set_up(db: Session, actor_id: UUID, *, outside: str, kept_months: int) -> None:
    """Whom to turn to when no handler can read, and how long what is closed is kept."""
    if kept_months not in KEPT_MONTHS:
        raise Refused(_("Choose one of the times."), 422)
    db.merge(ConcernSetting(number=1, outside=outside.strip()[:500], kept_months=kept_months))
    audit.record(db, actor_id, "concerns_set_up", ("concern_setting", None))
    db.flush()
