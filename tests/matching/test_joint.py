"""Several programs at once: the best over all of them, one number of places per person, a proof."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

from app.matching import Instance, MatchingError, Participant, Rule, solve, solve_jointly
from app.matching.scoring import Scorer
from app.matching.solver import ordered
from tests.matching.oracle import certificate_holds, ladder_holds

TOPICS = ["writing", "speaking", "budgets", "design", "python"]
SKILL = Rule("prefer", "overlap", "wanted", "offered", "Skills", 10)
LEVEL = Rule("prefer", "gap", "level", "level", "Seniority", 5, params={"low": 1, "high": 3})
SPEAK = Rule("require", "language", "speaks", "speaks", "A common language")
OTHER = Rule("prefer", "differ", "function", "function", "Function", 7)


def person(rng: random.Random, name: str, **more) -> Participant:
    values = {
        "wanted": frozenset(rng.sample(TOPICS, rng.randint(1, 3))),
        "offered": frozenset(rng.sample(TOPICS, rng.randint(1, 3))),
        "level": rng.randint(0, 4),
        "function": rng.choice(["sales", "people", "care"]),
        "speaks": rng.choice([frozenset({"en"}), frozenset({"en", "es"}), frozenset({"es"})]),
    }
    return Participant(name, values=values, **more)


def programs(
    seed: int, sizes: list[tuple[int, int]], objective="total", most=2, missed=0
) -> dict[str, Instance]:
    """Programs with rules of their own; the first mentors of each are the same people."""
    rng = random.Random(seed)
    shared = {f"p{n}": rng.randint(0, most) for n in range(max(mentors for _, mentors in sizes))}
    found = {}
    for number, (mentees, mentors) in enumerate(sizes):
        own_rules = (SKILL, LEVEL, SPEAK) if number % 2 else (SKILL, OTHER)
        theirs = tuple(
            person(
                rng,
                f"r{number}.{n}",
                capacity=rng.randint(0, 2),
                pool=f"p{n}" if rng.random() < 0.7 else "",
            )
            for n in range(mentors)
        )
        found[f"program {number}"] = Instance(
            tuple(
                person(rng, f"e{number}.{n}", missed=rng.randint(0, missed)) for n in range(mentees)
            ),
            theirs,
            own_rules,
            objective=objective,
            seed=seed,
            pools={one.pool: shared[one.pool] for one in theirs if one.pool},
        )
    return found


def scores(part: Instance) -> dict[tuple[str, str], float]:
    """Every allowed pair of a program with its score, by the program's own rules."""
    scorer = Scorer(part)
    table = scorer.matrix(public=False)
    return {
        (m.id, r.id): float(table[i, j])
        for i, m in enumerate(part.mentees)
        for j, r in enumerate(part.mentors)
        if np.isfinite(table[i, j])
    }


def places(parts) -> tuple[dict[str, int], dict[str, str], dict[str, int]]:
    mentors = [mentor for part in parts.values() for mentor in part.mentors]
    sizes = {name: size for part in parts.values() for name, size in part.pools.items()}
    return {m.id: m.capacity for m in mentors}, {m.id: m.pool for m in mentors}, sizes


def fits(parts, pairs) -> bool:
    """Whether no mentor has more than their places in a program, and nobody over all of them."""
    capacity, pool, sizes = places(parts)
    mentors = [mentor for _mentee, mentor in pairs]
    pools = [pool[mentor] for mentor in mentors if pool[mentor]]
    return all(mentors.count(one) <= capacity[one] for one in set(mentors)) and all(
        pools.count(one) <= sizes[one] for one in set(pools)
    )


def brute(parts, key):
    """The best of all matchings there are, by a key."""
    worth: dict[tuple[str, str], float] = {}
    for part in parts.values():
        worth |= scores(part)
    mentees = [m for part in parts.values() for m in part.mentees]
    choices = [[None, *(r for e, r in worth if e == m.id)] for m in mentees]
    best = None
    for chosen in itertools.product(*choices):
        pairs = [(m.id, r) for m, r in zip(mentees, chosen, strict=True) if r is not None]
        if fits(parts, pairs):
            value = key(pairs, worth, mentees)
            best = value if best is None else max(best, value)
    return best


def reached(found) -> list[tuple[str, str]]:
    return [pair for one in found.outcomes.values() for pair in one.mate.items()]


def total(pairs, worth) -> float:
    return round(sum(worth[pair] for pair in pairs), 4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_no_matching_of_all_programs_places_more_or_scores_more(seed):
    parts = programs(seed, [(3, 2), (2, 3), (1, 1)], missed=2)

    def key(pairs, worth, mentees):
        waited = {m.id: m.missed for m in mentees}
        return len(pairs), sum(waited[e] for e, _ in pairs), total(pairs, worth)

    found = solve_jointly(parts)
    pairs = reached(found)
    worth = {pair: value for part in parts.values() for pair, value in scores(part).items()}
    mentees = [m for part in parts.values() for m in part.mentees]
    best = brute(parts, key)
    assert fits(parts, pairs) and set(pairs) <= set(worth), "no rule of a program is broken"
    assert key(pairs, worth, mentees)[:2] == best[:2]
    assert key(pairs, worth, mentees)[2] == pytest.approx(best[2], abs=1e-3)
    assert found.total == pytest.approx(total(pairs, worth), abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_fair_order_raises_the_worst_pair_of_all_programs(seed):
    parts = programs(seed, [(3, 2), (2, 3)], objective="fair")

    def key(pairs, worth, _mentees):
        return len(pairs), round(min((worth[pair] for pair in pairs), default=1.0), 5)

    found = solve_jointly(parts)
    pairs = reached(found)
    assert (len(pairs), round(1.0 if found.floor is None else found.floor, 5)) == pytest.approx(
        brute(parts, key), abs=1e-4
    )


def whole(parts, keys):
    """The programs as one matrix in the solver's order, with limits, for the judge."""
    scorers = [Scorer(ordered(parts[key])) for key in keys]
    rows = [m for one in scorers for m in one.instance.mentees]
    columns = [m for one in scorers for m in one.instance.mentors]
    score = np.full((len(rows), len(columns)), -np.inf, np.float32)
    row = column = 0
    for one in scorers:
        table = one.matrix(public=False)
        score[row : row + len(table), column : column + table.shape[1]] = table
        row, column = row + len(table), column + table.shape[1]
    sizes = {name: size for key in keys for name, size in parts[key].pools.items()}
    names = sorted(sizes)
    of = [names.index(m.pool) if m.pool else -1 for m in columns]
    return rows, columns, score, (of, [sizes[name] for name in names])


@pytest.mark.parametrize("objective", ["total", "fair"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_proof_over_all_programs_convinces_a_stranger(seed, objective):
    parts = programs(seed, [(30, 10), (25, 12), (20, 8)], objective, most=3, missed=1)
    found = solve_jointly(parts)
    rows, columns, score, pools = whole(parts, sorted(parts))
    at = {mentor.id: place for place, mentor in enumerate(columns)}
    mate = dict(reached(found))
    chosen = np.array([at[mate[m.id]] if m.id in mate else -1 for m in rows])
    capacity = np.array([m.capacity for m in columns])
    proof, none = found.certificate.serialized(), np.zeros(len(columns), int)
    assert certificate_holds(score, capacity, none, chosen, proof, pools=pools)
    if objective == "fair":
        priority = np.array([m.missed for m in rows])
        assert ladder_holds(score, capacity, none, priority, chosen, proof, pools=pools)
    spoiled = chosen.copy()
    spoiled[np.flatnonzero(chosen >= 0)[0]] = -1
    assert not certificate_holds(score, capacity, none, spoiled, proof, pools=pools)


def linear(score, capacity, pools) -> tuple[int, float]:
    """People and total by scipy's linear program, whose corners are whole numbers."""
    i, j = np.nonzero(np.isfinite(score))
    of, sizes = np.array(pools[0]), pools[1]
    people, mentors = score.shape
    limits = lil_matrix((people + mentors + len(sizes), len(i)))
    limits[i, np.arange(len(i))] = 1
    limits[people + j, np.arange(len(i))] = 1
    inside = of[j] >= 0
    limits[people + mentors + of[j][inside], np.flatnonzero(inside)] = 1
    bounds = np.concatenate([np.ones(people), capacity, sizes])
    gain = score[i, j].astype(float) + 2.0 * (people + 1)
    found = linprog(-gain, A_ub=limits.tocsr(), b_ub=bounds, bounds=(0, 1), method="highs")
    used = found.x > 0.5
    return int(used.sum()), float(score[i, j][used].astype(float).sum())


@pytest.mark.parametrize("seed", [4, 5])
def test_on_medium_programs_the_total_is_that_of_a_linear_program(seed):
    parts = programs(seed, [(90, 30), (70, 34), (60, 20)], most=3)
    found = solve_jointly(parts)
    rows, columns, score, pools = whole(parts, sorted(parts))
    capacity = np.array([m.capacity for m in columns])
    people, best = linear(score, capacity, pools)
    assert len(rows) >= people > 0
    assert (len(reached(found)), found.total) == (people, pytest.approx(best, abs=1e-3))
    assert fits(parts, reached(found))


def test_one_program_after_the_other_gives_fewer_people_than_all_at_once():
    """Ada has one place over both programs; only the second program has nobody else."""
    values = {"wanted": frozenset({"python"}), "offered": frozenset({"python"})}
    ada = {"capacity": 1, "pool": "ada", "values": values}
    other = {"offered": frozenset({"design"}), "wanted": frozenset({"design"})}
    first = Instance(
        (Participant("mia", values=values),),
        (Participant("ada 1", **ada), Participant("bo", values=other)),
        (SKILL,),
        pools={"ada": 1},
    )
    second = Instance(
        (Participant("noor", values=values),), (Participant("ada 2", **ada),), (SKILL,)
    )
    second = replace(second, pools={"ada": 1})
    assert solve(first).mate == {"mia": "ada 1"}, "alone it takes her, and noor would wait"
    found = solve_jointly({"one": first, "two": second})
    assert dict(reached(found)) == {"mia": "bo", "noor": "ada 2"}
    assert found.matched_share == 1


def test_the_order_in_which_programs_and_people_come_changes_nothing():
    parts = programs(9, [(20, 8), (15, 9)], objective="fair", most=2)
    turned = {
        key: replace(part, mentees=part.mentees[::-1], mentors=part.mentors[::-1])
        for key, part in reversed(parts.items())
    }
    one, other = solve_jointly(parts), solve_jointly(turned)
    assert set(reached(one)) == set(reached(other))
    assert one.input_hash == other.input_hash and one.total == pytest.approx(other.total)


def test_programs_that_disagree_about_a_person_are_refused():
    parts = programs(3, [(3, 2), (3, 2)])
    first, second = parts.values()
    odd = {name: size + 1 for name, size in first.pools.items()}
    shared = replace(second, pools={**second.pools, **odd})
    with pytest.raises(MatchingError, match="places"):
        solve_jointly({"one": first, "two": shared})
    with pytest.raises(MatchingError, match="objective"):
        solve_jointly({"one": first, "two": replace(second, objective="fair")})
