"""Stored sentences in the reader's language: questions, answers, reasons of the matcher."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale
from flask_babel import gettext

from app.core.locale import babel_locale, format_list, format_number, format_percent
from app.matching.text import Message, describe
from app.programs.rules import Field

LANGUAGES = ("en", "es", "ar", "fr", "de", "pt", "ja", "zh", "hi", "pl", "it", "nl", "ko", "tr")
NAMED = ("value", "mentee", "mentor")
SHARES = ("score", "own", "price")


def told(text: str | None) -> str:
    """A stored sentence in the reader's language; what is in no catalog stays as it was written."""
    return gettext(text) if text else ""


def language_name(tag: str) -> str:
    """A language by its name in the reader's language."""
    return Locale.parse(tag.replace("-", "_")).get_display_name(babel_locale()) or tag


def words_of(fields: Iterable[Field]) -> dict[str, str]:
    """What each stored answer is called, over all questions of a form."""
    return {value: told(text) for field in fields for value, text in field.options}


def answer_text(field: Field, answer: Any) -> str:
    """An answer as people read it."""
    words = {value: told(text) for value, text in field.options}
    if isinstance(answer, list):
        return format_list([words.get(item, item) for item in answer])
    return words.get(str(answer), str(answer))


def message_text(stored: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """A message of the matcher in the reader's language."""
    params = {name: _shown(name, value, words) for name, value in stored["params"].items()}
    if stored["code"] == "language":
        params["items"] = format_list(_names(stored["params"]["items"]))
    return describe(Message(stored["code"], params), gettext)


def _names(items: str) -> list[str]:
    return [language_name(tag) for tag in items.split(", ")]


def _shown(name: str, value: Any, words: Mapping[str, str]) -> Any:
    if name == "label":
        return told(value)
    if name == "labels":
        return format_list([told(label) for label in value.split(", ")])
    if name == "items":
        return format_list([words.get(item, item) for item in value.split(", ")])
    if name in SHARES and isinstance(value, float):
        return format_percent(value, 1)
    if isinstance(value, float):
        return format_number(round(value, 3))
    return words.get(value, value) if name in NAMED else value


def reasons_shown(
    reasons: Iterable[Mapping[str, Any]], words: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """(factor, points, sentence) of every factor, for the component."""
    return [
        (
            told(part["label"]),
            format_percent(part["points"], 1),
            message_text(part["reason"], words),
        )
        for part in reasons
    ]


def why_this(
    reasons: Iterable[Mapping[str, Any]], words: Mapping[str, str]
) -> tuple[list[str], str | None]:
    """The three strongest reasons for a pair, and the weightiest factor on which they differ."""
    parts = list(reasons)
    best = [part for part in parts[:3] if part["points"] > 0]
    apart = [p for p in parts if p["reason"]["code"] == "stretch" and p not in best]
    stretch = max(apart, key=lambda part: part["weight"], default=None)
    return (
        [message_text(part["reason"], words) for part in best],
        message_text(stretch["reason"], words) if stretch else None,
    )
