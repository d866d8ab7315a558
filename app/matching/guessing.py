"""Guessing what the columns of a sheet mean when it came without rules."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .sheets import Sheet, SheetError, listed
from .signup import Column, Signup, person_of, refuse_twins
from .types import Rule

HINTS = {
    "id": r"\b(id|e-?mail|employee (number|no)|user ?name)\b",
    "name": r"\b(name)\b",
    "capacity": r"\b(capacity|how many|places|max(imum)?( number)? of mentees)\b",
}
NAMES_ONE_PERSON = re.compile(
    r"((your|my|work|company|employee|person|user|staff|participant) )?"
    r"(id|e-?mail( address)?|employee (number|no\.?|id)|user ?name)",
    re.IGNORECASE,
)
FACTOR_HINT = re.compile(
    r"skill|interest|topic|goal|expertise|disciplin|hobb|value|field|area|learn|teach",
    re.IGNORECASE,
)


def guess(sheet: Sheet) -> Signup:
    """Rules for a sheet that came without any, from headers and cells.

    Raises SheetError, naming the columns found, when the role or every factor stays unclear, and
    when somebody stands in the sheet twice.
    """
    role = _guess_role(sheet)
    if role is None:
        raise SheetError("cannot_guess_role", found=listed(sheet.headers))
    columns = tuple(_guess_columns(sheet, role))
    if not columns:
        raise SheetError("cannot_guess_factors", found=listed(sheet.headers))
    _refuse_twins(sheet)
    places = {
        key: place + 1
        for key, pattern in HINTS.items()
        if (place := _hinted(sheet, pattern, role, unique=key == "id")) is not None
    }
    return Signup(
        columns=columns,
        role=role + 1,
        id=places.get("id"),
        name=places.get("name"),
        capacity=places.get("capacity"),
    )


def _guess_role(sheet: Sheet) -> int | None:
    for at in range(len(sheet.headers)):
        cells = {cell.strip().casefold() for cell in sheet.values(at) if cell.strip()}
        if {"mentor", "mentee"} <= cells <= {"mentor", "mentee", "both", "either"}:
            return at
    return None


def _refuse_twins(sheet: Sheet) -> None:
    """A column that can only name the person of its row holds nobody twice."""
    for at, header in enumerate(sheet.headers):
        if NAMES_ONE_PERSON.fullmatch(" ".join(header.split())):
            refuse_twins(sheet.values(at))


def _hinted(sheet: Sheet, pattern: str, role: int, unique: bool) -> int | None:
    for at, header in enumerate(sheet.headers):
        cells = [person_of(cell) for cell in sheet.values(at)]
        fits = at != role and re.search(pattern, header, re.IGNORECASE)
        if fits and (not unique or (all(cells) and len(set(cells)) == len(cells))):
            return at
    return None


def _guess_columns(sheet: Sheet, role: int) -> Iterable[Column]:
    for at, header in enumerate(sheet.headers):
        language = re.search(r"\blanguages?\b", header, re.IGNORECASE)
        if at == role or not (language or FACTOR_HINT.search(header)):
            continue
        sides: dict[str, set[str]] = {"mentor": set(), "mentee": set()}
        separator = _guess_separator(sheet.values(at))
        for row in sheet.rows:
            items = {part.strip() for part in row[at].split(separator)} - {""}
            if row[role].strip().casefold() in sides:
                sides[row[role].strip().casefold()] |= items
        if sides["mentor"] & sides["mentee"]:
            compare = "language" if language else "overlap"
            label = header if len(header) <= 60 else header[:57] + "..."
            rule = Rule("prefer", compare, f"c{at} mentee", f"c{at} mentor", label, weight=1.0)
            yield Column(rule, at + 1, at + 1, separator)


def _guess_separator(cells: Iterable[str]) -> str:
    text = "\n".join(cells)
    return max(";|,", key=lambda sign: (text.count(sign), sign == ","))
