"""News travels upward by registration at start-up, never by import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.core.policies import Actor

T = TypeVar("T")


class Registry(Generic[T]):
    """An ordered table of named things; a second thing of the same name is an error."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._items: dict[str, T] = {}

    def add(self, name: str, item: T) -> T:
        """Register one thing under its name; registering the same thing again is harmless."""
        if self._items.get(name, item) is not item:
            raise ValueError(f"There is already a {self.noun} named {name!r}.")
        self._items[name] = item
        return item

    def register(self, name: str) -> Callable[[T], T]:
        """The same as a decorator."""
        return lambda item: self.add(name, item)

    def __getitem__(self, name: str) -> T:
        return self._items[name]

    def get(self, name: str) -> T | None:
        """The thing of that name, or None."""
        return self._items.get(name)

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(self._items.items())

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Answers of one kind, which home shows as one line that leads to their queue."""

    key: str
    title: Callable[[int], str]
    url: str


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One line of the home page: what needs an answer, what is next, what moved.

    What waits for whoever runs something names its `bundle`; `count` is how many wait behind it.
    A deadline that is a `day` is shown as one: `when`, its end, would be another day elsewhere.
    """

    section: Literal["answer", "next", "moved"]
    when: datetime
    title: str
    text: str
    url: str
    icon: str
    act: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    bundle: Bundle | None = None
    count: int = 1
    day: date | None = None


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the navigation, listed only for those who may open it."""

    endpoint: str
    label: Any
    icon: str
    order: int
    bar: bool = False
    prefix: str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found thing as the search page shows it."""

    title: str
    text: str
    url: str
    icon: str


agenda: Registry[Callable[[Session, Actor], list[AgendaItem]]] = Registry("agenda provider")
# Whether a provider of the same name may have anything to say: a condition over the parameters
# `person`, `now`, `today`, `week_ago` and `six_weeks_ago`, true too often rather than too seldom.
# Home asks all of them in one statement and leaves out the providers that have nothing.
agenda_hints: Registry[Callable[[], ColumnElement[bool]]] = Registry("agenda hint")
navigation: Registry[NavItem] = Registry("navigation item")
search_sources: Registry[Callable[[Session, Actor, str], list[SearchHit]]] = Registry(
    "search source"
)
departures: Registry[Callable[[Session, UUID], None]] = Registry("departure handler")
# f(db, person_id): inside the transaction in which a person is erased, after they have departed.
erasures: Registry[Callable[[Session, UUID], None]] = Registry("erasure handler")
