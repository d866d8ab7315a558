"""What the columns of a sign-up sheet mean: guesses, rows made clean, errors by line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.programs.rules import Role, form_from, rescaled

MOST_ROWS = 2000
FACTORS = 3
NUMBER = re.compile(r"\s*(\d+)")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
KNOWN = ("level", "function", "department", "site", "zone")  # of people, whatever they answered
COMPARE = ("overlap", "equal", "differ", "gap")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one line of a sheet cannot be used; `code` has its sentence beside the form."""

    line: int
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One usable line of a sheet."""

    line: int
    id: str
    name: str | None
    email: str | None
    role: Role
    capacity: int
    answers: dict[str, Any] = field(default_factory=dict)


def guesses(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What the columns probably mean, from their headers and cells."""
    columns = [[row[at].strip() for row in rows] for at in range(len(headers))]
    low = [header.casefold() for header in headers]
    role = _first(at for at, cells in enumerate(columns) if _names_roles(cells))
    unique = [at for at, cells in enumerate(columns) if all(cells) and _differ(cells)]
    named = _first(at for at, title in enumerate(low) if "name" in title and any(columns[at]))
    ids = [at for at in unique if at != named and re.search(r"\b(id|e-?mail|number)\b", low[at])]
    rest = [at for at in unique if at != named]
    lists = [at for at, cells in enumerate(columns) if sum("," in cell for cell in cells) > 2]
    return {
        "id": _first(ids) if ids else _first(rest),
        "name": named,
        "role": role,
        "capacity": _first(
            at for at, title in enumerate(low) if "how many" in title or "capacity" in title
        ),
        "mentor_word": "Mentor",
        "mentee_word": "Mentee",
        "minimum": 1,
        "language": "",
        "factors": [
            {
                "column": at,
                "label": _short(headers[at]),
                "compare": "overlap",
                "separator": ",",
                "trim": True,
                "weight": 1.0,
            }
            for at in lists[:1]
        ],
    }


def _first(found: Iterable[int]) -> int | None:
    return next(iter(found), None)


def _names_roles(cells: Sequence[str]) -> bool:
    words = {cell.casefold() for cell in cells if cell}
    return {"mentor", "mentee"} <= words


def _differ(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells)


def _short(header: str) -> str:
    flat = " ".join(header.split())
    return flat if len(flat) <= 40 else flat[:39].rsplit(" ", 1)[0] + "…"


def has_sides(mapping: Mapping[str, Any]) -> bool:
    """Whether the rows are read as mentors and mentees, or as people on eye level."""
    return bool(mapping.get("sides", True))


def usable_rows(
    rows: Sequence[Sequence[str]], mapping: Mapping[str, Any]
) -> tuple[list[Row], list[Problem]]:
    """The lines that can become enrollments, and the others with their reason.

    Without sides everybody enrolls once, whatever a column says of roles.
    """
    found: list[Row] = []
    problems: list[Problem] = []
    seen: set[tuple[str, Role]] = set()
    for line, cells in enumerate(rows, 2):
        row = _row(line, cells, mapping)
        if isinstance(row, Row) and (row.email or row.id, row.role) in seen:
            row = Problem(line, "duplicate", row.id)
        if isinstance(row, Problem):
            problems.append(row)
            continue
        seen.add((row.email or row.id, row.role))
        found.append(row)
    return found, problems


def _row(line: int, cells: Sequence[str], mapping: Mapping[str, Any]) -> Row | Problem:
    known = _cell(cells, mapping.get("id"))
    role = _role(_cell(cells, mapping.get("role")), mapping)
    usual = int(mapping.get("places", 1))
    capacity = _capacity(_cell(cells, mapping.get("capacity")), role, usual)
    answers = {}
    for number, factor in enumerate(mapping["factors"], 1):
        answer = _answer(cells[factor["column"]], factor)
        if answer is None and cells[factor["column"]].strip():
            return Problem(line, "number", cells[factor["column"]].strip()[:60])
        if answer is not None:
            answers[f"sheet_{number}"] = answer
    if not known:
        return Problem(line, "no_id")
    if role is None:
        return Problem(line, "role", _cell(cells, mapping.get("role"))[:60])
    if capacity is None:
        return Problem(line, "capacity", _cell(cells, mapping.get("capacity"))[:60])
    email = known.lower() if EMAIL.fullmatch(known) else None
    name = _cell(cells, mapping.get("name"))[:200] or None
    return Row(line, known[:80], name, email, role, capacity, answers)


def _cell(cells: Sequence[str], column: int | None) -> str:
    return "" if column is None else cells[column].strip()


def _role(cell: str, mapping: Mapping[str, Any]) -> Role | None:
    if not has_sides(mapping):
        return Role.MENTEE
    words = {
        mapping["mentor_word"].casefold(): Role.MENTOR,
        mapping["mentee_word"].casefold(): Role.MENTEE,
    }
    return words.get(cell.casefold())


def _capacity(cell: str, role: Role | None, usual: int) -> int | None:
    """Places of a mentor, as many as usual when nothing is said; None when it is no number."""
    if role is not Role.MENTOR:
        return 1
    if not cell:
        return usual
    number = NUMBER.match(cell)
    return min(int(number[1]), 99) if number else None


def _answer(cell: str, factor: Mapping[str, Any]) -> Any:
    if not cell.strip():
        return None
    if factor["compare"] == "overlap":
        parts = cell.split(factor["separator"]) if factor["separator"] else [cell]
        kept = [part.strip() if factor["trim"] else part for part in parts]
        return [part for part in kept if part.strip()]
    if factor["compare"] == "gap":
        number = NUMBER.match(cell)
        return int(number[1]) if number else None
    return cell.strip() if factor["trim"] else cell


def rules_of(mapping: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of a cohort once a sheet is in it.

    Its columns take the place of the questions of the form, which its people never answered. What
    a sheet cannot say stays: the form of the groups, the order, who chooses, private wishes, and
    what must be, except what nobody of the sheet could meet.
    """
    former = now.get("rules", ())
    strict = [one for one in former if one["kind"] != "prefer" and _can_hold(one, mapping)]
    hidden = [one for one in former if one["kind"] == "prefer" and one.get("private")]
    left = 100 - sum(float(one.get("weight", 0)) for one in hidden)
    share = rescaled({str(at): one["weight"] for at, one in enumerate(mapping["factors"])})
    wished = [
        _preference(number, factor, round(share[str(number - 1)] * left / 100, 4))
        for number, factor in enumerate(mapping["factors"], 1)
    ]
    is_pairs = form_from(now).kind == "pairs"
    least = {"minimum": mapping["minimum"]} if is_pairs else {}
    return {**now, **least, "rules": [*strict, *wished, *hidden]}


def _preference(number: int, factor: Mapping[str, Any], weight: float) -> dict[str, Any]:
    return {
        "key": f"sheet_{number}",
        "label": factor["label"],
        "kind": "prefer",
        "comparator": factor["compare"],
        "mentee": f"sheet_{number}",
        "mentor": f"sheet_{number}",
        "weight": weight,
        "params": dict(factor.get("params", {})),
    }


def _can_hold(rule: Mapping[str, Any], mapping: Mapping[str, Any]) -> bool:
    """Whether a strict rule can hold for people of a sheet: what is required needs an answer."""
    if rule["mentee"].startswith("sheet_"):
        return False  # of a former sheet, whose columns these take the place of
    if rule["kind"] != "require" or rule["mentee"] in KNOWN:
        return True
    return bool(rule["comparator"] == "language" and mapping.get("language"))
