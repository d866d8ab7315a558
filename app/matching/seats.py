"""Peers and circles as a run keeps them: everybody gets a seat beside others, with reasons.

A seat is (person, partner): in a pair the other one, in a group whoever facilitates first (and for
that person the member who fits best). Private factors and exclusions move the solver; scores,
reasons and the order of people rest on public factors alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from .assignment import Certificate, Clock, Floats, Ints, Progress, silent
from .circles import Group, best_in_circles, seat_circles
from .explain import Explainer
from .peers import DENSE, best_in_pairs, both_ways, couples, join_left_over
from .scoring import Scorer
from .solver import ordered
from .text import Message
from .types import Contribution, Instance, Outcome, Pair, Unmatched, input_hash

FOR_PEERS = {
    "rules_leave_nobody": "rules_leave_no_peer",
    "relax": "relax_for_peers",
    "relax_together": "relax_together_for_peers",
}


def solve_seats(
    instance: Instance,
    least: int,
    most: int,
    *,
    in_circles: bool,
    progress: Progress = silent,
) -> Outcome:
    """Everybody of the instance (the same people on both sides) in pairs or circles."""
    clock = Clock()
    scorer = Scorer(ordered(replace(instance, locked=frozenset())))
    table = both_ways(scorer.matrix(public=False, progress=progress))
    shown = both_ways(scorer.matrix(public=True)) if instance.discreet else table
    clock.lap("score")
    fixed = _fixed(scorer, instance)
    progress("solve", 0, 1)
    missed, wanted = scorer.missed, _as_before(scorer, instance, table)
    if in_circles:
        groups = seat_circles(wanted, least, most, missed, fixed)
    else:
        groups, _ = join_left_over(table, couples(wanted, missed, fixed), missed)
    clock.lap("solve")
    smallest = min((len(group) for group in groups), default=0)
    open_ = _with_fixed(shown, fixed)
    bound = None
    if in_circles:
        bound = best_in_circles(open_, smallest)
    elif len(open_) > DENSE:
        bound = best_in_pairs(open_)
    clock.lap("certify")
    found = _outcome(instance, scorer, shown, groups, dict(clock.seconds))
    return replace(found, bound=bound)


def _fixed(scorer: Scorer, instance: Instance) -> list[tuple[int, int]]:
    """Pairs that stay together, by index, whichever side each was named on."""
    named = {tuple(sorted((scorer.row(a), scorer.row(b)))) for a, b in instance.locked}
    return sorted((one, other) for one, other in named)


def _with_fixed(shown: Floats, fixed: Iterable[tuple[int, int]]) -> Floats:
    """Scores as the bound needs them: a pair fixed against a rule may count as much as any."""
    open_ = shown.copy()
    for one, other in fixed:
        if not np.isfinite(open_[one, other]):
            open_[one, other] = open_[other, one] = 1
    return open_


def _as_before(scorer: Scorer, instance: Instance, table: Floats) -> Floats:
    """Scores with a little more for those who were together before, so that ties fall to them."""
    wanted = table.copy()
    current = scorer.indices(instance.current)
    one, other = current[:, 0], current[:, 1]
    wanted[one, other] += np.float32(instance.stickiness)
    wanted[other, one] = wanted[one, other]
    return wanted


def _outcome(
    instance: Instance,
    scorer: Scorer,
    table: Floats,
    groups: Iterable[Group],
    seconds: Mapping[str, float],
) -> Outcome:
    ids = [person.id for person in scorer.instance.mentees]
    fixed = {frozenset(pair) for pair in instance.locked}
    by_group = sorted((_hosted(table, group) for group in groups), key=lambda g: ids[g[0]])
    pairs = [pair for group in by_group for pair in _seats(scorer, ids, group, fixed)]
    seated = {pair.mentee for pair in pairs}
    waiting = tuple(Unmatched(one, why_alone(scorer, one)) for one in sorted(set(ids) - seated))
    total = float(sum(pair.score for pair in pairs))
    none: Ints = np.zeros(0, np.int64)
    return Outcome(
        pairs=tuple(pairs),
        unmatched=waiting,
        total=total,
        floor=min((pair.score for pair in pairs), default=None),
        matched_share=len(pairs) / len(ids),
        prices={},
        certificate=Certificate(none, none, none, 0),
        metrics={"mentees": len(ids), "matched": len(pairs)},
        seconds=seconds,
        input_hash=input_hash(instance),
        seed=instance.seed,
        objective="total",
        best_total=total,
        groups=tuple(tuple(ids[at] for at in group) for group in by_group),
    )


def _hosted(table: Floats, group: Group) -> Group:
    """The group with whoever fits the others best in front: that person facilitates first."""
    inside = np.where(np.isfinite(table[np.ix_(group, group)]), table[np.ix_(group, group)], 0)
    host = group[int(inside.sum(axis=1).argmax())]
    return (host, *(at for at in group if at != host))


def _seats(
    scorer: Scorer, ids: list[str], group: Group, fixed: set[frozenset[str]]
) -> Iterable[Pair]:
    found = {one: _contributions(scorer, one, group) for one in group}
    score = {one: sum(part.points for part in parts) for one, parts in found.items()}
    for one in group:
        partner = group[0] if one != group[0] else max(group[1:], key=lambda at: score[at])
        is_fixed = any(frozenset((ids[one], ids[other])) in fixed for other in group)
        yield Pair(ids[one], ids[partner], score[one], found[one], locked=is_fixed)


def _contributions(scorer: Scorer, one: int, group: Group) -> tuple[Contribution, ...]:
    """What each public factor says of a person among the others, both ways, on average."""
    others = [other for other in group if other != one]
    ways = [way for other in others for way in ((one, other), (other, one))]
    each = [part for way in ways for part in scorer.contributions(*way)]
    share = 1 / (2 * len(others))
    found = []
    for label in dict.fromkeys(part.label for part in each):
        parts = [part for part in each if part.label == label]
        best = max(parts, key=lambda part: part.points)
        found.append(replace(best, points=sum(part.points for part in parts) * share))
    return tuple(sorted(found, key=lambda part: -part.points))


def why_alone(scorer: Scorer, one: str) -> tuple[Message, ...]:
    """Why somebody has nobody yet, in words without sides."""
    told = Explainer(scorer.instance, {}, {}, scorer).why_waiting(one)
    return tuple(
        replace(why, code=FOR_PEERS[why.code]) if why.code in FOR_PEERS else Message("peers_taken")
        for why in told
    )
