"""The inbox and the devices of one person; nobody sees anybody else's."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.models import SignIn
from app.core.policies import Actor
from app.core.search import query_words
from app.notifications.models import Notification, PushChoice, PushSubscription


def inbox(actor: Actor, q: str = "", unread_only: bool = False) -> Select[Notification]:
    """The actor's notifications, newest first, that match."""
    found = select(Notification).where(Notification.person_id == actor.person_id)
    if unread_only:
        found = found.where(Notification.read_at.is_(None))
    for word in query_words(q):
        found = found.where(Notification.found_by.contains(f" {word}", autoescape=True))
    return found.order_by(Notification.created_at.desc(), Notification.id)


def count(db: Session, found: Select[Notification]) -> int:
    """How many rows a select of notifications has."""
    return db.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0


def unread_count(db: Session, actor: Actor) -> int:
    """How many notifications the actor has not read."""
    if actor.person_id is None:
        return 0
    return db.scalar(_unread(), {"person": actor.person_id}) or 0


@cache
def _unread() -> Select[Any]:
    """Every page asks this; building the statement costs more than running it."""
    return (
        select(func.count())
        .select_from(Notification)
        .where(Notification.person_id == bindparam("person"), Notification.read_at.is_(None))
    )


def notification_for(db: Session, actor: Actor, notification_id: UUID) -> Notification | None:
    """One notification of the actor's own."""
    found = db.get(Notification, notification_id)
    return found if found is not None and found.person_id == actor.person_id else None


def live_devices(person_id: UUID) -> Select[PushSubscription]:
    """The devices of a person that may ring: those whose sign-in was not ended."""
    return (
        select(PushSubscription)
        .join(SignIn, SignIn.id == PushSubscription.session_id)
        .where(PushSubscription.person_id == person_id, SignIn.revoked_at.is_(None))
        .order_by(PushSubscription.created_at, PushSubscription.id)
    )


def has_device(db: Session, person_id: UUID) -> bool:
    """Whether any device of a person rings."""
    return db.scalar(select(live_devices(person_id).order_by(None).exists())) or False


def rings_here(db: Session, actor: Actor) -> bool:
    """Whether the device that the actor uses right now rings."""
    if actor.person_id is None:
        return False
    here = live_devices(actor.person_id).where(PushSubscription.session_id == actor.session_id)
    return db.scalar(select(here.order_by(None).exists())) or False


def shows_titles(db: Session, person_id: UUID | None) -> bool:
    """Whether a person wants to read titles on a locked screen."""
    choice = db.get(PushChoice, person_id) if person_id else None
    return choice is not None and choice.shows_titles
