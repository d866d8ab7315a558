"""To all members of a group: there is a question, and what became of it; neutral outside."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.ergs import queries
from app.ergs.models import ErgPoll
from app.ergs.rules.polls import PollState


class PollNews:
    """The occasion is the state that this tells of."""

    name = "erg_poll"
    topic = "groups"
    channels = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only to who still belongs, while the poll is as this tells."""
        row = db.get(ErgPoll, delivery.subject_id)
        if row is None or row.state != delivery.occasion:
            return "changed since"
        return None if queries.belongs(db, delivery.person_id, [row.erg_id]) else "left"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """Neither the group nor the question is named; both stand behind sign-in."""
        subject, line = self._words(delivery.occasion)
        link = f"/ergs/polls/{delivery.subject_id}/"
        return Message(subject, (line,), link=link, link_text=_("See what it is about"))

    def _words(self, occasion: str) -> tuple[str, str]:
        if occasion == PollState.OPEN:
            return (
                _("There is a question for you"),
                _("A group asks all its members. Nobody learns what you answer."),
            )
        return (
            _("News about a question of a group"),
            _("A question that was put to all members has moved on. Sign in to read how."),
        )


outbox.kinds.add(PollNews.name, PollNews())
