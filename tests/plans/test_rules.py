"""How progress is computed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.plans.rules import InitiativeState, is_overdue, progress, share

NUMBERS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("start", "target", "current", "expected"),
    [(0, 10, 4, 0.4), (30, 20, 25, 0.5), (0, 10, 12, 1), (0, 10, -3, 0), (5, 5, 5, 1)],
)
def test_a_key_result_leads_upward_or_downward(start, target, current, expected) -> None:
    assert share(start, target, current) == pytest.approx(expected)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_share_is_a_share(start, target, current) -> None:
    assert 0 <= share(start, target, current) <= 1
    assert start == target or share(start, target, target) == 1


def test_progress_is_the_mean_of_the_key_results() -> None:
    assert progress(InitiativeState.OPEN, [0.5, 1.0]) == 0.75
    assert progress(InitiativeState.OPEN, []) == 0
    assert progress(InitiativeState.DONE, []) == 1


def test_the_day_it_is_due_still_counts() -> None:
    due = date(2026, 5, 1)
    assert not is_overdue(due, due) and is_overdue(due, date(2026, 5, 2))
    assert not is_overdue(None, due)
