"""Rules in TOML for a sign-up sheet: which column means what. Documented in docs/matching.md."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from .sheets import SheetError
from .text import MatchingError
from .types import TIE, IdPair, Kind, Rule
from .week import DAYS, MINUTES

TOP_KEYS = {
    "objective",
    "minimum",
    "trim",
    "separator",
    "seed",
    "format",
    "size",
    "stickiness",
    "budget",
    "columns",
    "roles",
    "factor",
    "rule",
    "pairs",
}
RULE_KEYS = {"label", "column", "mentee_column", "mentor_column", "compare", "kind", "weight"} | {
    "private",
    "separator",
    "order",
    "on",
    "zone_column",
    "days",
}
PARAMS = {"share", "at_least", "low", "high", "fade", "hours"}
SETS, NUMBERS = {"overlap", "language", "reporting_line", "previous_pair"}, {"gap"}
PEOPLE = {"id", "name", "role", "capacity", "missed", "segment", "pool", "pool_capacity", "program"}
PEOPLE |= {"ranking"}
FORMATS = ("pairs", "groups", "reverse", "peers", "circles")
UNUSED = {  # settings that a format has no place for
    "groups": {"minimum"},
    "peers": {"objective", "minimum", "stickiness", "budget", "size"},
    "circles": {"objective", "minimum", "stickiness", "budget"},
}
ABOUT_SIDES = {"role", "capacity", "segment", "pool", "pool_capacity", "program"}  # not of peers
NOT_RANKED = {"factor", "rule", "minimum", "stickiness", "budget", "size", "seed", "pairs"}
ABOUT_SCORES = {"missed", "segment", "program"}
SIZES = {"groups": (4, 8), "circles": (3, 8)}
COMPARE = SETS | NUMBERS | {"equal", "differ", "zone", "windows"}


@dataclass(frozen=True)
class Column:
    """A factor or hard rule of a sheet: which columns, and how their cells are read."""

    rule: Rule
    mentee: str | int
    mentor: str | int
    separator: str
    order: tuple[str, ...] = ()
    on: date = date(2026, 1, 15)
    zone: str | int | None = None  # in which free hours are told
    days: tuple[str, ...] = DAYS


@dataclass(frozen=True)
class Signup:
    """How to read a sheet: the columns of identity, the words for each role, the rules."""

    columns: tuple[Column, ...]
    role: str | int | None
    separator: str = ","
    mentor_words: tuple[str, ...] = ("mentor",)
    mentee_words: tuple[str, ...] = ("mentee",)
    id: str | int | None = None
    name: str | int | None = None
    capacity: str | int | None = None
    trim: bool = True
    missed: str | int | None = None
    segment: str | int | None = None
    pool: str | int | None = None
    pool_capacity: str | int | None = None
    program: str | int | None = None
    ranking: str | int | None = None
    minimum: int = 0
    objective: str = "fair"
    seed: int = 0
    format: str = "pairs"
    size: tuple[int, int] = (2, 2)
    stickiness: float = TIE
    budget: float = 0.002
    locked: frozenset[IdPair] = frozenset()
    banned: frozenset[IdPair] = frozenset()

    @property
    def is_among_peers(self) -> bool:
        """Whether there are no roles: everybody with everybody."""
        return self.format in ("peers", "circles")


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
    pairs = _table(data, "pairs")
    _known(columns, PEOPLE, "columns")
    _known(pairs, {"lock", "ban"}, "pairs")
    _known(roles, {"mentor", "mentee"}, "roles")
    format_ = _typed(data, "format", str, "pairs")
    if format_ not in FORMATS:
        raise SheetError("bad_setting", key="format", value=repr(format_)[:80])
    is_stable = data.get("objective") == "stable"
    _refuse_unused(data, columns, format_)
    if is_stable:
        _refuse_unless_ranked(data, columns, format_)
    elif "ranking" in columns:
        raise SheetError("ranking_unused")
    if "role" not in columns and format_ not in ("peers", "circles"):
        raise SheetError("no_role_column")
    places = {"role": None, **{key: _place(key, value) for key, value in columns.items()}}
    return Signup(
        columns=tuple(_columns(data)),
        separator=_typed(data, "separator", str, ","),
        mentor_words=_words(roles, "mentor"),
        mentee_words=_words(roles, "mentee"),
        trim=_typed(data, "trim", bool, True),
        minimum=_typed(data, "minimum", int, 0),
        objective=_typed(data, "objective", str, "fair"),
        seed=_typed(data, "seed", int, 0),
        format=format_,
        size=_size(data, format_),
        stickiness=_share(data, "stickiness", TIE),
        budget=_share(data, "budget", 0.002),
        locked=_pairs(pairs, "lock"),
        banned=_pairs(pairs, "ban"),
        **places,
    )


def _refuse_unused(data: Mapping[str, Any], columns: Mapping[str, Any], format_: str) -> None:
    """Settings that a format has no place for are never passed over in silence."""
    unused = UNUSED.get(format_, set()) & data.keys()
    if format_ in ("peers", "circles"):
        unused |= (ABOUT_SIDES & columns.keys()) | ({"roles"} & data.keys())
    if unused:
        raise SheetError("not_in_format", keys=", ".join(sorted(unused)), format=format_)


def _refuse_unless_ranked(
    data: Mapping[str, Any], columns: Mapping[str, Any], format_: str
) -> None:
    """Where both sides rank, nothing else decides."""
    if format_ != "pairs" or not {"id", "ranking"} <= columns.keys():
        raise SheetError("stable_needs_ranking")
    unused = (NOT_RANKED & data.keys()) | (ABOUT_SCORES & columns.keys())
    if unused:
        raise SheetError("not_in_stable", keys=", ".join(sorted(unused)))


def _known(table: Mapping[str, object], names: set[str], where: str) -> None:
    for key in table:
        if key not in names:
            raise SheetError("unknown_key", key=key, where=where, known=", ".join(sorted(names)))


def _size(data: Mapping[str, Any], format_: str) -> tuple[int, int]:
    value = _typed(data, "size", list, list(SIZES.get(format_, (2, 2))))
    if len(value) != 2 or not all(isinstance(n, int) and not isinstance(n, bool) for n in value):
        raise SheetError("bad_setting", key="size", value=repr(value)[:80])
    return value[0], value[1]


def _share(data: Mapping[str, Any], key: str, default: float) -> float:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise SheetError("bad_setting", key=key, value=repr(value)[:80])
    return float(value)


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


def _pairs(table: Mapping[str, Any], key: str) -> frozenset[IdPair]:
    """Pairs of ids that an organizer decided about; a number is an id like any other."""
    found = set()
    for pair in _typed(table, key, list, []):
        ids = pair if isinstance(pair, list) else []
        if len(ids) != 2 or not all(type(one) in (str, int) for one in ids):
            raise SheetError("bad_pair", key=key, value=repr(pair)[:80])
        found.add((str(ids[0]).strip(), str(ids[1]).strip()))
    return frozenset(found)


def _columns(data: Mapping[str, Any]) -> Iterable[Column]:
    separator = _typed(data, "separator", str, ",")
    for key, kind in (("factor", "prefer"), ("rule", None)):
        for at, table in enumerate(_typed(data, key, list, []), 1):
            if not isinstance(table, dict):
                raise SheetError("bad_setting", key=key, value=repr(table)[:80])
            yield _column(table, f"{key} {at}", kind, separator)


def _column(table: Mapping[str, Any], where: str, kind: str | None, separator: str) -> Column:
    _known(table, RULE_KEYS | PARAMS, where)
    for key in ("column", "mentee_column", "mentor_column", "zone_column"):
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
        params=_params(table, compare),
    )
    return Column(
        rule,
        mentee,
        mentor,
        _typed(table, "separator", str, separator),
        order=tuple(str(level) for level in _typed(table, "order", list, [])),
        on=_typed(table, "on", date, Column.on),
        zone=table.get("zone_column"),
        days=_days(table),
    )


def _params(table: Mapping[str, Any], compare: str) -> dict[str, Any]:
    given = {key: table[key] for key in PARAMS & table.keys()}
    return {**given, "minutes": MINUTES} if compare == "windows" else given


def _days(table: Mapping[str, Any]) -> tuple[str, ...]:
    """What the days of the week are called in the sheet, from Monday on."""
    words = _typed(table, "days", list, list(DAYS))
    if len(words) != 7 or not all(isinstance(word, str) and word.strip() for word in words):
        raise SheetError("bad_setting", key="days", value=repr(words)[:80])
    return tuple(words)
