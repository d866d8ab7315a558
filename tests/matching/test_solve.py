"""What a program may rely on when it matches its enrollments."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching import (
    Explainer,
    Instance,
    MatchingError,
    Message,
    Participant,
    Rule,
    describe,
    input_hash,
    solve,
)
from app.matching.scoring import Scorer
from app.matching.text import SENTENCES
from tests.matching.oracle import certificate_holds, dense_optimum

SKILLS = ["writing", "speaking", "budgets", "design", "python", "sales"]
SKILL = Rule("prefer", "overlap", "wanted", "offered", "Skills", 20)
LEVEL = Rule("prefer", "gap", "level", "level", "Seniority", 9, params={"low": 2, "high": 5})
ZONE = Rule("prefer", "zone", "zone", "zone", "Time zone", 5, params={"hours": 8})
WINDOWS = Rule("prefer", "windows", "week", "week", "Availability", 6, params={"hours": 2})
HOBBY = Rule("prefer", "overlap", "hobby", "hobby", "Interests", 2, params={"share": "union"})
FUNCTION = Rule("prefer", "differ", "function", "function", "Function", 4)
AWAY = Rule("prefer", "distance", "line", "line", "Distance", 3)
TRAINED = Rule("prefer", "has", "trained", "trained", "Training", 2)
PUBLIC = (SKILL, LEVEL, ZONE, WINDOWS, HOBBY, FUNCTION, AWAY)
SPEAK = Rule("require", "language", "speaks", "speaks", "A common language")
LINE = Rule("forbid", "reporting_line", "bosses", "bosses", "Reporting line")
SECRET = Rule("prefer", "equal", "secret", "secret", "Secret wish", 40, private=True)
SECRET_RULE = Rule("forbid", "equal", "past", "past", "Secret history", private=True)


def person(rng: random.Random, name: str, mentors: list[str]) -> Participant:
    def some(words: list[str]) -> frozenset[str]:
        return frozenset(rng.sample(words, rng.randint(0, 3)))

    values = {
        "wanted": some(SKILLS),
        "offered": some(SKILLS),
        "hobby": some(["chess", "jazz", "hiking"]),
        "level": rng.choice([None, 1, 2, 3, 4, 6]),
        "zone": rng.choice([None, -5, 0, 1, 5.5, 13]),
        "week": rng.choice([None, 0, rng.getrandbits(168)]),
        "function": rng.choice([None, "sales", "people"]),
        "speaks": rng.choice([frozenset(), frozenset({"en"}), frozenset({"en-GB", "es"})]),
        "bosses": frozenset(rng.sample(mentors, min(len(mentors), rng.randint(0, 1)))),
        "secret": rng.choice([None, "x", "y"]),
        "past": rng.choice([None, "p", "q"]),
        "line": rng.choice(
            [frozenset(), frozenset({name, "a"}), frozenset({name, "b", "a", "top"})]
        ),
        "trained": rng.choice([None, "yes"]),
    }
    return Participant(name, capacity=rng.randint(0, 3), missed=rng.randint(0, 1), values=values)


def company(seed: int, mentees=8, mentors=5, rules=(*PUBLIC, TRAINED, SPEAK, LINE)) -> Instance:
    rng = random.Random(seed)
    names = [f"r{at}" for at in range(mentors)]
    return Instance(
        mentees=tuple(person(rng, f"e{at}", names) for at in range(mentees)),
        mentors=tuple(person(rng, name, names) for name in names),
        rules=rules,
        seed=seed,
    )


seeds = st.integers(0, 10_000)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_an_outcome_is_optimal_and_its_contributions_sum_to_its_scores(seed):
    instance = replace(company(seed), objective="total")
    outcome = solve(instance)
    score = Scorer(instance).matrix(public=True)
    capacity = np.array([m.capacity for m in instance.mentors])
    missed = np.array([m.missed for m in instance.mentees])
    matched, best, _ = dense_optimum(score, capacity, priority=missed)
    assert len(outcome.pairs) == matched
    assert outcome.total == pytest.approx(best, abs=1e-5)
    for pair in outcome.pairs:
        assert sum(part.points for part in pair.contributions) == pytest.approx(pair.score)
    mate = np.array([int(outcome.mate.get(m.id, "r-1")[1:]) for m in instance.mentees])
    proof = outcome.certificate.serialized()
    assert certificate_holds(score, capacity, np.zeros(5, int), mate, proof)


@settings(max_examples=40, deadline=None)
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_people_and_rules_of_the_day_change_nothing(seed, rng):
    instance = company(seed)
    shuffled = replace(
        instance,
        mentees=tuple(rng.sample(instance.mentees, len(instance.mentees))),
        mentors=tuple(rng.sample(instance.mentors, len(instance.mentors))),
    )
    assert input_hash(shuffled) == input_hash(instance)
    first, second = solve(instance), solve(shuffled)
    assert first.mate == second.mate
    assert first.prices == second.prices
    assert input_hash(replace(instance, seed=instance.seed + 1)) != input_hash(instance)


def _shown(instance: Instance, outcome, mentees, mentors) -> str:
    """Everything about a run that may reach a reader, given who is paired with whom."""
    explainer = Explainer(instance, outcome.mate, outcome.prices)
    said = [outcome.prices]
    for mentee in mentees:
        said.append(explainer.alternatives(mentee, 9))
        for mentor in mentors:
            said.append(explainer.explain_pair(mentee, mentor))
            said.append(explainer.why_not(mentee, mentor))
    return repr(said)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_private_answer_moves_no_displayed_score_order_reason_or_price(seed):
    rules = (*PUBLIC, SPEAK, LINE, SECRET, SECRET_RULE)
    one = replace(company(seed, rules=rules), discreet=True)
    changed = tuple(
        replace(m, values={**m.values, "secret": "x", "past": None}) for m in one.mentees
    )
    other = replace(one, mentees=changed, excluded=frozenset({("e0", "r0")}))
    first, second = solve(one), solve(other)
    assert first.prices == second.prices
    pinned = first  # the same pairs for both: only then may nothing differ
    mentees, mentors = [m.id for m in one.mentees], [m.id for m in one.mentors]
    second_pinned = replace(second, pairs=pinned.pairs)
    told = _shown(one, first, mentees, mentors)
    assert told == _shown(other, second_pinned, mentees, mentors)
    assert "Secret" not in told
    for pair in (*first.pairs, *second.pairs):
        assert "Secret" not in repr(pair)


def test_a_private_preference_does_move_the_solver():
    secret = {"secret": "x"}
    mentee = Participant("e", values=secret)
    mentors = (Participant("a"), Participant("b", values=secret))
    instance = Instance((mentee,), mentors, (SKILL, SECRET), discreet=True)
    outcome = solve(instance)
    assert outcome.mate == {"e": "b"}
    assert outcome.pairs[0].score == 0  # the wish is not in the score shown


def test_a_silent_exclusion_is_kept_and_never_named():
    mentee = Participant("e", values={"wanted": frozenset({"design"})})
    mentor = Participant("r", values={"offered": frozenset({"design"})})
    instance = Instance((mentee,), (mentor,), (SKILL,), discreet=True)
    instance = replace(instance, excluded=frozenset({("e", "r")}))
    outcome = solve(instance)
    assert outcome.pairs == ()
    assert [reason.code for reason in outcome.unmatched[0].why] == ["waiting_discreetly"]
    assert Explainer.of(instance, outcome).why_not("e", "r").code == "not_chosen"


def test_locked_pairs_stay_banned_pairs_go_and_ties_keep_the_current_pair():
    mentees = (Participant("e1"), Participant("e2"))
    mentors = tuple(Participant(name) for name in ("a", "b", "c"))
    instance = Instance(mentees, mentors, (SKILL,))
    locked = solve(replace(instance, locked=frozenset({("e1", "c")})))
    assert locked.mate["e1"] == "c" and locked.pairs[0].locked
    banned = solve(replace(instance, banned=frozenset({("e1", "a"), ("e1", "b")})))
    assert banned.mate["e1"] == "c"
    for mentor in "abc":
        kept = solve(replace(instance, current=frozenset({("e1", mentor)})))
        assert kept.mate["e1"] == mentor


def designer(name: str, *skills: str, capacity: int = 1, **values) -> Participant:
    words = frozenset(skills)
    return Participant(name, capacity, values={"wanted": words, "offered": words, **values})


def test_why_not_her_names_the_first_failed_rule_or_the_price():
    english, spanish = frozenset({"en"}), frozenset({"es"})
    mentees = (
        designer("e1", "design", speaks=english),
        designer("e2", "design", "python", speaks=english),
    )
    mentors = (
        designer("star", "design", "python", speaks=english),
        designer("other", "design", speaks=english | spanish),
        designer("far", "design", speaks=spanish),
        designer("full", "design", capacity=0, speaks=english),
    )
    instance = Instance(mentees, mentors, (SKILL, SPEAK))
    outcome = solve(instance)
    assert outcome.mate == {"e1": "other", "e2": "star"}
    explainer = Explainer.of(instance, outcome)
    assert explainer.why_not("e1", "other").code == "already_paired"
    assert explainer.why_not("e1", "full").code == "no_capacity"
    far = explainer.why_not("e1", "far")
    assert describe(far) == (
        "Ruled out: A common language is required and does not hold for this pair"
    )
    assert explainer.why_not("e2", "other") == Message(
        "better_elsewhere", {"score": 0.5, "own": 1.0}
    )
    assert [a.mentor for a in explainer.alternatives("e2")] == ["other"]


def test_a_contested_place_has_the_price_it_would_cost_others():
    mentees = (designer("e1", "design", "python"), designer("e2", "design"))
    mentors = (designer("star", "design", "python"), designer("plain", "design"))
    price = solve(Instance(mentees, mentors, (SKILL,))).prices
    assert price["star"] is None  # no free place anywhere: someone would go without
    roomy = (*mentors, designer("spare", "python"))
    instance = Instance(mentees, roomy, (SKILL,))
    assert solve(instance).prices == {"star": 0.5, "plain": 0.5, "spare": 0.0}


def test_why_am_i_still_waiting_names_the_smallest_binding_set_and_what_would_help():
    english, spanish = frozenset({"en"}), frozenset({"es"})
    mentees = (designer("e", "design", speaks=english, bosses=frozenset({"boss"})),)
    mentors = (
        designer("boss", "design", speaks=english),
        designer("s1", "design", speaks=spanish),
        designer("s2", "design", speaks=spanish),
    )
    instance = Instance(mentees, mentors, (SKILL, SPEAK, LINE))
    why = solve(instance).unmatched[0].why
    assert [describe(reason) for reason in why] == [
        "No mentor satisfies these rules together: A common language, Reporting line",
        "Without the rule A common language, possible mentors: 2",
        "Without the rule Reporting line, possible mentors: 1",
    ]


def test_waiting_for_want_of_places_says_so():
    mentees = (designer("e1", "design"), designer("e2", "design"))
    outcome = solve(Instance(mentees, (designer("r", "design"),), (SKILL,)))
    assert outcome.matched_share == 0.5
    assert [reason.code for reason in outcome.unmatched[0].why] == ["places_taken"]
    nobody = solve(Instance(mentees, (designer("r", capacity=0),), (SKILL,)))
    assert [reason.code for reason in nobody.unmatched[0].why] == ["no_mentors"]


def test_a_pair_shows_its_three_best_reasons_and_one_stretch():
    both = {"level": 1, "zone": 0, "function": "sales", "hobby": frozenset({"chess"})}
    mentee = designer("e", "design", **both)
    mentor = designer("r", "design", **{**both, "level": 4, "hobby": frozenset({"jazz"})})
    pair = solve(Instance((mentee,), (mentor,), PUBLIC)).pairs[0]
    assert [describe(part.reason) for part in pair.highlights] == [
        "Skills in common: design",
        "Seniority: 3 steps apart",
        "Time zone: clocks 0 h apart",
    ]
    assert pair.stretch and pair.stretch.label == "Function"


def test_progress_is_told_for_every_phase():
    phases = []
    solve(company(1), progress=lambda phase, done, of: phases.append((phase, done, of)))
    assert {phase for phase, _, _ in phases} == {"score", "prune", "floor", "solve", "certify"}
    assert all(0 <= done <= of for _, done, of in phases)


def test_reasons_can_be_translated_with_their_values():
    spanish = {SENTENCES["relax"]: "Sin la regla %(label)s, mentores posibles: %(count)s"}
    message = Message("relax", {"label": "Idioma", "count": 2})
    assert describe(message, lambda s: spanish.get(s, s)) == (
        "Sin la regla Idioma, mentores posibles: 2"
    )


GOOD = Instance((designer("e", "design"),), (designer("r", "design"),), (SKILL,))
REFUSED = {
    "no_mentees": replace(GOOD, mentees=()),
    "duplicate_id": replace(GOOD, mentees=GOOD.mentees * 2),
    "both_roles_id": replace(GOOD, locked=frozenset({("e", "nobody")})),
    "bad_capacity": replace(GOOD, mentors=(Participant("r", capacity=-1),)),
    "bad_priority": replace(GOOD, mentees=(Participant("e", missed=99),)),
    "bad_minimum": replace(GOOD, minimum=-1),
    "bad_weight": replace(GOOD, rules=(replace(SKILL, weight=float("nan")),)),
    "weight_on_hard_rule": replace(GOOD, rules=(SKILL, replace(SPEAK, weight=10))),
    "no_preference": replace(GOOD, rules=()),
    "bad_comparator": replace(GOOD, rules=(replace(SKILL, comparator="vibes"),)),
    "bad_kind": replace(GOOD, rules=(replace(SKILL, kind="must"),)),
    "bad_param": replace(GOOD, rules=(replace(SKILL, params={"share": "everybody"}),)),
    "bad_value": replace(GOOD, rules=(replace(LEVEL, mentee="wanted"),)),
    "not_discreet": replace(GOOD, rules=(SKILL, SECRET)),
    "bad_objective": replace(GOOD, objective="best"),
    "locked_twice": replace(GOOD, locked=frozenset({("e", "r"), ("e", "x")})),
    "locked_forbidden": replace(GOOD, rules=(SKILL, SPEAK), locked=frozenset({("e", "r")})),
    "locked_over_capacity": replace(
        GOOD, mentors=(Participant("r", capacity=0),), locked=frozenset({("e", "r")})
    ),
    "minimum_impossible": replace(GOOD, mentors=(*GOOD.mentors, Participant("s")), minimum=1),
}


@pytest.mark.parametrize("code", REFUSED)
def test_input_that_cannot_be_matched_is_refused_with_a_sentence(code):
    with pytest.raises(MatchingError) as refusal:
        solve(REFUSED[code])
    assert refusal.value.message.code == code
    assert "%(" not in str(refusal.value)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_an_unanswered_field_earns_nothing_and_forbids_nothing_but_satisfies_no_requirement(seed):
    silent = Participant("e", values={})
    mentors = company(seed).mentors
    open_rules = Instance((silent,), mentors, (*PUBLIC, replace(SPEAK, kind="forbid")))
    assert (Scorer(open_rules).matrix(public=True) == 0).all()
    strict = replace(open_rules, rules=(*PUBLIC, SPEAK))
    assert np.isneginf(Scorer(strict).matrix(public=True)).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_without_reasons_the_pairs_and_figures_are_the_same(seed):
    rng = random.Random(seed)
    mentors = [f"r{n}" for n in range(12)]
    instance = Instance(
        tuple(person(rng, f"e{n}", mentors) for n in range(30)),
        tuple(person(rng, name, mentors) for name in mentors),
        (*PUBLIC, SPEAK, LINE, SECRET),
        discreet=True,
    )
    told, bare = solve(instance), solve(instance, explain=False)
    assert bare.mate == told.mate and bare.certificate.serialized() == told.certificate.serialized()
    assert bare.total == pytest.approx(told.total, abs=1e-5)
    assert bare.floor == pytest.approx(told.floor, abs=1e-6)
    assert [one.mentee for one in bare.unmatched] == [one.mentee for one in told.unmatched]
    assert not any(pair.contributions for pair in bare.pairs)
