"""Counting: published examples, an independent runoff, and what holds for any ballots."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.elections.rules import TieRule, count, from_record, lot_order, to_record

LOT = list(range(1, 9))
BY_ROUNDS = TieRule.EARLIER_ROUNDS


def rankings(most: int = 6):
    """Ballots over candidates 1..n, complete or not."""
    return st.integers(2, most).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(
                st.permutations(range(1, n + 1)).flatmap(
                    lambda order: st.integers(1, n).map(lambda k: tuple(order[:k]))
                ),
                max_size=40,
            ),
        )
    )


def test_tennessee_elects_knoxville_by_instant_runoff() -> None:
    """The capital of Tennessee, the usual example of textbooks: last of the first choices wins."""
    memphis, nashville, chattanooga, knoxville = 1, 2, 3, 4
    result = count(
        {
            (memphis, nashville, chattanooga, knoxville): 42,
            (nashville, chattanooga, knoxville, memphis): 26,
            (chattanooga, knoxville, nashville, memphis): 15,
            (knoxville, chattanooga, nashville, memphis): 17,
        },
        [1, 2, 3, 4],
        1,
        BY_ROUNDS,
        LOT,
    )
    assert result.elected == (knoxville,)
    assert [r.excluded for r in result.rounds] == [chattanooga, nashville, None]
    assert result.rounds[-1].tallies == {memphis: 42, knoxville: 58}


def test_the_party_food_example_of_single_transferable_vote() -> None:
    """Twenty guests, three foods, quota six: chocolate's surplus makes strawberries the third."""
    orange, pear, chocolate, strawberry, sweets = 1, 2, 3, 4, 5
    result = count(
        {
            (orange,): 4,
            (pear, orange): 2,
            (chocolate, strawberry): 8,
            (chocolate, sweets): 4,
            (strawberry,): 1,
            (sweets,): 1,
        },
        [1, 2, 3, 4, 5],
        3,
        BY_ROUNDS,
        LOT,
    )
    assert result.elected == (chocolate, orange, strawberry)
    first, second = result.rounds[:2]
    assert (first.needed, first.tallies[chocolate], first.surplus_of) == (6, 12, chocolate)
    assert (second.tallies[strawberry], second.tallies[sweets]) == (5, 3)


def test_a_surplus_goes_on_by_fractions_to_the_second_choices() -> None:
    """Andrea 40 of 57, quota 20: Brad gains 8, Carter 12; Brad drops out, Carter reaches 20."""
    andrea, brad, carter, delilah = 1, 2, 3, 4
    result = count(
        {
            (andrea, brad, carter, delilah): 16,
            (andrea, carter, brad, delilah): 24,
            (delilah, andrea, brad, carter): 17,
        },
        [1, 2, 3, 4],
        2,
        BY_ROUNDS,
        LOT,
    )
    assert result.elected == (andrea, carter)
    assert result.rounds[1].tallies == {andrea: 20, brad: 8, carter: 12, delilah: 17}


def test_values_stay_exact_where_decimals_would_not() -> None:
    result = count({(1, 2): 4, (1, 3): 3, (2,): 2, (3,): 2}, [1, 2, 3], 2, BY_ROUNDS, LOT)
    assert result.rounds[0].needed == 4
    assert result.rounds[1].tallies[2] == 2 + 4 * Fraction(3, 7)


def test_without_ballots_nobody_is_elected() -> None:
    for rule in TieRule:
        assert count({}, [1, 2], 1, rule, LOT).elected == ()


def test_as_many_candidates_as_seats_are_all_elected() -> None:
    assert set(count({(1,): 3}, [1, 2], 2, BY_ROUNDS, LOT).elected) == {1, 2}


def test_ballots_without_a_choice_left_are_exhausted() -> None:
    result = count({(1,): 4, (2,): 3, (3,): 2}, [1, 2, 3], 1, BY_ROUNDS, LOT)
    assert result.elected == (1,)
    assert result.rounds[-1].exhausted == 2


def test_a_candidate_who_is_gone_is_passed_over() -> None:
    result = count({(3, 2): 4, (1,): 3}, [1, 2], 1, BY_ROUNDS, LOT)
    assert result.elected == (2,)


TIED = {(1, 3): 3, (2, 3): 2, (4, 2): 1, (3,): 4}


def test_who_had_fewer_votes_in_an_earlier_round_drops_out() -> None:
    """After 4 drops out, 1 and 2 are level at three; 2 had fewer before."""
    result = count(TIED, [1, 2, 3, 4], 1, BY_ROUNDS, [2, 1, 3, 4])
    tie = result.rounds[1].tie
    assert (tie.level, tie.chosen, tie.by) == ((1, 2), 2, "earlier_rounds")


@pytest.mark.parametrize(("lot", "out"), [([1, 2, 3, 4], 2), ([2, 1, 3, 4], 1)])
def test_by_lot_the_later_in_the_lot_drops_out(lot: list[int], out: int) -> None:
    result = count(TIED, [1, 2, 3, 4], 1, TieRule.LOT, lot)
    assert (result.rounds[1].tie.chosen, result.rounds[1].tie.by) == (out, "lot")


def test_level_in_every_round_the_lot_is_the_last_resort() -> None:
    for lot in ([1, 2], [2, 1]):
        result = count({(1,): 2, (2,): 2}, [1, 2], 1, BY_ROUNDS, lot)
        assert result.elected == (lot[0],)
        assert result.rounds[0].tie.by == "lot"


def test_a_joint_term_for_those_who_are_level_for_the_last_seat() -> None:
    result = count({(1,): 2, (2,): 2, (3,): 1}, [1, 2, 3], 1, TieRule.JOINT, LOT)
    assert set(result.elected) == {1, 2} and result.is_joint
    clear = count({(1,): 3, (2,): 2}, [1, 2], 1, TieRule.JOINT, LOT)
    assert clear.elected == (1,) and not clear.is_joint


def test_the_lot_follows_from_the_seed_alone() -> None:
    orders = {tuple(lot_order(f"seed {n}", [1, 2, 3])) for n in range(60)}
    assert len(orders) == 6, "every order can be drawn"
    assert lot_order("x", [3, 1, 2]) == lot_order("x", [1, 2, 3])


def plain_runoff(ballots: list[tuple[int, ...]], candidates: list[int]) -> int | None:
    """The same rule as a teacher would write it; None when a tie comes up."""
    left = set(candidates)
    while True:
        votes = Counter(dict.fromkeys(left, 0))
        for ballot in ballots:
            votes.update([n for n in ballot if n in left][:1])
        top, most = votes.most_common(1)[0]
        if most * 2 > sum(votes.values()) or len(left) == 1:
            return top
        least = min(votes.values())
        out = [n for n in left if votes[n] == least]
        if len(out) > 1:
            return None
        left -= set(out)


@settings(max_examples=150, deadline=None)
@given(rankings())
def test_one_seat_agrees_with_an_independent_runoff(drawn) -> None:
    n, ballots = drawn
    expected = plain_runoff(ballots, list(range(1, n + 1))) if ballots else None
    result = count(Counter(ballots), range(1, n + 1), 1, BY_ROUNDS, LOT)
    if expected is not None:
        assert result.elected == (expected,)


@settings(max_examples=150, deadline=None)
@given(rankings(), st.integers(1, 5), st.sampled_from(TieRule), st.permutations(LOT))
def test_no_vote_is_lost_and_the_seats_are_filled(drawn, seats, rule, lot) -> None:
    n, ballots = drawn
    result = count(Counter(ballots), range(1, n + 1), seats, rule, lot)
    for one in result.rounds:
        assert sum(one.tallies.values()) + one.exhausted == len(ballots)
        assert one.exhausted >= 0 and all(votes >= 0 for votes in one.tallies.values())
    if ballots:
        filled = min(seats, n)
        assert len(result.elected) == len(set(result.elected)) >= filled
        assert result.is_joint or len(result.elected) == filled
    assert from_record(to_record(result)) == result


@settings(max_examples=100, deadline=None)
@given(rankings(), st.integers(1, 4), st.data())
def test_a_solid_group_of_voters_gets_its_share(drawn, seats, data) -> None:
    """Whoever fills k quotas and ranks the same k candidates first (in any order) elects them."""
    n, ballots = drawn
    fans = data.draw(st.integers(1, min(seats, n)))
    favorites = list(range(1, fans + 1))
    others = list(range(fans + 1, n + 1))
    quota = lambda total: total // (seats + 1) + 1  # noqa: E731
    solid: list[tuple[int, ...]] = []
    while len(solid) < fans * quota(len(ballots) + len(solid)) and len(solid) < 400:
        order = data.draw(st.permutations(favorites))
        solid.append((*order, *others))
    if len(solid) < fans * quota(len(ballots) + len(solid)):
        return
    result = count(Counter([*ballots, *solid]), range(1, n + 1), seats, BY_ROUNDS, LOT)
    assert set(favorites) <= set(result.elected)
