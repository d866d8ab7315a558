"""What is private moves the solver and nothing that anybody can see."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.matching import Instance, Participant, Rule, solve
from app.matching.choosing import shortlists
from app.matching.deniable import ODDS, can_hide, draw, kept_probability, seen
from app.matching.published import OTHERS, note, published_bytes, shielded
from app.matching.text import MatchingError
from app.matching.types import SegmentRegret
from tests.matching.test_rematch import SKILLS, TRAITS, people
from tests.matching.test_solve import LINE, PUBLIC, SECRET, SECRET_RULE, SPEAK, company, seeds


def flipped(instance: Instance, at: int) -> Instance:
    """One person's private answers turned round."""
    someone = instance.mentees[at]
    other = {"x": "y", "y": None, None: "x"}[someone.values["secret"]]
    values = {**someone.values, "secret": other, "past": "p"}
    changed = [replace(m, values=values) if m is someone else m for m in instance.mentees]
    return replace(instance, mentees=tuple(changed))


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from(["fair", "total"]), st.integers(0, 3))
def test_with_the_matching_held_fixed_a_private_answer_changes_not_one_byte(seed, objective, at):
    rules = (*PUBLIC, SPEAK, LINE, replace(SECRET, weight=2), SECRET_RULE)
    base = replace(company(seed, rules=rules), discreet=True, objective=objective)
    assume(at < len(base.mentees))
    twin = flipped(base, at)
    first, second = solve(base), solve(twin)
    assume(first.mate == second.mate)
    assert published_bytes(first) == published_bytes(second)
    assert note(first) == note(second)
    assert shortlists(base, first) == shortlists(twin, second)


def test_the_review_says_when_private_reasons_moved_the_solver():
    mentee = Participant("e", values={"secret": "x"})
    mentors = (Participant("a"), Participant("b", values={"secret": "x"}))
    moved = solve(Instance((mentee,), mentors, (SKILLS, SECRET), discreet=True))
    plain = solve(Instance((mentee,), mentors, (SKILLS,), discreet=True))
    assert {moved.mate["e"], plain.mate["e"]} == {"b", plain.mate["e"]}
    assert moved.differing == int(plain.mate["e"] != "b") and plain.differing == 0
    assert note(plain) is None
    assert solve(Instance((mentee,), mentors, (SKILLS,))).differing is None


# -- deniable answers ---------------------------------------------------------------------------


@pytest.mark.parametrize("options", [2, 3, 5])
def test_an_observation_speaks_for_one_truth_at_most_three_times_as_much(options):
    rng = random.Random(options)
    count = 30_000
    drawn = np.bincount([draw(options, rng.randbytes) for _ in range(count)], minlength=options)
    kept = kept_probability(options)
    assert kept / ((1 - kept) / (options - 1)) == pytest.approx(ODDS)
    expected = np.array([kept] + [(1 - kept) / (options - 1)] * (options - 1))
    assert np.abs(drawn / count - expected).max() < 0.012


def test_twenty_runs_show_one_draw_so_the_odds_stay_at_three():
    rng, stored = random.Random(4), {}
    first = {n: seen(n, "wish", "yes", ("no", "yes"), stored, rng.randbytes) for n in range(2_000)}
    for _ in range(20):
        again = {
            n: seen(n, "wish", "yes", ("no", "yes"), stored, rng.randbytes) for n in range(2_000)
        }
        assert again == first
    truthful = sum(answer == "yes" for answer in first.values())
    odds = truthful / (2_000 - truthful)
    print(f"odds ratio over 20 runs: {odds:.2f}")
    assert 2.5 < odds < 3.5
    assert len(stored) == 2_000


def test_changing_ones_mind_needs_no_new_draw():
    rng, stored = random.Random(1), {}
    options = ("a", "b", "c")
    before = seen("p", "f", "a", options, stored, rng.randbytes)
    kept = dict(stored)
    after = seen("p", "f", "b", options, stored, rng.randbytes)
    assert stored == kept
    assert (options.index(after) - options.index(before)) % 3 == 1


def test_a_small_pool_hides_nobody_and_one_option_is_no_answer():
    assert not can_hide(9) and can_hide(10)
    with pytest.raises(MatchingError):
        draw(1, random.Random(0).randbytes)


def auc(score, truth) -> float:
    """How often somebody with the trait ranks above somebody without it."""
    yes, no = score[truth], score[~truth]
    wins = (yes[:, None] > no[None, :]).mean() + 0.5 * (yes[:, None] == no[None, :]).mean()
    return float(wins)


def test_an_attacker_who_knows_everything_public_learns_little_from_the_pairs():
    """Base rate 20 %; the attacker knows all public answers, which mentors have the trait, and the
    matching that public factors alone would give."""
    wish = Rule("prefer", "equal", "trait", "trait", "Wish", 0.3, private=True)
    scores, truths = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        mentees, mentors = people(rng, "e", 200), people(rng, "r", 60, capacity=4)
        truth = rng.random(200) < 0.2
        has = rng.random(60) < 0.2
        stored, source = {}, random.Random(seed).randbytes

        both = ("no", "yes")

        def told(person, value):
            return replace(person, values={**person.values, "trait": value})

        asked = [
            told(m, seen(m.id, "trait", both[mark], both, stored, source))
            for m, mark in zip(mentees, truth.astype(int), strict=True)
        ]
        hosts = [told(m, both[mark]) for m, mark in zip(mentors, has.astype(int), strict=True)]
        rules = (*TRAITS, SKILLS, wish)
        instance = Instance(tuple(asked), tuple(hosts), rules, discreet=True)
        public = solve(replace(instance, rules=(*TRAITS, SKILLS)))
        real = solve(instance)
        marked = {mentor.id: bool(mark) for mentor, mark in zip(mentors, has, strict=True)}
        for person, mark in zip(mentees, truth, strict=True):
            before, after = public.mate[person.id], real.mate[person.id]
            moved = 2.0 * (marked[after] - marked[before])
            scores.append(moved + 0.5 * marked[after])
            truths.append(mark)
    figure = auc(np.array(scores), np.array(truths))
    print(f"attacker AUC {figure:.3f}")
    assert figure <= 0.60


# -- segments -----------------------------------------------------------------------------------


def test_small_segments_are_shown_together_or_not_at_all():
    cells = [("a", 40), ("b", 12), ("c", 6), ("d", 2)]
    shown = shielded(SegmentRegret(name, n, 0.1) for name, n in cells)
    assert [(s.segment, s.people) for s in shown] == [("a", 40), (OTHERS, 20)]
    assert shielded([SegmentRegret("a", 9, 0.1)]) == ()
    assert [s.people for s in shielded([SegmentRegret("a", 40, 0.1)])] == [40]
