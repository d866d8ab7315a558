"""What mentoring tells people: a pair begins or ends, sessions, and "did you meet?"."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.messages import shown_name
from app.core import outbox
from app.core.locale import datetime_text, format_list
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring import links
from app.mentoring.calendar import entry
from app.mentoring.models import Meeting, Member, Relationship, SessionClaim
from app.mentoring.rules import LIVE, RelationshipState, SessionState


def partners(pair: Relationship, to: Recipient) -> str:
    """The others of a pair, as a list in the recipient's language."""
    return format_list([shown_name(member.person) for member in pair.others(to.person_id)])


class _About:
    """Messages about a pair or one of its sessions; all by mail and in the app."""

    topic = "mentoring"
    channels = ("mail", "in_app")
    is_urgent = False


class PairStarted(_About):
    """Both sides learn that the pair exists, with the way to its workspace."""

    name = "pair_started"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the pair has ended meanwhile."""
        pair = db.get(Relationship, delivery.subject_id)
        return None if pair and pair.state in LIVE else "ended"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Whom to meet, and the first step."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None:
            return None
        return Message(
            subject=_("You have somebody to meet"),
            lines=(
                _("You and %(names)s are a pair now.", names=partners(pair, to)),
                _("The first step is to plan your first session; a guide helps you through it."),
            ),
            link=f"/mentoring/{pair.id}/",
            link_text=_("Open your workspace"),
        )


class PairEnded(_About):
    """The same words whatever the cause."""

    name = "pair_ended"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the pair was reopened."""
        pair = db.get(Relationship, delivery.subject_id)
        return None if pair and pair.state is RelationshipState.CLOSED else "reopened"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Nobody is at fault; what stays."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None:
            return None
        return Message(
            subject=_("A pair has ended"),
            lines=(
                _(
                    "Your pair with %(names)s has ended. Nobody is at fault.",
                    names=partners(pair, to),
                ),
                _("Your goals and notes stay yours. The organizers look for your next match."),
            ),
            link=f"/mentoring/{pair.id}/",
            link_text=_("See what stays"),
        )


def _meeting(db: Session, delivery: Delivery) -> Meeting | None:
    return db.scalar(
        select(Meeting)
        .where(Meeting.id == delivery.subject_id)
        .options(
            joinedload(Meeting.pair).joinedload(Relationship.members).joinedload(Member.person)
        )
    )


class _AboutSession(_About):
    states: tuple[SessionState, ...] = (SessionState.SCHEDULED,)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the session was moved or canceled, or the person left the pair."""
        meeting = _meeting(db, delivery)
        if meeting is None or meeting.revision != delivery.revision:
            return "moved"
        if not meeting.pair.has(delivery.person_id):
            return "left"
        return None if meeting.state in self.states else "not_due"


class SessionPlanned(_AboutSession):
    """A session was planned or moved; the entry for the calendar comes along."""

    name = "session_planned"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """When, in the reader's zone, with a discreet calendar entry."""
        meeting = _meeting(db, delivery)
        if meeting is None:
            return None
        when = datetime_text(meeting.starts_at)
        return Message(
            subject=_("A session is planned"),
            lines=(
                _("You meet %(names)s on %(when)s.", names=partners(meeting.pair, to), when=when),
                *([_("Place: %(place)s", place=meeting.place)] if meeting.place else []),
            ),
            link=f"/mentoring/{meeting.relationship_id}/",
            link_text=_("Open your workspace"),
            attachments=(entry(meeting, _("Session")),),
        )


class SessionCanceled(_AboutSession):
    """A session was canceled; the entry leaves the calendar."""

    name = "session_canceled"
    states = (SessionState.CANCELED,)

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Which one, and the entry that cancels it."""
        meeting = _meeting(db, delivery)
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
            attachments=(entry(meeting, _("Session"), is_canceled=True),),
        )


class SessionReminder(_AboutSession):
    """A day and an hour before."""

    name = "session_reminder"
    is_urgent = True

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """When and with whom; the guide says how to prepare."""
        meeting = _meeting(db, delivery)
        if meeting is None:
            return None
        names, when = partners(meeting.pair, to), datetime_text(meeting.starts_at)
        return Message(
            subject=_("Your session is coming up"),
            lines=(
                _("You meet %(names)s on %(when)s.", names=names, when=when),
                _("A few minutes of preparation make the hour worth twice as much."),
            ),
            link=f"/mentoring/{meeting.relationship_id}/",
            link_text=_("Prepare the session"),
        )


class DidYouMeet(_AboutSession):
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
        meeting = _meeting(db, delivery)
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
        )


for _kind in (PairStarted, PairEnded, SessionPlanned, SessionCanceled, SessionReminder, DidYouMeet):
    outbox.kinds.add(_kind.name, _kind())
