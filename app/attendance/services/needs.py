"""Access needs: said, arranged, answered, forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.models import AccessNeed
from app.attendance.queries.needs import ASKING
from app.attendance.rules import NEED_TRANSITIONS, PURGE_AFTER, NeedKind, NeedState
from app.attendance.services import sealing
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs.queries import standing_of
from app.events.models import Occurrence, Rsvp

ANSWERED = "access_answer"


def say_needs(
    db: Session, actor_id: UUID, *, occurrence_id: UUID, kinds: Iterable[NeedKind], text: str
) -> AccessNeed | None:
    """Say what one needs; saying it differently opens it again, saying nothing takes it back."""
    _require_asking(db, actor_id, occurrence_id)
    chosen = [kind for kind in NeedKind if kind in set(kinds)]
    if not chosen and not text:
        take_back_needs(db, actor_id, occurrence_id=occurrence_id)
        return None
    row = _own(db, occurrence_id, actor_id)
    if row is None:
        row = AccessNeed(
            id=ids.new_id("access_need", f"{occurrence_id}|{actor_id}"),
            occurrence_id=occurrence_id,
            person_id=actor_id,
            revision=0,
        )
        sealing.give_key(row)
        db.add(row)
    else:
        sealing.give_key(row)  # a fresh one, so that a lost key does not stop anybody
    said = json.dumps({"kinds": chosen, "text": text}).encode()
    row.sealed = sealing.put(row, said, "sealed")
    row.answer, row.state, row.asked_at = None, NeedState.OPEN, clock.now()
    _next_revision(db, row)
    audit.record(db, None, "say_needs", ("access_need", row.id), after=NeedState.OPEN)
    db.flush()
    return row


def note_reading(db: Session, actor_id: UUID | None, *, occurrence_id: UUID) -> None:
    """That somebody read what people need at a date: who, when and where, and nothing of it."""
    audit.record(db, actor_id, "read_needs", ("occurrence", occurrence_id))


def _require_asking(db: Session, person_id: UUID, occurrence_id: UUID) -> None:
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None:
        raise Refused(_("This event does not exist any more."), 404)
    if clock.now() >= occurrence.ends_at:
        raise Refused(_("This event is over."))
    state = db.scalar(
        select(Rsvp.state).where(Rsvp.occurrence_id == occurrence_id, Rsvp.person_id == person_id)
    )
    if state not in ASKING:
        raise Refused(_("Say first that you are coming; then say what you need."))


def take_back_needs(db: Session, actor_id: UUID, *, occurrence_id: UUID) -> None:
    """Nothing is needed any more; the row is gone, not marked."""
    if hold(db, Occurrence, occurrence_id) is None:
        return
    row = _own(db, occurrence_id, actor_id)
    if row is None:
        return
    outbox.withdraw(db, ANSWERED, subject=row.id, reason="taken back")
    audit.record(db, None, "take_back_needs", ("access_need", row.id), before=row.state)
    db.delete(row)
    db.flush()


def answer_need(
    db: Session, actor_id: UUID, *, need_id: UUID, state: NeedState, words: str
) -> AccessNeed:
    """Arranged, or cannot be, with words about what can; the person is told of an answer."""
    row = _readable(db, actor_id, need_id)
    if state not in NEED_TRANSITIONS[row.state] and state is not row.state:
        raise Refused(_("This answer does not fit any more. Please read it again."))
    if state is NeedState.CANNOT and not words:
        raise Refused(_("Please write what is possible instead, or whom they can ask."), 422)
    before, row.state = row.state, state
    row.answer = sealing.put(row, words.encode(), "answer") if words else None
    _next_revision(db, row)
    outbox.put(db, ANSWERED, subject=row.id, person=row.person_id, revision=row.revision)
    audit.record(db, actor_id, "answer_need", ("access_need", row.id), before=before, after=state)
    db.flush()
    return row


def reopen_need(db: Session, actor_id: UUID, *, need_id: UUID) -> AccessNeed:
    """Take an answer back; if it was not read yet, it never was."""
    row = _readable(db, actor_id, need_id)
    if row.state is NeedState.OPEN:
        return row
    before, row.state, row.answer = row.state, NeedState.OPEN, None
    _next_revision(db, row)
    audit.record(db, actor_id, "reopen_need", ("access_need", row.id), before=before)
    db.flush()
    return row


def _next_revision(db: Session, row: AccessNeed) -> None:
    row.revision = (row.revision or 0) + 1
    outbox.withdraw(db, ANSWERED, subject=row.id, reason="changed since")


def _readable(db: Session, actor_id: UUID, need_id: UUID) -> AccessNeed:
    row = db.get(AccessNeed, need_id)
    occurrence = hold(db, Occurrence, row.occurrence_id) if row else None
    row = db.get(AccessNeed, need_id, populate_existing=True)
    if row is None or occurrence is None:
        raise Refused(_("This was taken back or has been deleted."), 404)
    if not queries.reads_needs(db, standing_of(db, actor_id), occurrence.event):
        raise Refused(_("Only the access lead of the event can do this."), 403)
    return row


def _own(db: Session, occurrence_id: UUID, person_id: UUID) -> AccessNeed | None:
    return db.scalar(
        select(AccessNeed).where(
            AccessNeed.occurrence_id == occurrence_id, AccessNeed.person_id == person_id
        )
    )


def to_purge(db: Session) -> list[UUID]:
    """Dates whose needs are to be forgotten."""
    return list(
        db.scalars(
            select(Occurrence.id)
            .join(AccessNeed, AccessNeed.occurrence_id == Occurrence.id)
            .where(Occurrence.ends_at <= clock.now() - PURGE_AFTER)
            .distinct()
            .order_by(Occurrence.id)
        )
    )


def purge_needs(db: Session, occurrence_id: UUID) -> int:
    """Forget all needs of a date a week after its end; the log keeps only that it was done."""
    occurrence = hold(db, Occurrence, occurrence_id)
    if occurrence is None or clock.now() < occurrence.ends_at + PURGE_AFTER:
        return 0
    which = AccessNeed.occurrence_id == occurrence_id
    number = db.scalar(select(func.count()).select_from(AccessNeed).where(which)) or 0
    if number:
        db.execute(delete(AccessNeed).where(which))
        audit.record(db, None, "purge_needs", occurrence)
    return number


def depart(db: Session, person_id: UUID) -> None:
    """Whoever leaves the company needs nothing any more."""
    db.execute(delete(AccessNeed).where(AccessNeed.person_id == person_id))
