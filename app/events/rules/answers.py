"""Client keys, names of guests, questions of organizers and what people tell them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

MOST_QUESTIONS = 6
LONGEST_ANSWER = 200
LONGEST_NAME = 80
LONGEST_KEY = 64
PRESSES_KEPT = 100
KEPT_AFTER = timedelta(days=30)
# Whoever steps back may come after all with the same words.
KEPT_FOR_UNDO = timedelta(minutes=10)


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    YES_NO = "yes_no"
    TEXT = "text"


YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Question:
    """What organizers ask whoever comes, what for, and who reads the answers."""

    id: str
    kind: QuestionKind
    text: str
    purpose: str
    readers: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Question:
        """As it is kept in the event."""
        values = {**row, "kind": QuestionKind(row["kind"]), "options": tuple(row["options"])}
        return cls(**values)

    def row(self) -> dict[str, Any]:
        """How it is kept in the event."""
        return {**asdict(self), "kind": self.kind.value, "options": list(self.options)}

    def takes(self, value: str) -> bool:
        """Whether this is an answer at all."""
        if self.kind is QuestionKind.CHOICE:
            return value in self.options
        if self.kind is QuestionKind.YES_NO:
            return value in (YES, NO)
        return len(value) <= LONGEST_ANSWER


def questions_of(rows: Iterable[Mapping[str, Any]]) -> list[Question]:
    """The questions of an event, in order."""
    return [Question.of(row) for row in rows]


def tidy_answers(questions: Iterable[Question], told: Mapping[str, str]) -> dict[str, str]:
    """What was answered, without empty words and without answers to anything not asked."""
    given = {q.id: told.get(q.id, "").strip() for q in questions}
    return {key: value for key, value in given.items() if value}


def missing(questions: Iterable[Question], told: Mapping[str, str]) -> list[Question]:
    """The questions that still need an answer, or a sensible one."""
    return [q for q in questions if (not q.takes(told[q.id]) if told.get(q.id) else q.is_required)]


def tidy_names(names: Iterable[str], most: int) -> list[str]:
    """Names of guests as they are kept: trimmed, none empty, never more than come."""
    trimmed = (" ".join(name.split())[:LONGEST_NAME] for name in names)
    return [name for name in trimmed if name][:most]


def pressed_as(key: str, *asked: object) -> str:
    """A client key together with what it asked for: a page that was kept can ask two things."""
    text = "|".join([key[:LONGEST_KEY], *map(str, asked)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def was_pressed(presses: Iterable[Mapping[str, Any]], mark: str) -> bool:
    """Whether this very act was carried out before."""
    return any(press["mark"] == mark for press in presses)


def remember(presses: list[Any], mark: str, did: str) -> list[Any]:
    """The presses with one more: what was asked for, and what became of it."""
    return [*presses, {"mark": mark, "did": did}][-PRESSES_KEPT:]
