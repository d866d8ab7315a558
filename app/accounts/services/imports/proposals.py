"""What Trellis proposes for an uploaded file, for the importer to correct."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from app.accounts.rules.mapping import (
    IGNORE,
    Mapping,
    checked,
    guess_columns,
    guess_date_order,
    guess_values,
)
from app.accounts.rules.tables import BadFile, Layout, layout_of, rows_of

SAMPLES = 200
MOST_VALUES = 30
DATES = ("hired_on", "left_on", "effective_on")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a file is written, its first rows, a mapping, and the words of its status column."""

    layout: Layout
    samples: list[list[str]]
    mapping: Mapping
    status_words: tuple[str, ...] = ()

    @property
    def unexplained(self) -> list[str]:
        """Status words nobody has given a meaning."""
        index = self.mapping.position("status")
        known = self.mapping.values.get(index, {}) if index is not None else {}
        return [word for word in self.status_words if word not in known]


def propose(path: Path, as_of: date) -> Proposal:
    """Guess what each column holds."""
    layout = layout_of(path)
    samples = [cells for _, cells in islice(rows_of(path, layout), SAMPLES)]
    columns = guess_columns(layout.header, samples)
    dates = [cells[i] for i, name in enumerate(columns) if name in DATES for cells in samples]
    mapping = Mapping(columns, {}, as_of, False, guess_date_order(dates))
    return explained(path, Proposal(layout, samples, mapping))


def explained(path: Path, proposal: Proposal) -> Proposal:
    """The same with the words of the status column, guessed where nobody said what they mean."""
    index = proposal.mapping.position("status")
    if index is None:
        return proposal
    words = _distinct(path, proposal.layout, index)
    given = proposal.mapping.values.get(index, {})
    values = {**guess_values(proposal.layout.header[index], words), **given}
    mapping = replace(
        proposal.mapping, values={index: {w: values[w] for w in words if w in values}}
    )
    return replace(proposal, mapping=mapping, status_words=words)


def _distinct(path: Path, layout: Layout, index: int) -> tuple[str, ...]:
    words: dict[str, None] = {}
    for _, cells in rows_of(path, layout):
        if cells[index].strip():
            words[cells[index].strip()] = None
        if len(words) > MOST_VALUES:
            raise BadFile("too_many_words", column=layout.header[index], most=MOST_VALUES)
    return tuple(sorted(words))


def mapped_by_file(proposal: Proposal, map_path: Path) -> Mapping:
    """The mapping a TOML file describes; columns it does not name are ignored.

    `as_of = 2026-01-31`, `complete = true`, `date_order = "dmy"`, `[columns]` header = field,
    `[values.HEADER]` word = "active" | "on_leave" | "left".
    """
    try:
        said = tomllib.loads(map_path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile("broken_map", reason=str(error)[:200]) from error
    header = proposal.layout.header
    columns = [IGNORE] * len(header)
    for name, field in said.get("columns", {}).items():
        columns[_index(header, name)] = str(field)
    values = {_index(header, name): dict(words) for name, words in said.get("values", {}).items()}
    return checked(
        Mapping(
            tuple(columns),
            values,
            _day(said.get("as_of", proposal.mapping.as_of)),
            bool(said.get("complete", False)),
            str(said.get("date_order", proposal.mapping.date_order)),
        ),
        header,
    )


def _index(header: Sequence[str], name: str) -> int:
    if name not in header:
        raise BadFile("unknown_column", column=name[:100])
    return list(header).index(name)


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise BadFile("broken_map", reason=f"as_of = {value}") from error
