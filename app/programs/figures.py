"""What a run says about itself, rung by rung: from an outcome to figures that may be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from uuid import UUID

from app.matching.published import shielded
from app.matching.types import Instance, Outcome
from app.programs.rules import Form

Prices = Mapping[str, float | None]

FEWEST = 5  # people behind a figure of a level, function, department or site
WORTH = 0.005  # a price below this is no price to speak of
MOST_SOUGHT = 5  # mentors named whose places others would miss most
SEGMENTS = ("level", "function", "department", "site")  # never what people are


@dataclass(frozen=True, slots=True)
class Figures:
    """The main figures of a matching, and how far it is from an earlier one.

    A preview has the highest total by public factors alone, whatever order a run follows.
    """

    mentees: int
    matched: int
    total: float
    floor: float | None
    changed: int
    is_preview: bool = False


def figures_of(outcome: Outcome, earlier: dict[str, str]) -> Figures:
    """Figures of an outcome; changed are those who had a mentor before and have not the same."""
    mate = outcome.mate
    return Figures(
        mentees=len(outcome.pairs) + len(outcome.unmatched),
        matched=len(outcome.pairs),
        total=outcome.total,
        floor=outcome.floor,
        changed=sum(mate.get(mentee) != mentor for mentee, mentor in earlier.items()),
    )


def metrics_of(outcome: Outcome, instance: Instance, segment: str = "") -> dict[str, Any]:
    """All figures of a run as JSON; segments only where enough people stand behind them."""
    mate = set(outcome.mate.items())
    waited = {person.id for person in instance.mentees if person.missed}
    shown = shielded(outcome.segments, FEWEST) if segment in SEGMENTS else ()
    return {
        "objective": outcome.objective,
        "total": outcome.total,
        "best_total": max(outcome.best_total, outcome.total),
        "floor": outcome.floor,
        "bound": outcome.bound,
        "matched_share": outcome.matched_share,
        "pairs": len(outcome.pairs),
        "mentees": len(outcome.pairs) + len(outcome.unmatched),
        "places": sum(mentor.capacity for mentor in instance.mentors),
        "mentors_used": len({pair.mentor for pair in outcome.pairs}),
        "waited": len(waited),
        "waited_matched": sum(mentee in waited for mentee, _mentor in mate),
        "earlier": len(instance.current),
        "earlier_kept": len(instance.current & mate),
        "differing": outcome.differing,
        "segment": segment if shown else "",
        "segments": [[one.segment, one.people, one.regret] for one in shown],
        # whole seconds: how long the solver took in detail depends on what only it may know
        "seconds": ceil(sum(outcome.seconds.values())),
    }


def prices_of(prices: Prices, form: Form, taken: Collection[str]) -> Prices:
    """What places cost others; a group that was not opened has no price."""
    is_open = form.kind == "pairs"
    return {one: price for one, price in prices.items() if is_open or one in taken}


def sought_after(prices: Prices) -> list[tuple[UUID, float | None]]:
    """The mentors whose places others would miss most; None: somebody would go without."""
    dear = [(UUID(one), price) for one, price in prices.items() if price is None or price > WORTH]
    dear.sort(key=lambda one: (-(2.0 if one[1] is None else one[1]), one[0]))
    return dear[:MOST_SOUGHT]
