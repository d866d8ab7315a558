"""A ready score matrix in a .npz file: read it, match it, answer in plain data."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .assignment import LARGEST, Assignment, Floats, Ints, Problem, Progress, chunks, silent
from .solver import decide, refuse_shortfall
from .text import MatchingError


def read_matrix(path: Path) -> Problem:
    """The problem in a file with ``score``, ``capacity`` and optionally ``minimum``, ``locked``."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _problem(path, arrays)
    except (OSError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not readable"
        raise MatchingError("no_file", path=path.name, why=why) from error
    except (ValueError, zipfile.BadZipFile, TypeError, AttributeError, MemoryError) as error:
        if isinstance(error, MatchingError):
            raise
        raise MatchingError("not_npz", path=path.name) from error


def _problem(path: Path, arrays: Mapping[str, NDArray[Any]]) -> Problem:
    for name in ("score", "capacity"):
        if name not in arrays:
            raise MatchingError("missing_array", path=path.name, name=name)
    score = _score(arrays["score"])
    mentees, mentors = score.shape
    capacity = _counts("capacity", arrays["capacity"], mentors)
    minimum = np.zeros(mentors, np.int64)
    if "minimum" in arrays:
        minimum = _counts("minimum", arrays["minimum"], mentors)
        for at in np.flatnonzero(minimum > capacity):
            raise MatchingError("minimum_over_capacity", id=int(at))
    locked = _locked(arrays["locked"], score) if "locked" in arrays else np.zeros((0, 2), np.int64)
    return Problem(score, capacity, minimum, np.zeros(mentees, np.int64), locked)


def _score(raw: NDArray[Any]) -> Floats:
    if raw.ndim != 2:
        raise MatchingError("bad_score_shape", shape=str(raw.shape))
    if raw.dtype.kind not in "fiu":
        raise MatchingError("bad_score_type", type=str(raw.dtype))
    if not raw.shape[0]:
        raise MatchingError("no_mentees")
    if raw.size > LARGEST:
        raise MatchingError("too_large", mentees=raw.shape[0], mentors=raw.shape[1])
    score: Floats = np.ascontiguousarray(raw, dtype=np.float32)
    unknown = 0
    for rows in chunks(len(score)):
        block = score[rows]
        unknown += int(np.isnan(block).sum())
        top = float(block.max(initial=0))
        if top > 1 + 1e-6:
            raise MatchingError("score_out_of_range", value=top)
        block[block < 0] = -np.inf
    if unknown:
        raise MatchingError("score_not_a_number", count=unknown)
    return score


def _counts(name: str, raw: NDArray[Any], mentors: int) -> Ints:
    if raw.ndim != 1 or raw.dtype.kind not in "iuf" or not np.isfinite(raw).all():
        raise MatchingError(f"bad_{name}_array")
    if len(raw) != mentors:
        raise MatchingError("bad_length", name=name, expected=mentors, found=len(raw))
    whole: Ints = np.minimum(raw, 10**9).astype(np.int64)
    if (raw < 0).any() or (raw.dtype.kind == "f" and (raw != np.floor(raw)).any()):
        raise MatchingError(f"bad_{name}_array")
    return whole


def _locked(raw: NDArray[Any], score: Floats) -> Ints:
    if raw.size == 0:
        return np.zeros((0, 2), np.int64)
    if raw.ndim != 2 or raw.shape[1] != 2 or raw.dtype.kind not in "iu":
        raise MatchingError("bad_locked_array")
    locked = raw.astype(np.int64)
    if (locked < 0).any() or (locked >= score.shape).any():
        raise MatchingError("bad_locked_array")
    for row, column in locked[np.isneginf(score[locked[:, 0], locked[:, 1]])].tolist():
        raise MatchingError("locked_ruled_out", mentee=row, mentor=column)
    return locked


def match_matrix(
    problem: Problem, objective: str = "total", repeat: int = 1, progress: Progress = silent
) -> dict[str, object]:
    """The answer of ``match --matrix``; seconds of the fastest repeat, and of the first."""
    runs: list[tuple[float, Assignment]] = []
    for _ in range(max(repeat, 1)):
        start = time.perf_counter()
        found = decide(problem, objective, progress)
        runs.append((time.perf_counter() - start, found))
    fastest, found = min(runs, key=lambda run: run[0])
    refuse_shortfall(problem, found, range(len(problem.capacity)))
    pairs = found.pairs
    scores = problem.score[pairs[:, 0], pairs[:, 1]].astype(float)
    return {
        "pairs": pairs.tolist(),
        "total": float(scores.sum()),
        "floor": float(scores.min()) if len(scores) else None,
        "matched_share": len(pairs) / len(problem.score),
        "certified": True,
        "seconds": {
            "fastest": round(fastest, 6),
            "first": round(runs[0][0], 6),
            **{phase: round(spent, 6) for phase, spent in found.seconds.items()},
        },
    }
