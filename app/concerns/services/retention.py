"""What happens by itself: reminders to readers, rest that goes on, closing, deletion."""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.concerns.models import Concern, ConcernEntry, ConcernRead, ConcernReader
from app.concerns.rules import CLOSES_AFTER, ConcernState
from app.concerns.services.base import move, readers_of, tell_raiser
from app.concerns.services.raising import purge_day
from app.core import clock, outbox
from app.mentoring.models import Relationship
from app.mentoring.rules import RelationshipState


def remind(db: Session) -> int:
    """Readers hear once each working day of what nobody has taken in time, or looks after any more.

    Returns how many.
    """
    today = clock.now().date()
    if today.weekday() >= 5:
        return 0
    late = db.query(Concern).filter(
        Concern.triage_by <= today,
        or_(
            Concern.state == ConcernState.RAISED,
            (Concern.state == ConcernState.TRIAGED) & Concern.taken_by.is_(None),
        ),
    )
    told = 0
    for concern in late.order_by(Concern.id).all():
        readers = readers_of(db, concern.id)
        if not readers and db.query(ConcernReader).filter_by(concern_id=concern.id).count():
            outbox.put(
                db,
                "something_to_read",
                subject=concern.id,
                person=concern.raised_by,
                occasion=f"nobody reads {today:%G-%V}",
            )
        for reader in readers:
            outbox.put(
                db,
                "something_waits",
                subject=concern.id,
                person=reader.person_id,
                occasion=today.isoformat(),
            )
            told += 1
    return told


def close_quiet(db: Session) -> int:
    """What was handled and stayed quiet for a month is closed; returns how many."""
    resting = select(Relationship.id).where(Relationship.state == RelationshipState.PAUSED)
    quiet = db.query(Concern).filter(
        Concern.state == ConcernState.HANDLED,
        or_(Concern.keeps_rest.is_(False), Concern.relationship_id.not_in(resting)),
        Concern.moved_at <= clock.now() - CLOSES_AFTER,
    )
    rows = quiet.order_by(Concern.id).all()
    for concern in rows:
        move(db, None, concern, ConcernState.CLOSED)
        concern.purge_on, concern.keeps_rest = purge_day(db), False
        tell_raiser(db, concern)
    db.flush()
    return len(rows)


def purge(db: Session) -> int:
    """Delete what was closed long enough ago, with everything in it; returns how many."""
    due = db.query(Concern).filter(Concern.purge_on <= clock.now().date())
    rows = due.order_by(Concern.id).all()
    for concern in rows:
        for part in (ConcernEntry, ConcernRead, ConcernReader):
            db.execute(
                delete(part)
                .where(part.concern_id == concern.id)
                .execution_options(synchronize_session="fetch")
            )
        outbox.withdraw(db, ("something_to_read", "something_waits"), subject=concern.id)
        audit.record(db, None, "concern_purged", ("concern", concern.id))
        db.delete(concern)
    db.flush()
    return len(rows)
