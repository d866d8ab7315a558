"""Speed, memory and optimality of matching, on one table: `make bench`, or run this file.

Each size runs in its own process through the face that others measure, `trellis match --matrix`;
scipy's exact dense solvers judge the total in the same run. `--quick` leaves out the largest.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

ROOT = Path(__file__).resolve().parents[2]
SIZES = [(500, 150, 0.15, None), (2_000, 600, 0.6, 150), (10_000, 3_000, 5.0, 750)]
CHILD = """
import re, sys
from pathlib import Path
from app.operations.match import match_command
match_command(["--matrix", sys.argv[1], "--repeat", "5"], standalone_mode=False)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())  # of this process only
print(int(peak[1]) / 1024, file=sys.stderr)
"""


def uniform(rng: np.random.Generator, mentees: int, mentors: int) -> np.ndarray:
    """Independent scores: everybody is somebody's favorite."""
    return rng.random((mentees, mentors), dtype=np.float32)


def traits(rng: np.random.Generator, mentees: int, mentors: int) -> np.ndarray:
    """Scores from a dozen traits: mentors differ in how sought they are."""
    sides = (rng.normal(size=(count, 12)).astype(np.float32) for count in (mentees, mentors))
    first, second = sides
    score = first @ second.T
    return (score - score.min()) / (score.max() - score.min())


def skills(rng: np.random.Generator, mentees: int, mentors: int) -> np.ndarray:
    """Shares of skills in common: few distinct values, so ties everywhere."""
    wanted, offered = ((rng.random((count, 30)) < 0.2) for count in (mentees, mentors))
    common = wanted.astype(np.float32) @ offered.T.astype(np.float32)
    return np.minimum(common / np.maximum(wanted.sum(1), 1)[:, None], 1).astype(np.float32)


def measured(path: Path) -> tuple[dict, float]:
    """The answer of the command, and the peak memory of its process in MB."""
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(run.stdout), float(run.stderr)


def optimum(score: np.ndarray, capacity: np.ndarray) -> tuple[float, float]:
    """Scipy's total on the dense matrix with one column per place, and its seconds."""
    start = time.perf_counter()
    seats = np.repeat(np.arange(len(capacity)), capacity)
    rows, columns = linear_sum_assignment(score[:, seats], maximize=True)
    total = score[rows, seats[columns]].astype(float).sum()
    return float(total), time.perf_counter() - start


def main(sizes: list[tuple]) -> int:
    """Print the table; 1 when a total differs from the optimum."""
    print(
        f"{'size':>14} {'scores':>8} {'s':>7} {'goal':>5} {'MB':>5} {'goal':>5} "
        f"{'total':>12} {'optimum - total':>16} {'scipy s':>8}"
    )
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for mentees, mentors, goal, memory in sizes:
            for make in (uniform, traits, skills):
                rng = np.random.default_rng(mentees)
                score, capacity = make(rng, mentees, mentors), rng.integers(2, 7, mentors)
                path = Path(folder) / "m.npz"
                np.savez(path, score=score, capacity=capacity)
                answer, used = measured(path)
                best, spent = optimum(score, capacity)
                lost = best - answer["total"]
                worst = max(worst, abs(lost) / mentees)
                print(
                    f"{mentees:>7} x {mentors:>4} {make.__name__:>8} "
                    f"{answer['seconds']['fastest']:>7.3f} {goal:>5} {used:>5.0f} "
                    f"{memory or '-':>5} {answer['total']:>12.4f} {lost:>16.2e} {spent:>8.2f}",
                    flush=True,
                )
    print(f"largest difference per pair: {worst:.1e} (allowed 1e-06)")
    return int(worst > 1e-6)


if __name__ == "__main__":
    raise SystemExit(main(SIZES[:2] if "--quick" in sys.argv else SIZES))
