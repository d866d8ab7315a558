"""Messages to the people of a relationship, and taking them back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import outbox
from app.mentoring.models import Relationship

# What is taken back when a relationship ends: questions that have lost their use.
QUESTIONS = ("trial_question", "renewal_question", "pair_concluding", "pair_paused", "reopen_asked")


def tell_all(
    db: Session,
    pair: Relationship,
    kind: str,
    *,
    but: UUID | None = None,
    subject: UUID | None = None,
    revision: int = 0,
    expires: datetime | None = None,
) -> None:
    """Write a message to everybody who belongs to the relationship and can sign in."""
    for member in pair.members:
        if member.person_id != but and member.left_at is None and member.person.can_sign_in:
            outbox.put(
                db,
                kind,
                subject=subject or pair.id,
                person=member.person_id,
                revision=revision,
                expires=expires,
            )


def take_back_questions(db: Session, pair: Relationship) -> None:
    """Nobody is asked about a relationship that is over."""
    outbox.withdraw(db, QUESTIONS, subject=pair.id)
