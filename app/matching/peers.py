"""Peers: everybody with everybody, pairs of equals, and one group of three for the odd one.

A maximum-weight matching in a general graph (Edmonds 1965; rustworkx): the most people in pairs
first, then the highest total. Whoever is left over joins the pair where that adds most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .assignment import NO_FLOOR, UNIT, Floats, Ints, units
from .circles import best_in_circles, form_circles
from .scoring import Scorer
from .solver import ordered
from .text import MatchingError
from .types import Contribution, Instance, Participant, Rule

MOST = 3_000  # people; a general graph grows with the square
TOP = 40  # best peers of each person that are tried first
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
    bound: float | None = None  # of circles: what no circles of this size or more can exceed


def pair_up(score: Floats) -> list[tuple[int, int]]:
    """Index pairs of a symmetric score table (``-inf``: not allowed): most pairs, highest total."""
    from rustworkx import PyGraph, max_weight_matching

    people = len(score)
    if people > MOST:
        raise MatchingError("too_many_peers", count=people, most=MOST)
    edges = _edges(score, people if people <= DENSE else TOP)
    while True:
        graph = PyGraph(multigraph=False)
        graph.add_nodes_from(range(people))
        graph.add_edges_from([(i, j, int(w)) for i, j, w in edges.tolist()])
        found = max_weight_matching(graph, max_cardinality=True, weight_fn=int)
        pairs = sorted((min(pair), max(pair)) for pair in found)
        all_edges = _edges(score, people)
        left = people - 2 * len(pairs)
        if len(edges) == len(all_edges) or left <= 1:
            return pairs
        edges = all_edges  # somebody is left over: look at every pair


def _edges(score: Floats, top: int) -> Ints:
    """Allowed pairs (i < j) with their weight in units, each person's best ``top``."""
    people = len(score)
    allowed = np.triu(np.isfinite(score), 1)
    if top < people:
        best = np.zeros_like(allowed)
        ranked = np.argpartition(score, people - top, axis=1)[:, people - top :]
        np.put_along_axis(best, ranked, True, axis=1)
        allowed &= best | best.T
    i, j = np.nonzero(allowed)
    return np.column_stack([i, j, units(score[i, j]).astype(np.int64) + UNIT])


def join_left_over(
    score: Floats, pairs: Iterable[tuple[int, ...]]
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Groups after each person left over joined the pair that suits them best, if any allows it."""
    groups: list[tuple[int, ...]] = [tuple(pair) for pair in pairs]
    seated = {at for group in groups for at in group}
    alone = []
    for one in sorted(set(range(len(score))) - seated):
        best, place = float(NO_FLOOR), -1
        for at, group in enumerate(groups):
            gain = float(score[one, list(group)].sum()) if len(group) == 2 else -np.inf
            if gain > best and np.isfinite(gain):
                best, place = gain, at
        if place < 0:
            alone.append(one)
        else:
            groups[place] = (*groups[place], one)
    return groups, alone


def match_peers(
    people: Iterable[Participant], rules: Iterable[Rule], *, seed: int = 0, triads: bool = True
) -> PeerOutcome:
    """Peers in pairs by the rules of a program, each rule read in both directions."""
    everybody = tuple(people)
    instance = ordered(Instance(everybody, everybody, tuple(rules), objective="total", seed=seed))
    if any(rule.private for rule in instance.rules):
        raise MatchingError("private_peers")
    scorer = Scorer(instance)
    table = both_ways(scorer.matrix(public=True))
    ids = [person.id for person in instance.mentees]
    pairs = pair_up(table)
    groups, alone = join_left_over(table, pairs) if triads else ([*pairs], _left(pairs, len(ids)))
    circles = [_circle(scorer, table, ids, group) for group in groups]
    return PeerOutcome(
        tuple(sorted(circles, key=lambda c: c.people)),
        tuple(sorted(ids[at] for at in alone)),
        float(sum(table[i, j] for i, j in pairs)),
    )


def match_circles(
    people: Iterable[Participant], rules: Iterable[Rule], least: int, most: int, *, seed: int = 0
) -> PeerOutcome:
    """Peers in circles of a size, by the same rules."""
    everybody = tuple(people)
    instance = ordered(Instance(everybody, everybody, tuple(rules), objective="total", seed=seed))
    if any(rule.private for rule in instance.rules):
        raise MatchingError("private_peers")
    scorer = Scorer(instance)
    table = both_ways(scorer.matrix(public=True))
    ids = [person.id for person in instance.mentees]
    groups = [tuple(int(at) for at in circle) for circle in form_circles(table, least, most)]
    circles = [_circle(scorer, table, ids, group) for group in groups if len(group) > 1]
    alone = [ids[group[0]] for group in groups if len(group) == 1]
    smallest = min((len(circle.people) for circle in circles), default=0)
    return PeerOutcome(
        tuple(sorted(circles, key=lambda c: c.people)),
        tuple(alone),
        total=sum(circle.score for circle in circles),
        reached=sum(circle.score * len(circle.people) for circle in circles),
        bound=best_in_circles(table, smallest),
    )


def both_ways(score: Floats) -> Floats:
    """A pair's score from both sides: the mean; not allowed where either side is not."""
    table: Floats = (score + score.T) / np.float32(2)
    np.fill_diagonal(table, -np.inf)
    return table


def _left(pairs: Iterable[tuple[int, int]], people: int) -> list[int]:
    return sorted(set(range(people)) - {at for pair in pairs for at in pair})


def _circle(scorer: Scorer, table: Floats, ids: list[str], group: tuple[int, ...]) -> Circle:
    pairs = [(a, b) for at, a in enumerate(group) for b in group[at + 1 :]]
    score = float(np.mean([table[pair] for pair in pairs]))
    each = [
        part for a, b in pairs for way in ((a, b), (b, a)) for part in scorer.contributions(*way)
    ]
    parts = []
    for label in dict.fromkeys(part.label for part in each):
        same = [part for part in each if part.label == label]
        best = max(same, key=lambda part: part.points)
        parts.append(replace(best, points=sum(part.points for part in same) / (2 * len(pairs))))
    ranked = tuple(sorted(parts, key=lambda p: -p.points))
    return Circle(tuple(sorted(ids[at] for at in group)), score, ranked)
