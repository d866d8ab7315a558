"""A largest-value flow over chosen pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .problem import Ints, Problem


@dataclass(frozen=True)
class Arcs:
    """Pairs as columns: key, mentee, mentor, score in units."""

    keys: Ints
    mentee: Ints
    mentor: Ints
    gain: Ints

    @classmethod
    def of(cls, problem: Problem, keys: Ints) -> Arcs:
        """The pairs behind sorted keys."""
        mentee, mentor = np.divmod(keys, problem.score.shape[1])
        gain = problem.worth_at(mentee, mentor)
        counts = gain > -np.inf
        if counts.all():
            return cls(keys, mentee, mentor, gain.astype(np.int64))
        return cls(keys[counts], mentee[counts], mentor[counts], gain[counts].astype(np.int64))


def best_flow(problem: Problem, arcs: Arcs) -> Ints:
    """Each mentee's mentor (-1: none; fixed pairs kept) of a largest-value flow over the arcs.

    Tried first with a place for everybody, which is twice as fast as allowing for people left over.
    """
    places = int((problem.capacity - problem.held).sum())
    used = _flow(problem, arcs, everybody=True) if places >= problem.free.sum() else None
    if used is None:
        used = _flow(problem, arcs, everybody=False)
    if used is None:
        raise RuntimeError("the flow solver found no flow")
    mate = np.full(len(problem.score), -1, np.int64)
    mate[problem.locked[:, 0]] = problem.locked[:, 1]
    mate[arcs.mentee[used]] = arcs.mentor[used]
    return mate


def _flow(problem: Problem, arcs: Arcs, everybody: bool) -> NDArray[np.bool_] | None:
    """Which arcs a cheapest flow uses; None when not everybody can be placed on them."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    mentees, mentors = problem.score.shape
    people = np.flatnonzero(problem.free)
    flow, seats = SimpleMinCostFlow(), np.arange(mentors) + mentees
    pools = problem.pools
    sink = mentees + mentors + (0 if pools is None else len(pools.capacity))
    minimum = np.maximum(problem.minimum - problem.held, 0)

    def add(tail: Ints, head: Ints, room: Ints, cost: Ints) -> None:
        flow.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)

    add(arcs.mentee, arcs.mentor + mentees, np.ones_like(arcs.gain), -arcs.gain)
    if not everybody:
        add(people, np.full_like(people, sink), np.ones_like(people), problem.reward[people])
    to_sink = np.full(mentors, sink)
    if pools is not None:
        to_sink = np.where(pools.of >= 0, mentees + mentors + pools.of, sink)
        room = pools.capacity - pools.sums(problem.held)
        joint = np.arange(len(room)) + mentees + mentors
        add(joint, np.full_like(joint, sink), room, np.zeros_like(joint))
    if minimum.any():
        add(seats, to_sink, minimum, np.full(mentors, -problem.dominant))
    add(seats, to_sink, problem.capacity - problem.held - minimum, np.zeros(mentors, np.int64))
    flow.set_nodes_supplies(people, np.ones_like(people))
    flow.set_node_supply(sink, -len(people))
    if flow.solve() != flow.OPTIMAL:
        return None
    used: NDArray[np.bool_] = flow.flows(np.arange(len(arcs.gain))) > 0
    return used
