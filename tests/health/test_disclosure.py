"""An attacker who reads every published view recovers no hidden number.

Three attackers: one who knows the rules by heart and tries every truth (exhaustive), one with a
linear program over all months of many groups, and one with two frozen worlds that differ in one
person. A shield by threshold alone is shown to fail, so the attack is known to bite.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from app.health.rules import (
    HIDDEN,
    MARGIN,
    PATIENCE,
    THRESHOLD,
    Cell,
    Kind,
    Measure,
    Unit,
    balanced,
    banded,
    beside,
    hours_cell,
    load_cell,
    may_close,
    moved_cells,
    people_cell,
    share_cell,
    together,
)

MONTHS = 12


# -- the attacker who knows the rules ------------------------------------------------------------


def test_each_hidden_pair_of_comings_and_goings_has_more_than_one_explanation() -> None:
    """Published: the members before and after, and the two cells."""
    for before in range(THRESHOLD, 30):
        seen = defaultdict(set)
        for joined, left in product(range(40), range(before + 1)):
            now = before + joined - left
            if may_close(joined, left, now, PATIENCE):
                seen[now, moved_cells(joined, left)].add((joined, left))
        hidden = {key: truths for key, truths in seen.items() if key[1][0] is HIDDEN}
        edge = 30  # truths beyond the range tried
        for (now, _cells), truths in hidden.items():
            if now - before < edge:
                assert len({j for j, _ in truths}) > 1 and len({x for _, x in truths}) > 1


def test_each_hidden_share_has_more_than_one_explanation() -> None:
    for of in range(THRESHOLD, 60):
        truths = [n for n in range(of + 1) if share_cell(n, of) is HIDDEN]
        assert len(truths) != 1
        assert all(0 < n < THRESHOLD or 0 < of - n < THRESHOLD for n in truths)


def test_small_numbers_are_hidden_and_large_ones_are_not() -> None:
    assert [n for n in range(9) if people_cell(n, 3) is HIDDEN] == [1, 2, 3, 4]
    assert people_cell(7, 3) == Cell(Kind.EXACT, 7, 3)
    assert share_cell(4, 4) is HIDDEN, "too few to speak of a share at all"
    assert share_cell(6, 12) == Cell(Kind.EXACT, 6, 12)


def test_what_nothing_explains_counts_as_having_come_or_gone() -> None:
    for before, joined, now in product(range(12), range(12), range(12)):
        came, went = balanced(before, joined, now)
        assert before + came - went == now and came >= joined and went >= 0


# -- the attacker with a linear program ----------------------------------------------------------


@dataclass
class Truth:
    """A group of whom the attacker knows nothing: twelve months."""

    start: int
    joined: list[int]
    left: list[int]
    active: list[int]

    @property
    def members(self) -> list[int]:
        now, all_ = self.start, []
        for came, went in zip(self.joined, self.left, strict=True):
            now += came - went
            all_.append(now)
        return all_


@dataclass
class Published:
    """Linear equations over (joined, left, members, active) of each month that a reader knows."""

    equations: list[tuple[dict[tuple[str, int], int], int]] = field(default_factory=list)
    shown: int = 0
    all: int = 0
    periods: int = 0

    def say(self, value: int, *cells: tuple[str, int]) -> None:
        self.equations.append((dict.fromkeys(cells, 1), value))


def company(dice: random.Random, groups: int = 12) -> list[Truth]:
    """Groups as at a company of 2,000: from 40 to 400 members, some busy, some quiet."""
    made = []
    for _ in range(groups):
        size = dice.choice((40, 70, 110, 160, 220, 400))
        pace = dice.choice((0.004, 0.01, 0.03))
        joined = [sum(dice.random() < pace for _ in range(size)) for _ in range(MONTHS)]
        left = [sum(dice.random() < pace * 0.6 for _ in range(size)) for _ in range(MONTHS)]
        truth = Truth(size, joined, left, [])
        share = dice.random()
        truth.active = [sum(dice.random() < share for _ in range(n)) for n in truth.members]
        made.append(truth)
    return made


def publish(truth: Truth) -> Published:
    """Exactly what the services freeze for a group that is not sensitive."""
    out = Published()
    out.say(truth.start, ("members", -1))
    since, base = 0, truth.start
    for month, now in enumerate(truth.members):
        joined, left = balanced(base, sum(truth.joined[since : month + 1]), now)
        if not may_close(joined, left, now, month + 1 - since):
            continue
        months = range(since, month + 1)
        out.periods += 1
        cells = moved_cells(joined, left)
        share = share_cell(truth.active[month], now)
        out.say(now, ("members", month))
        if cells[0] is not HIDDEN:
            out.say(joined, *(("joined", m) for m in months))
            out.say(left, *(("left", m) for m in months))
        if share is not HIDDEN:
            out.say(truth.active[month], ("active", month))
        out.shown += 1 + 2 * (cells[0] is not HIDDEN) + (share is not HIDDEN)
        since, base = month + 1, now
    out.all = 4 * (out.periods + (since < MONTHS))
    return out


def by_threshold_alone(truth: Truth) -> Published:
    """What many reports do: every month, each number below the threshold left out."""
    out = Published()
    out.say(truth.start, ("members", -1))
    for month, now in enumerate(truth.members):
        out.say(now, ("members", month))
        for name, n in (("joined", truth.joined[month]), ("left", truth.left[month])):
            if n == 0 or n >= THRESHOLD:
                out.say(n, (name, month))
    return out


def recovered(truth: Truth, published: Published) -> tuple[int, int]:
    """(hidden small numbers, how many of them the equations leave only one value for)."""
    keys = [("members", -1)] + [
        (name, m) for name in ("joined", "left", "members", "active") for m in range(MONTHS)
    ]
    place = {key: i for i, key in enumerate(keys)}
    rows, values = [], []
    for month in range(MONTHS):
        row = np.zeros(len(keys))
        row[place["members", month]] = 1
        row[place["members", month - 1]] -= 1
        row[place["joined", month]] -= 1
        row[place["left", month]] += 1
        rows.append(row)
        values.append(0)
    for cells, value in published.equations:
        row = np.zeros(len(keys))
        for key, factor in cells.items():
            row[place[key]] = factor
        rows.append(row)
        values.append(value)
    limits = np.zeros((MONTHS, len(keys)))  # nobody is active who does not belong
    for month in range(MONTHS):
        limits[month, place["active", month]] = 1
        limits[month, place["members", month]] = -1
    hidden = exact = 0
    for name, month in product(("joined", "left", "active"), range(MONTHS)):
        true = getattr(truth, name)[month]
        if not 0 < true < THRESHOLD:
            continue
        hidden += 1
        goal = np.zeros(len(keys))
        goal[place[name, month]] = 1
        low, high = (
            linprog(sign * goal, limits, np.zeros(MONTHS), np.array(rows), values).fun
            for sign in (1, -1)
        )
        is_bounded = low is not None and high is not None
        exact += is_bounded and abs(-high - low) < 1e-6
    return hidden, exact


def test_a_linear_program_recovers_no_hidden_number_and_most_is_shown() -> None:
    dice = random.Random(7)
    hidden = exact = shown = all_ = alone = periods = 0
    for truth in company(dice):
        out = publish(truth)
        some, found = recovered(truth, out)
        hidden, exact = hidden + some, exact + found
        shown, all_, periods = shown + out.shown, all_ + out.all, periods + out.periods
        alone += recovered(truth, by_threshold_alone(truth))[1]
    print(f"\nhidden {hidden}, recovered {exact}; by threshold alone {alone} recovered")
    print(f"shown {shown} of {all_} cells = {shown / all_:.0%}; {periods} periods of 12 groups")
    assert hidden > 50 and alone > 20, "the attack bites"
    assert exact == 0
    assert shown / all_ >= 0.7


def test_totals_add_only_what_is_shown() -> None:
    cells = [Cell(Kind.EXACT, 6, 12), HIDDEN, Cell(Kind.EXACT, 10, 20), Cell(Kind.BAND, low=25)]
    assert together(cells) == Cell(Kind.EXACT, 16, 32)
    assert together([HIDDEN]) is HIDDEN


# -- the attacker with two worlds that differ in one person ---------------------------------------

CELLS = st.sampled_from([None, HIDDEN, Cell(Kind.BAND, low=25, high=50)])


@given(st.integers(0, 300), st.integers(0, 300), CELLS)
def test_a_band_is_the_same_with_anybody_more_or_less_unless_it_stays_put(a, b, before) -> None:
    """Either the band holds for all neighbors too, or what was shown before goes on being shown."""
    number, of = min(a, b), max(a, b)
    shown = banded(Unit.SHARE, Measure(number, of), of, before)
    if shown not in (before, HIDDEN):
        for more, others in product((-1, 0, 1), (-1, 0, 1)):
            near = banded(Unit.SHARE, Measure(number + more, of + others), of, shown)
            assert near == shown
        assert min(number, of - number) >= 10 + MARGIN - 1


def test_a_number_of_people_in_a_sensitive_group_is_a_band() -> None:
    for number in range(120):
        cell = banded(Unit.PEOPLE, Measure(number), 0, None)
        assert cell.kind is not Kind.EXACT and cell.value is None
        again = banded(Unit.PEOPLE, Measure(number + 1), 0, cell)
        assert again == cell or cell is HIDDEN


def test_lead_load_is_rough_in_every_group() -> None:
    assert load_cell(Measure(8, 2), None) == Cell(Kind.BAND, low=3, high=5)
    assert load_cell(Measure(6, 2), None) is HIDDEN, "one less would be another band"
    assert load_cell(Measure(6, 2), Cell(Kind.BAND, low=3, high=5)).low == 3
    assert load_cell(Measure(6, 0), None) is HIDDEN


def test_hours_of_leads_hide_how_many_requests_were_answered() -> None:
    """Whatever posts and dates are known to cost: each band fits at least seven numbers."""
    for known, leads in product((0, 60, 285, 600, 2400), (1, 2, 3)):
        fits = defaultdict(set)
        for requests in range(400):
            cell = hours_cell(Measure(known + 15 * requests, leads), None)
            assert cell.kind is not Kind.EXACT
            fits[cell].add(requests)
            for more in (-1, 0, 1):
                near = hours_cell(Measure(max(0, known + 15 * (requests + more)), leads), cell)
                assert near == cell or cell is HIDDEN
        assert all(len(numbers) >= MARGIN for cell, numbers in fits.items() if 399 not in numbers)


def test_two_shares_of_nearly_the_same_people_do_not_give_a_few_away() -> None:
    """Reach beside the active share: nobody learns that one to four are in one of them only."""
    for of in (12, 20, 40):
        seen = defaultdict(set)
        for active, reached in product(range(of + 1), repeat=2):
            first, second = share_cell(active, of), share_cell(reached, of)
            shown = beside(second, first)
            seen[first, shown].add((active, reached))
            if HIDDEN not in (first, shown):
                assert active == reached or abs(active - reached) >= THRESHOLD
        hidden = {key: truths for key, truths in seen.items() if key[1] is HIDDEN}
        assert all(len({r for _, r in truths}) > 1 for truths in hidden.values())
    assert beside(share_cell(10, 20), None) == share_cell(10, 20)
    assert beside(share_cell(10, 20), share_cell(10, 20)) == share_cell(10, 20)
