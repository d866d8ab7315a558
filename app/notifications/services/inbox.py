"""Verbs of the inbox; running them again changes nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, ids
from app.core.locale import DEFAULT, find_language
from app.core.outbox import Delivery, Message, Recipient
from app.core.search import index_words
from app.notifications.models import Notification


def receive(db: Session, delivery_id: UUID, to: Recipient, message: Message) -> None:
    """Lay a message into the inbox; the delivery's id makes a second one impossible."""
    words = index_words(" ".join((message.subject, *message.lines)))
    db.add(
        Notification(
            id=ids.new_id("notification", delivery_id),
            person_id=to.person_id,
            delivery_id=delivery_id,
            subject=message.subject[:200],
            lines=list(message.lines),
            language=(find_language(to.locale) or DEFAULT).tag,
            found_by=" " + " ".join(sorted(words)),
            link=message.link,
            link_text=message.link_text,
        )
    )


def mark(db: Session, actor_id: UUID, *, notification_id: UUID, is_read: bool) -> None:
    """Mark one notification of the actor's as read, or as unread again."""
    change = update(Notification).where(
        Notification.id == notification_id,
        Notification.person_id == actor_id,
        Notification.read_at.is_(None) if is_read else Notification.read_at.is_not(None),
    )
    db.execute(change.values(read_at=clock.now() if is_read else None))


def mark_all_read(db: Session, actor_id: UUID, *, until: datetime) -> None:
    """Mark as read what had arrived by `until`, when the page was drawn; later ones stay unread."""
    change = update(Notification).where(
        Notification.person_id == actor_id,
        Notification.read_at.is_(None),
        Notification.created_at <= until,
    )
    db.execute(change.values(read_at=clock.now()))


def mark_about(db: Session, person_id: UUID, *, kind: str, subject: UUID) -> None:
    """What a kind of message spoke of was seen where it stands; the inbox need not say it again."""
    told = select(Delivery.id).where(
        Delivery.kind == kind, Delivery.subject_id == subject, Delivery.person_id == person_id
    )
    change = update(Notification).where(
        Notification.person_id == person_id,
        Notification.read_at.is_(None),
        Notification.delivery_id.in_(told),
    )
    db.execute(change.values(read_at=clock.now()).execution_options(synchronize_session=False))
