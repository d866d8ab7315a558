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


def worths(score, proof, current=()):
    """What pairs count under a certificate's aim, in whole units."""
    unit = np.float32(proof["unit"])
    value = np.rint(score * unit)
    if proof["regret"]:
        best = np.where(np.isfinite(score), score, -np.inf).max(axis=1, initial=-np.inf)
        best = np.where(np.isfinite(best), best, 0).astype(np.float32)[:, None]
        missed = best - score
        pull = np.float32(proof["regret"]) * missed
        if proof["extra"] is not None:
            pull = pull + np.array(proof["extra"], np.float32)[:, None]
        value = np.rint((score - pull * missed) * unit)
    value = np.where(np.rint(score * unit) >= proof["least"], value, -np.inf).astype(float)
    for row, column in current:
        value[row, column] += proof["bonus"]
    return value


def cut_proves(score, capacity, minimum, priority, mate, rung, locked=(), pools=None):
    """Whether a rung's cut shows its bound, and the matching places as many as it says."""
    fixed = [pair[0] for pair in locked]
    held = np.bincount([pair[1] for pair in locked], minlength=len(capacity))
    free = ~np.isin(np.arange(len(score)), fixed)
    wanted = free & (priority >= rung["level"])
    room = capacity - held
    placed = int((wanted & (mate >= 0)).sum())
    if rung["seats"]:
        wanted, room = free, np.maximum(minimum - held, 0)
        load = np.bincount(mate[mate >= 0], minlength=len(capacity))
        placed = int(np.minimum(np.maximum(load - held, 0), room).sum())
    inside, outside = np.zeros(len(score), bool), np.ones(len(capacity), bool)
    inside[rung["mentees"]], outside[rung["mentors"]] = True, False
    high = np.isfinite(score) & (np.rint(score * np.float32(1e6)) > rung["above"])
    if (high & inside[:, None] & outside[None, :]).any() or (inside & ~wanted).any():
        return False
    places = 0
    of = np.full(len(capacity), -1) if pools is None else np.array(pools[0])
    for pool in np.unique(of):
        mine = int(room[~outside & (of == pool)].sum())
        taken = int(held[of == pool].sum())
        places += mine if pool < 0 else min(mine, int(pools[1][pool]) - taken)
    bound = int((wanted & ~inside).sum()) + places
    goal = rung["value"]
    closes = bound <= goal if rung["name"] == "coverage" else bound < goal
    return closes and placed == goal


def ladder_holds(score, capacity, minimum, priority, mate, proof, locked=(), pools=None):
    """Whether the cuts prove coverage and floor of a fair matching over all pairs."""
    rungs = proof["rungs"]
    rows = np.flatnonzero((mate >= 0) & ~np.isin(np.arange(len(mate)), [p[0] for p in locked]))
    reached = np.rint(score[rows, mate[rows]] * np.float32(1e6))
    floor = [rung for rung in rungs if rung["name"] == "floor"]
    levels = {rung["level"] for rung in rungs if rung["name"] == "coverage" and not rung["seats"]}
    free = ~np.isin(np.arange(len(mate)), [p[0] for p in locked])
    if levels != set(priority[free].tolist()):
        return False
    if len(rows) and (len(floor) != 1 or reached.min() < floor[0]["above"]):
        return False
    return all(
        cut_proves(score, capacity, minimum, priority, mate, rung, locked, pools) for rung in rungs
    )


def certificate_holds(score, capacity, minimum, mate, proof, locked=(), current=(), pools=None):
    """Whether the prices prove the assignment optimal over all pairs, in whole millionths."""
    unit, reward = proof["unit"], np.array(proof["reward"])
    u, v = np.array(proof["utility"], float), np.array(proof["price"], float)
    free = ~np.isin(np.arange(len(score)), [pair[0] for pair in locked])
    load = np.bincount(mate[mate >= 0], minlength=len(capacity))
    bound = proof["minimum_reward"]
    most = 0 if proof["extra"] is None else max(proof["extra"], default=0)
    span = (1 + proof["regret"] + most) * unit + proof["bonus"]
    if (load > capacity).any() or bound <= (min(score.shape) + 1) * span:
        return False
    if (reward <= (min(score.shape) + 1) * span).any():
        return False
    values = worths(score, proof, current)
    for row in np.flatnonzero(free):
        gain = values[row]
        if (gain > u[row] + v).any():
            return False
        if mate[row] >= 0 and gain[mate[row]] != u[row] + v[mate[row]]:
            return False
    matched = mate >= 0
    rational = (u[free & matched] >= -reward[free & matched]).all()
    waiting = (u[free & ~matched] == -reward[free & ~matched]).all()
    base = np.zeros(len(capacity))
    if pools is not None:
        of, size = np.array(pools[0]), np.array(pools[1])
        joint, inside = np.array(proof["pool_price"], float), of >= 0
        full = np.bincount(of[inside], load[inside], minlength=len(size))
        if (full > size).any() or (joint < 0).any() or (joint[full < size] != 0).any():
            return False
        base[inside] = joint[of[inside]]
    held_count = np.bincount([pair[1] for pair in locked], minlength=len(capacity))
    room = ((v - base)[(load < capacity) & (load >= minimum)] <= 0).all()
    short = ((v - base)[load < minimum] == -bound).all()
    used = load > np.maximum(minimum, held_count)
    paid = (v[(load > minimum) | (minimum == 0)] >= 0).all() and (v[used] >= base[used]).all()
    held = (v >= -bound).all()
    return bool(rational and waiting and room and short and paid and held)
