"""Speed, memory and optimality of matching beside others, on the same instances in one run.

`make bench`, or run this file (under eight minutes on a quiet machine; `--quick`, under one, leaves
out the largest size and others' slowest). Each size runs in its own process through the face that
others measure, `trellis match --matrix`, by total and by the fair order. Beside it: scipy's exact
dense solver, a greedy list, deferred acceptance over ranked lists, and `algmatch` (stable matching;
`pip install algmatch` into an environment of its own, named by ALGMATCH_PYTHON). What is left out
is named with its reason. The other rows of the table of targets: `matching_rows.py`. Every row is
held against its bound; the end lists those that missed it, and the exit is 1 if there is one.
"""

from __future__ import annotations

import heapq
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.benchmarks.bounds import Bounds  # noqa: E402

BOUNDS = Bounds()
SIZES = [(500, 150, 0.15, None), (2_000, 600, 0.6, 150), (10_000, 3_000, 5.0, 750)]
CHILD = """
import re, sys
from pathlib import Path
from app.operations.match import match_command
match_command(
    ["--matrix", sys.argv[1], "--repeat", "5", "--objective", sys.argv[2]], standalone_mode=False
)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())  # of this process only
print(int(peak[1]) / 1024, file=sys.stderr)
"""

PEER_CHILD = """
import json, sys, time
import numpy as np
from algmatch import HospitalResidentsProblem
with np.load(sys.argv[1]) as arrays:
    score, capacity = arrays["score"], arrays["capacity"]
start = time.perf_counter()
mentees, mentors = score.shape
residents = {i + 1: (np.argsort(-score[i], kind="stable") + 1).tolist() for i in range(mentees)}
hospitals = {
    j + 1: {
        "capacity": int(capacity[j]),
        "preferences": (np.argsort(-score[:, j], kind="stable") + 1).tolist(),
    }
    for j in range(mentors)
}
problem = HospitalResidentsProblem(dictionary={"residents": residents, "hospitals": hospitals})
mate = problem.get_stable_matching()["resident_sided"]
spent = time.perf_counter() - start
pairs = [[int(r[1:]) - 1, int(h[1:]) - 1] for r, h in mate.items() if h]
print(json.dumps({"pairs": pairs, "seconds": spent}))
"""
PATIENCE = 60  # seconds for somebody else's solver
SLOW_PEER = 500  # mentees; at 2,000 algmatch takes a minute (tried once), above it never ended
LARGEST_LISTS = 2_000  # mentees for whom lists of all mentors in plain Python are built


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


def ruled(rng: np.random.Generator, mentees: int, mentors: int) -> np.ndarray:
    """Traits under hard rules that leave each mentee one in fifty mentors and one sure place."""
    score = traits(rng, mentees, mentors)
    allowed = rng.random(score.shape) < 0.02
    allowed[np.arange(mentees), np.arange(mentees) * mentors // mentees] = True
    return np.where(allowed, score, -np.inf).astype(np.float32)


@dataclass(frozen=True)
class Line:
    """One solver on one instance."""

    solver: str
    seconds: float | None
    pairs: np.ndarray
    memory: float | None = None
    said: str = ""

    def shown(self, score: np.ndarray, best: float) -> str:
        """A line of the table."""
        if self.said:
            return f"{self.solver:>14} {self.said}"
        own = score[self.pairs[:, 0], self.pairs[:, 1]].astype(float)
        memory = f"{self.memory:5.0f}" if self.memory else "    -"
        return (
            f"{self.solver:>14} {self.seconds:8.3f} {memory} {len(self.pairs) / len(score):8.2%} "
            f"{own.sum() / best:9.4%} {own.min():7.4f} {own.sum():11.4f}"
        )


def trellis(path: Path, objective: str) -> Line:
    """Ours: fastest of five, peak memory of its process."""
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), objective],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    answer = json.loads(run.stdout)
    pairs = np.array(answer["pairs"])
    if not answer["certified"]:
        raise SystemExit(f"{path} by {objective}: not certified")
    return Line(f"trellis {objective}", answer["seconds"]["fastest"], pairs, float(run.stderr))


def dense(score: np.ndarray, capacity: np.ndarray) -> Line:
    """Scipy on the dense matrix with one column per place; a forbidden pair costs more than all."""
    start = time.perf_counter()
    seats = np.repeat(np.arange(len(capacity)), capacity)
    worth = np.where(np.isneginf(score), -4.0 * len(score), score)[:, seats]
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = np.column_stack([rows, seats[columns]])
    spent = time.perf_counter() - start
    return Line("scipy", spent, pairs[score[pairs[:, 0], pairs[:, 1]] > -np.inf])


def greedy(score: np.ndarray, capacity: np.ndarray) -> Line:
    """The best pair first, then the next that is still possible."""
    start = time.perf_counter()
    room, pairs = capacity.copy(), []
    orders = [iter(row) for row in np.argsort(-score, axis=1, kind="stable")]
    waiting: list[tuple[float, int, int]] = []

    def offer(row: int) -> None:
        for column in orders[row]:
            if score[row, column] == -np.inf:
                return
            if room[column] > 0:
                heapq.heappush(waiting, (-float(score[row, column]), row, int(column)))
                return

    for row in range(len(score)):
        offer(row)
    while waiting:
        _worth, row, column = heapq.heappop(waiting)
        if room[column] > 0:
            room[column] -= 1
            pairs.append((row, column))
        else:
            offer(row)
    return Line("greedy", time.perf_counter() - start, np.array(pairs).reshape(-1, 2))


def deferred(score: np.ndarray, capacity: np.ndarray, largest: int) -> Line:
    """Stable matching by deferred acceptance where both sides rank by score."""
    from app.matching.stable import Projects, stable

    if len(score) > largest:
        nobody = np.zeros((0, 2), int)
        return Line("deferred", None, nobody, said=f"left out: names in lists, over {largest}")
    start = time.perf_counter()
    wishes = {str(row): _ranked(score[row]) for row in range(len(score))}
    ranking = {str(column): _ranked(score[:, column]) for column in range(len(capacity))}
    places = {str(column): int(count) for column, count in enumerate(capacity)}
    mate = stable(wishes, Projects.of_hosts(places, ranking))
    pairs = np.array([(int(row), int(column)) for row, column in mate.items()])
    return Line("deferred", time.perf_counter() - start, pairs.reshape(-1, 2))


def _ranked(scores: np.ndarray) -> list[str]:
    order = np.argsort(-scores, kind="stable")
    return [str(at) for at in order[: int((scores > -np.inf).sum())]]


def algmatch(path: Path) -> Line:
    """Deferred acceptance on full lists ranked by score."""
    nobody = np.zeros((0, 2), int)
    python = os.environ.get("ALGMATCH_PYTHON", sys.executable)
    if python == sys.executable and importlib.util.find_spec("algmatch") is None:
        return Line("algmatch", None, nobody, said="absent: not installed")
    try:
        run = subprocess.run(
            [python, "-c", PEER_CHILD, str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return Line("algmatch", None, nobody, said=f"did not finish in {PATIENCE} s")
    answer = json.loads(run.stdout)
    return Line("algmatch", answer["seconds"], np.array(answer["pairs"]))


def held(name: str, lines: list[Line], score: np.ndarray, best: float, goal: tuple) -> None:
    """Time, memory, people matched and the total of our two lines, against their bounds."""
    seconds, memory = goal
    exact = lines[2]
    for line in lines[:2]:
        what = f"{name}, {line.solver}"
        BOUNDS.at_most(f"{what}, seconds", line.seconds or 0.0, seconds, f"load {load():.1f}")
        if memory:
            BOUNDS.at_most(f"{what}, MB", line.memory or 0.0, memory)
        BOUNDS.at_least(f"{what}, people matched", len(line.pairs), len(exact.pairs))
        own = score[line.pairs[:, 0], line.pairs[:, 1]].astype(float)
        if line is lines[0]:
            apart = abs(best - own.sum()) / len(score)
            BOUNDS.at_most(f"{what}, loss against scipy's total, per pair", apart, 1e-6)
        if name.endswith("ruled"):
            BOUNDS.at_least(f"{what}, share matched", len(line.pairs) / len(score), 1.0)


def load() -> float:
    """How many processes want to run now."""
    return os.getloadavg()[0]


def side_by_side(sizes: list[tuple], *, is_quick: bool) -> None:
    """Print every solver on every instance, ours held against its bounds."""
    with tempfile.TemporaryDirectory() as folder:
        for mentees, mentors, goal, memory in sizes:
            is_largest = mentees > LARGEST_LISTS
            for make in (traits,) if is_largest else (uniform, traits, skills, ruled):
                rng = np.random.default_rng(mentees)
                score, capacity = make(rng, mentees, mentors), rng.integers(2, 7, mentors)
                if make is ruled:
                    capacity = np.bincount(np.arange(mentees) * mentors // mentees)
                path = Path(folder) / "m.npz"
                np.savez(path, score=score, capacity=capacity)
                print(f"\n{mentees} x {mentors} {make.__name__}; goal {goal} s, {memory or '-'} MB")
                print("        solver  seconds    MB  matched  of best   floor       total")
                exact = dense(score, capacity)
                best = float(score[exact.pairs[:, 0], exact.pairs[:, 1]].astype(float).sum())
                lines = [trellis(path, "total"), trellis(path, "fair"), exact]
                largest = SLOW_PEER if is_quick else LARGEST_LISTS
                lines += [greedy(score, capacity), deferred(score, capacity, largest)]
                if make in (uniform, traits, skills):
                    lines.append(_peer(path, mentees, make, is_quick=is_quick))
                for line in lines:
                    print(line.shown(score, best), flush=True)
                name = f"{mentees} x {mentors} {make.__name__}"
                held(name, lines, score, best, (goal, memory))
                told = ", ".join(
                    f"{line.solver} {line.seconds / lines[0].seconds:.1f} x"
                    for line in lines[2:]
                    if line.seconds
                )
                print(f"       seconds beside ours: {told}")


def _peer(path: Path, mentees: int, make: object, *, is_quick: bool) -> Line:
    nobody = np.zeros((0, 2), int)
    if mentees > LARGEST_LISTS:
        return Line("algmatch", None, nobody, said="left out: never seen to end at this size")
    if mentees > SLOW_PEER and (is_quick or make is not traits):
        return Line("algmatch", None, nobody, said="left out: a minute for each; see traits")
    return algmatch(path)


def main(sizes: list[tuple], *, is_quick: bool) -> int:
    """Print all tables; 1 when a row misses its bound."""
    from tests.benchmarks.matching_rows import rows

    began = time.perf_counter()
    print(f"load {load():.1f} on {os.cpu_count()} cores")
    side_by_side(sizes, is_quick=is_quick)
    rows(BOUNDS)
    for mentees, mentors, *_goals in SIZES[len(sizes) :]:
        BOUNDS.left_out(f"{mentees} x {mentors}, which --quick leaves out")
    spent = time.perf_counter() - began
    print(f"all in {spent:.0f} s; load {load():.1f} at the end")
    return BOUNDS.told()


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    raise SystemExit(main(SIZES[:2] if quick else SIZES, is_quick=quick))
