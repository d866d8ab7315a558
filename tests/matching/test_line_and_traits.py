"""How far apart two people work, and what a mentor brings, against the plain definition."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching import Instance, MatchingError, Participant, Rule, describe
from app.matching.scoring import Scorer

AWAY = Rule("prefer", "distance", "line", "line", "Distance", 1)
TRAINED = Rule("prefer", "has", "trained", "trained", "Training", 1)


def chain(boss: dict[int, int], one: int) -> list[int]:
    """Somebody and all above them, from the bottom up."""
    return [one, *(chain(boss, boss[one]) if one in boss else [])]


def steps(boss: dict[int, int], one: int, other: int) -> float:
    """Along the lines up to the first manager in common and down again, counted by hand."""
    up, down = chain(boss, one), chain(boss, other)
    met = next((at for at in up if at in down), None)
    return np.inf if met is None else up.index(met) + down.index(met)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_the_distance_is_the_way_through_the_managers(seed):
    rng = random.Random(seed)
    boss = {one: rng.randrange(one) for one in range(1, 14) if rng.random() < 0.9}
    people = {
        one: Participant(str(one), values={"line": frozenset(map(str, chain(boss, one)))})
        for one in range(14)
    }
    mentees, mentors = tuple(list(people.values())[:7]), tuple(list(people.values())[7:])
    scorer = Scorer(Instance(mentees, mentors, (AWAY,)))
    score = scorer.matrix(public=True)
    for row in range(7):
        for column in range(7):
            apart = steps(boss, row, column + 7)
            assert score[row, column] == pytest.approx(min(max((apart - 2) / 4, 0), 1))
            said = describe(scorer.contributions(row, column)[0].reason)
            expected = "close" if apart <= 2 else f"{apart:g} steps"
            assert ("no manager" if np.isinf(apart) else expected) in said


def test_nobody_is_far_from_somebody_whose_manager_is_unknown():
    known = Participant("m", values={"line": frozenset({"m", "top"})})
    scorer = Scorer(Instance((Participant("e"),), (known,), (AWAY,)))
    assert scorer.matrix(public=True)[0, 0] == 0
    assert "not answered" in describe(scorer.contributions(0, 0)[0].reason)


def test_steps_that_mean_nothing_are_refused():
    rule = Rule("prefer", "distance", "line", "line", "Distance", 1, params={"steps": 2})
    with pytest.raises(MatchingError, match="steps"):
        Scorer(Instance((Participant("e"),), (Participant("m"),), (rule,)))


def test_what_a_mentor_brings_counts_for_everybody_and_may_be_required():
    mentors = (Participant("m"), Participant("n", values={"trained": "yes"}))
    mentees = (Participant("e"), Participant("f", values={"trained": "yes"}))
    scorer = Scorer(Instance(mentees, mentors, (TRAINED,)))
    assert scorer.matrix(public=True).tolist() == [[0, 1], [0, 1]]
    assert describe(scorer.contributions(0, 1)[0].reason) == "Training: the mentor says so"
    must = Rule("require", "has", "trained", "trained", "Training")
    strict = Scorer(Instance(mentees, mentors, (TRAINED, must))).matrix(public=True)
    assert np.isneginf(strict[:, 0]).all() and (strict[:, 1] == 1).all()
