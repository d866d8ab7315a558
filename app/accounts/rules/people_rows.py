"""One row of a people file made clean: who, which job facts from which day, and what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from app.accounts.rules import PersonStatus
from app.accounts.rules.mapping import IDENTITY_FIELDS, IGNORE, Mapping
from app.core import clock
from app.core.locale import LANGUAGES

EMAIL = re.compile(r"[^@\s<>,;\"()]{1,64}@[^@\s<>,;\"()]+\.[^@\s<>,;\".()]{2,}")
TEXTS = {
    "job_title": 200,
    "department": 200,
    "function": 200,
    "site": 200,
    "legal_entity": 200,
    "leaving_kind": 40,
}
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
ZONES = {zone.casefold(): zone for zone in clock.zone_names()}
Problem = tuple[str, dict[str, Any]]
"""(code, values), worded by `messages.problem_text`."""


class Wrong(ValueError):
    """A cell that makes no sense."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.problem: Problem = (code, values)


@dataclass(slots=True)
class Row:
    """A row as the import understands it; identity values go to demographics alone."""

    number: int
    external_id: str | None = None
    email: str | None = None
    person: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    manager: str | None = None
    effective: date = date.min
    left_on: date | None = None
    identity: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def label(self) -> str:
        """By what the importer recognizes the row."""
        return str(self.person.get("name") or self.external_id or self.email or "")

    def statements(self) -> list[tuple[date, dict[str, Any]]]:
        """(day, facts that hold from it): a leaving in the past holds from its own day too."""
        leaving: dict[str, Any] = {key: self.facts[key] for key in LEAVING if key in self.facts}
        if self.left_on is None or self.facts.get("status") is not PersonStatus.LEFT:
            return [(self.effective, self.facts)]
        if self.left_on <= self.effective:
            return [(self.left_on, leaving), (self.effective, self.facts)]
        staying = {key: value for key, value in self.facts.items() if key not in leaving}
        return [
            (self.effective, {**staying, "status": PersonStatus.ACTIVE}),
            (self.left_on, leaving),
        ]


@lru_cache(maxsize=4096)
def clean(text: str, longest: int = 200) -> str | None:
    """Visible text without control and direction marks, cut to what its column holds."""
    if text.isprintable():
        return " ".join(text.split())[:longest] or None
    kept = "".join(c for c in text if unicodedata.category(c)[0] != "C" or c in "\t\u200c\u200d")
    return " ".join(kept.split())[:longest] or None


def parse(number: int, cells: Sequence[str], mapping: Mapping) -> Row:
    """Understand one row; what is wrong with it stands in `problems`, nothing is guessed away."""
    row = Row(number, effective=mapping.as_of)
    given = {
        name: cells[index].strip()
        for index, name in enumerate(mapping.columns)
        if name != IGNORE and cells[index].strip()
    }
    if len(cells) > len(mapping.columns):
        row.problems.append(("too_many_cells", {}))
    for step in (_key, _name, _reader, _days, _job, _status):
        try:
            step(row, given, mapping)
        except Wrong as wrong:
            row.problems.append(wrong.problem)
    row.manager = given.get("manager")
    row.identity = {
        name: cleaned for name in IDENTITY_FIELDS if (cleaned := clean(given.get(name, ""), 100))
    }
    return row


def key_of(cells: Sequence[str], mapping: Mapping) -> tuple[str | None, str | None]:
    """(external id, email) of a row, as they are compared."""
    found = [mapping.position("external_id"), mapping.position("email")]
    external, email = (
        cells[index].strip() if index is not None and cells[index].strip() else None
        for index in found
    )
    return external[:120] if external else None, email.lower() if email else None


def _key(row: Row, given: dict[str, str], mapping: Mapping) -> None:
    row.external_id = given["external_id"][:120] if "external_id" in given else None
    email = given.get("email", "").lower()
    if email and (len(email) > 254 or not EMAIL.fullmatch(email)):
        raise Wrong("email", value=email[:100])
    row.email = email or None
    if not row.external_id and not row.email:
        raise Wrong("no_key")


def _name(row: Row, given: dict[str, str], mapping: Mapping) -> None:
    parts = (given.get("given_name", ""), given.get("family_name", ""))
    name = clean(given.get("name") or " ".join(part for part in parts if part))
    if name:
        row.person["name"] = name


def _reader(row: Row, given: dict[str, str], mapping: Mapping) -> None:
    if text := given.get("locale"):
        row.person["locale"] = language_of(text)
    if text := given.get("zone"):
        zone = ZONES.get(text.replace(" ", "_").casefold())
        if zone is None:
            raise Wrong("zone", value=text[:100])
        row.person["zone"] = zone


def language_of(text: str) -> str:
    """The interface language of a tag (any region) or of a language's own or English name."""
    wanted = text.replace("_", "-").casefold()
    for tag, language in LANGUAGES.items():
        if wanted in (tag.casefold(), language.name.casefold(), ENGLISH_NAMES.get(tag)):
            return tag
    for tag in LANGUAGES:
        if wanted.split("-")[0] == tag.split("-")[0]:
            return tag
    raise Wrong("locale", value=text[:100])


LEAVING = ("status", "left_on", "leaving_kind")
ENGLISH_NAMES = {
    "es": "spanish",
    "ar": "arabic",
    "fr": "french",
    "de": "german",
    "pt-BR": "portuguese",
    "ja": "japanese",
    "zh-Hans": "chinese",
    "hi": "hindi",
    "pl": "polish",
}


def _days(row: Row, given: dict[str, str], mapping: Mapping) -> None:
    if text := given.get("effective_on"):
        row.effective = day_of(text, mapping.date_order)
    if text := given.get("left_on"):
        row.left_on = row.facts["left_on"] = day_of(text, mapping.date_order)
    if text := given.get("hired_on"):
        row.facts["hired_on"] = day_of(text, mapping.date_order)
    elif text := given.get("years_here"):
        row.facts["hired_on"] = years_before(row.effective, text)


@lru_cache(maxsize=4096)
def day_of(text: str, order: str) -> date:
    """A date as people write it: ISO, or with days or months first."""
    if ISO.fullmatch(text):
        forms = ["%Y-%m-%d"]
    else:
        forms = _forms(order)
        text = text.split("T")[0].strip()
    for form in forms:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        if 1900 <= day.year <= 2200:
            return day
    raise Wrong("date", value=text[:100])


def _forms(order: str) -> list[str]:
    first, second = ("%d", "%m") if order == "dmy" else ("%m", "%d")
    forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y-%m-%d %H:%M:%S"]
    forms += [f"{first}{mark}{second}{mark}%Y" for mark in "/.-"]
    forms += ["%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"]
    return forms


def years_before(day: date, text: str) -> date:
    """The day so many years earlier; parts of a year count as days."""
    try:
        years = float(text.replace(",", "."))
    except ValueError:
        raise Wrong("years", value=text[:100]) from None
    if not 0 <= years <= 80:
        raise Wrong("years", value=text[:100])
    earlier = date(
        day.year - int(years), day.month, min(day.day, 28) if day.month == 2 else day.day
    )
    return date.fromordinal(earlier.toordinal() - round((years % 1) * 365))


def _job(row: Row, given: dict[str, str], mapping: Mapping) -> None:
    for name, longest in TEXTS.items():
        if name in mapping.columns:
            row.facts[name] = clean(given.get(name, ""), longest)
    if text := given.get("level"):
        numbers = re.findall(r"\d+", text)
        if len(numbers) != 1 or int(numbers[0]) > 1000:
            raise Wrong("level", value=text[:100])
        row.facts["level"] = int(numbers[0])


def _status(row: Row, given: dict[str, str], mapping: Mapping) -> None:
    index = mapping.position("status")
    if index is None or "status" not in given:
        if row.left_on:
            row.facts["status"] = PersonStatus.LEFT
        elif "left_on" in mapping.columns:
            row.facts["status"] = PersonStatus.ACTIVE
        return
    meant = mapping.values.get(index, {}).get(given["status"])
    if meant is None:
        raise Wrong("status", value=given["status"][:100])
    row.facts["status"] = PersonStatus(meant)
    if row.facts["status"] is not PersonStatus.LEFT:
        row.left_on = None
        row.facts.pop("left_on", None)
