"""What sponsors do, and when a pair is asked whether it goes on as sponsorship."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from app.mentoring.rules.lifecycle import months_after

ASKED_FOR = timedelta(days=21)
RETURNS_WITHIN = timedelta(days=1)
LEAST = 5  # pairs below which organizers see no number, and none that moves
LONGEST_WHOM, LONGEST_RESULT = 200, 500


class SponsorAct(StrEnum):
    """The four things that move a career."""

    INTRODUCED = "introduced"
    NOMINATED = "nominated"
    SPOKE_FOR = "spoke_for"
    STRETCH_WORK = "stretch_work"


def is_due(
    today: date,
    ends_on: date,
    months: int,
    asked_at: datetime | None,
    renewal_asked_at: datetime | None,
) -> bool:
    """Whether the question is due: from the middle of each term, and anew at its renewal."""
    if renewal_asked_at is not None:
        return asked_at is None or asked_at < renewal_asked_at
    begins = months_after(ends_on, -months)
    middle = begins + (ends_on - begins) / 2
    return today >= middle and (asked_at is None or asked_at.date() < begins)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a total is made of: since when, of which pair, whether it counts, how many things."""

    at: datetime
    pair_id: UUID
    counts: bool
    things: int = 0


def in_steps(facts: Iterable[Fact], until: datetime) -> list[Fact]:
    """The facts that a total may show: whole months, added when enough pairs stand behind the step.

    A step waits until five pairs or more stand on each side of its share, or none, so that nobody
    who kept an earlier total gets at few of them by subtraction.
    """
    shown: list[Fact] = []
    waiting: list[Fact] = []
    known = sorted((f for f in facts if f.at < until), key=lambda f: (f.at, f.pair_id))
    for _month, found in groupby(known, key=lambda fact: (fact.at.year, fact.at.month)):
        waiting += found
        sides = [{f.pair_id for f in waiting if f.counts is side} for side in (True, False)]
        if all(not side or len(side) >= LEAST for side in sides):
            shown, waiting = shown + waiting, []
    return shown


def month_of(instant: datetime) -> datetime:
    """When the month of an instant began."""
    return instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
