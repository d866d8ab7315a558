"""News about seats."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.database import session_of
from app.core.locale import datetime_text
from app.core.outbox import Attachment, Delivery, Message, Recipient
from app.events import links
from app.events.messages.about import About
from app.events.messages.entry import was_sent
from app.events.models import Rsvp
from app.events.rules import RsvpState

# What a person was told before about the same answer, besides their entry.
ANSWERED = ("event_seat", "event_offer", "event_call", "event_admitted", "event_removed")


class SeatFound(About):
    """From the waiting list to a place."""

    name = "event_seat"
    channels = ("in_app",)
    states = (RsvpState.GOING,)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Withdrawing is as easy as coming."""
        return _("A seat became free for you"), _(
            "You were waiting, and now you have a seat. If you cannot come, please say so there."
        )


class OneTap(About):
    """What a mail asks is answered by the one button of the page it opens."""

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The usual words, with the signed link in the place of the event's page."""
        usual = super().message(db, delivery, to)
        link = f"/events/answers/{links.token(delivery.subject_id)}"
        return usual and replace(usual, link=link, link_text=self.act())

    def act(self) -> str:
        """What the button of that page says."""
        return _("Accept the seat")


class SeatOffered(OneTap):
    """A seat is held until a deadline."""

    name = "event_offer"
    is_urgent = True
    states = (RsvpState.OFFERED,)

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Not after the deadline."""
        is_late = rsvp.offer_until is None or rsvp.offer_until <= clock.now()
        return "too late" if is_late else super().reason_against(db, rsvp)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """With the deadline in the reader's zone."""
        assert rsvp.offer_until is not None
        return _("A seat is kept for you"), _(
            "A seat became free. It is yours if you accept it by %(time)s.",
            time=datetime_text(rsvp.offer_until),
        )


class SeatsCalled(OneTap):
    """Shortly before the start: the first of those who wait takes it."""

    name = "event_call"
    is_urgent = True
    states = (RsvpState.WAITLISTED,)

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Not when the seat is gone again."""
        return "taken" if rsvp.called_at is None else super().reason_against(db, rsvp)

    def act(self) -> str:
        """Nothing is held, so it is taken."""
        return _("Take the seat")

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """First come, first served."""
        subject = _("A seat is free right now")
        if clock.now() >= rsvp.occurrence.starts_at:
            return subject, _("It has begun, and a seat is free. Whoever takes it first has it.")
        return subject, _(
            "A seat became free shortly before the start. Whoever takes it first has it."
        )


class OfferOver(About):
    """The seat was not accepted in time."""

    name = "event_offer_over"
    states = (RsvpState.EXPIRED,)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """What can still be done, if anything."""
        subject = _("The offer of a seat has ended")
        if clock.now() < rsvp.occurrence.answers_until:
            return subject, _(
                "The time to accept the seat is over, so it is not kept for you any more. If you "
                "would still like to come, ask for a seat again on the page."
            )
        return subject, _(
            "The time to accept the seat is over, so it is not kept for you any more. Registration "
            "is closed by now, so there is nothing left for you to do."
        )


class Admitted(About):
    """The organizers said yes, but every seat is taken."""

    name = "event_admitted"
    states = (RsvpState.WAITLISTED,)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Why there is no seat yet stands on the page."""
        return _("The organizers answered you"), _(
            "They would like you to come. All seats are taken, so you are on the waiting list."
        )


class Unsure(About):
    """A place that was given is not certain any more; the entry leaves the calendar."""

    name = "event_unsure"
    states = (RsvpState.PENDING_APPROVAL, RsvpState.WAITLISTED, RsvpState.OFFERED)
    method = "CANCEL"

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Nobody needs to hear of a yes that never reached them."""
        if not was_sent(db, rsvp.id, *ANSWERED):
            return "nothing was told"
        return super().reason_against(db, rsvp)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The page says how it stands; why is not for a mail."""
        return _("Your place is not certain yet"), _(
            "The organizers told you something else before; we are sorry. The page shows how it "
            "stands now, and you are told as soon as it is settled."
        )

    def attachments(self, rsvp: Rsvp, to: Recipient) -> tuple[Attachment, ...]:
        """The entry leaves the calendar, if there was one."""
        return super().attachments(rsvp, to) if was_sent(session_of(rsvp), rsvp.id) else ()


class Removed(About):
    """The organizers said no, before or after; their reason is for this person alone."""

    name = "event_removed"
    states = (RsvpState.REMOVED,)
    method = "CANCEL"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The reason stands on the page; of a hidden event nothing is said in a mail."""
        return _("The organizers answered you"), _(
            "You do not have a place here. Why, they tell you on the page."
        )

    def attachments(self, rsvp: Rsvp, to: Recipient) -> tuple[Attachment, ...]:
        """The entry leaves the calendar, if there was one."""
        return super().attachments(rsvp, to) if was_sent(session_of(rsvp), rsvp.id) else ()


for kind in (
    SeatFound(),
    SeatOffered(),
    SeatsCalled(),
    OfferOver(),
    Admitted(),
    Unsure(),
    Removed(),
):
    outbox.kinds.add(kind.name, kind)
