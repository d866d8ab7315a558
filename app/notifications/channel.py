"""The channel `in_app`: the inbox."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.core.channels import Channel
from app.core.outbox import Message, Recipient
from app.notifications import services


class InApp(Channel):
    """Written in the transaction that marks the delivery sent: exactly once."""

    name = "in_app"
    # It waits for no other machine, so it is never behind a channel that does.
    queue = "urgent"
    at_once = 25

    def record(self, db: Session, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Lay it into the inbox."""
        services.receive(db, delivery_id, to, message)

    def settled(self, db: Session, told: list[UUID]) -> None:
        """Devices ring for what the inbox got, or would have got if it were not switched off."""
        services.follow(db, told)
