"""Messages of how relationships begin and end."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring.labels import KIND_WORDS
from app.mentoring.messages.base import About, partners
from app.mentoring.models import Relationship
from app.mentoring.rules import LIVE, RelationshipState


class PairStarted(About):
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
                _("You and %(names)s are a group now.", names=partners(pair, to))
                if len(pair.members) > 2
                else _("You and %(names)s are a pair now.", names=partners(pair, to)),
                _("The first step is to plan your first session; a guide helps you through it."),
            ),
            link=f"/mentoring/{pair.id}/",
            link_text=_("Open your workspace"),
        )


class PairEnded(About):
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
        if pair.is_gathering:
            return Message(
                subject=_("A group has not come about"),
                lines=(
                    _("Too few have said yes to the group that you wanted to join."),
                    _("Your place in line stays yours; you are among the first of the next round."),
                ),
                link="/programs/",
                link_text=_("See your programs"),
            )
        return Message(
            subject=_("A pair has ended"),
            lines=(
                _(
                    "Your pair with %(names)s has ended. Nobody is at fault.",
                    names=partners(pair, to),
                ),
                *([str(KIND_WORDS[pair.closing_code])] if pair.closing_code else []),
                _("Your goals and notes stay yours. The organizers look for your next match."),
            ),
            link=f"/mentoring/{pair.id}/",
            link_text=_("See what stays"),
        )


for _kind in (PairStarted, PairEnded):
    outbox.kinds.add(_kind.name, _kind())
