"""From a sign-up sheet and rules in TOML to an instance: which column means what.

The format is documented in docs/matching.md. Without rules, columns are guessed from what their
headers and cells look like; what cannot be guessed is refused with the columns found.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from .sheets import Sheet, SheetError
from .text import MatchingError
from .types import Instance, Kind, Objective, Participant, Rule, Value

TOP_KEYS = {
    "objective",
    "minimum",
    "trim",
    "separator",
    "seed",
    "columns",
    "roles",
    "factor",
    "rule",
}
RULE_KEYS = {"label", "column", "mentee_column", "mentor_column", "compare", "kind", "weight"} | {
    "private",
    "separator",
    "order",
    "on",
}
PARAMS = {"share", "at_least", "low", "high", "fade", "hours"}
SETS, NUMBERS = {"overlap", "language", "reporting_line", "previous_pair"}, {"gap"}
COMPARE = SETS | NUMBERS | {"equal", "differ", "zone"}
NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)")
OFFSET = re.compile(r"\s*(?:UTC|GMT)?\s*([-+]?\d{1,2})(?::?(\d{2}))?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A factor or hard rule of a sheet: which columns, and how their cells are read."""

    rule: Rule
    mentee: str | int
    mentor: str | int
    separator: str
    order: tuple[str, ...] = ()
    on: date = date(2026, 1, 15)


@dataclass(frozen=True)
class Signup:
    """How to read a sheet: the columns of identity, the words for each role, the rules."""

    columns: tuple[Column, ...]
    role: str | int
    mentor_words: tuple[str, ...] = ("mentor",)
    mentee_words: tuple[str, ...] = ("mentee",)
    id: str | int | None = None
    name: str | int | None = None
    capacity: str | int | None = None
    trim: bool = True
    minimum: int = 0
    objective: str = "total"
    seed: int = 0


# -- rules in TOML ------------------------------------------------------------------------------


def read_rules(path: Path) -> Signup:
    """The rules in a TOML file."""
    try:
        return parse_rules(path.read_bytes().decode("utf-8-sig"), path.name)
    except OSError as error:
        raise SheetError("no_file", path=path.name, why=error.strerror or "unknown") from error
    except UnicodeDecodeError as error:
        raise SheetError("bad_encoding", path=path.name, encoding="UTF-8") from error


def parse_rules(text: str, name: str = "rules") -> Signup:
    """Rules from TOML text."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SheetError("bad_toml", path=name, why=str(error)) from error
    _known(data, TOP_KEYS, name)
    columns, roles = _table(data, "columns"), _table(data, "roles")
    _known(columns, {"id", "name", "role", "capacity"}, "columns")
    _known(roles, {"mentor", "mentee"}, "roles")
    if "role" not in columns:
        raise SheetError("no_role_column")
    places = {key: _place(key, value) for key, value in columns.items()}
    return Signup(
        columns=tuple(_columns(data)),
        mentor_words=_words(roles, "mentor"),
        mentee_words=_words(roles, "mentee"),
        trim=_typed(data, "trim", bool, True),
        minimum=_typed(data, "minimum", int, 0),
        objective=_typed(data, "objective", str, "total"),
        seed=_typed(data, "seed", int, 0),
        **places,
    )


def _known(table: Mapping[str, object], names: set[str], where: str) -> None:
    for key in table:
        if key not in names:
            raise SheetError("unknown_key", key=key, where=where, known=", ".join(sorted(names)))


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", _typed(data, key, dict, {}))


def _typed(data: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    value = data.get(key, default)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SheetError("bad_setting", key=key, value=repr(value)[:80])
    return value


def _place(key: str, value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise SheetError("bad_setting", key=key, value=repr(value)[:80])
    return value


def _words(roles: Mapping[str, Any], role: str) -> tuple[str, ...]:
    value = roles.get(role, role)
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise SheetError("bad_setting", key=role, value=repr(value)[:80])
    return tuple(words)


def _columns(data: Mapping[str, Any]) -> Iterable[Column]:
    separator = _typed(data, "separator", str, ",")
    for key, kind in (("factor", "prefer"), ("rule", None)):
        for at, table in enumerate(_typed(data, key, list, []), 1):
            if not isinstance(table, dict):
                raise SheetError("bad_setting", key=key, value=repr(table)[:80])
            yield _column(table, f"{key} {at}", kind, separator)


def _column(table: Mapping[str, Any], where: str, kind: str | None, separator: str) -> Column:
    _known(table, RULE_KEYS | PARAMS, where)
    for key in ("column", "mentee_column", "mentor_column"):
        if key in table:
            _place(key, table[key])
    mentee = table.get("mentee_column", table.get("column"))
    mentor = table.get("mentor_column", table.get("column"))
    if mentee is None or mentor is None:
        raise SheetError("rule_without_column", where=where)
    compare = _typed(table, "compare", str, "overlap")
    label = _typed(table, "label", str, str(mentee))
    if compare not in COMPARE:
        raise MatchingError("bad_comparator", label=label, comparator=compare)
    weight = table.get("weight", 1 if kind else 0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise MatchingError("bad_weight", label=label)
    rule = Rule(
        kind=cast("Kind", kind or _typed(table, "kind", str, "require")),
        comparator=compare,
        mentee=f"{where} mentee",
        mentor=f"{where} mentor",
        label=label,
        weight=float(weight),
        private=_typed(table, "private", bool, False),
        params={key: table[key] for key in PARAMS & table.keys()},
    )
    order = tuple(str(level) for level in _typed(table, "order", list, []))
    on = _typed(table, "on", date, Column.on)
    return Column(rule, mentee, mentor, _typed(table, "separator", str, separator), order, on)


# -- the sheet ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    """An instance made from a sheet, with the names to show."""

    instance: Instance
    names: Mapping[str, str]


def build(sheet: Sheet, signup: Signup) -> People:
    """The instance a sheet describes under its rules."""
    role = sheet.column(signup.role)
    ids = _ids(sheet, signup)
    sides: dict[str, list[Participant]] = {"mentee": [], "mentor": []}
    reader = _Reader(sheet, signup)
    for at, row in enumerate(sheet.rows):
        for side in _roles(row[role], signup, at):
            sides[side].append(reader.participant(ids[at], row, side))
    if not sides["mentee"] or not sides["mentor"]:
        found = ", ".join(sorted({row[role].strip()[:40] for row in sheet.rows})[:8])
        raise SheetError("one_sided", role="mentor" if sides["mentee"] else "mentee", found=found)
    instance = Instance(
        mentees=tuple(sides["mentee"]),
        mentors=tuple(sides["mentor"]),
        rules=tuple(column.rule for column in signup.columns),
        minimum=signup.minimum,
        objective=cast("Objective", signup.objective),
        seed=signup.seed,
        discreet=any(column.rule.private for column in signup.columns),
    )
    names = ids if signup.name is None else sheet.values(sheet.column(signup.name))
    return People(instance, dict(zip(ids, names, strict=True)))


def _ids(sheet: Sheet, signup: Signup) -> list[str]:
    if signup.id is None:
        return [f"row {at}" for at in range(2, len(sheet.rows) + 2)]
    ids = [cell.strip() for cell in sheet.values(sheet.column(signup.id))]
    for at, found in enumerate(ids, 2):
        if not found:
            raise SheetError("row_without_id", line=at)
    twice = [found for found in ids if ids.count(found) > 1] if len(set(ids)) < len(ids) else []
    if twice:
        raise SheetError("duplicate_row_id", id=twice[0])
    return ids


def _roles(cell: str, signup: Signup, at: int) -> list[str]:
    """The roles a cell names: by the whole cell, else by the words in it; empty cells have none."""
    text = cell.strip().casefold()
    if not text:
        return []
    sides = (("mentee", signup.mentee_words), ("mentor", signup.mentor_words))
    whole = [side for side, words in sides if text in {w.casefold() for w in words}]
    parts = re.split(r"[^\w]+", text)
    named = whole or [s for s, words in sides if {w.casefold() for w in words} & set(parts)]
    if not named and text in ("both", "either"):
        named = ["mentee", "mentor"]
    if not named:
        raise SheetError("unknown_role", line=at + 2, value=cell.strip()[:60])
    return named


class _Reader:
    """Turns cells into values by each rule's comparator."""

    def __init__(self, sheet: Sheet, signup: Signup) -> None:
        self.signup = signup
        self.capacity = None if signup.capacity is None else sheet.column(signup.capacity)
        self.places = [(c, sheet.column(c.mentee), sheet.column(c.mentor)) for c in signup.columns]

    def participant(self, id: str, row: tuple[str, ...], side: str) -> Participant:
        """One person in one role."""
        values: dict[str, Value] = {}
        for column, mentee, mentor in self.places:
            name = column.rule.mentee if side == "mentee" else column.rule.mentor
            cell = row[mentee if side == "mentee" else mentor]
            values[name] = self.value(cell, column, id)
        capacity = self.places_of(row, id) if side == "mentor" else 1
        return Participant(id, capacity=capacity, values=values)

    def places_of(self, row: tuple[str, ...], id: str) -> int:
        """A mentor's capacity; 1 when the cell is empty or there is no column."""
        cell = "" if self.capacity is None else row[self.capacity].strip()
        if not cell:
            return 1
        number = NUMBER.match(cell)
        if not number or float(number[1].replace(",", ".")) % 1:
            raise SheetError("bad_capacity_cell", id=id, value=cell[:40])
        if int(float(number[1].replace(",", "."))) < 0:
            raise SheetError("bad_capacity_cell", id=id, value=cell[:40])
        return int(float(number[1].replace(",", ".")))

    def value(self, cell: str, column: Column, id: str) -> Value:
        """A cell as the rule's comparator wants it."""
        compare = column.rule.comparator
        if not cell.strip():
            return None
        if compare in SETS:
            return self.items(cell, column.separator)
        if compare == "gap":
            return self.level(cell, column, id)
        if compare == "zone":
            return self.offset(cell, column, id)
        return cell.strip() if self.signup.trim else cell

    def items(self, cell: str, separator: str) -> frozenset[str]:
        """A list cell as a set."""
        parts = cell.split(separator) if separator else [cell]
        if self.signup.trim:
            parts = [part.strip() for part in parts]
        return frozenset(part for part in parts if part.strip())

    def level(self, cell: str, column: Column, id: str) -> float:
        """A step on a ladder: its place in ``order``, else the number the cell begins with."""
        text = cell.strip().casefold()
        ladder = [step.strip().casefold() for step in column.order]
        if text in ladder:
            return float(ladder.index(text))
        number = None if ladder else NUMBER.match(cell)
        if not number:
            raise MatchingError("bad_value", id=id, label=column.rule.label, value=cell[:60])
        return float(number[1].replace(",", "."))

    def offset(self, cell: str, column: Column, id: str) -> float:
        """Hours from UTC, from an offset or the name of a time zone on the rule's day."""
        if found := OFFSET.match(cell):
            hours, minutes = int(found[1]), int(found[2] or 0)
            return hours + (-minutes if found[1].startswith("-") else minutes) / 60
        try:
            noon = datetime(column.on.year, column.on.month, column.on.day, 12)
            shift = noon.replace(tzinfo=ZoneInfo(cell.strip())).utcoffset() or timedelta()
        except (KeyError, ValueError, OSError) as error:
            bad = MatchingError("bad_value", id=id, label=column.rule.label, value=cell[:60])
            raise bad from error
        return shift / timedelta(hours=1)
