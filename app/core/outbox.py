"""The outbox: every message is a row written in the transaction of its cause.

`put` is all that a service needs. Workers claim due rows with a lease (`app.core.delivery`), ask
again whether the message is still wanted, send, and mark the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock, ids, jobs
from app.core.database import Base, Identified, table_of
from app.core.registries import Registry


class DeliveryState(StrEnum):
    """What became of a delivery; everything but PENDING and CLAIMED is final."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    EXPIRED = "expired"


OPEN = (DeliveryState.PENDING, DeliveryState.CLAIMED)


class Delivery(Identified, Base):
    """One message to one person by one channel.

    `due_at` and `expires_at` are people's time; the lease and `started_at` (since when the message
    is being sent) are machine time. `attempts` counts starts, so that a message that kills its
    worker is given up too.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "person_id", "occasion", "channel", "revision"),
        Index("ix_delivery_due", "channel", "state", "due_at"),
        Index(None, "person_id"),
        Index(None, "subject_id"),
    )

    kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID]
    occasion: Mapped[str] = mapped_column(String(80), default="")
    channel: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.PENDING)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(200))
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `method` is set for calendar entries (REQUEST, CANCEL)."""

    name: str
    mimetype: str
    content: bytes
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What a person reads, in their language; `link` is a path of ours.

    `unsubscribe` is the path whose GET asks and whose POST ends this kind of mail (RFC 8058).
    `headline` is what a locked screen may show to whoever asked for titles; None is never shown.
    `sender` is a display name instead of the service's, `reply_to` where answers go (mail only).
    """

    subject: str
    lines: tuple[str, ...]
    link: str | None = None
    link_text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str | None = None
    headline: str | None = None
    sender: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where and how a person is reached, read when sending, not when writing."""

    person_id: UUID
    name: str
    email: str | None
    locale: str | None
    zone: str
    hour_cycle: str | None = None
    quiet_from: time | None = None
    quiet_to: time | None = None
    muted: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    is_active: bool = True


class Kind(Protocol):
    """A kind of message; one class in the `messages.py` of the domain that causes it."""

    name: str
    topic: str
    channels: tuple[str, ...]
    is_urgent: bool

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """None when still wanted, else the reason to skip, in a word."""

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """The message in the language that is being spoken; None when there is none any more."""


kinds: Registry[Kind] = Registry("message kind")
resolvers: Registry[Callable[[Session, Iterable[UUID]], dict[UUID, Recipient]]] = Registry(
    "recipient resolver"
)


def put(
    db: Session,
    kind: str,
    *,
    subject: UUID,
    person: UUID,
    due: datetime | None = None,
    occasion: str = "",
    revision: int = 0,
    expires: datetime | None = None,
) -> None:
    """Write one delivery for each channel of the kind; writing the same one twice is harmless."""
    due_at = due or clock.now()
    insert = (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert
    for channel in kinds[kind].channels:
        row = insert(Delivery).values(
            id=ids.new_id("delivery", f"{kind}|{subject}|{person}|{occasion}|{channel}"),
            kind=kind,
            subject_id=subject,
            person_id=person,
            occasion=occasion,
            channel=channel,
            revision=revision,
            due_at=due_at,
            expires_at=expires,
            state=DeliveryState.PENDING,
            attempts=0,
            created_at=clock.now(),
        )
        db.execute(row.on_conflict_do_nothing())
        if due_at <= clock.now():
            _wake_once(db, channel)


def put_all(
    db: Session,
    kind: str,
    *,
    subject: UUID,
    people: Iterable[UUID],
    due: datetime | None = None,
    occasion: str = "",
    expires: datetime | None = None,
) -> None:
    """The same to many people in one statement a channel."""
    due_at, told = due or clock.now(), list(people)
    insert = (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert
    for channel in kinds[kind].channels if told else ():
        rows = [
            {
                "id": ids.new_id("delivery", f"{kind}|{subject}|{person}|{occasion}|{channel}"),
                "kind": kind,
                "subject_id": subject,
                "person_id": person,
                "occasion": occasion,
                "channel": channel,
                "revision": 0,
                "due_at": due_at,
                "expires_at": expires,
                "state": DeliveryState.PENDING,
                "attempts": 0,
                "created_at": clock.now(),
            }
            for person in told
        ]
        db.execute(insert(table_of(Delivery)).on_conflict_do_nothing(), rows)
        if due_at <= clock.now():
            _wake_once(db, channel)


def _wake_once(db: Session, channel: str) -> None:
    woken: set[str] = db.info.setdefault("woken_channels", set())
    if channel not in woken:
        woken.add(channel)
        jobs.wake_after(db, f"deliver_{channel}")


def withdraw(
    db: Session,
    kind: str | tuple[str, ...],
    *,
    subject: UUID,
    person: UUID | None = None,
    occasion: str | None = None,
    reason: str = "withdrawn",
) -> None:
    """Take back what has not been sent yet, also from a worker that has already claimed it."""
    named = (kind,) if isinstance(kind, str) else kind
    change = update(Delivery).where(
        Delivery.kind.in_(named), Delivery.subject_id == subject, Delivery.state.in_(OPEN)
    )
    if person is not None:
        change = change.where(Delivery.person_id == person)
    if occasion is not None:
        change = change.where(Delivery.occasion == occasion)
    db.execute(
        change.values(
            state=DeliveryState.SKIPPED,
            outcome=reason,
            finished_at=clock.now(),
            lease_owner=None,
            lease_until=None,
            started_at=None,
        ).execution_options(synchronize_session=False)
    )


def unwrite(db: Session, named: tuple[str, ...], *, subject: UUID) -> None:
    """Delete what waits for a later day, so that it can be written anew with the same revision."""
    db.execute(
        delete(Delivery)
        .where(
            Delivery.kind.in_(named),
            Delivery.subject_id == subject,
            Delivery.state == DeliveryState.PENDING,
        )
        .execution_options(synchronize_session=False)
    )


def pending(db: Session, kind: str, subject: UUID) -> list[Delivery]:
    """What is still to be sent about one subject, by due time."""
    return list(
        db.scalars(
            select(Delivery)
            .where(
                Delivery.kind == kind,
                Delivery.subject_id == subject,
                Delivery.state == DeliveryState.PENDING,
            )
            .order_by(Delivery.due_at, Delivery.id)
        )
    )
