"""What messages of relationships share: the pair or session they are about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.messages import shown_name
from app.core.locale import format_list
from app.core.outbox import Delivery, Recipient
from app.mentoring.models import Meeting, Member, Relationship
from app.mentoring.queries.messages import holds_back
from app.mentoring.rules import SessionState

HELD = "moved"  # what is held leaves no other trace than what was planned anew


def partners(pair: Relationship, to: Recipient) -> str:
    """The others of a pair, as a list in the recipient's language."""
    return format_list([shown_name(member.person) for member in pair.others(to.person_id)])


class About:
    """Messages about a pair or one of its sessions; all by mail and in the app."""

    topic = "mentoring"
    channels = ("mail", "in_app")
    is_urgent = False


def meeting_of(db: Session, delivery: Delivery) -> Meeting | None:
    return db.scalar(
        select(Meeting)
        .where(Meeting.id == delivery.subject_id)
        .options(
            joinedload(Meeting.pair).joinedload(Relationship.members).joinedload(Member.person)
        )
    )


class AboutSession(About):
    states: tuple[SessionState, ...] = (SessionState.SCHEDULED,)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Skipped when the session was moved or canceled, or the person left the pair."""
        meeting = meeting_of(db, delivery)
        if meeting is None or meeting.revision != delivery.revision:
            return "moved"
        if not meeting.pair.has(delivery.person_id):
            return "left"
        if holds_back(db, meeting.relationship_id, delivery.person_id):
            return HELD
        return None if meeting.state in self.states else "not_due"
