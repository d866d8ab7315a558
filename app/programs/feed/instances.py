"""The pool as the matcher's plain instance.

What only the matcher may know goes in as `excluded` pairs, which it never names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app.core import clock
from app.matching.types import IdPair, Instance, Participant, Rule, Value
from app.programs.feed.hours import week_mask, zone_hours
from app.programs.feed.pools import Pool, first_in_line, load_pool
from app.programs.models import Candidate, Enrollment, MatchRun
from app.programs.rules import WAVE_MOST, CandidateState, Role, RunState, priority_from

Lines = Mapping[UUID, frozenset[str]]
JOB_FIELDS = ("level", "function", "department", "site")
FOR_MATCHER = ("personality", "groups")  # answers that only `feed.private` hands over


def instance_of(
    pool: Pool, rules: Mapping[str, Any], seed: int, earlier: Iterable[IdPair] = ()
) -> Instance:
    """The pool as the matcher wants it; pairs of an earlier run stay where nothing speaks for
    others."""
    bound = tuple(rule_of(stored) for stored in rules["rules"] if counts(stored))
    segment = rules.get("segment", "")
    mentors = {str(mentor.id) for mentor in pool.mentors}
    mentees = {str(mentee.id) for mentee in pool.mentees}
    lines = pool.lines

    def here(pairs: Iterable[IdPair]) -> frozenset[IdPair]:
        return frozenset(pair for pair in pairs if pair[0] in mentees and pair[1] in mentors)

    return Instance(
        mentees=tuple(_participant(pool, e, lines, segment) for e in pool.mentees),
        mentors=tuple(_participant(pool, e, lines) for e in pool.mentors),
        current=here(earlier),
        rules=bound,
        locked=here(pool.locked),
        banned=here(pool.banned - pool.locked),
        excluded=here(pool.excluded),
        minimum=int(rules.get("minimum", 0)),
        objective=rules.get("objective", "total"),
        seed=seed,
        discreet=True,
    )


def public_of(instance: Instance) -> Instance:
    """The instance without what is for the matching alone: for questions that are answered with
    what the pairs would be."""
    shown = tuple(rule for rule in instance.rules if not rule.private)
    return replace(instance, rules=shown, excluded=frozenset(), discreet=False)


def counts(stored: Mapping[str, Any]) -> bool:
    """Whether a rule says anything: a preference that weighs nothing does not."""
    return stored["kind"] != "prefer" or float(stored.get("weight", 0)) > 0


def instance_for(db: Session, run: MatchRun) -> Instance:
    """What a run is about, as things stand now."""
    pool, rules = load_pool(db, run.cohort_id, run.rules), run.rules
    if run.is_wave:  # a few at a time: not every mentor can get somebody
        first_in_line(pool, WAVE_MOST)
        rules = {**rules, "minimum": 0}
    return instance_of(pool, rules, run.seed, earlier_pairs(db, run.cohort_id, besides=run.id))


def earlier_pairs(db: Session, cohort_id: UUID, besides: UUID | None = None) -> set[IdPair]:
    """The pairs of the last run that nobody published, without what was ruled out."""
    former = (
        select(MatchRun.id)
        .where(
            MatchRun.cohort_id == cohort_id,
            MatchRun.id != besides if besides else literal(True),
            MatchRun.is_trial.is_(False),
            MatchRun.state.in_((RunState.DISCARDED, RunState.REVIEW)),
            MatchRun.finished_at.is_not(None),
        )
        .order_by(MatchRun.created_at.desc(), MatchRun.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = db.execute(
        select(Candidate.mentee_id, Candidate.mentor_id).where(
            Candidate.run_id == former, Candidate.state != CandidateState.VETOED
        )
    )
    return {(str(mentee_id), str(mentor_id)) for mentee_id, mentor_id in rows}


def rule_of(stored: Mapping[str, Any]) -> Rule:
    """A rule from its JSON."""
    return Rule(
        kind=stored["kind"],
        comparator=stored["comparator"],
        mentee=stored["mentee"],
        mentor=stored["mentor"],
        label=stored["label"],
        weight=float(stored.get("weight", 0)),
        private=bool(stored.get("private", False)),
        params=stored.get("params", {}),
    )


def _participant(
    pool: Pool, enrollment: Enrollment, lines: Lines, segment: str = ""
) -> Participant:
    told = {key: one for key, one in enrollment.answers.items() if key not in FOR_MATCHER}
    values = {key: _value(answer) for key, answer in told.items()}
    values |= dict.fromkeys(told.get("background") or (), "yes")
    person = enrollment.person
    values |= {name: getattr(person, name) for name in JOB_FIELDS}
    values |= {
        "languages": frozenset(enrollment.languages),
        "zone": zone_hours(enrollment.zone, clock.now()),
        "windows": week_mask(enrollment.weekly_windows, enrollment.zone, clock.now()),
    }
    if person.id in lines:
        values["line"] = lines[person.id]
    if enrollment.role is Role.MENTEE:
        own = str(enrollment.id)
        values["reporting_line"] = frozenset(to for me, to in pool.related if me == own)
        values["previous"] = frozenset(to for me, to in pool.previous if me == own)
    return Participant(
        id=str(enrollment.id),
        capacity=pool.places.get(enrollment.id, 1),
        missed=priority_from(enrollment.missed_rounds),
        values=values,
        segment=str(getattr(person, segment) or "") if segment in JOB_FIELDS else "",
    )


def _value(answer: Any) -> Value:
    return frozenset(map(str, answer)) if isinstance(answer, list) else answer
