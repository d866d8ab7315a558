"""What all verbs share: the lock, who organizes, the clock brought up to date."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.events.models import Occurrence
from app.speed.models import SpeedSeat, SpeedSession
from app.speed.rules import WISH_HOURS, Phase, SeatState, SessionState, may_become


def held(db: Session, session_id: UUID) -> SpeedSession:
    """The session, locked, with its clock brought up to now."""
    session = hold(db, SpeedSession, session_id)
    if session is None:
        raise Refused(_("This session does not exist any more."), 404)
    catch_up(db, session)
    return session


def run_by(db: Session, actor_id: UUID, session_id: UUID) -> SpeedSession:
    """The same for somebody who leads a hosting group."""
    session = held(db, session_id)
    require_lead(db, actor_id, session.occurrence)
    return session


def require_lead(db: Session, actor_id: UUID, occurrence: Occurrence) -> None:
    """Refuse whoever leads none of the hosting groups."""
    hosts = occurrence.event.accepted_hosts
    if not any(ergs.leads(db, actor_id, erg.id) for erg in hosts):
        raise Refused(_("Only organizers of the event can do this."), 403)


def move(
    db: Session, actor_id: UUID | None, session: SpeedSession, to: SessionState, verb: str
) -> None:
    """Change the state along the table, with one audit row."""
    before = session.state
    if not may_become(before, to):
        raise Refused(_("That is not possible at this point. Reload the page to see where it is."))
    session.state = to
    changed(db, actor_id, session, verb, before=before, after=to)


def changed(
    db: Session,
    actor_id: UUID | None,
    session: SpeedSession,
    verb: str,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """What phones look at has changed; one audit row."""
    session.revision += 1
    audit.record(db, actor_id, verb, session, before=before, after=after)


def catch_up(db: Session, session: SpeedSession) -> None:
    """Write down where the clock stands; twice is the same as once."""
    now = session.clock_now
    if now == session.clock_then:
        return
    session.round, session.phase, session.until = now.round, now.phase, now.until
    session.revision += 1
    audit.record(db, None, "speed_clock", session, after=f"{now.round} {now.phase}")
    if now.phase is Phase.OVER:
        end(db, None, session)
    db.flush()


def end(db: Session, actor_id: UUID | None, session: SpeedSession) -> None:
    """The last talk is over: everybody may say privately with whom they want to go on."""
    move(db, actor_id, session, SessionState.OVER, "speed_end")
    session.phase, session.until, session.seconds_left = Phase.OVER, None, None
    session.wishes_until = clock.now() + timedelta(hours=WISH_HOURS)
    people = db.scalars(
        select(SpeedSeat.person_id).where(
            SpeedSeat.session_id == session.id, SpeedSeat.state != SeatState.ABSENT
        )
    ).all()
    outbox.put_all(
        db,
        "speed_wishes",
        subject=session.id,
        people=people,
        occasion=str(session.revision),
        expires=session.wishes_until,
    )
