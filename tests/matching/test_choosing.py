"""Shortlists, answers, previews, comparisons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from app.matching import Explainer, Participant, Rule, solve
from app.matching.choosing import after_answers, by_choice, shortlists
from app.matching.comparing import compare, if_relaxed, with_one_more
from app.matching.preview import Previewer
from app.matching.scoring import Scorer
from app.matching.text import MatchingError
from tests.matching.oracle import dense_optimum
from tests.matching.test_rematch import SKILLS, TRAITS, people
from tests.matching.test_solve import company, seeds


def roomy(seed: int = 1, mentees: int = 60, mentors: int = 24):
    from app.matching import Instance

    rng = np.random.default_rng(seed)
    sides = people(rng, "e", mentees), people(rng, "r", mentors, capacity=4)
    return Instance(tuple(sides[0]), tuple(sides[1]), (*TRAITS, SKILLS))


def test_everybody_gets_three_to_five_candidates_and_no_mentor_is_in_too_many_lists():
    instance = roomy()
    outcome = solve(instance)
    lists = shortlists(instance, outcome)
    assert set(lists) == {person.id for person in instance.mentees}
    sizes = [len(found) for found in lists.values()]
    assert min(sizes) >= 3 and max(sizes) <= 5
    exposed = 0
    for mentor in instance.mentors:
        shown = sum(any(c.mentor == mentor.id for c in found) for found in lists.values())
        assert shown <= 2 * mentor.capacity + 2
        exposed += shown > 2 * mentor.capacity
    assert exposed <= 0.2 * len(instance.mentors)
    for mentee, found in lists.items():
        values = [candidate.value for candidate in found]
        assert values == sorted(values, reverse=True)
        assert [c.mentor for c in found if c.proposed] == [outcome.mate[mentee]]
        explained = Explainer.of(instance, outcome)
        for candidate in found:
            pair = explained.explain_pair(mentee, candidate.mentor)
            assert candidate.score == pytest.approx(pair.score, abs=1e-5)


def test_a_mentee_does_not_see_whom_they_ruled_out_and_nobody_else_sees_a_difference():
    instance = replace(roomy(), discreet=True)
    outcome = solve(instance)
    lists = shortlists(instance, outcome)
    mentee, out = next((m, c.mentor) for m, found in lists.items() for c in found if not c.proposed)
    after = shortlists(instance, outcome, unwanted=frozenset({(mentee, out)}))
    assert out not in {c.mentor for c in after[mentee]}
    assert {m: f for m, f in after.items() if m != mentee} == {
        m: f for m, f in lists.items() if m != mentee
    }


def test_accepting_fixes_declining_rules_out_and_most_others_stay():
    instance = roomy()
    outcome = solve(instance)
    names = sorted(outcome.mate)
    accepted = {(names[0], outcome.mate[names[0]])}
    declined = {(names[1], outcome.mate[names[1]])}
    after = after_answers(instance, outcome, accepted, declined)
    assert after.mate[names[0]] == outcome.mate[names[0]]
    assert after.mate[names[1]] != outcome.mate[names[1]]
    assert len(compare(outcome, after).moved) <= 4


def test_the_mentees_own_ranking_decides_where_places_allow():
    instance = roomy()
    outcome = solve(instance)
    lists = shortlists(instance, outcome)
    ranked = {m: [c.mentor for c in reversed(found)] for m, found in lists.items()}
    chosen = by_choice(instance, ranked)
    assert chosen.matched_share == 1
    firsts = sum(chosen.mate[m] == order[0] for m, order in ranked.items())
    listed = sum(chosen.mate[m] in order for m, order in ranked.items())
    assert listed == len(ranked) and firsts > len(ranked) / 2


def test_a_preview_answers_what_a_run_with_those_weights_would():
    instance = roomy()
    preview = Previewer(instance)
    for weights in ({}, {"Skills": 40.0}, {"Trait 0": 0.0, "Trait 1": 7.0}):
        tried = preview.tried(weights)
        rules = tuple(
            replace(rule, weight=weights.get(rule.label, rule.weight))
            for rule in instance.rules
            if weights.get(rule.label, rule.weight) > 0
        )
        again = replace(instance, rules=rules, objective="total")
        score = Scorer(again).matrix(public=True)
        capacity = np.array([m.capacity for m in instance.mentors])
        matched, best, _ = dense_optimum(score, capacity)
        assert (tried.matched, tried.total) == (matched, pytest.approx(best, abs=1e-4))
    assert preview.tried({}).changed == 0
    for bad in ({"Nothing": 1.0}, {"Skills": -1.0}, {"Skills": float("nan")}):
        with pytest.raises(MatchingError):
            preview.tried(bad)
    with pytest.raises(MatchingError):
        preview.tried({rule.label: 0.0 for rule in instance.rules})


@pytest.mark.soak
def test_a_preview_of_two_thousand_by_six_hundred_takes_a_fifth_of_a_second():
    preview = Previewer(roomy(mentees=2_000, mentors=600))
    seconds = [preview.tried({"Skills": float(n)}).seconds for n in range(1, 9)]
    print([round(s, 3) for s in seconds])
    assert np.median(seconds) <= 0.2


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_a_comparison_accounts_for_everybody(seed):
    one, other = company(seed), replace(company(seed), objective="total")
    before, after = solve(one), solve(other)
    told = compare(before, after)
    assert told.kept + len(told.moved) + len(told.lost) == len(before.pairs)
    assert told.kept + len(told.moved) + len(told.gained) == len(after.pairs)
    assert before.total + told.total == pytest.approx(after.total)
    assert compare(before, before).changes_nothing


def test_what_a_relaxed_rule_or_one_more_place_would_change():
    from app.matching import Instance

    speak = Rule("require", "language", "speaks", "speaks", "A common language")
    both = {"wanted": frozenset("a"), "offered": frozenset("a")}
    mentees = tuple(
        Participant(f"e{n}", values={**both, "speaks": frozenset({tag})})
        for n, tag in enumerate(("en", "en", "es"))
    )
    mentors = (
        Participant("r0", values={**both, "speaks": frozenset({"en"})}),
        Participant("r1", values={**both, "speaks": frozenset({"fr"})}),
    )
    instance = Instance(mentees, mentors, (SKILLS, speak))
    before = solve(instance)
    assert len(before.pairs) == 1
    relaxed = if_relaxed(instance, before, "A common language")
    assert len(relaxed.gained) == 1 and not relaxed.lost
    more = with_one_more(instance, before, "r0")
    assert len(more.gained) == 1 and more.total == pytest.approx(1)
