"""Dated job facts: which value holds on a day, whatever order they were learned in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from app.accounts.rules import PersonStatus

Fact = tuple[str, str | None, date]
"""(attribute, value as text, day from which it holds)."""

LONGEST_VALUE = 200


def as_text(value: Any) -> str | None:
    """A value as the history keeps it; blank is None."""
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:LONGEST_VALUE]


def typed(attribute: str, text: str | None) -> Any:
    """A kept value in the type of the person's column."""
    if text is None:
        return PersonStatus.ACTIVE if attribute == "status" else None
    if attribute == "level":
        return int(text)
    if attribute in ("hired_on", "left_on"):
        return date.fromisoformat(text)
    if attribute == "manager_id":
        return UUID(text)
    return PersonStatus(text) if attribute == "status" else text


def held_on(facts: Iterable[Fact], day: date) -> dict[str, str | None]:
    """Of each attribute the value of the newest fact that holds on a day."""
    newest: dict[str, tuple[date, str | None]] = {}
    for attribute, value, holds_from in facts:
        if holds_from <= day and (attribute not in newest or newest[attribute][0] <= holds_from):
            newest[attribute] = (holds_from, value)
    return {attribute: value for attribute, (_, value) in newest.items()}


def columns_on(facts: Iterable[Fact], day: date) -> dict[str, Any]:
    """The person's job columns as of a day; whoever is here has no leaving day."""
    held = held_on(facts, day)
    columns = {attribute: typed(attribute, value) for attribute, value in held.items()}
    if columns.get("status", PersonStatus.LEFT) is not PersonStatus.LEFT:
        columns.update(left_on=None, leaving_kind=None)
    return columns
