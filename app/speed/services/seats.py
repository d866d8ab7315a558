"""People take a side, come late, pause, leave, are missing; the rest is drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import ids
from app.core.errors import Refused
from app.ergs.rules import Visibility
from app.events.models import Rsvp
from app.events.queries import rsvp_of
from app.speed import queries
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.pairing import Side
from app.speed.rules import TOPICS, SeatState, SessionState
from app.speed.services.base import held, run_by
from app.speed.services.setup import redraw_rest

MOST_TOPICS = 3


def choose_side(
    db: Session, actor_id: UUID, *, session_id: UUID, side: Side, topics: Sequence[str] = ()
) -> SpeedSeat:
    """Take part on a side, or change it; who comes late joins the rounds that are left."""
    session = held(db, session_id)
    _require_coming(rsvp_of(db, session.occurrence_id, actor_id))
    wanted = [topic for topic in topics if topic in TOPICS][:MOST_TOPICS]
    return _sit(db, None, session, actor_id, side, wanted)


def take_side(db: Session, actor_id: UUID, *, occurrence_id: UUID, side: Side) -> None:
    """Take a side with the answer to the event; topics that were chosen before stay."""
    found = queries.open_to(db, occurrence_id, actor_id)
    if found is None:
        return
    session, seat = found
    topics = tuple(seat.topics) if seat else ()
    choose_side(db, actor_id, session_id=session.id, side=side, topics=topics)


def seat_somebody(
    db: Session, actor_id: UUID, *, session_id: UUID, person_id: UUID, side: Side
) -> SpeedSeat:
    """Organizers seat somebody who comes and lets them know, for people without a phone."""
    session = run_by(db, actor_id, session_id)
    rsvp = rsvp_of(db, session.occurrence_id, person_id)
    _require_coming(rsvp)
    is_known = rsvp is not None and rsvp.visibility is not Visibility.NOBODY
    if session.occurrence.event.is_hidden or not is_known:
        raise Refused(_("People choose their side themselves here."), 403)
    return _sit(db, actor_id, session, person_id, side, [])


def step_out(db: Session, actor_id: UUID, *, session_id: UUID, is_leaving: bool) -> SpeedSeat:
    """Pause, or leave for good: the rounds that are left are drawn without this person."""
    to = SeatState.LEFT if is_leaving else SeatState.PAUSING
    return _set(db, None, held(db, session_id), _own(db, session_id, actor_id), to)


def come_back(db: Session, actor_id: UUID, *, session_id: UUID) -> SpeedSeat:
    """Take part again in the rounds that are left."""
    session = held(db, session_id)
    _require_coming(rsvp_of(db, session.occurrence_id, actor_id))
    return _set(db, None, session, _own(db, session_id, actor_id), SeatState.HERE)


def mark_absent(db: Session, actor_id: UUID, *, seat_id: UUID) -> SpeedSeat:
    """Organizers say that somebody is missing."""
    return _mark(db, actor_id, seat_id, SeatState.ABSENT)


def mark_here(db: Session, actor_id: UUID, *, seat_id: UUID) -> SpeedSeat:
    """Organizers say that somebody is there after all."""
    return _mark(db, actor_id, seat_id, SeatState.HERE)


def depart(db: Session, person_id: UUID) -> None:
    """Whoever leaves the company leaves all tables to come."""
    rows = db.scalars(
        select(SpeedSeat)
        .join(SpeedSession, SpeedSession.id == SpeedSeat.session_id)
        .where(SpeedSeat.person_id == person_id, SpeedSession.state != SessionState.OVER)
        .order_by(SpeedSeat.session_id)
    ).all()
    for row in rows:
        session = held(db, row.session_id)
        if session.state is not SessionState.OVER:  # its clock may have run out unseen
            _set(db, None, session, row, SeatState.LEFT)


def erase(db: Session, person_id: UUID) -> None:
    """Erasure: what somebody wanted to talk about goes; with whom they sat is the others' too."""
    theirs = update(SpeedSeat).where(SpeedSeat.person_id == person_id).values(topics=[])
    db.execute(theirs.execution_options(synchronize_session="fetch"))
    db.flush()


def _mark(db: Session, actor_id: UUID, seat_id: UUID, to: SeatState) -> SpeedSeat:
    seen = db.get(SpeedSeat, seat_id)
    if seen is None:
        raise Refused(_("This seat does not exist any more."), 404)
    session = run_by(db, actor_id, seen.session_id)
    db.refresh(seen)
    return _set(db, actor_id, session, seen, to)


def _own(db: Session, session_id: UUID, person_id: UUID) -> SpeedSeat:
    found = db.scalar(
        select(SpeedSeat).where(
            SpeedSeat.session_id == session_id, SpeedSeat.person_id == person_id
        )
    )
    if found is None:
        raise Refused(_("You do not take part in this session. Choose a side first."))
    return found


def _sit(
    db: Session,
    actor_id: UUID | None,
    session: SpeedSession,
    person_id: UUID,
    side: Side,
    topics: list[str],
) -> SpeedSeat:
    _require_open(session)
    seat = db.scalar(
        select(SpeedSeat).where(
            SpeedSeat.session_id == session.id, SpeedSeat.person_id == person_id
        )
    )
    before = seat.side if seat else None
    if seat and (seat.side, seat.state, list(seat.topics)) == (side, SeatState.HERE, topics):
        return seat
    if seat is None:
        key = f"{session.id}|{person_id}"
        seat = SpeedSeat(
            id=ids.new_id("speed-seat", key), session_id=session.id, person_id=person_id
        )
    seat.side, seat.topics, seat.state = side, topics, SeatState.HERE
    db.add(seat)
    db.flush()
    audit.record(db, actor_id, "speed_side", ("speed_seat", seat.id), before=before, after=side)
    session.revision += 1
    redraw_rest(db, session)
    db.flush()
    return seat


def _set(
    db: Session, actor_id: UUID | None, session: SpeedSession, seat: SpeedSeat, to: SeatState
) -> SpeedSeat:
    _require_open(session)
    before = seat.state
    if before is to:
        return seat
    seat.state = to
    session.revision += 1
    audit.record(db, actor_id, "speed_seat", ("speed_seat", seat.id), before=before, after=to)
    redraw_rest(db, session)
    db.flush()
    return seat


def _require_open(session: SpeedSession) -> None:
    if session.state is SessionState.OVER:
        raise Refused(_("The talks are over."))


def _require_coming(rsvp: Rsvp | None) -> None:
    if rsvp is None or rsvp.state not in queries.COMING:
        raise Refused(_("Say that you are coming to the event first."))
