"""How long a draw and a second draw take: `python tests/benchmarks/bench_speed.py [people]`.

Prints seconds of the pairing alone, the best of five on this machine, and how much of the plan
a no-show changes. tests/speed/test_pairing.py holds the second draw under two seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.speed.pairing import Odd, draw, redraw
from tests.speed.test_pairing import changed, crowd

CROWDS = {
    "mentors 40%, mentees 50%, either 10%": (4, 5, 1),
    "half mentors, half mentees": (1, 1, 0),
    "a third each": (1, 1, 1),
    "everybody either way": (0, 0, 1),
}
ROUNDS, PLAYED = 8, 3


def best(run: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of five runs, and its result."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - began)
    return min(times), result


def main(size: int) -> None:
    """One line a crowd."""
    print(f"{size} people, {ROUNDS} rounds; second draw after {PLAYED} rounds, one person missing")
    print(f"{'crowd':40} {'draw s':>8} {'triads s':>8} {'again s':>8} {'talks':>6} {'new':>5}")
    for name, shares in CROWDS.items():
        players = crowd(size, 7, shares)
        first, plan = best(lambda players=players: draw(players, ROUNDS, seed="s"))
        thirds, _ = best(lambda players=players: draw(players, ROUNDS, seed="s", odd=Odd.TRIAD))
        here = players[1:]
        played, planned = plan.rounds[:PLAYED], plan.rounds[PLAYED:]
        second, again = best(
            lambda here=here, played=played, planned=planned: redraw(
                here, played, planned, seed="s"
            )
        )
        new = changed(planned, again.rounds)
        print(
            f"{name:40} {first:8.3f} {thirds:8.3f} {second:8.3f} {plan.talks:6} {new:5}", flush=True
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
