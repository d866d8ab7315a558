"""When a relationship may be slipping away: named rules over dates and counts, one table.

Every rule reads when things happened and how often, never what anybody wrote, and no rating by
name. A finding carries its evidence; there is no composite score. Days count while the timers run:
days of a pause, of leave, of holidays, and those on which people are asked whether they go on, do
not count (`Facts.still`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from statistics import median
from typing import Any
from uuid import UUID

from app.programs.rules import Format

USUAL_CADENCE = 14
WEEK = 7
STRETCH = 1.5  # a gap this many times as long as the rhythm is too long
LOW_RATING = 3
SILENT_DAYS = 60
NOTICE_AFTER = 90
NOTICE_DAYS = 7
NUDGES_A_DAY = 1
NUDGES_A_WEEK = 2
LONGEST_REST = timedelta(days=90)  # for how long people may say that they are fine, or snooze


class Risk(StrEnum):
    """The rules, the most pressing first: of several nudges the first one goes out."""

    SILENT = "silent"
    FIRST_SESSION = "first_session"
    NO_SESSION = "no_session"
    CANCELED_TWICE = "canceled_twice"
    LONG_GAP = "long_gap"
    FALLING_CADENCE = "falling_cadence"
    UNANSWERED = "unanswered"
    GOAL_STUCK = "goal_stuck"
    NO_GOAL = "no_goal"
    FEEDBACK = "feedback"


class Level(IntEnum):
    """What a finding is worth: a word to the members, or a flag on the organizers' desk too."""

    NUDGE = 1
    FLAG = 2


class Play(StrEnum):
    """What an organizer can do."""

    WRITE = "write"
    FIND_TIME = "find_time"
    TALK = "talk"
    OFFER_PAUSE = "offer_pause"
    NEW_MATCH = "new_match"


class Outcome(StrEnum):
    """What became of a flag."""

    REVIVED = "revived"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one relationship: dates and counts. All days are UTC."""

    today: date
    started: date
    cadence_days: int = USUAL_CADENCE
    format: Format = Format.ONE_TO_ONE
    # Sessions that somebody says were held; and of those whose time has passed and which nobody
    # denies, a few (`perhaps`): silence about a session is no evidence that it was not held.
    held: tuple[date, ...] = ()
    perhaps: tuple[date, ...] = ()
    # The next session that stands or is proposed, and the day of the last plan made.
    ahead: date | None = None
    planned_on: date | None = None
    # Days on which sessions were canceled since the last one that was held.
    canceled: tuple[date, ...] = ()
    # Since when a message waits for an answer, and the day of the last one.
    waits_since: date | None = None
    written_on: date | None = None
    # Goals that organizers may see: the day on which one under way last moved, and any of them.
    shared_goal_moved: date | None = None
    goal_moved: date | None = None
    # Somebody said that all is well: until this day nothing is asked.
    fine_from: date | None = None
    fine_until: date | None = None
    still: frozenset[date] = frozenset()

    @property
    def met(self) -> tuple[date, ...]:
        """Sessions that were held or may have been, in order."""
        return tuple(sorted({*self.held, *self.perhaps}))

    @property
    def is_fine(self) -> bool:
        """Whether a member says that all is well, today."""
        return self.fine_until is not None and self.today <= self.fine_until

    @property
    def rhythm(self) -> int:
        """Days from session to session: as agreed, or as these people really meet if slower."""
        gaps = gaps_of(self.met)
        return max(self.cadence_days, round(median(gaps)) if gaps else 0)

    def since(self, *days: date | None) -> date:
        """The latest of some days; whoever said that all was well starts anew after it."""
        return max(day for day in (*days, self.fine_until, self.started) if day is not None)

    def days(self, since: date) -> int:
        """How many days have run since a day; those on which timers stand still do not count."""
        return running_days(since, self.today, self.still)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that holds: since when, how strongly, and the evidence, which is days and counts."""

    rule: Risk
    level: Level
    since: date
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table; a number that is missing means never."""

    nudge: int | None
    flag: int | None
    play: Play
    look: Callable[[Facts], tuple[date, Mapping[str, int]] | None]
    # Whether the two numbers are for the usual cadence, and grow with a slower one.
    grows: bool = False


def running_days(since: date, today: date, still: Iterable[date]) -> int:
    """Days after `since` up to today that count."""
    return max(0, (today - since).days) - sum(since < day <= today for day in still)


def gaps_of(held: Sequence[date]) -> list[int]:
    """Days between one session and the next."""
    return [(later - earlier).days for earlier, later in itertools.pairwise(held)]


# the rules: since when something is so, and counts beside it; None when it is not


def _first_session(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    if facts.met or facts.ahead:
        return None
    return facts.since(), {"canceled": len(facts.canceled)}


def _no_session(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    if not facts.met or facts.ahead:
        return None
    return facts.since(facts.met[-1]), {"held": len(facts.held), "rhythm": facts.rhythm}


def _long_gap(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    """Something stands ahead, but too far; without anything ahead the rule before says so."""
    if len(facts.met) < 2:
        return None
    is_near = facts.ahead is not None and (facts.ahead - facts.today).days <= WEEK
    if is_near or (facts.ahead is None and facts.rhythm >= USUAL_CADENCE):
        return None
    since = facts.since(facts.met[-1])
    is_long = facts.days(since) > STRETCH * facts.rhythm
    return (since, {"rhythm": facts.rhythm}) if is_long else None


def _canceled_twice(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    days = sorted(day for day in set(facts.canceled) if day >= facts.since())
    return (days[-1], {"canceled": len(days)}) if len(days) > 1 else None


def _falling_cadence(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    """The last time between two sessions was half as long again as the one before, or longer."""
    met = facts.met
    if len(met) < 3 or met[-1] < facts.since():
        return None
    before, last = gaps_of(met)[-2:]
    stood = sum(met[-2] < day <= met[-1] for day in facts.still)
    is_falling = last - stood >= STRETCH * before and last - stood > facts.cadence_days
    return (met[-1], {"before": before, "last": last}) if is_falling else None


def _unanswered(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    if facts.waits_since is None:
        return None
    has_talked = any(day >= facts.waits_since for day in facts.met)
    has_planned = facts.planned_on is not None and facts.planned_on >= facts.waits_since
    if has_talked or has_planned:
        return None
    return facts.since(facts.waits_since), {}


def _goal_stuck(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    if facts.shared_goal_moved is None:
        return None
    return facts.since(facts.shared_goal_moved), {}


def _silent(facts: Facts) -> tuple[date, Mapping[str, int]] | None:
    if facts.ahead:
        return None
    signs = (*facts.met[-1:], facts.planned_on, facts.written_on, facts.goal_moved)
    return facts.since(*signs), {"held": len(facts.held)}


def _never(_facts: Facts) -> None:
    """Rules about one person alone; see `personal`."""
    return


RULES: dict[Risk, Rule] = {
    Risk.FIRST_SESSION: Rule(7, 10, Play.FIND_TIME, _first_session),
    Risk.SILENT: Rule(SILENT_DAYS, SILENT_DAYS, Play.TALK, _silent),
    Risk.NO_SESSION: Rule(14, 21, Play.FIND_TIME, _no_session, grows=True),
    Risk.CANCELED_TWICE: Rule(0, 0, Play.OFFER_PAUSE, _canceled_twice),
    Risk.LONG_GAP: Rule(None, 0, Play.WRITE, _long_gap),
    Risk.FALLING_CADENCE: Rule(None, 0, Play.TALK, _falling_cadence),
    Risk.UNANSWERED: Rule(4, 7, Play.WRITE, _unanswered),
    Risk.GOAL_STUCK: Rule(38, 45, Play.WRITE, _goal_stuck),
    # Goals that are not shared with the program, and what somebody thought of a session, are
    # nobody else's: these two speak to the person alone and never raise a flag.
    Risk.NO_GOAL: Rule(30, None, Play.WRITE, _never),
    Risk.FEEDBACK: Rule(0, None, Play.TALK, _never),
}

_EVERYTHING = frozenset(Risk)
_TALKING = frozenset({Risk.UNANSWERED})
_GOALS = frozenset({Risk.NO_GOAL, Risk.GOAL_STUCK})

# Which rules make sense for which format. One meeting has no rhythm, a message to a group needs no
# answer, and who welcomes somebody new or listens to a junior works without goals of their own.
APPLIES: dict[Format, frozenset[Risk]] = {
    Format.ONE_TO_ONE: _EVERYTHING,
    Format.PEER: _EVERYTHING,
    Format.SITUATIONAL: _EVERYTHING,
    Format.SPONSORSHIP: _EVERYTHING,
    Format.REVERSE: _EVERYTHING - _GOALS,
    Format.BUDDY: _EVERYTHING - _GOALS,
    Format.GROUP: _EVERYTHING - _TALKING,
    Format.CIRCLE: _EVERYTHING - _TALKING - {Risk.NO_GOAL},
    Format.FLASH: frozenset({Risk.FIRST_SESSION, Risk.CANCELED_TWICE, Risk.UNANSWERED}),
}


def thresholds(rule: Risk, facts: Facts) -> tuple[int | None, int | None]:
    """(days to the nudge, days to the flag) for these people."""
    row = RULES[rule]
    if not row.grows or row.nudge is None or row.flag is None:
        return row.nudge, row.flag
    more = max(0, facts.rhythm - USUAL_CADENCE)
    return row.nudge + more, row.flag + more


def find(facts: Facts) -> list[Finding]:
    """Every rule that holds today."""
    if facts.is_fine:
        return []
    found = (_one(rule, facts) for rule in Risk if rule in APPLIES[facts.format])
    return [finding for finding in found if finding is not None]


def _one(rule: Risk, facts: Facts) -> Finding | None:
    seen = RULES[rule].look(facts)
    if seen is None:
        return None
    since, counts = seen
    days = facts.days(since)
    nudge, flag = thresholds(rule, facts)
    if flag is not None and days >= flag:
        level = Level.FLAG
    elif nudge is not None and days >= nudge:
        level = Level.NUDGE
    else:
        return None
    return Finding(rule, level, since, {"since": since.isoformat(), "days": days, **counts})


# what only one person is told


@dataclass(frozen=True, slots=True)
class Own:
    """What concerns one member alone."""

    person_id: UUID
    sets_goals: bool = True
    has_goal: bool = False
    goal_moved: date | None = None
    # What they thought of sessions, in order, and the day of the last one.
    ratings: tuple[int, ...] = ()
    rated_on: date | None = None


def personal(facts: Facts, own: Own) -> list[Finding]:
    """What somebody is told alone: nothing of it ever becomes a flag."""
    if facts.is_fine:
        return []
    found = []
    applies = APPLIES[facts.format]
    if Risk.NO_GOAL in applies and own.sets_goals and not own.has_goal:
        found.append((Risk.NO_GOAL, facts.since()))
    if Risk.GOAL_STUCK in applies and own.goal_moved is not None:
        found.append((Risk.GOAL_STUCK, facts.since(own.goal_moved)))
    if Risk.FEEDBACK in applies and own.rated_on is not None and is_low(own.ratings):
        found.append((Risk.FEEDBACK, own.rated_on))
    return [
        Finding(rule, Level.NUDGE, since, {})
        for rule, since in found
        if (after := RULES[rule].nudge) is not None and facts.days(since) >= after
    ]


def is_low(ratings: Sequence[int]) -> bool:
    """At most three of five, or a point less in the last two than in the two before."""
    if not ratings:
        return False
    falls = len(ratings) >= 4 and sum(ratings[-2:]) <= sum(ratings[-4:-2]) - 2
    return ratings[-1] <= LOW_RATING or falls


# how flags end


def hits(outcomes: Mapping[Outcome, int]) -> tuple[int, int]:
    """(settled flags that were no false alarm, all settled flags)."""
    settled = sum(outcomes.values())
    return settled - outcomes.get(Outcome.FALSE_ALARM, 0), settled
