"""What upper domains add to events: sections of the page, what one belongs to, what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core.forms import Form
from app.core.policies import Actor
from app.core.registries import Registry
from app.events.ical import Entry
from app.events.models import Occurrence, Rsvp


@dataclass(frozen=True, slots=True)
class Section:
    """A partial on an event's page; it reads its inputs from `section.data`.

    While it is what the reader came for it stands `on_top`, above the answer.
    """

    template: str
    data: dict[str, Any] = field(default_factory=dict)
    on_top: bool = False


@dataclass(frozen=True, slots=True)
class Extra:
    """What an upper domain asks beside the answer: `template` draws `extra.form`, which asks
    nothing that is needed; `keep` runs inside the transaction of a yes, after it."""

    template: str
    form: Form
    keep: Callable[[Session, Rsvp], None]


@dataclass(frozen=True, slots=True)
class Belonging:
    """What events may belong to beside their group: (id, name) of what there is for the actor, and
    how a new event is made to belong, inside the transaction that makes it."""

    choices: Callable[[Session, Actor], list[tuple[UUID, str]]]
    attach: Callable[[Session, UUID | None, UUID, UUID], None]


belongings: Registry[Belonging] = Registry("belonging of an event")
# f(db, actor, occurrence) -> Section, or None where the reader has nothing to do with it.
sections: Registry[Callable[[Session, Actor, Occurrence], Section | None]] = Registry(
    "section of an event"
)
# f(db, actor, occurrence, is_fresh) -> Extra, or None; fresh: the form after it was sent.
extras: Registry[Callable[[Session, Actor, Occurrence, bool], Extra | None]] = Registry(
    "question beside the answer"
)
# f(db, event_id) -> whether money was asked for, for the rules of approval.
costs: Registry[Callable[[Session, UUID], bool]] = Registry("cost of an event")
# f(db, person) -> entries of the person's own calendar, in the language being spoken.
calendar_entries: Registry[Callable[[Session, Person], list[Entry]]] = Registry(
    "source of calendar entries"
)
# f(db, person_id): the words of a person's entries turned; whoever sent some sends them anew.
rewordings: Registry[Callable[[Session, UUID], None]] = Registry("sender of calendar entries")
# f(db, event_id, copy_id): a date of a series got an event of its own; what belonged to the event
# belongs to the copy as well. What must not be there twice, such as money, is read by the family
# (`queries.families`) instead.
copyings: Registry[Callable[[Session, UUID, UUID], None]] = Registry("copying of an event")
