"""From a place to having been there, and back: going, checked in, attended, no-show.

Who may do this, and by which code, is decided by attendance, which stands above. A place is given
by admission alone; here nobody gets one.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.events.models import Occurrence, Rsvp
from app.events.rules import RSVP_TRANSITIONS, Mode, RsvpState

_S = RsvpState
CAN_ENTER = frozenset({_S.GOING, _S.CHECKED_IN, _S.ATTENDED, _S.NO_SHOW})
ON_ENTRY = {_S.GOING: _S.CHECKED_IN, _S.NO_SHOW: _S.ATTENDED}
ON_UNDO = {_S.CHECKED_IN: _S.GOING, _S.ATTENDED: _S.NO_SHOW}


def check_in(db: Session, actor_id: UUID | None, *, rsvp_id: UUID) -> Rsvp:
    """Somebody with a place is there; a second time changes nothing."""
    rsvp = _held(db, rsvp_id)
    if rsvp.state not in CAN_ENTER:
        raise Refused(_("There is no seat for this person yet."))
    return _turn(db, actor_id, rsvp, ON_ENTRY, "check_in")


def undo_check_in(db: Session, actor_id: UUID | None, *, rsvp_id: UUID) -> Rsvp:
    """It was somebody else, or a slip of the finger."""
    return _turn(db, actor_id, _held(db, rsvp_id), ON_UNDO, "undo_check_in")


def close_attendance(db: Session, *, occurrence_id: UUID, modes: Collection[Mode]) -> int:
    """After the end, in the modes in which check-in was used: attended, or not; returns how many.

    Where nobody was checked in, going stays as it is: it is not known who came.
    """
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None or clock.now() < occurrence.ends_at:
        return 0
    rows = db.scalars(
        select(Rsvp)
        .where(
            Rsvp.occurrence_id == occurrence_id,
            Rsvp.mode.in_(list(modes)),
            Rsvp.state.in_((_S.CHECKED_IN, _S.GOING)),
        )
        .order_by(Rsvp.id)
    ).all()
    for rsvp in rows:
        _set(rsvp, _S.ATTENDED if rsvp.state is _S.CHECKED_IN else _S.NO_SHOW)
    if rows:
        audit.record(db, None, "close_attendance", occurrence, after=str(len(rows)))
    db.flush()
    return len(rows)


def _held(db: Session, rsvp_id: UUID) -> Rsvp:
    """The answer under the lock of its date, as everything that changes answers takes it."""
    rsvp = db.get(Rsvp, rsvp_id)
    if rsvp is None or hold(db, Occurrence, rsvp.occurrence_id) is None:
        raise Refused(_("This answer does not exist any more."), 404)
    db.refresh(rsvp)
    return rsvp


def _turn(
    db: Session,
    actor_id: UUID | None,
    rsvp: Rsvp,
    table: dict[RsvpState, RsvpState],
    verb: str,
) -> Rsvp:
    before, after = rsvp.state, table.get(rsvp.state)
    if after is not None:
        _set(rsvp, after)
        audit.record(db, actor_id, verb, ("rsvp", rsvp.id), before=before, after=after)
        db.flush()
    return rsvp


def _set(rsvp: Rsvp, to: RsvpState) -> None:
    if to not in RSVP_TRANSITIONS[rsvp.state]:
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    rsvp.state, rsvp.changed_at = to, clock.now()
