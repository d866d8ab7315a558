"""What follows when a person's place changes: their calendar entry, reminders and news.

`Rsvp.sequence` rises with each change of the entry; every delivery carries it as its revision, so a
message about an older state of affairs is never wanted any more.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.errors import Refused
from app.ergs.rules import Visibility
from app.events.models import Occurrence, Rsvp
from app.events.rules import REMINDERS, RSVP_TRANSITIONS, RsvpState, reminders


def move(db: Session, rsvp: Rsvp, to: RsvpState, reason: str | None = None) -> None:
    """Change the state of an answer along the table, with one audit row."""
    before = rsvp.state
    if to not in RSVP_TRANSITIONS.get(before, frozenset()):
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    rsvp.state, rsvp.changed_at = to, clock.now()
    note(db, rsvp, before, reason)


def note(db: Session, rsvp: Rsvp, before: RsvpState | None, reason: str | None = None) -> None:
    """That an answer changed; whose it is only where everybody may see it."""
    is_public = rsvp.visibility is Visibility.COMPANY
    audit.record(
        db,
        rsvp.person_id if is_public else None,
        "answer",
        ("rsvp", rsvp.id),
        before=before,
        after=rsvp.state,
        reason=reason,
    )


def put_entry(db: Session, occurrence: Occurrence, rsvp: Rsvp) -> None:
    """Give the person their entry as it is now: invitation and reminders at the current start."""
    _next_version(db, rsvp)
    _put(db, "event_entry", rsvp, expires=occurrence.ends_at)
    put_reminders(db, occurrence, rsvp)


def put_reminders(db: Session, occurrence: Occurrence, rsvp: Rsvp) -> None:
    """What lies ahead of the current start; writing it twice is harmless."""
    chosen = occurrence.event.reminder_minutes
    for reminder in reminders(occurrence.starts_at, clock.now(), chosen):
        _put(
            db,
            reminder.name,
            rsvp,
            due=reminder.due,
            expires=reminder.expires,
            occasion=reminder.occasion,
        )


def take_entry(
    db: Session, rsvp: Rsvp, *, kind: str = "event_left", due: datetime | None = None
) -> None:
    """Take the entry out of the person's calendar and forget the reminders."""
    _next_version(db, rsvp)
    _put(db, kind, rsvp, due=due)


def end_entry(db: Session, rsvp: Rsvp) -> None:
    """The entry is not wanted any more; a message about that is put by whoever knows the words."""
    _next_version(db, rsvp)


def forget_words(rsvp: Rsvp) -> None:
    """Names of guests and answers to questions are kept only for those who may come."""
    rsvp.guest_names, rsvp.told = [], {}


def tell(
    db: Session, kind: str, occurrence: Occurrence, rsvp: Rsvp, *, due: datetime | None = None
) -> None:
    """News about a seat, useful as long as seats are handed on."""
    outbox.put(
        db,
        kind,
        subject=rsvp.id,
        person=rsvp.person_id,
        revision=rsvp.sequence,
        due=due,
        occasion=clock.now().isoformat(),
        expires=rsvp.offer_until or occurrence.ends_at,
    )


def tell_end(db: Session, rsvp: Rsvp) -> None:
    """That it does not take place; true however late it arrives."""
    _put(db, "event_wait_over", rsvp, occasion=clock.now().isoformat())


def tell_unsure(db: Session, rsvp: Rsvp, *, due: datetime | None = None) -> None:
    """A place that was given is open again; the entry leaves the calendar."""
    _put(db, "event_unsure", rsvp, due=due, occasion=clock.now().isoformat())


def _put(db: Session, kind: str, rsvp: Rsvp, **more: object) -> None:
    outbox.put(db, kind, subject=rsvp.id, person=rsvp.person_id, revision=rsvp.sequence, **more)  # type: ignore[arg-type]


def _next_version(db: Session, rsvp: Rsvp) -> None:
    """What was written about the version before and is not sent yet is not sent any more."""
    rsvp.sequence, rsvp.changed_at = rsvp.sequence + 1, clock.now()
    outbox.withdraw(db, ("event_entry", *REMINDERS), subject=rsvp.id, reason="changed since")
