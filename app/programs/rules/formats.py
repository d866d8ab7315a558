"""What a format means: who is put together with whom, how many, for how long, and who decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.programs.rules.numbers import LONGEST_MONTHS, SHORTEST_MONTHS
from app.programs.rules.states import Format, Role

Kind = Literal["pairs", "groups", "peers", "circles"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A format in numbers.

    `least` and `most` count those beside the mentor in a group, and everybody in a circle or among
    peers. `starts` is the number of yeses with which it begins once everybody has answered.
    `last_word` is the side that always decides last; `months` is the usual length and `range` what
    suits the format.
    """

    kind: Kind = "pairs"
    least: int = 1
    most: int = 1
    starts: int = 1
    months: int = 6
    range: tuple[int, int] = (SHORTEST_MONTHS, LONGEST_MONTHS)
    cadence_days: int = 14
    guide: str = "six_sessions"
    last_word: Role = Role.MENTEE
    sessions: int | None = None
    listens_first: Role | None = None

    @property
    def is_mutual(self) -> bool:
        """Whether there are no sides: everybody enrolls once and can be with anybody."""
        return self.kind in ("peers", "circles")

    @property
    def is_shared(self) -> bool:
        """Whether a relationship has more than two people, or may have."""
        return self.kind != "pairs"


SHAPES: dict[Format, Shape] = {
    Format.ONE_TO_ONE: Shape(),
    Format.GROUP: Shape("groups", 4, 8, 2, cadence_days=21, guide="group"),
    Format.CIRCLE: Shape("circles", 3, 8, 3, cadence_days=28, guide="circle"),
    Format.PEER: Shape("peers", 2, 3, 2, guide="peer"),
    Format.REVERSE: Shape(
        cadence_days=28, guide="reverse", last_word=Role.MENTOR, listens_first=Role.MENTEE
    ),
    Format.FLASH: Shape(months=1, range=(1, 3), guide="flash", sessions=1),
    Format.SITUATIONAL: Shape(months=4, range=(3, 6), guide="situational"),
    Format.SPONSORSHIP: Shape(months=12, cadence_days=28, guide="sponsorship"),
    Format.BUDDY: Shape(months=3, cadence_days=7, guide="buddy"),
}


def side_due(format_: Format, asks_both: bool, has_first_yes: bool) -> Role:
    """Whose answer an offer waits for; where both are asked, the last word is last."""
    last = SHAPES[format_].last_word
    return last if has_first_yes or not asks_both else opposite(last)


def opposite(role: Role) -> Role:
    """The other side."""
    return Role.MENTOR if role is Role.MENTEE else Role.MENTEE


def knows_of_offer(format_: Format, asks_both: bool, has_first_yes: bool, role: Role) -> bool:
    """Whether this side has heard of an offer; the one not asked yet knows nothing."""
    if role is SHAPES[format_].last_word:
        return has_first_yes or not asks_both
    return asks_both


def is_unusual_length(format_: Format, months: int) -> bool:
    """Whether a length does not suit the format and somebody should think twice."""
    low, high = SHAPES[format_].range
    return not low <= months <= high


def may_rate(format_: Format, role: Role) -> bool:
    """Whether this side may rate the other; in reverse programs seniors never rate juniors."""
    return not (format_ is Format.REVERSE and role is Role.MENTEE)


@dataclass(frozen=True, slots=True)
class Form:
    """How a run puts people together: the kind, and the sizes where it makes groups."""

    kind: Kind = "pairs"
    least: int = 1
    most: int = 1

    @property
    def is_mutual(self) -> bool:
        """Whether everybody can be with anybody."""
        return self.kind in ("peers", "circles")

    def stored(self) -> dict[str, Any]:
        """The form as JSON, kept with the rules of a cohort."""
        return {"kind": self.kind, "least": self.least, "most": self.most}


def form_from(rules: Mapping[str, Any]) -> Form:
    """The form that rules ask for; rules without one make pairs."""
    return Form(**rules["form"]) if "form" in rules else Form()


def has_enough(form: Form, shape: Shape, said_yes: int, still_open: int) -> bool:
    """Whether a group begins: its least size has said yes, or all have answered and it will do."""
    return said_yes >= form.least or (not still_open and said_yes >= min(shape.starts, form.least))


def can_begin(form: Form, shape: Shape, said_yes: int, still_open: int) -> bool:
    """Whether a group may still come about."""
    return said_yes + still_open >= min(shape.starts, form.least)
