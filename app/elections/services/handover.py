"""Tick the steps of a handover, and take a tick back."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.database import hold
from app.core.errors import Refused
from app.elections import queries
from app.elections.models import HandoverTick
from app.elections.rules import Check
from app.ergs import queries as ergs
from app.ergs.models import Erg


def tick(db: Session, actor_id: UUID, *, erg_id: UUID, step: Check, is_done: bool) -> None:
    """Mark a step as done, or as not done after all; twice the same changes nothing."""
    erg = hold(db, Erg, erg_id)
    takes_part = ergs.leads(db, actor_id, erg_id) or queries.is_incoming(db, erg_id, actor_id)
    if erg is None or not takes_part:
        raise Refused(_("Only those who lead or will lead the group hand it over."), 403)
    key = (erg_id, queries.handover_began(db, erg_id), step)
    row = db.get(HandoverTick, key)
    if is_done is (row is not None):
        return
    if row is not None:
        db.delete(row)
    else:
        db.add(HandoverTick(erg_id=erg_id, began_on=key[1], step=step, done_by=actor_id))
    db.flush()
    audit.record(db, actor_id, "hand_over", erg, after=step if is_done else None, before=None)
