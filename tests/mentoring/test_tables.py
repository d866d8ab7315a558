"""The transition tables that drive the code are printed in the docs, word by word."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.mentoring.rules import TRANSITIONS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "mentoring-rules.md"


def printed(kind) -> list[str]:
    """The rows of one kind of state as the docs show them."""
    return [
        f"| {kind.__name__} | {before} | {', '.join(sorted(after)) or 'the end'} |"
        for before, after in TRANSITIONS[kind].items()
    ]


@pytest.mark.parametrize("kind", TRANSITIONS, ids=lambda kind: kind.__name__)
def test_the_docs_print_the_table_that_the_code_runs_on(kind):
    shown = [
        line
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {kind.__name__} |")
    ]
    assert shown == printed(kind), "\n".join(printed(kind))
