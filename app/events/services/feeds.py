"""A person's own calendar address."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.events.models import CalendarFeed


def open_feed(db: Session, actor_id: UUID) -> str:
    """Make a new address and return its token, the only time it is known; an old one ends."""
    token = ids.token("feed", actor_id)
    feed = db.get(CalendarFeed, actor_id) or CalendarFeed(person_id=actor_id)
    feed.token_hash, feed.created_at = hash_of(token), clock.now()
    db.add(feed)
    audit.record(db, actor_id, "open_feed", ("calendar_feed", actor_id))
    db.flush()
    return token


def close_feed(db: Session, actor_id: UUID) -> None:
    """End the address; calendars that know it find nothing from now on."""
    feed = db.get(CalendarFeed, actor_id)
    if feed is not None:
        db.delete(feed)
        audit.record(db, actor_id, "close_feed", ("calendar_feed", actor_id))
        db.flush()


def hash_of(token: str) -> bytes:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
