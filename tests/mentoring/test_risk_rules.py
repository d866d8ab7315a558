"""Each rule at its boundary: the day before, and the day; timers that stand still; the caps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.mentoring.rules.risks import (
    APPLIES,
    RULES,
    Facts,
    Level,
    Outcome,
    Own,
    Risk,
    find,
    hits,
    personal,
    running_days,
)
from app.programs.rules import Format

BEGAN = date(2027, 1, 4)
NUDGE, FLAG = Level.NUDGE, Level.FLAG


def day(number: int) -> date:
    return BEGAN + timedelta(days=number)


def facts(today: int, **known) -> Facts:
    return Facts(today=day(today), started=BEGAN, **known)


def level_of(rule: Risk, known: Facts) -> Level | None:
    return next((one.level for one in find(known) if one.rule is rule), None)


# (rule, what is known, the first day of a nudge or None, the first day of a flag)
TWICE = {"held": (day(0), day(14))}
BOUNDARIES = [
    (Risk.FIRST_SESSION, {}, 7, 10),
    (Risk.NO_SESSION, {"held": (day(1),)}, 15, 22),
    (Risk.NO_SESSION, {"held": (day(1),), "cadence_days": 28}, 29, 36),
    (Risk.NO_SESSION, {"held": (day(1), day(31))}, 61, 68),  # their own rhythm is slower
    (Risk.NO_SESSION, {"perhaps": (day(1),)}, 15, 22),
    (Risk.LONG_GAP, {**TWICE, "ahead": day(99)}, None, 14 + 22),
    (Risk.LONG_GAP, {"held": (day(0), day(7)), "cadence_days": 7}, None, 7 + 11),
    (Risk.UNANSWERED, {"waits_since": day(3)}, 7, 10),
    (Risk.GOAL_STUCK, {"shared_goal_moved": day(2)}, 40, 47),
    (Risk.SILENT, {"held": (day(5),)}, None, 65),
    (Risk.SILENT, {"held": (day(5),), "written_on": day(9)}, None, 69),
]


@pytest.mark.parametrize(("rule", "known", "nudged", "flagged"), BOUNDARIES)
def test_each_rule_begins_on_its_day_and_not_the_day_before(rule, known, nudged, flagged):
    assert level_of(rule, facts(flagged, **known)) is FLAG
    before = level_of(rule, facts(flagged - 1, **known))
    assert before is (NUDGE if nudged is not None else None)
    if nudged is not None:
        assert level_of(rule, facts(nudged, **known)) is NUDGE
        assert level_of(rule, facts(nudged - 1, **known)) is None


@pytest.mark.parametrize(("rule", "known", "nudged", "flagged"), BOUNDARIES)
@pytest.mark.parametrize("days", [1, 30])
def test_timers_stand_still(rule, known, nudged, flagged, days):
    """Every day on which a timer stands still moves nudge and flag by one day."""
    stood = frozenset(day(flagged - 1 + n) for n in range(days))
    held = facts(flagged - 1 + days, **known, still=stood)
    assert level_of(rule, held) is not FLAG, "the last of the days that do not count"
    assert level_of(rule, replace(held, today=day(flagged + days))) is FLAG


@pytest.mark.parametrize(
    ("rule", "is_so", "is_not"),
    [
        (Risk.FIRST_SESSION, {}, {"ahead": day(41)}),
        (Risk.FIRST_SESSION, {}, {"perhaps": (day(2),)}),
        (Risk.NO_SESSION, {"held": (day(0),)}, {"held": (day(0),), "ahead": day(90)}),
        (Risk.LONG_GAP, {**TWICE, "ahead": day(48)}, {**TWICE, "ahead": day(47)}),
        (Risk.CANCELED_TWICE, {"canceled": (day(38), day(39))}, {"canceled": (day(39),) * 4}),
        (
            Risk.FALLING_CADENCE,
            {"held": (day(0), day(12), day(30))},
            {"held": (day(0), day(13), day(30))},
        ),
        (
            Risk.FALLING_CADENCE,
            {"held": (day(0), day(8), day(23))},
            {"held": (day(0), day(8), day(22))},  # still as often as agreed
        ),
        (Risk.UNANSWERED, {"waits_since": day(30)}, {"waits_since": day(30), "held": (day(30),)}),
        (
            Risk.UNANSWERED,
            {"waits_since": day(30)},
            {"waits_since": day(30), "planned_on": day(31)},
        ),
        (
            Risk.UNANSWERED,
            {"waits_since": day(30)},
            {"waits_since": day(30), "fine_until": day(40)},
        ),
        (Risk.FIRST_SESSION, {"fine_until": day(30)}, {"fine_until": day(31)}),
    ],
)
def test_what_makes_a_rule_hold_and_what_does_not(rule, is_so, is_not):
    assert level_of(rule, facts(40, **is_so)) is FLAG
    assert level_of(rule, facts(40, **is_not)) is not FLAG


def test_days_are_counted_without_those_that_stand_still():
    assert running_days(day(0), day(10), []) == 10
    assert running_days(day(0), day(10), [day(0), day(3), day(10), day(11)]) == 8
    assert running_days(day(5), day(3), [day(4)]) == 0


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({}, {Risk.NO_GOAL}),
        ({"sets_goals": False}, set()),
        ({"has_goal": True}, set()),
        ({"has_goal": True, "goal_moved": day(2)}, {Risk.GOAL_STUCK}),
        ({"has_goal": True, "goal_moved": day(3)}, set()),
        ({"has_goal": True, "ratings": (5, 3), "rated_on": day(40)}, {Risk.FEEDBACK}),
        ({"has_goal": True, "ratings": (3, 5), "rated_on": day(40)}, set()),
        ({"has_goal": True, "ratings": (5, 5, 4, 4), "rated_on": day(40)}, {Risk.FEEDBACK}),
        ({"has_goal": True, "ratings": (5, 4, 4, 4), "rated_on": day(40)}, set()),
    ],
)
def test_what_only_one_person_is_told_is_never_a_flag(own, told):
    known = facts(40, held=(day(1), day(20)), ahead=day(44))
    found = personal(known, Own(uuid4(), **own))
    assert {one.rule for one in found} == told
    assert all(one.level is NUDGE and not one.evidence for one in found)
    assert not any(one.level is FLAG for one in find(known))
    assert personal(facts(29), Own(uuid4())) == [] and personal(facts(30), Own(uuid4()))


def test_every_format_has_its_rules_and_one_meeting_has_no_rhythm():
    assert APPLIES.keys() == set(Format) and RULES.keys() == set(Risk)
    met = facts(300, format=Format.FLASH, held=(day(3),))
    assert find(met) == [] and find(replace(met, format=Format.ONE_TO_ONE))
    waits = facts(60, format=Format.CIRCLE, waits_since=day(50), ahead=day(61), held=(day(49),))
    assert find(waits) == []


def test_evidence_is_days_and_counts_and_nothing_else():
    for rule, known, _nudged, flagged in BOUNDARIES:
        for one in find(facts(flagged, **known)):
            assert one.evidence.keys() <= {
                "since",
                "days",
                "held",
                "rhythm",
                "canceled",
                "before",
                "last",
            }, rule
            assert date.fromisoformat(one.evidence["since"]) == one.since
            assert all(type(v) is int for k, v in one.evidence.items() if k != "since")


def test_a_hit_is_a_settled_flag_that_was_no_false_alarm():
    settled = {Outcome.REVIVED: 5, Outcome.CLOSED: 2, Outcome.FALSE_ALARM: 3}
    assert hits(settled) == (7, 10) and hits({}) == (0, 0)
