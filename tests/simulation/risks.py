"""What the rules about risk saw in a simulated year, judged by what its people meant to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from uuid import UUID

from sqlalchemy import select

from app.core.database import reading
from app.mentoring import jobs
from app.mentoring.models import Relationship, RiskFlag
from app.mentoring.rules import ClosingReason
from app.mentoring.rules.risks import Risk
from tests.simulation.year import DAY, START, Life, Year

SILENT = ("fading", "idle")  # they stop, or never begin, and nobody says a word


@dataclass(slots=True)
class Judgment:
    """The figures of a year; everything in it is simulated."""

    # Who stopped without a word: all of them, and those whose cohort was not called off meanwhile.
    silent: int = 0
    seen: int = 0
    ran_out: int = 0
    seen_in_time: int = 0
    ahead: list[int] = field(default_factory=list)  # days from the first flag to the end
    late: list[int] = field(default_factory=list)  # days from the last day meant to the flag
    healthy: int = 0
    disturbed: int = 0
    by_rule: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"simulated year: {self.seen_in_time} of {self.ran_out} silent endings flagged "
            f"({self.seen} of {self.silent} with those whose cohort was called off), "
            f"median {median(self.ahead)} days before the end and {median(self.late)} days after "
            f"the last day meant; {self.disturbed} of {self.healthy} others flagged; "
            f"flags by rule (rule, of a silent ending): {dict(self.by_rule)}"
        )


def watch(_day: int) -> None:
    """The evening of each day: flags, nudges, notices."""
    jobs.watch_risks()


def judge(year: Year) -> Judgment:
    """Each relationship's first flag against its temper and its end."""
    db, judged = reading(), Judgment()
    first: dict[UUID, dict[Risk, date]] = defaultdict(dict)
    for flag in db.scalars(select(RiskFlag).order_by(RiskFlag.opened_at)):
        first[flag.relationship_id].setdefault(flag.rule, flag.opened_at.date())
    pairs = {pair.id: pair for pair in db.scalars(select(Relationship)).unique()}
    for life in year.lives:
        flags, is_silent = first[life.id], life.temper in SILENT
        judged.by_rule.update((rule.value, is_silent) for rule in flags)
        if is_silent:
            _judge_silent(judged, life, pairs[life.id], flags)
        else:
            judged.healthy += 1
            judged.disturbed += bool(flags)
    return judged


def _judge_silent(
    judged: Judgment, life: Life, pair: Relationship, flags: dict[Risk, date]
) -> None:
    ran_out = pair.closing_reason is not ClosingReason.COHORT_END
    judged.silent += 1
    judged.ran_out += ran_out
    if not flags or pair.closed_at is None:
        return
    opened = min(flags.values())
    meant = (START + (life.last_meant or life.began) * DAY).date()
    judged.seen += 1
    judged.seen_in_time += ran_out
    judged.ahead.append((pair.closed_at.date() - opened).days)
    judged.late.append((opened - meant).days)
