"""A word to whoever has not answered the closing questions."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.outbox import Delivery, Message, Recipient
from app.mentoring.messages.base import About
from app.mentoring.queries.surveys import may_change, newest, stands_open


class ClosingQuestions(About):
    """Five questions about how it is now, for those who have not answered them."""

    name = "closing_questions"

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when they were answered, or are not asked any more."""
        said = newest(db, delivery.subject_id)
        if said is not None and stands_open(said):
            return "answered"
        return None if may_change(db, delivery.subject_id, said) else "moved_on"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """What is asked, who learns of it, and the page."""
        return Message(
            subject=_("How is it now?"),
            lines=(
                _("Your time in a program comes to its end. Its first questions come once more."),
                _("It takes a minute, you need not answer, and nobody sees what you say."),
            ),
            link=f"/mentoring/closing-questions/{delivery.subject_id}",
            link_text=_("Say how it is now"),
        )


outbox.kinds.add(ClosingQuestions.name, ClosingQuestions())
