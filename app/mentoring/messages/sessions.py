"""Messages about the times of sessions, and the question after one."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.locale import datetime_text
from app.core.outbox import Attachment, Delivery, DeliveryState, Message, Recipient
from app.events import ical
from app.events.queries import choices_of
from app.mentoring import links
from app.mentoring.calendar import attachment, entry_of
from app.mentoring.messages.base import HELD, AboutSession, meeting_of, partners
from app.mentoring.models import Meeting, SessionClaim
from app.mentoring.queries.messages import holds_back
from app.mentoring.rules import SessionState
from app.mentoring.services.announcing import PLANNED


class WithEntry(AboutSession):
    """A message that brings the reader's own calendar entry, in the words they chose."""

    method = "REQUEST"

    def attachments(
        self, db: Session, delivery: Delivery, meeting: Meeting, to: Recipient
    ) -> tuple[Attachment, ...]:
        """Only mails carry it, for exactly this one reader."""
        if delivery.channel != "mail" or not to.email:
            return ()
        return (attachment(self.entry(db, meeting, to), self.method, to),)

    def entry(self, db: Session, meeting: Meeting, to: Recipient) -> ical.Entry:
        """The reader's entry; of two with the same number the one that was sent later counts."""
        is_discreet = choices_of(db, to.person_id).is_discreet
        entry = entry_of(meeting, to.person_id, is_discreet=is_discreet)
        return replace(entry, stamp=clock.now())


class SessionPlanned(WithEntry):
    """A session was planned or moved; the entry for the calendar comes along."""

    name = "session_planned"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """When, in the reader's zone, with a discreet calendar entry."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        when = datetime_text(meeting.starts_at)
        return Message(
            subject=_("A session is planned"),
            lines=(
                _("You meet %(names)s on %(when)s.", names=partners(meeting.pair, to), when=when),
                *([_("Place: %(place)s", place=meeting.place)] if meeting.place else []),
            ),
            link=f"/mentoring/sessions/{meeting.id}/",
            link_text=_("Open the session"),
            attachments=self.attachments(db, delivery, meeting, to),
        )


class SessionEntry(SessionPlanned):
    """One session of a series: only its calendar entry; the news of all comes once."""

    name = "session_entry"
    channels = ("mail",)


class SessionCanceled(WithEntry):
    """A session was canceled; the entry leaves the calendar, also of those who left after that."""

    name = "session_canceled"
    method = "CANCEL"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the session is on again, or was held and so never known to the person."""
        meeting = meeting_of(db, delivery)
        if meeting is None or meeting.revision != delivery.revision:
            return "changed"
        if _was_kept_from(db, delivery, meeting):
            return "changed"
        return None if meeting.state is SessionState.CANCELED else "on again"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Which one, and the entry that cancels it."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        return Message(
            subject=_("A session was canceled"),
            lines=(
                _(
                    "Your session on %(when)s will not take place.",
                    when=datetime_text(meeting.starts_at),
                ),
            ),
            link=f"/mentoring/{meeting.relationship_id}/",
            link_text=_("Plan another one"),
            attachments=self.attachments(db, delivery, meeting, to),
        )


def _was_kept_from(db: Session, delivery: Delivery, meeting: Meeting) -> bool:
    """Whether what the others planned is, or until the pair ended was, held for this person."""
    told = select(Delivery.state, Delivery.outcome).where(
        Delivery.kind.in_(PLANNED),
        Delivery.subject_id == meeting.id,
        Delivery.person_id == delivery.person_id,
    )
    rows = db.execute(told).tuples().all()
    if any(state is DeliveryState.SENT for state, _outcome in rows):
        return False
    was_held = any(outcome == HELD for _state, outcome in rows)
    return was_held or holds_back(db, meeting.relationship_id, delivery.person_id)


class SessionReminder(AboutSession):
    """A day and an hour before."""

    name = "session_reminder"
    is_urgent = True

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """When and with whom; the guide says how to prepare."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        names, when = partners(meeting.pair, to), datetime_text(meeting.starts_at)
        return Message(
            subject=_("Your session is coming up"),
            lines=(
                _("You meet %(names)s on %(when)s.", names=names, when=when),
                _("A few minutes of preparation make the hour worth twice as much."),
            ),
            link=f"/mentoring/sessions/{meeting.id}/",
            link_text=_("Prepare the session"),
        )


class DidYouMeet(AboutSession):
    """Two hours after the end, and once more two days later."""

    name = "did_you_meet"
    states = (
        SessionState.SCHEDULED,
        SessionState.DUE,
        SessionState.CLAIMED,
        SessionState.MISSED,
        SessionState.MOVED,
    )

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped once this person has answered."""
        key = (delivery.subject_id, delivery.person_id, delivery.revision)
        return "answered" if db.get(SessionClaim, key) else super().wanted(db, delivery)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """One tap on the page that the link opens; opening it changes nothing."""
        meeting = meeting_of(db, delivery)
        if meeting is None:
            return None
        link = links.token(meeting.id, to.person_id, meeting.revision)
        names, when = partners(meeting.pair, to), datetime_text(meeting.starts_at)
        return Message(
            subject=_("Did you meet?"),
            lines=(
                _("You planned to meet %(names)s on %(when)s.", names=names, when=when),
                _("One tap is enough. Only what you say counts as a session."),
            ),
            link=f"/mentoring/met/{link}",
            link_text=_("Answer with one tap"),
            headline=_("Did you meet?"),
        )


for _each in (SessionPlanned, SessionEntry, SessionCanceled, SessionReminder, DidYouMeet):
    outbox.kinds.add(_each.name, _each())
