"""Circles: as good as exchanges make them, and a bound that no circles exceed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.circles import best_in_circles, form_circles, gap, seat_circles
from app.matching.peers import both_ways, match_circles
from app.matching.seats import solve_seats
from tests.matching.test_seats import world


def reached(score, circles) -> float:
    """The sum over everybody of the mean score with their partners."""
    return sum(
        2 * sum(float(score[a, b]) for a, b in combinations(circle, 2)) / (len(circle) - 1)
        for circle in circles
        if len(circle) > 1
    )


def partitions(people: list[int], least: int, most: int):
    """Every way to seat everybody in circles of these sizes."""
    if not people:
        yield []
        return
    first, rest = people[0], people[1:]
    for size in range(least, most + 1):
        for others in combinations(rest, size - 1):
            left = [one for one in rest if one not in others]
            for tail in partitions(left, least, most):
                yield [(first, *others), *tail]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 9), st.booleans())
def test_no_circles_at_all_exceed_the_bound_and_ours_come_near_the_best(seed, people, has_bans):
    rng = np.random.default_rng(seed)
    score = both_ways(rng.random((people, people), dtype=np.float32))
    if has_bans:
        one, other = rng.integers(0, people, 2)
        score[one, other] = score[other, one] = -np.inf
    allowed = [
        circles
        for circles in partitions(list(range(people)), 3, 5)
        if all(np.isfinite(score[a, b]) for circle in circles for a, b in combinations(circle, 2))
    ]
    best = max(reached(score, circles) for circles in allowed)
    bound = best_in_circles(score, 3)
    assert best <= bound
    found = form_circles(score, 3, 5)
    same = [c for c in allowed if sorted(map(len, c)) == sorted(map(len, found))]
    assert not same or reached(score, found) >= 0.9 * max(reached(score, c) for c in same)


@pytest.mark.parametrize("people", [24, 60, 120])
def test_on_people_with_traits_circles_are_within_an_eighth_of_the_bound(people):
    rng = np.random.default_rng(people)
    traits = rng.normal(size=(people, 12))
    traits /= np.linalg.norm(traits, axis=1)[:, None]
    score = both_ways(((traits @ traits.T + 1) / 2).astype(np.float32))
    found = form_circles(score)
    share = gap(reached(score, found), best_in_circles(score, min(map(len, found))))
    print(f"{people} people in circles: within {share:.1%} of the best possible")
    assert 0 <= share <= 0.125


def test_both_ways_to_match_circles_tell_the_bound_of_their_public_scores():
    instance = world(17)
    seats = solve_seats(instance, 3, 6, in_circles=True)
    assert seats.bound is not None and seats.total <= seats.bound
    assert solve_seats(instance, 2, 3, in_circles=False).bound is None
    public = tuple(rule for rule in instance.rules if not rule.private)
    circles = match_circles(instance.mentees, public, 3, 6)
    assert circles.bound is not None
    assert 0.5 * circles.bound < circles.reached <= circles.bound


def test_a_pair_fixed_against_a_rule_does_not_lift_the_total_above_the_bound():
    banned = frozenset({("p00", "p01")})
    instance = world(9, banned=banned, locked=banned)
    found = solve_seats(instance, 3, 5, in_circles=True)
    assert found.bound is not None and found.total <= found.bound


def seatings(people: list[int], least: int, most: int):
    """Every way to seat some of the people in circles of these sizes."""
    if not people:
        yield []
        return
    first, rest = people[0], people[1:]
    yield from seatings(rest, least, most)
    for size in range(least, most + 1):
        for others in combinations(rest, size - 1):
            left = [one for one in rest if one not in others]
            for tail in seatings(left, least, most):
                yield [(first, *others), *tail]


def circle_case(seed):
    """Four to eight people, some of whom may not meet, some of whom missed rounds."""
    rng = np.random.default_rng(seed)
    people, gaps = int(rng.integers(4, 9)), rng.choice([0.05, 0.15, 0.25])
    score = rng.random((people, people), dtype=np.float32)
    score[rng.random(score.shape) < gaps] = -np.inf
    return both_ways(score), rng.choice([0, 0, 1, 9], people)


def allowed(score, circle) -> bool:
    return all(np.isfinite(score[a, b]) for a, b in combinations(circle, 2))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000))
def test_nobody_who_missed_rounds_waits_while_a_seat_could_be_theirs(seed):
    score, missed = circle_case(seed)
    found = seat_circles(score, 3, 4, missed)
    assert all(allowed(score, circle) and 3 <= len(circle) <= 5 for circle in found)
    waiting = set(range(len(score))) - {at for circle in found for at in circle}
    for one in waiting:
        for circle in found:
            assert len(circle) >= 4 or not allowed(score, (*circle, one))
            for holder in circle:
                others = [other for other in circle if other != holder]
                assert missed[holder] >= missed[one] or not allowed(score, (*others, one))


def test_in_small_cases_most_are_seated_and_who_missed_rounds_first_in_nine_of_ten():
    def value(missed, circles):
        seated = [at for circle in circles for at in circle]
        return len(seated), int(missed[seated].sum())

    reached = []
    for seed in range(40):
        score, missed = circle_case(seed)
        ways = seatings(list(range(len(score))), 3, 5)
        best = max(value(missed, w) for w in ways if all(allowed(score, circle) for circle in w))
        reached.append(value(missed, seat_circles(score, 3, 4, missed)) == best)
    assert sum(reached) >= 36, sum(reached)
