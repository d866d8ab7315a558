"""The promising pairs: everybody's best partners on the other side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .problem import (
    CHUNK,
    TOP_MENTEES,
    TOP_MENTORS,
    Floats,
    Ints,
    Problem,
    Progress,
    chunks,
    silent,
)


def top_of_rows(block: Floats, count: int) -> NDArray[np.intp]:
    width = block.shape[1]
    if count >= width:
        return np.broadcast_to(np.arange(width), block.shape)
    return np.argpartition(block, width - count, axis=1)[:, width - count :]


def _keys(block: Floats, best: NDArray[np.intp], base: Ints, step: int) -> Ints:
    allowed = np.take_along_axis(block, best, axis=1) > -np.inf
    keys: Ints = (base[:, None] + best * step)[allowed]
    return keys


def _transposed(score: Floats, columns: slice) -> Floats:
    """Some columns as rows, copied tile by tile so that the copy stays in the cache."""
    block = np.empty((columns.stop - columns.start, len(score)), np.float32)
    for rows in chunks(len(score)):
        block[:, rows] = score[rows, columns].T
    return block


def distinct(keys: Ints) -> Ints:
    """Keys sorted, each once; several times faster than numpy's own for as many as these."""
    ranked = np.sort(keys)
    first: Ints = ranked[np.diff(ranked, prepend=-1) != 0]
    return first


def promising(
    problem: Problem,
    progress: Progress = silent,
    top_mentors: int = TOP_MENTORS,
    top_mentees: int = TOP_MENTEES,
) -> Ints:
    """Keys (mentee x mentors + mentor) of everybody's best partners on the other side.

    A mentee with fewer allowed mentors than ``top_mentors`` keeps them all.
    """
    score = problem.score
    mentees, mentors = score.shape
    found = []
    for rows in chunks(mentees):
        base = np.arange(rows.start, rows.stop, dtype=np.int64) * mentors
        found.append(_keys(score[rows], top_of_rows(score[rows], top_mentors), base, 1))
        progress("prune", rows.stop, mentees)
    for columns in chunks(mentors, CHUNK // 4):
        block = _transposed(score, columns)
        base = np.arange(columns.start, columns.stop, dtype=np.int64)
        found.append(_keys(block, top_of_rows(block, top_mentees), base, mentors))
    keys = distinct(np.concatenate(found))
    kept: Ints = keys[problem.free[keys // mentors]]
    return kept
