"""Answers that arrive from calendar programs go through the same verb as those of the page."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonKind
from app.core import clock, outbox
from app.core.database import hold
from app.events.models import Occurrence, ReplyRead, Rsvp
from app.events.replies import CalendarReply
from app.events.rules import Reply, RsvpState
from app.events.services.answering import ON_NO, answer
from app.events.services.claiming import SITTING

# What is kept of a mail; the first three changed nothing and need nobody's attention.
TAKEN, SAME, STALE = "taken", "same", "stale"
UNKNOWN, REFUSED, UNUSABLE = "unknown", "refused", "unusable"
ASIDE = (UNKNOWN, UNUSABLE)


# A mail that comes back after a year is about something long over.
KEPT = timedelta(days=365)


def was_read(db: Session, digest: bytes) -> bool:
    """Whether this mail counted already."""
    return db.get(ReplyRead, digest) is not None


def note_reply(db: Session, *, digest: bytes, outcome: str) -> None:
    """Keep that a mail was read, and in a word what became of it; nothing of what it says."""
    if not was_read(db, digest):
        db.add(ReplyRead(digest=digest, outcome=outcome))
        db.flush()


def forget_replies(db: Session) -> None:
    """Drop the marks of mails that were read long ago."""
    db.execute(delete(ReplyRead).where(ReplyRead.read_at < clock.now() - KEPT))


def take_reply(db: Session, *, digest: bytes, found: CalendarReply) -> str:
    """Carry out an answer from a calendar once; raises Refused where the page would refuse it.

    It must be about the entry as it is now: an older SEQUENCE answers what has changed since.
    """
    rsvp = db.scalar(select(Rsvp).where(Rsvp.entry_id == found.entry_id))
    if rsvp is None or hold(db, Occurrence, rsvp.occurrence_id) is None:
        outcome = UNKNOWN
    else:
        db.refresh(rsvp)
        outcome = _carry_out(db, rsvp, found)
    note_reply(db, digest=digest, outcome=outcome)
    return outcome


def _carry_out(db: Session, rsvp: Rsvp, found: CalendarReply) -> str:
    person = db.get(Person, rsvp.person_id)
    if person is None or not _is_theirs(person, found) or found.sequence > rsvp.sequence:
        return UNKNOWN
    if found.sequence < rsvp.sequence:
        return STALE
    if _is_so_already(rsvp.state, found.reply):
        return SAME
    answer(db, person.id, occurrence_id=rsvp.occurrence_id, reply=found.reply)
    return TAKEN


def _is_theirs(person: Person, found: CalendarReply) -> bool:
    is_inside = person.can_sign_in and person.kind is not PersonKind.EXTERNAL
    return is_inside and (person.email or "").lower() == found.sender


def _is_so_already(state: RsvpState, reply: Reply) -> bool:
    if reply is Reply.GOING:
        return state in SITTING
    if reply is Reply.MAYBE:
        return state is RsvpState.MAYBE
    return state not in ON_NO


def tell_refused(db: Session, *, digest: bytes, found: CalendarReply) -> None:
    """The calendar shows an answer that does not hold: its owner hears that, once."""
    if was_read(db, digest):
        return
    note_reply(db, digest=digest, outcome=REFUSED)
    rsvp = db.scalar(select(Rsvp).where(Rsvp.entry_id == found.entry_id))
    if rsvp is not None:
        outbox.put(
            db,
            "event_reply_refused",
            subject=rsvp.id,
            person=rsvp.person_id,
            occasion=digest.hex()[:40],
            revision=rsvp.sequence,
            expires=max(rsvp.occurrence.ends_at, clock.now()),
        )
