"""How many people can be placed on chosen pairs, with the cut that proves it cannot be more.

Sets of mentees that can be placed together form a matroid, so the most people and the most missed
rounds are reached at once when, for every number of missed rounds, the most of those who missed as
many are placed. Each such number is a largest flow, proved by a smallest cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..assignment import CHUNK, Floats, Ints, Problem, chunks, units

Flags = NDArray[np.bool_]
EACH = 8  # missing pairs named per mentee


@dataclass(frozen=True)
class Demand:
    """Whom to place: mentees with at least ``level`` missed rounds, or a mentor's minimum."""

    name: str
    level: int
    people: Flags
    room: Ints

    @classmethod
    def of(cls, problem: Problem) -> list[Demand]:
        """Everybody, then those who missed rounds; and the minimum of the mentors."""
        free, room = problem.free, problem.capacity - problem.held
        levels = np.unique(problem.priority[free])
        demands = [cls("people", int(k), free & (problem.priority >= k), room) for k in levels]
        least = np.maximum(problem.minimum - problem.held, 0)
        return [*demands, cls("seats", 0, free, least)] if least.any() else demands


@dataclass(frozen=True)
class Cut:
    """The most that a demand allows on some pairs, and the sides of a smallest cut."""

    value: int
    mentees: Flags
    mentors: Flags


def most(problem: Problem, demand: Demand, mentee: Ints, mentor: Ints) -> Cut:
    """The largest number of a demand's people placed on the given pairs."""
    from ortools.graph.python.max_flow import SimpleMaxFlow

    mentees, mentors = problem.score.shape
    wanted = demand.people[mentee]
    tails, heads = mentee[wanted], mentor[wanted] + mentees
    people, seats = np.flatnonzero(demand.people), np.arange(mentors) + mentees
    pools = problem.pools
    shared = 0 if pools is None else len(pools.capacity)
    source = mentees + mentors + shared
    sink = source + 1
    after = np.full(mentors, sink)
    flow = SimpleMaxFlow()
    ones = np.ones(len(tails), np.int64)
    flow.add_arcs_with_capacity(tails, heads, ones)
    flow.add_arcs_with_capacity(
        np.full_like(people, source), people, np.ones(len(people), np.int64)
    )
    if pools is not None:
        after = np.where(pools.of >= 0, mentees + mentors + pools.of, sink)
        joint = np.arange(shared) + mentees + mentors
        left = pools.capacity - pools.sums(problem.held)
        flow.add_arcs_with_capacity(joint, np.full_like(joint, sink), left)
    flow.add_arcs_with_capacity(seats, after, demand.room)
    flow.add_arcs_with_capacity(np.array([source]), np.array([sink]), np.array([0]))
    if flow.solve(source, sink) != flow.OPTIMAL:
        raise RuntimeError("the flow solver found no flow")
    reached = np.zeros(sink + 1, bool)
    reached[np.array(flow.get_source_side_min_cut(), np.int64)] = True
    near = reached[:mentees] & demand.people
    return Cut(int(flow.optimal_flow()), near, reached[mentees : mentees + mentors])


def leaks(problem: Problem, cut: Cut, above: int) -> Ints:
    """Keys of pairs worth more than ``above`` units that cross a cut; none means it proves."""
    mentors = problem.score.shape[1]
    inside, outside = np.flatnonzero(cut.mentees), np.flatnonzero(~cut.mentors)
    found = [np.zeros(0, np.int64)]
    if not len(outside):
        return found[0]
    for part in chunks(len(inside), CHUNK // 4):
        rows = inside[part]
        block: Floats = problem.score[rows]
        if len(outside) < mentors:
            block = block[:, outside]
        worth = units(block)
        hit = np.flatnonzero((worth > above).any(axis=1) & (worth > -np.inf).any(axis=1))
        for at in hit:
            best = np.argpartition(-worth[at], min(EACH, len(outside)) - 1)[:EACH]
            best = best[worth[at][best] > above]
            found.append(rows[at] * mentors + outside[best])
    return np.concatenate(found)
