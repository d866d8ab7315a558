"""What the columns of a sign-up sheet mean: guesses, rows made clean, errors by line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.programs.rules import Role
from app.programs.templates import HARD_RULES

MOST_ROWS = 2000
FACTORS = 3
NUMBER = re.compile(r"\s*(\d+)")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
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


def usable_rows(
    rows: Sequence[Sequence[str]], mapping: Mapping[str, Any]
) -> tuple[list[Row], list[Problem]]:
    """The lines that can become enrollments, and the others with their reason."""
    found: list[Row] = []
    problems: list[Problem] = []
    seen: set[tuple[str, Role]] = set()
    for line, cells in enumerate(rows, 2):
        row = _row(line, cells, mapping)
        if isinstance(row, Row) and (row.id, row.role) in seen:
            row = Problem(line, "duplicate", row.id)
        if isinstance(row, Problem):
            problems.append(row)
            continue
        seen.add((row.id, row.role))
        found.append(row)
    return found, problems


def _row(line: int, cells: Sequence[str], mapping: Mapping[str, Any]) -> Row | Problem:
    known = _cell(cells, mapping.get("id"))
    role = _role(_cell(cells, mapping.get("role")), mapping)
    capacity = _capacity(_cell(cells, mapping.get("capacity")), role)
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
    words = {
        mapping["mentor_word"].casefold(): Role.MENTOR,
        mapping["mentee_word"].casefold(): Role.MENTEE,
    }
    return words.get(cell.casefold())


def _capacity(cell: str, role: Role | None) -> int | None:
    """Places of a mentor, one when nothing is said; None when it is no number."""
    if role is not Role.MENTOR or not cell:
        return 1
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


def rules_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The matching rules that a mapping asks for."""
    prefer = [
        {
            "key": f"sheet_{number}",
            "label": factor["label"],
            "kind": "prefer",
            "comparator": factor["compare"],
            "mentee": f"sheet_{number}",
            "mentor": f"sheet_{number}",
            "weight": factor["weight"],
            "params": {},
        }
        for number, factor in enumerate(mapping["factors"], 1)
    ]
    hard = [rule for rule in HARD_RULES if rule["key"] != "common_language"]
    return {"objective": "total", "minimum": mapping["minimum"], "rules": [*hard, *prefer]}
