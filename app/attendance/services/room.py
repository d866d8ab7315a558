"""The code of the room: entered on one's own phone, six digits that change all the time."""

from __future__ import annotations

import hmac
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.models import RoomTry
from app.attendance.rules import Method, Outcome, room_codes
from app.attendance.services.doors import hold_date, require_open
from app.attendance.services.scanning import seat_and_check_in
from app.core import clock, ids
from app.core.errors import Refused
from app.events.queries import entitled
from app.events.rules import Mode

TRIES = 5
WITHIN = timedelta(minutes=10)


def enter_room_code(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, digits: str, mode: Mode | None = None
) -> Outcome:
    """Whoever knows the code of this moment is in the room.

    A wrong code is an answer and no refusal, because the try has to be kept.
    """
    occurrence = hold_date(db, occurrence_id)
    require_open(occurrence)
    if not entitled(db, occurrence.event_id, [actor_id]):
        raise Refused(_("This event is for members of the group. Join the group first."), 403)
    if _tries(db, occurrence_id, actor_id) >= TRIES:
        return Outcome.TOO_OFTEN
    said = "".join(c for c in digits if c.isdigit()).encode()
    taken = room_codes(queries.key(), occurrence_id, clock.now())
    if not any(hmac.compare_digest(said, code.encode()) for code in taken):
        db.add(
            RoomTry(
                id=ids.new_id("room_try", actor_id),
                occurrence_id=occurrence_id,
                person_id=actor_id,
                tried_at=clock.now(),
            )
        )
        db.flush()
        return Outcome.WRONG
    return seat_and_check_in(
        db,
        None,
        occurrence_id,
        actor_id,
        mode or next(iter(occurrence.modes), Mode.IN_PERSON),
        Method.ROOM_CODE,
    )


def _tries(db: Session, occurrence_id: UUID, person_id: UUID) -> int:
    return (
        db.scalar(
            select(func.count())
            .select_from(RoomTry)
            .where(
                RoomTry.occurrence_id == occurrence_id,
                RoomTry.person_id == person_id,
                RoomTry.tried_at > clock.now() - WITHIN,
            )
        )
        or 0
    )


def forget_tries(db: Session) -> None:
    """Wrong codes are forgotten as soon as they stop nobody any more."""
    db.execute(delete(RoomTry).where(RoomTry.tried_at <= clock.now() - WITHIN))
