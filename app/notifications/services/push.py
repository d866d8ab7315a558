"""Verbs of push: a device agrees, is reached, and is forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from flask_babel import gettext as _
from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import SignIn
from app.audit import services as audit
from app.core import clock, ids, jobs
from app.core.database import table_of
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.notifications import push_keys
from app.notifications.models import Notification, PushChoice, PushKey, PushSubscription

MOST_DEVICES = 10
CHANNEL = "push"


def ensure_key(db: Session) -> str:
    """The public key of this installation, made when it is first needed."""
    return (db.get(PushKey, 1) or push_keys.make(db)).public_key


def subscribe(
    db: Session,
    actor_id: UUID,
    *,
    session_id: UUID,
    endpoint: str,
    p256dh: str,
    auth: str,
    is_allowed: bool,
) -> UUID:
    """Let this device ring for this person, and for nobody who used it before."""
    if not is_allowed:
        raise Refused(_("This browser's push service is not on the list of this server."), 422)
    key = db.get(PushKey, 1) or push_keys.make(db)
    digest = hashlib.sha256(endpoint.encode()).digest()
    row_id = ids.new_id("push_subscription", endpoint)
    device = _device(row_id, endpoint, p256dh, auth)
    db.execute(delete(PushSubscription).where(PushSubscription.endpoint_hash == digest))
    _make_room(db, actor_id)
    db.add(
        PushSubscription(
            id=row_id,
            person_id=actor_id,
            session_id=session_id,
            endpoint_hash=digest,
            sealed=push_keys.seal_device(key, device, actor_id),
        )
    )
    db.flush()
    audit.record(db, actor_id, "push_on", ("push_subscription", row_id))
    return row_id


def _device(row_id: UUID, endpoint: str, p256dh: str, auth: str) -> push_keys.Device:
    try:
        point, secret = push_keys.decoded(p256dh), push_keys.decoded(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise Refused(_("The browser's answer cannot be used. Reload the page."), 422) from error
    if len(secret) != 16 or len(endpoint) > 1000:
        raise Refused(_("The browser's answer cannot be used. Reload the page."), 422)
    return push_keys.Device(row_id, endpoint, point, secret)


def _make_room(db: Session, person_id: UUID) -> None:
    """The oldest device gives way when somebody has many."""
    rows = db.scalars(
        select(PushSubscription.id)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.created_at.desc(), PushSubscription.id)
    ).all()
    forget(db, rows[MOST_DEVICES - 1 :])


def unsubscribe(db: Session, actor_id: UUID, *, session_id: UUID) -> None:
    """This device stops ringing."""
    gone = db.scalars(
        delete(PushSubscription)
        .where(PushSubscription.person_id == actor_id, PushSubscription.session_id == session_id)
        .returning(PushSubscription.id)
    ).all()
    for row_id in gone:
        audit.record(db, actor_id, "push_off", ("push_subscription", row_id))


def choose_titles(db: Session, actor_id: UUID, *, shows_titles: bool) -> None:
    """Whether a locked screen may show what the news is about."""
    row = db.get(PushChoice, actor_id) or PushChoice(person_id=actor_id)
    row.shows_titles = shows_titles
    db.add(row)
    db.flush()


def follow(db: Session, told: Collection[UUID]) -> None:
    """Let the devices ring for what was just laid into inboxes: one push delivery for each.

    Nothing is written for people without a device. It runs in the inbox's own transaction.
    """
    rings = (
        select(PushSubscription.id)
        .where(PushSubscription.person_id == Delivery.person_id)
        .correlate(Delivery)
    )
    columns = ("kind", "subject_id", "person_id", "occasion", "revision", "expires_at")
    found = db.execute(
        select(Delivery.id, *(getattr(Delivery, name) for name in columns))
        .where(Delivery.id.in_(told), exists(rings))
        .order_by(Delivery.due_at, Delivery.id)
    ).all()
    if not found:
        return
    insert = (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert
    now = clock.now()
    rows = [
        {
            "id": ids.new_id("push_delivery", delivery_id),
            **dict(zip(columns, values, strict=True)),
            "channel": CHANNEL,
            "due_at": now,
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "created_at": now,
        }
        for delivery_id, *values in found
    ]
    db.execute(insert(table_of(Delivery)).on_conflict_do_nothing(), rows)
    jobs.wake_after(db, f"deliver_{CHANNEL}")


def reached(db: Session, *, device_ids: Collection[UUID], delivery_id: UUID) -> None:
    """Note on which devices a message arrived, so that a second try leaves them alone."""
    db.execute(
        update(PushSubscription)
        .where(PushSubscription.id.in_(device_ids))
        .values(reached_at=clock.now(), last_delivery=delivery_id)
        .execution_options(synchronize_session=False)
    )


def forget(db: Session, device_ids: Collection[UUID]) -> None:
    """Drop devices that are gone, says their push service."""
    db.execute(
        delete(PushSubscription)
        .where(PushSubscription.id.in_(device_ids))
        .execution_options(synchronize_session=False)
    )


def drop_ended(db: Session) -> None:
    """Drop the devices whose sign-in was ended; they were not used any more since."""
    ended = (
        select(literal(1))
        .where(SignIn.id == PushSubscription.session_id, SignIn.revoked_at.is_not(None))
        .correlate(PushSubscription)
    )
    db.execute(
        delete(PushSubscription).where(exists(ended)).execution_options(synchronize_session=False)
    )


def erase(db: Session, person_id: UUID) -> None:
    """Erasure: devices, choices and the inbox of a person."""
    devices = select(PushSubscription.id).where(PushSubscription.person_id == person_id)
    forget(db, db.scalars(devices).all())
    for kind in (PushChoice, Notification):
        db.execute(delete(kind).where(kind.person_id == person_id))
