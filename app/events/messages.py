"""What events write to people. Of a hidden event nothing is said but that there is something."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.locale import clock_text, current_language, current_zone, datetime_text
from app.core.outbox import Attachment, Delivery, Message, Recipient
from app.ergs.rules import pick_text
from app.events import ical
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import Mode, OccurrenceState, RsvpState, shown_zones


def title_of(event: Event) -> str:
    """The event's title in the language being spoken; neutral when the event is hidden."""
    if event.is_hidden:
        return _("Something you said you would come to")
    text = pick_text(event.texts, current_language().tag)
    return text.title if text else ""


def time_of(occurrence: Occurrence, mode: Mode) -> str:
    """Day, time and zone for the reader, and the venue's clock where it differs."""
    here = current_zone().key
    first, second = shown_zones(occurrence.starts_at, occurrence.zone, here, mode)
    text = datetime_text(occurrence.starts_at, first)
    if second is None:
        return text
    return _(
        "%(first)s (%(second)s)", first=text, second=datetime_text(occurrence.starts_at, second)
    )


def entry_of(rsvp: Rsvp) -> ical.Entry:
    """One person's calendar entry as it is now, in the language being spoken."""
    occurrence = rsvp.occurrence
    event, settings = occurrence.event, flask.current_app.extensions["settings"]
    url = f"{settings.base_url}/events/{occurrence.id}/"
    is_over = rsvp.state not in (
        RsvpState.GOING,
        RsvpState.CHECKED_IN,
        RsvpState.ATTENDED,
        RsvpState.MAYBE,
        RsvpState.OFFERED,
    )
    return ical.Entry(
        uid=f"{rsvp.entry_id}@trellis",
        sequence=rsvp.sequence,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        zone=occurrence.zone,
        url=url,
        stamp=rsvp.changed_at,
        summary=_("Private appointment") if event.is_hidden else title_of(event),
        description=_("Details are on this page: %(url)s", url=url),
        location="" if event.is_hidden else _place(rsvp, event),
        is_private=event.is_hidden,
        is_canceled=is_over or occurrence.state is OccurrenceState.CANCELED,
        is_tentative=rsvp.state in (RsvpState.MAYBE, RsvpState.OFFERED),
    )


def _place(rsvp: Rsvp, event: Event) -> str:
    has_place = rsvp.state in (RsvpState.GOING, RsvpState.CHECKED_IN)
    if rsvp.mode is Mode.IN_PERSON:
        return event.venue
    return event.online_link if has_place else ""


class About:
    """The base of all: about one answer, wanted while its calendar entry is the same."""

    name = ""
    topic = "events"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False
    states: tuple[RsvpState, ...] = ()
    method: str | None = None

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while nothing has changed since it was written."""
        rsvp = db.get(Rsvp, delivery.subject_id)
        if rsvp is None or rsvp.sequence != delivery.revision:
            return "changed since"
        if self.states and rsvp.state not in self.states:
            return "changed since"
        return self.reason_against(db, rsvp)

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """A further reason not to send."""
        is_off = rsvp.occurrence.state is OccurrenceState.CANCELED
        return "canceled" if is_off else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The words of the subclass, the time, a link, and the calendar entry if there is one."""
        rsvp = db.get(Rsvp, delivery.subject_id)
        if rsvp is None:
            return None
        subject, text = self.words(rsvp)
        occurrence = rsvp.occurrence
        return Message(
            subject=subject,
            lines=(text, title_of(occurrence.event), time_of(occurrence, rsvp.mode)),
            link=f"/events/{occurrence.id}/",
            link_text=_("Open the event"),
            attachments=self.attachments(rsvp, to) if delivery.channel == "mail" else (),
        )

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """(neutral subject, first line)."""
        raise NotImplementedError

    def attachments(self, rsvp: Rsvp, to: Recipient) -> tuple[Attachment, ...]:
        """The calendar entry for exactly this one reader."""
        if self.method is None or not to.email:
            return ()
        settings = flask.current_app.extensions["settings"]
        sender = settings.mail_from.rpartition("<")[2].rstrip(">")
        parties = ical.Parties(sender, "Trellis", to.email, to.name)
        content = ical.calendar([entry_of(rsvp)], method=self.method, parties=parties)
        return (Attachment("invite.ics", "text/calendar", content, self.method),)


class CalendarEntry(About):
    """The place is yours: an invitation that updates the entry which is there already."""

    name = "event_entry"
    channels = ("mail",)
    states = (RsvpState.GOING,)
    method = "REQUEST"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Also after a change of time or place."""
        return _("For your calendar"), _("You are going. Here is the entry as it is now.")


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


class SeatOffered(About):
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


class SeatsCalled(About):
    """Shortly before the start: the first of those who wait takes it."""

    name = "event_call"
    is_urgent = True
    states = (RsvpState.WAITLISTED,)

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Not when the seat is gone again."""
        return "taken" if rsvp.called_at is None else super().reason_against(db, rsvp)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """First come, first served."""
        return _("A seat is free right now"), _(
            "A seat became free shortly before the start. Whoever takes it first has it."
        )


class Moved(About):
    """Time or place changed."""

    name = "event_moved"
    channels = ("in_app",)
    states = (RsvpState.GOING,)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """What holds now follows."""
        return _("An event changed"), _("Time, place or title changed. This is how it is now.")


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
    """To those who waited: there is nothing to wait for any more."""

    name = "event_wait_over"
    channels = ("in_app",)
    is_urgent = False
    method = None

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """No silence."""
        return _("An event was canceled"), _("You were waiting for this. It will not take place.")


class Tomorrow(About):
    """A day before."""

    name = "event_tomorrow"
    states = (RsvpState.GOING, RsvpState.CHECKED_IN)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The calendar entry was sent before; this only reminds."""
        return _("A reminder for tomorrow"), _("You are expected in about a day.")


class Soon(Tomorrow):
    """An hour before."""

    name = "event_soon"
    is_urgent = True

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """With the time of day in the subject."""
        at = clock_text(rsvp.occurrence.starts_at)
        return _("It starts at %(time)s", time=at), _("You are expected in about an hour.")


def was_sent(db: Session, rsvp_id: UUID) -> bool:
    """Whether an entry ever went out to this person's calendar."""
    return (
        db.scalar(
            select(Delivery.id)
            .where(
                Delivery.kind == "event_entry",
                Delivery.subject_id == rsvp_id,
                Delivery.state == outbox.DeliveryState.SENT,
            )
            .limit(1)
        )
        is not None
    )


for kind in (
    CalendarEntry(),
    SeatFound(),
    SeatOffered(),
    SeatsCalled(),
    Moved(),
    Left(),
    Canceled(),
    WaitOver(),
    Tomorrow(),
    Soon(),
):
    outbox.kinds.add(kind.name, kind)
