"""The transition tables that drive the code are printed in the docs, word by word."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.concerns import rules as concerns
from app.mentoring import rules as mentoring
from app.programs import rules as programs

DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLES = [
    (kind, table, document)
    for tables, document in (
        (programs.TRANSITIONS, "mentoring-rules.md"),
        (mentoring.TRANSITIONS, "mentoring-rules.md"),
        (concerns.TRANSITIONS, "concerns.md"),
    )
    for kind, table in tables.items()
]


def printed(kind, table) -> list[str]:
    """The rows of one kind of state as the docs show them."""
    return [
        f"| {kind.__name__} | {before} | {', '.join(sorted(after)) or 'the end'} |"
        for before, after in table.items()
    ]


@pytest.mark.parametrize(
    ("kind", "table", "document"), TABLES, ids=[kind.__name__ for kind, *_rest in TABLES]
)
def test_the_docs_print_the_table_that_the_code_runs_on(kind, table, document):
    shown = [
        line
        for line in (DOCS / document).read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {kind.__name__} |")
    ]
    assert shown == printed(kind, table), "\n".join(printed(kind, table))
