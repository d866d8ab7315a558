"""The notice that somebody wrote; it never carries what, and is sent once until it is read."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring.messages.base import About
from app.mentoring.models import Relationship
from app.mentoring.queries.messages import count_unread
from app.mentoring.rules import LIVE


class PairMessageWaits(About):
    """Somebody wrote to the others of a relationship."""

    name = "pair_message"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when it was read or taken back meanwhile, or the relationship has ended."""
        pair = db.get(Relationship, delivery.subject_id)
        if pair is None or pair.state not in LIVE or not pair.has(delivery.person_id):
            return "ended"
        return None if count_unread(db, pair.id, delivery.person_id) else "read"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Who wrote, and what, stands behind sign-in."""
        return Message(
            subject=_("There is a message for you"),
            lines=(_("Sign in to read it and to answer."),),
            link=f"/mentoring/{delivery.subject_id}/messages",
            link_text=_("Read the message"),
            headline=_("There is a message for you"),
        )


outbox.kinds.add(PairMessageWaits.name, PairMessageWaits())
