"""What handlers do: open the words, take a concern, note, answer, decide, hand over, close."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.concerns import queries
from app.concerns.models import Concern, ConcernRead
from app.concerns.rules import (
    DECISIONS,
    LONGEST_TEXT,
    OF_PAIR,
    ConcernState,
    EntryKind,
    Outcome,
)
from app.concerns.sealing import sealed_entry
from app.concerns.services import contact
from app.concerns.services.base import held_desk, let_read, move, tell_raiser, tell_readers
from app.concerns.services.raising import purge_day
from app.core import clock, outbox
from app.core.errors import Refused
from app.mentoring.models import Member, Relationship
from app.mentoring.rules import EndingCode, RelationshipState
from app.mentoring.services import closing
from app.programs.models import Exclusion


def open_words(db: Session, actor_id: UUID, *, concern_id: UUID) -> None:
    """Read what was written; the person sees who did and when, the log that it happened."""
    concern = held_desk(db, actor_id, concern_id)
    db.add(ConcernRead(concern_id=concern.id, person_id=actor_id, read_at=clock.now()))
    audit.record(db, actor_id, "concern_read", concern)
    db.flush()


def take(db: Session, actor_id: UUID, *, concern_id: UUID) -> None:
    """Say that one looks after it, also once more; from another reader it is taken over."""
    concern = _open(held_desk(db, actor_id, concern_id))
    if is_new := concern.state is not ConcernState.TRIAGED:
        move(db, actor_id, concern, ConcernState.TRIAGED)
        outbox.withdraw(db, "something_waits", subject=concern.id)
    elif concern.taken_by != actor_id:
        audit.record(db, actor_id, "concern_taken", concern)
    if is_new or concern.taken_by != actor_id:
        concern.taken_by, concern.moved_at = actor_id, clock.now()
        tell_raiser(db, concern)
    db.flush()


def note(db: Session, actor_id: UUID, *, concern_id: UUID, text: str) -> None:
    """Write something down for the readers alone."""
    concern = held_desk(db, actor_id, concern_id)
    _write(db, concern, actor_id, EntryKind.NOTE, text)
    audit.record(db, actor_id, "concern_noted", concern)


def answer(db: Session, actor_id: UUID, *, concern_id: UUID, text: str) -> None:
    """Write to the person who raised it."""
    concern = _open(held_desk(db, actor_id, concern_id))
    _write(db, concern, actor_id, EntryKind.ANSWER, text)
    audit.record(db, actor_id, "concern_answered", concern)
    tell_raiser(db, concern)


def _write(db: Session, concern: Concern, actor_id: UUID, kind: EntryKind, text: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refused(_("Please write something, and not more than fits here."), 422)
    db.add(sealed_entry(concern, actor_id, kind, text))
    concern.moved_at = clock.now()
    db.flush()


def _open(concern: Concern) -> Concern:
    if concern.state is ConcernState.CLOSED:
        raise Refused(_("This is closed. Nothing can be added to it any more."))
    return concern


def decide(
    db: Session,
    actor_id: UUID,
    *,
    concern_id: UUID,
    outcome: Outcome,
    text: str,
    code: EndingCode | None = None,
) -> None:
    """Decide, and tell the person in words of one's own."""
    concern = held_desk(db, actor_id, concern_id)
    if outcome not in DECISIONS or (outcome in OF_PAIR and concern.relationship_id is None):
        raise Refused(_("Choose one of the decisions."), 422)
    move(db, actor_id, concern, ConcernState.HANDLED)  # what was decided stands not in the log
    concern.outcome = outcome
    concern.keeps_rest = concern.keeps_rest and _stays_stopped(db, concern, outcome)
    _write(db, concern, actor_id, EntryKind.ANSWER, text)
    _carry_out(db, actor_id, concern, outcome, code)
    tell_raiser(db, concern)
    db.flush()


def _stays_stopped(db: Session, concern: Concern, outcome: Outcome) -> bool:
    """What is kept suspended; and a trial that handlers end, as it goes on until its instant."""
    if outcome is not Outcome.PAIR_ENDED:
        return outcome is Outcome.CONTACT_RESTS
    pair = db.get(Relationship, concern.relationship_id)
    return pair is not None and pair.state is RelationshipState.TRIAL


def _carry_out(
    db: Session, actor_id: UUID, concern: Concern, outcome: Outcome, code: EndingCode | None
) -> None:
    pair_id = concern.relationship_id
    if pair_id is None or outcome not in OF_PAIR:
        return
    if outcome is Outcome.PAIR_ENDED:
        if code is None:
            raise Refused(_("Choose the words that both read."), 422)
        closing.end_in_care(db, relationship_id=pair_id, code=code)
        _keep_apart(db, concern.raised_by, pair_id)
    elif outcome is Outcome.CONTACT_LIFTED:
        contact.lift(db, concern)
    else:
        pair = queries.pair_of(db, concern.raised_by, pair_id)
        if (
            pair is None
            or contact.way_to_stop(db, pair, concern.raised_by) is not contact.Stop.REST
        ):
            raise Refused(_("This relationship cannot rest now. Talk with the person, or end it."))
        contact.stop(db, concern.raised_by, concern, pair)


def _keep_apart(db: Session, raiser_id: UUID, pair_id: UUID) -> None:
    """The matcher, and nobody else, knows that the person is not to meet the others again."""
    members = db.scalars(select(Member).where(Member.relationship_id == pair_id)).all()
    enrollment_id = next((m.enrollment_id for m in members if m.person_id == raiser_id), None)
    for member in members:
        if enrollment_id is not None and member.person_id != raiser_id:
            db.merge(Exclusion(enrollment_id=enrollment_id, person_id=member.person_id))
    db.flush()


def hand_over(db: Session, actor_id: UUID, *, concern_id: UUID, person_id: UUID) -> None:
    """Give it to another handler; the person sees at once who reads it now, too."""
    concern = _open(held_desk(db, actor_id, concern_id))
    full = queries.in_full(db, concern.id)
    assert full is not None, "it is held"
    free = {one.id for one in queries.free_for(db, full)}
    if person_id == actor_id or person_id not in free:
        raise Refused(_("Choose a handler who is not too near to the people concerned."), 422)
    let_read(db, concern, person_id, actor_id)
    if concern.state is ConcernState.RAISED:
        move(db, actor_id, concern, ConcernState.TRIAGED)
    concern.taken_by, concern.moved_at = person_id, clock.now()
    audit.record(db, actor_id, "concern_handed_over", concern)
    tell_raiser(db, concern)
    tell_readers(db, concern, but=actor_id)
    db.flush()


def close(db: Session, actor_id: UUID, *, concern_id: UUID) -> None:
    """Close what was handled; its day of deletion is set."""
    concern = held_desk(db, actor_id, concern_id)
    if concern.state is not ConcernState.HANDLED:
        raise Refused(_("Decide first. Then it can be closed."))
    move(db, actor_id, concern, ConcernState.CLOSED)
    concern.purge_on = purge_day(db)
    tell_raiser(db, concern)
    db.flush()
