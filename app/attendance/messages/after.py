"""An answer about access, a question how it was, and what somebody missed."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.models import AccessNeed, FeedbackBox
from app.attendance.rules import NeedState
from app.core import clock, outbox
from app.core.outbox import Delivery, Message, Recipient
from app.events.messages import title_of
from app.events.models import Occurrence
from app.events.rules import OccurrenceState


class AccessAnswer:
    """There is an answer; what it says stands on the page alone."""

    name = "access_answer"
    topic = "events"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only the newest answer."""
        row = db.get(AccessNeed, delivery.subject_id)
        if row is None or row.revision != delivery.revision or row.state is NeedState.OPEN:
            return "changed since"
        return None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neither what was asked nor what was answered."""
        row = db.get(AccessNeed, delivery.subject_id)
        if row is None:
            return None
        return Message(
            subject=_("You have an answer"),
            lines=(_("Somebody has answered what you asked about an event. Sign in to read it."),),
            link=f"/events/{row.occurrence_id}/needs",
            link_text=_("Read the answer"),
        )


class AboutDate:
    """The base of messages about a date of the past."""

    topic = "events"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False

    def reason_against(self, db: Session, delivery: Delivery) -> str | None:
        """A reason not to send."""
        raise NotImplementedError

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Not about something that did not take place."""
        occurrence = db.get(Occurrence, delivery.subject_id)
        if occurrence is None or occurrence.state is OccurrenceState.CANCELED:
            return "canceled"
        return self.reason_against(db, delivery)


class Feedback(AboutDate):
    """How was it?"""

    name = "event_feedback"

    def reason_against(self, db: Session, delivery: Delivery) -> str | None:
        """Whoever has answered is asked no more; asked here, because an answer leaves no trace."""
        box = db.get(FeedbackBox, delivery.subject_id)
        place = queries.place_of(db, delivery.subject_id, delivery.person_id)
        if box is None or place is None or box.closes_at <= clock.now():
            return "closed"
        return "answered" if queries.has_answered(box, place) else None

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """One question, and that nobody sees who said what."""
        occurrence = db.get(Occurrence, delivery.subject_id)
        if occurrence is None:
            return None
        return Message(
            subject=_("How was it?"),
            lines=(
                title_of(occurrence.event),
                _("One page, two minutes. Nobody can see who said what."),
            ),
            link=f"/events/{occurrence.id}/feedback",
            link_text=_("Say how it was"),
        )


class Missed(AboutDate):
    """Something is left for those who could not be there."""

    name = "event_missed"

    def reason_against(self, db: Session, delivery: Delivery) -> str | None:
        """Not when it was taken back meanwhile."""
        return None if queries.materials_of(db, delivery.subject_id) else "taken back"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Where it is."""
        occurrence = db.get(Occurrence, delivery.subject_id)
        if occurrence is None:
            return None
        return Message(
            subject=_("What you missed"),
            lines=(
                title_of(occurrence.event),
                _("The organizers have left something for those who could not be there."),
            ),
            link=f"/events/{occurrence.id}/after/",
            link_text=_("See what you missed"),
        )


for kind in (AccessAnswer(), Feedback(), Missed()):
    outbox.kinds.add(kind.name, kind)
