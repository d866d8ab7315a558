"""Peers: everybody with everybody, pairs of equals, and one group of three for the odd one.

A maximum-weight matching in a general graph (Edmonds 1965; rustworkx): the most people in pairs
first, of these whoever missed rounds, then the highest total. Whoever is left over joins the pair
where that adds most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .assignment import UNIT, Floats, Ints, Problem, assign, units
from .circles import best_in_circles, seat_circles
from .scoring import Scorer
from .solver import ordered
from .text import MatchingError
from .types import Contribution, IdPair, Instance, Participant, Rule

MOST = 3_000  # people; a general graph grows with the square
TOP = 40  # best peers of each person that are tried first
WIDER = 8  # how many times more are tried after that
DENSE = 400  # people up to which every pair is in the graph


@dataclass(frozen=True)
class Circle:
    """Two or three peers, the mean score of their pairs, and what speaks for it."""

    people: tuple[str, ...]
    score: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class PeerOutcome:
    """Pairs, groups of three, and who is left over."""

    circles: tuple[Circle, ...]
    alone: tuple[str, ...]
    total: float
    reached: float = 0.0  # the sum over everybody of the mean score with their partners
    bound: float | None = None  # what no circles of this size or more, or no pairs can exceed


def pair_up(score: Floats, missed: Ints | None = None) -> list[tuple[int, int]]:
    """Index pairs of a symmetric score table (``-inf``: not allowed): the most pairs, of these the
    most rounds missed, of these the highest total.

    Sets of people that pairs can cover form a matroid, so the most rounds missed in all also means
    as many as possible of those who missed most, then of those who missed one fewer, and so on.
    """
    from rustworkx import PyGraph, max_weight_matching

    people = len(score)
    if people > MOST:
        raise MatchingError("too_many_peers", count=people, most=MOST)
    waited = np.zeros(people, np.int64) if missed is None else missed
    able = np.isfinite(score).sum(axis=1) > 0
    top = people if people <= DENSE else TOP
    while True:
        edges = _edges(score, top, waited)
        graph = PyGraph(multigraph=False)
        graph.add_nodes_from(range(people))
        graph.add_edges_from([(i, j, int(w)) for i, j, w in edges.tolist()])
        found = max_weight_matching(graph, max_cardinality=True, weight_fn=int)
        pairs = sorted((min(pair), max(pair)) for pair in found)
        left = [at for at in _left(pairs, people) if able[at]]
        must_stay = len(left) == able.sum() % 2  # as few as an odd number leaves
        if top >= people or (must_stay and (waited[left] == waited[able].min(initial=9)).all()):
            return pairs
        top *= WIDER  # somebody else might be left over instead: look at more pairs


def _edges(score: Floats, top: int, missed: Ints) -> Ints:
    """Allowed pairs (i < j) with their weight in units, each person's best ``top``."""
    people = len(score)
    round_ = 2 * UNIT * (people // 2 + 1)  # more than all scores together
    allowed = np.triu(np.isfinite(score), 1)
    if top < people:
        best = np.zeros_like(allowed)
        ranked = np.argpartition(score, people - top, axis=1)[:, people - top :]
        np.put_along_axis(best, ranked, True, axis=1)
        allowed &= best | best.T
    i, j = np.nonzero(allowed)
    worth = units(score[i, j]).astype(np.int64) + UNIT + round_ * (missed[i] + missed[j])
    return np.column_stack([i, j, worth])


def best_in_pairs(score: Floats) -> float:
    """What the sum over everybody of the (mean) score with their partners cannot exceed in pairs
    and groups of three.

    In a pair each is the other's only partner, in a group of three everybody can be given the next:
    an assignment of everybody to a partner. The best one need not form pairs, but has the highest
    sum of all.
    """
    people = len(score)
    open_ = np.where(np.isfinite(score), score, 0).astype(np.float32)  # nobody: no score
    each, none = np.ones(people, np.int64), np.zeros(people, np.int64)
    pairs = assign(Problem(open_, each, none, none)).pairs
    return float(open_[pairs[:, 0], pairs[:, 1]].astype(float).sum()) + people * 0.5 / UNIT


def join_left_over(
    score: Floats, pairs: Iterable[tuple[int, ...]], missed: Ints | None = None
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Groups after those left over joined pairs that allow it: the most people, those who missed
    rounds first, where they suit best."""
    groups: list[tuple[int, ...]] = [tuple(pair) for pair in pairs]
    left = sorted(set(range(len(score))) - {at for group in groups for at in group})
    if not left or not groups:
        return groups, left
    suits = np.full((len(left), len(groups)), -np.inf, np.float32)
    for at, group in enumerate(groups):
        if len(group) == 2:
            suits[:, at] = score[np.ix_(left, group)].mean(axis=1)
    one_each, none = np.ones(len(groups), np.int64), np.zeros(len(groups), np.int64)
    waited = np.zeros(len(left), np.int64) if missed is None else missed[left]
    mate = assign(Problem(suits, one_each, none, waited)).mate.tolist()
    for one, place in zip(left, mate, strict=True):
        if place >= 0:
            groups[place] = (*groups[place], one)
    return groups, [one for one, place in zip(left, mate, strict=True) if place < 0]


def couples(
    wanted: Floats, missed: Ints, fixed: Iterable[tuple[int, int]] = ()
) -> list[tuple[int, ...]]:
    """The most people in pairs, beside those that are fixed; two of these that share a person are
    a group of three."""
    free, kept = wanted.copy(), _kept(fixed)
    taken = [at for group in kept for at in group]
    free[taken, :] = free[:, taken] = -np.inf
    return [*pair_up(free, missed), *kept]


def _kept(fixed: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    kept: list[tuple[int, ...]] = []
    for one, other in fixed:
        near = [group for group in kept if {one, other} & set(group)]
        if not near:
            kept.append((one, other))
        elif len(near) == 1 and len(near[0]) == 2:
            kept.remove(near[0])
            kept.append(tuple(sorted({*near[0], one, other})))
    return kept


def match_peers(
    people: Iterable[Participant],
    rules: Iterable[Rule],
    *,
    seed: int = 0,
    locked: Iterable[IdPair] = (),
    banned: Iterable[IdPair] = (),
) -> PeerOutcome:
    """Peers in pairs by the rules of a program, each rule read in both directions."""
    scorer, table, fixed = _among(people, rules, seed, locked, banned)
    pairs = couples(table, scorer.missed, fixed)
    groups, _ = join_left_over(table, pairs, scorer.missed)
    circles, alone = _told(scorer, table, groups, fixed)
    return PeerOutcome(
        circles,
        alone,
        sum(_inside(table, pair) for pair in pairs),
        reached=sum(circle.score * len(circle.people) for circle in circles),
        bound=best_in_pairs(table) if len(table) > DENSE else None,
    )


def match_circles(
    people: Iterable[Participant],
    rules: Iterable[Rule],
    least: int,
    most: int,
    *,
    seed: int = 0,
    locked: Iterable[IdPair] = (),
    banned: Iterable[IdPair] = (),
) -> PeerOutcome:
    """Peers in circles of a size, by the same rules."""
    scorer, table, fixed = _among(people, rules, seed, locked, banned)
    groups = seat_circles(table, least, most, scorer.missed, fixed)
    circles, alone = _told(scorer, table, groups, fixed)
    smallest = min((len(circle.people) for circle in circles), default=0)
    return PeerOutcome(
        circles,
        alone,
        total=sum(circle.score for circle in circles),
        reached=sum(circle.score * len(circle.people) for circle in circles),
        bound=best_in_circles(table, smallest),
    )


def _among(
    people: Iterable[Participant],
    rules: Iterable[Rule],
    seed: int,
    locked: Iterable[IdPair],
    banned: Iterable[IdPair],
) -> tuple[Scorer, Floats, list[tuple[int, int]]]:
    """Everybody on both sides, the scores of all pairs, and the fixed ones, which break no rule."""
    everybody, ruled_out = tuple(people), frozenset(banned)
    instance = Instance(everybody, everybody, tuple(rules), objective="total", seed=seed)
    if any(rule.private for rule in instance.rules):
        raise MatchingError("private_peers")
    scorer = Scorer(ordered(replace(instance, banned=ruled_out)))
    score = scorer.matrix(public=True)
    both = [pair for one, other in locked for pair in ((one, other), (other, one))]
    fixed = scorer.indices(both)
    scorer.check_allowed(score, fixed)
    pairs = sorted({(min(pair), max(pair)) for pair in fixed.tolist()})
    return scorer, both_ways(score), pairs


def _told(
    scorer: Scorer,
    table: Floats,
    groups: Iterable[tuple[int, ...]],
    fixed: Iterable[tuple[int, int]],
) -> tuple[tuple[Circle, ...], tuple[str, ...]]:
    """The groups with reasons, and who is in none; refused where a fixed pair was parted."""
    ids = [person.id for person in scorer.instance.mentees]
    group_of = {at: group for group in groups for at in group}
    for one, other in fixed:
        if other not in group_of.get(one, ()):
            raise MatchingError("locked_apart", mentee=ids[one], mentor=ids[other])
    circles = [_circle(scorer, table, ids, group) for group in groups]
    alone = sorted(id for at, id in enumerate(ids) if at not in group_of)
    return tuple(sorted(circles, key=lambda c: c.people)), tuple(alone)


def both_ways(score: Floats) -> Floats:
    """A pair's score from both sides: the mean; not allowed where either side is not."""
    table: Floats = (score + score.T) / np.float32(2)
    np.fill_diagonal(table, -np.inf)
    return table


def _left(pairs: Iterable[tuple[int, int]], people: int) -> list[int]:
    return sorted(set(range(people)) - {at for pair in pairs for at in pair})


def _circle(scorer: Scorer, table: Floats, ids: list[str], group: tuple[int, ...]) -> Circle:
    pairs = _pairs_of(group)
    each = [
        part for a, b in pairs for way in ((a, b), (b, a)) for part in scorer.contributions(*way)
    ]
    parts = []
    for label in dict.fromkeys(part.label for part in each):
        same = [part for part in each if part.label == label]
        best = max(same, key=lambda part: part.points)
        parts.append(replace(best, points=sum(part.points for part in same) / (2 * len(pairs))))
    ranked = tuple(sorted(parts, key=lambda p: -p.points))
    return Circle(tuple(sorted(ids[at] for at in group)), _inside(table, group), ranked)


def _pairs_of(group: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(a, b) for at, a in enumerate(group) for b in group[at + 1 :]]


def _inside(table: Floats, group: tuple[int, ...]) -> float:
    """The mean score of a group's pairs."""
    return float(np.mean([table[pair] for pair in _pairs_of(group)]))
