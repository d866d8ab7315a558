"""A small world for tests of the outbox: people, one kind of message, one counting channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import outbox
from app.core.channels import Channel
from app.core.database import reading, writing
from app.core.outbox import Delivery, Message, Recipient

SUBJECT = UUID("00000000-0000-4000-8000-000000000001")


@dataclass
class Note:
    """A kind of message whose traits a test sets."""

    name: str = "test_note"
    topic: str = "events"
    channels: tuple[str, ...] = ("in_app",)
    is_urgent: bool = True
    refusal: str | None = None
    broken: set[UUID] = field(default_factory=set)
    text: Message = field(
        default_factory=lambda: Message("A note", ("Read me.",), "/notifications/")
    )

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        return self.refusal

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        if delivery.person_id in self.broken:
            raise ZeroDivisionError("a fault of the kind")
        return replace(self.text, subject=f"{self.text.subject} {delivery.occasion}".strip())


@dataclass
class World:
    """Who can be reached how; `add` makes a person, `due` a delivery."""

    note: Note
    people: dict[UUID, Recipient] = field(default_factory=dict)

    def resolve(self, db: Session, ids: Iterable[UUID]) -> dict[UUID, Recipient]:
        return {key: self.people[key] for key in ids if key in self.people}

    def add(self, **traits: Any) -> UUID:
        key = uuid4()
        email = f"{key.hex[:8]}@example.org"
        usual = {"name": "Ada", "email": email, "locale": "en", "zone": "UTC"}
        self.people[key] = Recipient(person_id=key, **{**usual, **traits})
        with writing() as db:
            db.add(Person(id=key, name="Ada", email=f"{key.hex}@example.org"))
        return key

    def change(self, person: UUID, **traits: Any) -> None:
        self.people[person] = replace(self.people[person], **traits)

    def put(self, person: UUID, **options: Any) -> None:
        with writing() as db:
            outbox.put(db, self.note.name, subject=SUBJECT, person=person, **options)

    def rows(self, person: UUID | None = None) -> list[Delivery]:
        found = select(Delivery).order_by(Delivery.due_at, Delivery.created_at)
        if person is not None:
            found = found.where(Delivery.person_id == person)
        return list(reading().scalars(found.execution_options(populate_existing=True)))

    def row(self, person: UUID) -> Delivery:
        [row] = self.rows(person)
        return row


class Spy(Channel):
    """A channel that keeps what it was given and fails as told."""

    name = "spy"

    def __init__(self) -> None:
        self.sent: list[tuple[UUID, str]] = []
        self.fails: Callable[[Recipient], Exception | None] = lambda to: None

    def send(self, delivery_id: UUID, to: Recipient, message: Message) -> None:
        error = self.fails(to)
        if error is not None:
            raise error
        self.sent.append((delivery_id, message.subject))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
