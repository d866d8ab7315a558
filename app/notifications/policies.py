"""Who may do what in the inbox: everybody their own, nobody anybody else's."""

from __future__ import annotations

from app.core.policies import Actor
from app.notifications.models import Notification


def may_read(actor: Actor, notification: Notification) -> bool:
    """Only the person it was sent to."""
    return notification.person_id == actor.person_id
