"""What all verbs share: a concern under its lock, its one way to move, and telling."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.rules import OrgRoleName
from app.concerns import nearness, queries
from app.concerns.models import Concern, ConcernReader
from app.concerns.rules import TRANSITIONS, ConcernState
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.policies import Actor
from app.programs.services import moving

move = partial(moving.move, tables=TRANSITIONS)


def held_own(db: Session, actor_id: UUID, concern_id: UUID) -> Concern:
    """The concern, locked, for whoever raised it."""
    concern = hold(db, Concern, concern_id)
    if concern is None or concern.raised_by != actor_id:
        raise Refused(_("This does not exist any more."), 404)
    return concern


def held_open(db: Session, actor_id: UUID, concern_id: UUID) -> Concern:
    """The same, and it is open."""
    concern = held_own(db, actor_id, concern_id)
    if concern.state is ConcernState.CLOSED:
        raise Refused(_("This is closed. You can begin a new one at any time."))
    return concern


def held_desk(db: Session, actor_id: UUID, concern_id: UUID) -> Concern:
    """The concern, locked, for a handler who may read it as things stand now."""
    concern = hold(db, Concern, concern_id)
    is_handler = any(person.id == actor_id for person in nearness.handlers_now(db))
    roles = frozenset([OrgRoleName.CONCERN_HANDLER.value] if is_handler else ())
    actor = Actor(person_id=actor_id, roles=roles)
    if concern is None or queries.desk_concern(db, actor, concern_id) is None:
        raise Refused(_("This does not exist any more."), 404)
    return concern


def tell_raiser(db: Session, concern: Concern) -> None:
    """There is something for the person to read."""
    occasion = f"to raiser {clock.now().isoformat()}"
    kind = "something_to_read"
    outbox.put(db, kind, subject=concern.id, person=concern.raised_by, occasion=occasion)


def tell_readers(db: Session, concern: Concern, *, but: UUID | None = None) -> None:
    """There is something for the readers to read."""
    for reader in readers_of(db, concern.id):
        if reader.person_id != but:
            occasion = clock.now().isoformat()
            kind = "something_to_read"
            outbox.put(db, kind, subject=concern.id, person=reader.person_id, occasion=occasion)


def readers_of(db: Session, concern_id: UUID) -> list[ConcernReader]:
    """Those who may read it today."""
    rows = db.query(ConcernReader).filter_by(concern_id=concern_id, ended_at=None)
    return rows.order_by(ConcernReader.person_id).all()


def let_read(db: Session, concern: Concern, person_id: UUID, added_by: UUID) -> None:
    """One more reader, or one who had stopped."""
    row = db.get(ConcernReader, (concern.id, person_id))
    if row is None:
        db.add(ConcernReader(concern_id=concern.id, person_id=person_id, added_by=added_by))
    elif row.ended_at is not None:
        row.ended_at, row.added_at, row.added_by = None, clock.now(), added_by
    db.flush()
