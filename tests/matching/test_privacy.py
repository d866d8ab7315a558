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
from app.matching.deniable import ODDS, STEPS, can_hide, draw, kept_probability, seen
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


def fairly(rng: random.Random):
    """A random source whose every four draws fall into the four quarters, in a random order."""
    quarters: list[int] = []

    def source(count: int) -> bytes:
        if not quarters:
            quarters.extend(rng.sample(range(4), 4))
        return (quarters.pop() * STEPS // 4 + rng.randrange(STEPS // 4)).to_bytes(count, "big")

    return source


def test_over_twenty_matchings_no_observation_speaks_more_than_three_times_for_an_answer():
    """Four hundred people of either truth; the wish decides every pair, which tells the most. An
    observer counts in how many of twenty runs each was given somebody with the trait."""
    wish = Rule("prefer", "equal", "trait", "trait", "Wish", 5, private=True)
    both, skills = ("no", "yes"), {"wants": frozenset("a"), "offers": frozenset("a")}
    truths = [both[at // 400] for at in range(800)]
    mentors = tuple(
        Participant(f"r{at}", capacity=800, values={**skills, "trait": both[at % 2]})
        for at in range(4)
    )
    has_trait = {mentor.id: mentor.values["trait"] == "yes" for mentor in mentors}
    stored, source, counts = {}, fairly(random.Random(4)), np.zeros(800, np.int64)
    for seed in range(20):
        mentees = tuple(
            Participant(
                f"e{at}",
                values={**skills, "trait": seen(at, "wish", truth, both, stored, source)},
            )
            for at, truth in enumerate(truths)
        )
        instance = Instance(mentees, mentors, (SKILLS, wish), seed=seed, discreet=True)
        mate = solve(instance, explain=False).mate
        counts += np.array([has_trait[mate[f"e{at}"]] for at in range(800)])
    is_yes = np.array(truths) == "yes"
    odds = []
    for least in range(1, 21):
        for seen_so in (counts >= least, counts < least):
            among = sorted([int(seen_so[is_yes].sum()), int(seen_so[~is_yes].sum())])
            odds.append(among[1] / among[0] if among[0] else float("inf") if among[1] else 1.0)
    print(f"odds over 20 matchings: at most {max(odds):.2f}")
    assert max(odds) <= ODDS and len(stored) == 800
    assert max(odds) > 1.5, "the wish does reach the matching"


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
