"""Independent judges of the matcher, sharing no code with it: scipy's optimum, a proof checker."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment


def dense_optimum(score, capacity, minimum=None, priority=None, locked=()):
    """(matched, total, mentees) of a best assignment: seats are columns, rewards order the aims."""
    mentees, mentors = score.shape
    minimum = np.zeros(mentors, int) if minimum is None else minimum
    priority = np.zeros(mentees, int) if priority is None else priority
    big = 4.0 * (mentees + 2)
    seats = np.repeat(np.arange(mentors), capacity)
    rank = np.concatenate([np.arange(c) for c in capacity]) if len(seats) else np.zeros(0)
    value = score[:, seats].astype(float) + (big * (1 + priority))[:, None]
    value += np.where(rank < minimum[seats], big * big, 0)[None, :]
    worst = -(big**4)
    value[~np.isfinite(value)] = worst
    for mentee, mentor in locked:
        value[mentee, seats != mentor] = worst
        value[mentee, seats == mentor] += big**3
    padded = np.concatenate([value, np.zeros((mentees, mentees))], axis=1)
    rows, columns = linear_sum_assignment(padded, maximize=True)
    real = columns < len(seats)
    rows, chosen = rows[real], seats[columns[real]]
    return len(rows), float(score[rows, chosen].astype(float).sum()), rows


def certificate_holds(score, capacity, minimum, mate, proof, locked=()):
    """Whether the prices prove the assignment optimal over all pairs, in whole millionths."""
    unit, reward = proof["unit"], np.array(proof["reward"])
    u, v = np.array(proof["utility"], float), np.array(proof["price"], float)
    free = ~np.isin(np.arange(len(score)), [pair[0] for pair in locked])
    load = np.bincount(mate[mate >= 0], minlength=len(capacity))
    bound = proof["minimum_reward"]
    if (load > capacity).any() or bound <= (min(score.shape) + 1) * unit:
        return False
    if (reward <= (min(score.shape) + 1) * unit).any():
        return False
    for row in np.flatnonzero(free):
        gain = np.rint(score[row] * np.float32(unit)).astype(float)
        if (gain > u[row] + v).any():
            return False
        if mate[row] >= 0 and gain[mate[row]] != u[row] + v[mate[row]]:
            return False
    matched = mate >= 0
    rational = (u[free & matched] >= -reward[free & matched]).all()
    waiting = (u[free & ~matched] == -reward[free & ~matched]).all()
    room = (v[(load < capacity) & (load >= minimum)] <= 0).all()
    short = (v[load < minimum] == -bound).all()
    paid = (v[(load > minimum) | (minimum == 0)] >= 0).all()
    held = (v >= -bound).all()
    return bool(rational and waiting and room and short and paid and held)
