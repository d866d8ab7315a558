"""Entries of calendars, put, moved, taken away."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery
from app.events.messages.about import About
from app.events.models import Rsvp
from app.events.rules import CONCERNED, RsvpState


class CalendarEntry(About):
    """The place is yours: an invitation that updates the entry which is there already."""

    name = "event_entry"
    channels = ("mail",)
    states = (RsvpState.GOING,)
    method = "REQUEST"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Also after a change of time or place."""
        return _("For your calendar"), _("You are going. Here is the entry as it is now.")


class Moved(About):
    """Time or place changed."""

    name = "event_moved"
    channels = ("in_app",)
    states = tuple(CONCERNED)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """What holds now follows; who has no seat yet never agreed to the new time."""
        subject = _("An event changed")
        if rsvp.state is RsvpState.GOING:
            return subject, _("Time, place or title changed. This is how it is now.")
        return subject, _(
            "Time, place or title changed. Your answer still holds; change it if this does not "
            "suit you."
        )


class Left(About):
    """The person stepped back: the entry leaves their calendar."""

    name = "event_left"
    channels = ("mail",)
    states = (RsvpState.WITHDRAWN, RsvpState.MAYBE, RsvpState.REMOVED)
    method = "CANCEL"

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Nothing to take back when no entry was ever sent."""
        return None if was_sent(db, rsvp.id) else "no entry was sent"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Coming back is possible."""
        return _("Taken out of your calendar"), _(
            "You are not on the list any more, and your seat is free for somebody else."
        )


class Canceled(About):
    """The event does not take place."""

    name = "event_canceled"
    is_urgent = True
    method: str | None = "CANCEL"

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Canceled is final."""
        return None

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The entry leaves the calendar."""
        return _("An event was canceled"), _("This will not take place. It leaves your calendar.")


class WaitOver(Canceled):
    """To those who waited, asked or said maybe: there is nothing to wait for any more."""

    name = "event_wait_over"
    channels = ("in_app",)
    is_urgent = False
    method = None

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """No silence."""
        subject = _("An event was canceled")
        if rsvp.state is RsvpState.MAYBE:
            return subject, _("You said that perhaps you would come. It will not take place.")
        return subject, _("You were waiting for this. It will not take place.")


def was_sent(db: Session, rsvp_id: UUID, *others: str) -> bool:
    """Whether an entry ever went out to this person's calendar, or one of some other messages."""
    return (
        db.scalar(
            select(Delivery.id)
            .where(
                Delivery.kind.in_(("event_entry", *others)),
                Delivery.subject_id == rsvp_id,
                Delivery.state == outbox.DeliveryState.SENT,
            )
            .limit(1)
        )
        is not None
    )


for kind in (CalendarEntry(), Moved(), Left(), Canceled(), WaitOver()):
    outbox.kinds.add(kind.name, kind)
