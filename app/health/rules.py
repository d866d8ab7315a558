"""Disclosure control: which numbers about a group are published, and in which form.

A threshold alone protects nobody: what is hidden in one place is found by subtracting what is shown
in others. So numbers here are pooled rather than punched out:

- Months of a group are pooled into one period until at least `THRESHOLD` people joined and as many
  left (or nobody did), or at least so many moved within `PATIENCE` months. Members are published at
  the end of a period only, so no month of it can be subtracted.
- Who joined and who left are shown together or not at all: with the members before and after, one
  of them would give the other away.
- A share is shown when it holds for nobody, for everybody, or when both sides reach the threshold.
- Totals over groups add what is shown, so they hold nothing that is hidden.
- Of a sensitive group only bands are published, and a band moves only when it would be the same
  with `MARGIN` people more or less, so that no single person moves it.

`tests/health/test_disclosure.py` attacks all published views with a linear program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

THRESHOLD = 5
SENSITIVE_THRESHOLD = 10
MARGIN = 3
MONTHS = 12
PATIENCE = 6
BAND_EDGES = (0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
SHARE_EDGES = (0, 25, 50, 75, 100)
LOAD_EDGES = (0, 3, 6, 12)
HOUR_EDGES = (0, 5, 10, 20, 40, 80)
# What an act of a lead is estimated to cost; said in the figure's formula.
MINUTES = {"decisions": 15, "posts": 60, "dates": 180}


class Unit(StrEnum):
    """What a figure counts."""

    MEMBERS = "members"  # how many belong at the end of a period
    MOVED = "moved"  # who came or went within it
    PEOPLE = "people"  # how many people, beside a number of things that is no secret
    SHARE = "share"  # how many of the members, or of the denominator given
    LOAD = "load"  # things for each lead, as a band always
    HOURS = "hours"  # estimated minutes for each lead, as a band of hours always
    OPEN = "open"  # nothing about members: never shielded


class Kind(StrEnum):
    """How a number is shown."""

    EXACT = "exact"
    BAND = "band"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Measure:
    """What was counted, before shielding; without a denominator it is the members."""

    numerator: int
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is published: exact (`value`, `of`), a band (`low`, `high`), or hidden."""

    kind: Kind
    value: int | None = None
    of: int | None = None
    low: int | None = None
    high: int | None = None

    def kept(self) -> dict[str, Any]:
        """For a JSON column."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> Cell:
        """From a JSON column."""
        return cls(**{**kept, "kind": Kind(kept["kind"])})


HIDDEN = Cell(Kind.HIDDEN)


def balanced(before: int, joined: int, now: int) -> tuple[int, int]:
    """(joined, left) that lead exactly from one published number of members to the next.

    Who became visible or confidential meanwhile counts as having come or gone, so that they do not
    stand out as a difference that nothing explains.
    """
    left = before + joined - now
    return (joined, left) if left >= 0 else (joined - left, 0)


def may_close(joined: int, left: int, members: int, months: int) -> bool:
    """Whether a period may end after so many months.

    At once when who joined and who left can be shown, after `PATIENCE` months when at least the
    members can; never while the number of members would tell of a few who came or went.
    """
    moved = joined + left
    is_safe = members >= THRESHOLD and (moved == 0 or moved >= THRESHOLD)
    return is_safe and (months >= PATIENCE or (_is_large(joined) and _is_large(left)))


def moved_cells(joined: int, left: int) -> tuple[Cell, Cell]:
    """Who joined and who left: both shown, or both hidden."""
    if _is_large(joined) and _is_large(left):
        return Cell(Kind.EXACT, joined), Cell(Kind.EXACT, left)
    return HIDDEN, HIDDEN


def _is_large(number: int) -> bool:
    return number == 0 or number >= THRESHOLD


def share_cell(numerator: int, denominator: int) -> Cell:
    """A share; hidden with its denominator when either side is small."""
    rest = denominator - numerator
    if denominator >= THRESHOLD and _is_large(numerator) and _is_large(rest):
        return Cell(Kind.EXACT, numerator, denominator)
    return HIDDEN


def people_cell(number: int, things: int | None) -> Cell:
    """A number of people beside a number of things that is no secret."""
    return Cell(Kind.EXACT, number, things) if _is_large(number) else HIDDEN


def shielded(unit: Unit, measure: Measure, members: int) -> Cell:
    """A figure of a group that is not sensitive, at the end of a period."""
    of = members if measure.denominator is None else measure.denominator
    if unit is Unit.SHARE:
        return share_cell(min(measure.numerator, of), of)
    if unit is Unit.LOAD:
        return load_cell(measure, None)
    if unit is Unit.HOURS:
        return hours_cell(measure, None)
    if unit is Unit.OPEN:
        return Cell(Kind.EXACT, measure.numerator, measure.denominator)
    return people_cell(measure.numerator, measure.denominator)


def banded(unit: Unit, measure: Measure, members: int, before: Cell | None) -> Cell:
    """A figure of a sensitive group: a band that no single person moves."""
    of = members if measure.denominator is None else measure.denominator
    if unit is Unit.OPEN:
        return Cell(Kind.EXACT, measure.numerator, measure.denominator)
    if unit is Unit.LOAD:
        return load_cell(measure, before)
    if unit is Unit.HOURS:
        return hours_cell(measure, before)
    if unit is Unit.SHARE:
        return _steady(share_band, measure.numerator, of, before)
    return _steady(lambda number, _of: count_band(number), measure.numerator, of, before)


def _steady(band: Callable[[int, int], Cell], number: int, of: int, before: Cell | None) -> Cell:
    """The band if some people more or less would not move it, else the one before."""
    steps = (-MARGIN, 0, MARGIN)
    around = {band(max(0, number + a), max(0, of + b)) for a in steps for b in steps}
    return around.pop() if len(around) == 1 else before or HIDDEN


def count_band(number: int) -> Cell:
    """The band of a number of people; the smallest is `fewer than ten`."""
    return _between(number, BAND_EDGES)


def share_band(numerator: int, denominator: int) -> Cell:
    """A quarter in percent, when both sides reach the threshold of sensitive groups."""
    if min(numerator, denominator - numerator) < SENSITIVE_THRESHOLD:
        return HIDDEN
    low = min(75, 25 * (4 * numerator // denominator))
    return Cell(Kind.BAND, low=low, high=low + 25)


def load_cell(measure: Measure, before: Cell | None) -> Cell:
    """Things for each lead, roughly: one thing more or less never shows."""
    leads = measure.denominator or 0
    if leads == 0:
        return HIDDEN
    around = {_between(max(0, measure.numerator + n) // leads, LOAD_EDGES) for n in (-1, 0, 1)}
    return around.pop() if len(around) == 1 else before or HIDDEN


def hours_cell(measure: Measure, before: Cell | None) -> Cell:
    """Estimated hours for each lead, roughly: a few requests more or less never show.

    Posts and dates are no secret; the requests decided are, so `MARGIN` of them move nothing.
    """
    leads = measure.denominator or 0
    if leads == 0:
        return HIDDEN
    slack = MARGIN * MINUTES["decisions"]
    around = {
        _between(max(0, measure.numerator + n) // (60 * leads), HOUR_EDGES)
        for n in (-slack, 0, slack)
    }
    return around.pop() if len(around) == 1 else before or HIDDEN


def beside(cell: Cell, other: Cell | None) -> Cell:
    """A share of nearly the same people as another one: hidden when few stand between the two."""
    if other is None or cell.value is None or other.value is None or cell.of != other.of:
        return cell
    return cell if _is_large(abs(cell.value - other.value)) else HIDDEN


def _between(number: int, edges: Sequence[int]) -> Cell:
    low = max(edge for edge in edges if edge <= number)
    above = [edge for edge in edges if edge > number]
    return Cell(Kind.BAND, low=low, high=above[0] - 1 if above else None)


def together(cells: Iterable[Cell]) -> Cell:
    """What is shown exactly, added up; it says nothing about what is hidden."""
    shown = [cell for cell in cells if cell.kind is Kind.EXACT and cell.value is not None]
    if not shown:
        return HIDDEN
    of = sum(cell.of for cell in shown if cell.of is not None)
    has_of = any(cell.of is not None for cell in shown)
    return Cell(Kind.EXACT, sum(cell.value or 0 for cell in shown), of if has_of else None)


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def months_between(since: date, month: date) -> int:
    """How many months a period holds, both ends counted."""
    return (month.year - since.year) * 12 + month.month - since.month + 1


def month_after(month: date, steps: int = 1) -> date:
    """The first day of the month so many later, or earlier."""
    index = month.year * 12 + month.month - 1 + steps
    return date(index // 12, index % 12 + 1, 1)


def months_due(last: date | None, today: date) -> list[date]:
    """The complete months not yet frozen; at first the last twelve."""
    current = month_of(today)
    month = month_after(last) if last else month_after(current, -MONTHS)
    month = max(month, month_after(current, -MONTHS))
    due = []
    while month < current:
        due.append(month)
        month = month_after(month)
    return due
