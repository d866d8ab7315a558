"""How often and with whom everybody talks: a flow of the least cost, exact.

A set of pairs between two sides in which nobody has more than r can always be divided into r
rounds (König). So who meets whom is decided for all rounds at once, and the rounds come after.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

KEPT = 1_000
VARIETY = 100  # the most that one pair's variety is worth


def choose_pairs(
    allowed: NDArray[np.bool_],
    worth: NDArray[np.int64],
    had: tuple[Sequence[int], Sequence[int]],
    rounds: int,
    tables: int,
) -> list[tuple[int, int]]:
    """As many pairs as possible; among these the fairest; among these the most worth.

    `had` is how often everybody has talked already; a person's n-th talk costs more than the
    one before, so that the sum of squares is least and no talk goes to who has two more.
    """
    left, right = allowed.shape
    rows, columns = np.nonzero(allowed)
    if not len(rows) or rounds < 1:
        return []
    source, begin, end = left + right, left + right + 1, left + right + 2
    # Fairness outweighs all that can be won by other choices together.
    scale = 2 * (KEPT + VARIETY) * (min(left, right) * rounds + 1)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arc_with_capacity_and_unit_cost(source, begin, rounds * tables, 0)
    _add_turns(solver, [(begin, node) for node in range(left)], had[0], rounds, scale)
    _add_turns(solver, [(left + node, end) for node in range(right)], had[1], rounds, scale)
    pairs = solver.add_arcs_with_capacity_and_unit_cost(
        rows, columns + left, np.ones(len(rows), int), KEPT + VARIETY - worth[rows, columns]
    )
    most = min(rounds * tables, rounds * left, rounds * right)
    solver.set_node_supply(source, most)
    solver.set_node_supply(end, -most)
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"no flow: {status}")
    taken = np.asarray(solver.flows(pairs)) > 0
    return list(zip(rows[taken].tolist(), columns[taken].tolist(), strict=True))


def _add_turns(
    solver: min_cost_flow.SimpleMinCostFlow,
    ways: list[tuple[int, int]],
    had: Sequence[int],
    rounds: int,
    scale: int,
) -> None:
    turns = np.arange(rounds)
    tails = np.repeat([tail for tail, _ in ways], rounds)
    heads = np.repeat([head for _, head in ways], rounds)
    # Who had the fewest is the measure: what all have had already costs nothing.
    base = np.repeat(np.asarray(had) - min(had, default=0), rounds)
    costs = (2 * (base + np.tile(turns, len(ways))) + 1) * scale
    solver.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(len(tails), int), costs)
