"""What of an outcome may reach a reader: it rests on the pairs and on public factors alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from .text import Message, describe
from .types import Contribution, Outcome, SegmentRegret

FEWEST = 10  # people behind a number that is shown for a segment
OTHERS = "*"  # the name of segments that are too small to stand alone


def published(outcome: Outcome) -> dict[str, object]:
    """An outcome as plain data without certificate, timings, segments and input hash."""
    return {
        "pairs": [
            {
                "mentee": pair.mentee,
                "mentor": pair.mentor,
                "score": pair.score,
                "locked": pair.locked,
                "contributions": [_part(part) for part in pair.contributions],
            }
            for pair in outcome.pairs
        ],
        "unmatched": [
            {"mentee": one.mentee, "why": [_said(why) for why in one.why]}
            for one in outcome.unmatched
        ],
        "total": outcome.total,
        "best_total": outcome.best_total,
        "floor": outcome.floor,
        "matched_share": outcome.matched_share,
        "prices": dict(outcome.prices),
        "differing": outcome.differing,
        "bound": outcome.bound,
    }


def _said(message: Message) -> list[object]:
    return [message.code, {key: str(value) for key, value in message.params.items()}]


def _part(part: Contribution) -> list[object]:
    return [part.label, part.points, part.weight, _said(part.reason)]


def published_bytes(outcome: Outcome) -> bytes:
    """The same in one spelling, to compare."""
    return json.dumps(published(outcome), sort_keys=True, ensure_ascii=True).encode()


def note(outcome: Outcome, gettext: Callable[[str], str] = str) -> str | None:
    """What to say where the solver had reasons that are not shown."""
    if not outcome.differing:
        return None
    return describe(Message("private_reasons", {"count": outcome.differing}), gettext)


def shielded(segments: Iterable[SegmentRegret], fewest: int = FEWEST) -> tuple[SegmentRegret, ...]:
    """Segments fit to be shown: small ones together, so that no cell can be got by subtraction.

    Where the small ones together are still too few, the next smallest joins them.
    """
    ranked = sorted(segments, key=lambda s: (-s.people, s.segment))
    alone = [s for s in ranked if s.people >= fewest]
    rest = [s for s in ranked if s.people < fewest]
    while rest and alone and sum(s.people for s in rest) < fewest:
        rest.append(alone.pop())
    people = sum(s.people for s in rest)
    shown = [SegmentRegret(s.segment, s.people, round(s.regret, 2)) for s in alone]
    if people >= fewest:
        mean = sum(s.people * s.regret for s in rest) / people
        shown.append(SegmentRegret(OTHERS, people, round(mean, 2)))
    return tuple(shown)
