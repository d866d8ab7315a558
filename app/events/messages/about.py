"""What messages about events share."""

from __future__ import annotations

from dataclasses import replace

import flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.database import session_of
from app.core.locale import current_language, current_zone, datetime_text
from app.core.outbox import Attachment, Delivery, Message, Recipient
from app.ergs.rules import pick_text
from app.events import ical, queries
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import EventState, Mode, OccurrenceState, RsvpState, shown_zones


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


def entry_of(rsvp: Rsvp, *, is_discreet: bool = False) -> ical.Entry:
    """One person's calendar entry as it is now, in the language being spoken.

    Of a hidden event, and for whoever wants that, it says only when, and where the page is.
    """
    occurrence = rsvp.occurrence
    is_neutral = is_discreet or occurrence.event.is_hidden
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
        uid=f"{rsvp.entry_id}@{ical.UID_HOST}",
        sequence=rsvp.sequence,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        zone=occurrence.zone,
        url=url,
        stamp=rsvp.changed_at,
        summary=_("Private appointment") if is_neutral else title_of(event),
        description=_("Details are on this page: %(url)s", url=url),
        location="" if is_neutral else _place(rsvp, event),
        is_private=is_neutral,
        is_canceled=is_over or is_off(occurrence),
        is_tentative=rsvp.state in (RsvpState.MAYBE, RsvpState.OFFERED),
    )


def is_off(occurrence: Occurrence) -> bool:
    """Whether it does not take place at the time that it has: canceled, or put off."""
    is_postponed = occurrence.event.state is EventState.POSTPONED
    return is_postponed or occurrence.state is OccurrenceState.CANCELED


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
        is_hidden = occurrence.event.is_hidden
        return Message(
            subject=subject,
            lines=(text, title_of(occurrence.event), time_of(occurrence, rsvp.mode)),
            link=f"/events/{occurrence.id}/",
            link_text=_("Open the event"),
            attachments=self.attachments(rsvp, to) if delivery.channel == "mail" else (),
            headline=None if is_hidden or self.is_discreet(rsvp) else title_of(occurrence.event),
        )

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """(neutral subject, first line)."""
        raise NotImplementedError

    def is_discreet(self, rsvp: Rsvp) -> bool:
        """Whether this person wants neutral words outside of Trellis."""
        return rsvp.id in queries.discreet_among(session_of(rsvp), [rsvp])

    def attachments(self, rsvp: Rsvp, to: Recipient) -> tuple[Attachment, ...]:
        """The calendar entry for exactly this one reader."""
        if self.method is None or not to.email:
            return ()
        settings = flask.current_app.extensions["settings"]
        sender = settings.mail_from.rpartition("<")[2].rstrip(">")
        asks = settings.reply_mailbox is not None
        parties = ical.Parties(sender, "Trellis", to.email, to.name, expects_reply=asks)
        entry = entry_of(rsvp, is_discreet=self.is_discreet(rsvp))
        # What is taken back is gone, also when the answer behind it still is a perhaps.
        entry = replace(entry, is_canceled=entry.is_canceled or self.method == "CANCEL")
        content = ical.calendar([entry], method=self.method, parties=parties)
        return (Attachment("invite.ics", "text/calendar", content, self.method),)
