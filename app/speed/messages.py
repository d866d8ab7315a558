"""What speed mentoring writes to people: that there is something, never whom or where."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.locale import datetime_text
from app.core.outbox import Delivery, Message, Recipient
from app.speed.models import SpeedMatch, SpeedSession


def _link(occurrence_id: UUID) -> str:
    return f"/events/{occurrence_id}/speed/"


class WishesOpen:
    """The talks are over: with whom does the reader want to go on?"""

    name = "speed_wishes"
    topic = "events"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it can be said."""
        session = db.get(SpeedSession, delivery.subject_id)
        until = session.wishes_until if session else None
        is_open = until is not None and until > clock.now()
        return None if is_open else "window closed"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral subject, what happens with the answer, until when."""
        session = db.get(SpeedSession, delivery.subject_id)
        if session is None or session.wishes_until is None:
            return None
        return Message(
            subject=_("A question after your talks"),
            lines=(
                _("With whom would you like to go on talking? Nobody sees what you answer."),
                _(
                    "Only if both of you want it, both are told after %(time)s.",
                    time=datetime_text(session.wishes_until),
                ),
            ),
            link=_link(session.occurrence_id),
            link_text=_("Answer in private"),
        )


class Mutual:
    """Both want to go on, and no program follows up: who it is stands on the page alone."""

    name = "speed_mutual"
    topic = "events"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Always: what is mutual stays so."""
        return None if db.get(SpeedMatch, delivery.subject_id) else "gone"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A neutral subject; no name."""
        match = db.get(SpeedMatch, delivery.subject_id)
        if match is None:
            return None
        session = db.get_one(SpeedSession, match.session_id)
        return Message(
            subject=_("Somebody would like to go on talking with you"),
            lines=(
                _("You and somebody you sat with both want to go on. The page says who it is."),
                _("Take it from there: write to each other and agree on half an hour."),
            ),
            link=_link(session.occurrence_id),
            link_text=_("See who it is"),
        )


for kind in (WishesOpen(), Mutual()):
    outbox.kinds.add(kind.name, kind)
