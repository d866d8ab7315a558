"""What people hear when an event is put off or comes back, and its organizers about each other.

Subjects are neutral; no group is named.
"""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.approvals.models import Approval
from app.core import outbox
from app.core.outbox import Attachment, Delivery, Message, Recipient
from app.events.messages.about import About, time_of
from app.events.models import EventHost, Occurrence, Rsvp
from app.events.rules import CONCERNED, EventState, HostState, Mode, RsvpState


class Postponed(About):
    """It does not take place when it was planned; the entry leaves the calendar."""

    name = "event_postponed"
    is_urgent = True
    states = tuple(CONCERNED)
    method = "CANCEL"

    def reason_against(self, db: Session, rsvp: Rsvp) -> str | None:
        """Not when it came back meanwhile."""
        is_off = rsvp.occurrence.event.state is EventState.POSTPONED
        return None if is_off else "resumed"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The seat is kept, and so is the place of who waits."""
        subject = _("An event was postponed")
        if rsvp.state is RsvpState.GOING:
            return subject, _(
                "This will not take place at the planned time. You keep your seat, and you will be "
                "told the new time."
            )
        return subject, _(
            "This will not take place at the planned time. Your answer is kept, and you will be "
            "told the new time."
        )

    def attachments(self, rsvp: Rsvp, to: Recipient) -> tuple[Attachment, ...]:
        """Only who goes has an entry."""
        return super().attachments(rsvp, to) if rsvp.state is RsvpState.GOING else ()


class Resumed(About):
    """It has a new time."""

    name = "event_resumed"
    channels = ("in_app",)
    states = tuple(CONCERNED)

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Who goes keeps the seat, and is asked to give it back when the time does not suit."""
        subject = _("An event has a new time")
        if rsvp.state is RsvpState.GOING:
            return subject, _(
                "You still have your seat. If the new time does not suit you, please give it back."
            )
        return subject, _("Your answer still holds. Change it if the new time does not suit you.")


class HostAsked:
    """To the leads of a group: would they host an event with others?"""

    name = "event_host_asked"
    topic = "groups"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is asked."""
        row = db.get(EventHost, (delivery.subject_id, _group(delivery)))
        return None if row is not None and row.state is HostState.ASKED else "answered"

    def message(self, db: Session, delivery: Delivery, _to: Recipient) -> Message | None:
        """A link to the page that says everything."""
        at = date_of(db, delivery.subject_id)
        return Message(
            subject=_("A question to those who lead a group"),
            lines=(
                _("Another group plans an event and asks yours to host it together."),
                _("You can read what it is about, and what a yes means, before you answer."),
            ),
            link=f"/events/{at}/hosts/{_group(delivery)}/answer",
            link_text=_("Read and answer"),
        )


class HostAnswered:
    """To the leads of the other hosts: somebody joined, declined or stepped down."""

    name = "event_host_answered"
    topic = "groups"
    channels: tuple[str, ...] = ("in_app",)
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Not when it is asked again."""
        row = db.get(EventHost, (delivery.subject_id, _group(delivery)))
        return None if row is not None and row.state is not HostState.ASKED else "open again"

    def message(self, db: Session, delivery: Delivery, _to: Recipient) -> Message | None:
        """Which way it went."""
        row = db.get(EventHost, (delivery.subject_id, _group(delivery)))
        line = {
            HostState.ACCEPTED: _("A group that you asked hosts the event with you."),
            HostState.DECLINED: _("A group that you asked does not host the event with you."),
        }.get(row.state if row else HostState.LEFT, _("A group does not host the event any more."))
        return Message(
            subject=_("News about an event that you organize"),
            lines=(line,),
            link=f"/events/{date_of(db, delivery.subject_id)}/hosts",
            link_text=_("See who hosts it"),
        )


class ChangedSince:
    """To those who approved an event: it was changed after it was published."""

    name = "event_changed_since"
    topic = "groups"
    channels: tuple[str, ...] = ("in_app",)
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Always, while there is a round."""
        return None if db.get(Approval, delivery.subject_id) else "gone"

    def message(self, db: Session, delivery: Delivery, _to: Recipient) -> Message | None:
        """Where it can be read as it is now."""
        row = db.get(Approval, delivery.subject_id)
        if row is None:
            return None
        return Message(
            subject=_("Something that you approved was changed"),
            lines=_changed_how(db, delivery),
            link=f"/ergs/{row.erg.slug}/approvals/{row.id}/",
            link_text=_("Read it"),
        )


def _changed_how(db: Session, delivery: Delivery) -> tuple[str, ...]:
    """The whole of it, or one date that was taken out of a series that was approved."""
    _at, _bar, date_id = delivery.occasion.partition("|")
    date = db.get(Occurrence, UUID(date_id)) if date_id else None
    if date is None:
        return (
            _(
                "It is published already and stays so. You can read what it is like now and "
                "speak with the organizers."
            ),
        )
    return (
        _("You approved the series. Some of its dates are not like the others now, from this one:"),
        time_of(date, Mode.IN_PERSON),
        _("They are published already and stay so. You can speak with the organizers."),
    )


def date_of(db: Session, event_id: UUID) -> UUID | None:
    """The first date of an event, for its address."""
    return db.scalar(
        select(Occurrence.id)
        .where(Occurrence.event_id == event_id)
        .order_by(Occurrence.starts_at)
        .limit(1)
    )


def _group(delivery: Delivery) -> UUID:
    return UUID(delivery.occasion.partition("|")[0])


for kind in (Postponed(), Resumed(), HostAsked(), HostAnswered(), ChangedSince()):
    outbox.kinds.add(kind.name, kind)

__all__ = ["ChangedSince", "HostAnswered", "HostAsked", "Postponed", "Resumed", "date_of"]
