"""The ways to reach people, and what they say when they cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.outbox import Message, Recipient
from app.core.registries import Registry


class Rejected(Exception):
    """The message will never be accepted; its text is a short neutral reason."""


class TryLater(Exception):
    """This message was not accepted now; it is tried again, three times in all."""

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        super().__init__(reason)
        self.at = at


class Away(Exception):
    """The channel as a whole does not answer: no message is to blame, all of them wait."""

    def __init__(self, reason: str, at: datetime | None = None) -> None:
        super().__init__(reason)
        self.at = at


class Channel:
    """One way to reach people; a subclass overrides what it needs."""

    name = ""
    queue = "default"
    # How many are prepared and marked together; more than one only where nothing is sent outside.
    at_once = 1

    def lacks(self, to: Recipient) -> str | None:
        """The reason why this person cannot be reached here, or None."""
        return None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep a connection open for a batch."""
        yield

    def send(self, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Hand the message to the outside; raises Rejected, TryLater or Away."""

    def record(self, db: Session, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Write it down in the transaction that marks the delivery sent."""

    def settled(self, db: Session, told: list[UUID]) -> None:
        """What follows, in the same transaction, for deliveries that are sent or muted here."""


channels: Registry[Channel] = Registry("channel")
