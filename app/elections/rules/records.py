"""A result as it is kept and read again: fractions stay exact."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from app.elections.rules.counting import Result, Round, Tie


def to_record(result: Result) -> dict[str, Any]:
    """The result as JSON."""
    return {
        "elected": list(result.elected),
        "is_joint": result.is_joint,
        "rounds": [_round(one) for one in result.rounds],
    }


def _round(one: Round) -> dict[str, Any]:
    return {
        "tallies": [[number, str(votes)] for number, votes in one.tallies.items()],
        "exhausted": str(one.exhausted),
        "needed": str(one.needed),
        "elected": list(one.elected),
        "excluded": one.excluded,
        "surplus_of": one.surplus_of,
        "tie": [list(one.tie.level), one.tie.chosen, one.tie.by] if one.tie else None,
    }


def from_record(record: dict[str, Any]) -> Result:
    """The result again."""
    return Result(
        elected=tuple(record["elected"]),
        rounds=tuple(_read(one) for one in record["rounds"]),
        is_joint=record["is_joint"],
    )


def _read(one: dict[str, Any]) -> Round:
    tie = one["tie"]
    return Round(
        tallies={number: Fraction(votes) for number, votes in one["tallies"]},
        exhausted=Fraction(one["exhausted"]),
        needed=Fraction(one["needed"]),
        elected=tuple(one["elected"]),
        excluded=one["excluded"],
        surplus_of=one["surplus_of"],
        tie=Tie(tuple(tie[0]), tie[1], tie[2]) if tie else None,
    )
