"""A worker of matching that stands still in the middle of its work, to be killed there.

`python -m tests.programs.doomed run|publish <run id>`; the environment is the test's.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from app.operations import worker
from app.programs.services import replays
from app.programs.services.runs import publishing

HALF = 2


def stand_still() -> None:
    """Say so, and wait for the end."""
    print("here", flush=True)
    time.sleep(600)


def before_the_result_is_whole(db: Any, *_given: Any) -> None:
    """With the pairs of a run written down, and not yet what it was given."""
    db.flush()
    stand_still()


def after_half_of_the_offers(make: Any) -> Any:
    """The real offers, up to the second one."""
    made = 0

    def make_some(*given: Any, **named: Any) -> Any:
        nonlocal made
        offer = make(*given, **named)
        made += 1
        if made == HALF:
            stand_still()
        return offer

    return make_some


if __name__ == "__main__":
    worker.serving()
    if sys.argv[1] == "run":
        replays.keep_input = before_the_result_is_whole
        worker.perform("run_match", sys.argv[2])
    else:
        publishing.make_offer = after_half_of_the_offers(publishing.make_offer)
        worker.perform("publish_runs")
