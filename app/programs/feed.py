"""From enrollments to the matcher's plain instance. Ids are those of enrollments.

What only the matcher may know goes in as `excluded` pairs, which it never names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import Person
from app.core import clock
from app.matching.types import IdPair, Instance, Participant, Rule, Value
from app.programs.models import Cohort, Enrollment, Exclusion, Offer, PairDecision
from app.programs.rules import (
    IN_POOL,
    Decision,
    OfferState,
    Role,
    free_places,
    priority_from,
)
from app.programs.services.offers import holds_a_place

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = {"morning": (8, 12), "midday": (12, 14), "afternoon": (14, 18), "evening": (18, 21)}
JOB_FIELDS = ("level", "function", "department", "site")


@dataclass(slots=True)
class Pool:
    """Everything of a cohort that a run reads, loaded once."""

    cohort: Cohort
    mentees: list[Enrollment] = field(default_factory=list)
    mentors: list[Enrollment] = field(default_factory=list)
    places: dict[UUID, int] = field(default_factory=dict)
    related: set[IdPair] = field(default_factory=set)
    previous: set[IdPair] = field(default_factory=set)
    excluded: set[IdPair] = field(default_factory=set)
    banned: set[IdPair] = field(default_factory=set)
    locked: set[IdPair] = field(default_factory=set)


def load_pool(db: Session, cohort_id: UUID) -> Pool:
    """The people of a cohort who can be matched now, and what is known about pairs of them."""
    pool = Pool(db.get_one(Cohort, cohort_id))
    everyone = db.scalars(
        select(Enrollment)
        .where(Enrollment.cohort_id == cohort_id, Enrollment.state.in_(IN_POOL))
        .order_by(Enrollment.id)
        .options(joinedload(Enrollment.person))
    ).all()
    offers = db.execute(
        select(Offer.mentee_id, Offer.mentor_id, Offer.state, holds_a_place()).where(
            Offer.cohort_id == cohort_id
        )
    ).all()
    _seat(pool, everyone, offers)
    _relate(db, pool)
    _decide(db, pool)
    return pool


def _seat(pool: Pool, everyone: Iterable[Enrollment], offers: Iterable[Any]) -> None:
    taken: dict[UUID, int] = defaultdict(int)
    served: set[UUID] = set()
    for mentee_id, mentor_id, state, holds in offers:
        if holds:
            taken[mentor_id] += 1
            served.add(mentee_id)
        if state is OfferState.DECLINED:
            pool.banned.add((str(mentee_id), str(mentor_id)))
    for enrollment in everyone:
        if enrollment.role is Role.MENTOR:
            room = 0 if enrollment.takes_no_more else enrollment.capacity
            pool.places[enrollment.id] = free_places(room, taken[enrollment.id])
            pool.mentors.append(enrollment)
        elif enrollment.id not in served and not enrollment.takes_no_more:
            pool.mentees.append(enrollment)


def _relate(db: Session, pool: Pool) -> None:
    """Reporting lines, exclusions on either side, former pairs, and nobody with themselves."""
    mentees, mentors = _by_person(pool.mentees), _by_person(pool.mentors)
    for person in set(mentees) & set(mentors):
        pool.banned |= _crossed(mentees, mentors, person, person)
    cohort_id = pool.cohort.id
    facts = union_all(_reporting_lines(cohort_id), _exclusions(cohort_id), _former_pairs(cohort_id))
    known = {"line": pool.related, "exclusion": pool.excluded, "former": pool.previous}
    for kind, one, other in db.execute(facts):
        known[kind] |= _crossed(mentees, mentors, one, other)
        if kind != "former":
            known[kind] |= _crossed(mentees, mentors, other, one)


def _by_person(enrollments: Iterable[Enrollment]) -> dict[UUID, UUID]:
    return {enrollment.person_id: enrollment.id for enrollment in enrollments}


def _crossed(
    mentees: Mapping[UUID, UUID], mentors: Mapping[UUID, UUID], mentee: UUID, mentor: UUID
) -> set[IdPair]:
    if mentee in mentees and mentor in mentors:
        return {(str(mentees[mentee]), str(mentors[mentor]))}
    return set()


def _enrolled(cohort_id: UUID) -> Any:
    return select(Enrollment.person_id).where(Enrollment.cohort_id == cohort_id)


def _reporting_lines(cohort_id: UUID) -> Any:
    """(person, somebody above them) for all people of a cohort, through any number of levels."""
    line = (
        select(Person.id.label("person"), Person.manager_id.label("above"), literal(1).label("n"))
        .where(Person.id.in_(_enrolled(cohort_id)), Person.manager_id.is_not(None))
        .cte(recursive=True)
    )
    boss = aliased(Person)
    line = line.union(
        select(line.c.person, boss.manager_id, line.c.n + 1)
        .join(boss, boss.id == line.c.above)
        .where(boss.manager_id.is_not(None), line.c.n < 20)
    )
    above = line.c.above.in_(_enrolled(cohort_id))
    return select(literal("line"), line.c.person, line.c.above).where(above)


def _exclusions(cohort_id: UUID) -> Any:
    """(person, whom they do not want to be matched with)."""
    return (
        select(literal("exclusion"), Enrollment.person_id, Exclusion.person_id)
        .join(Exclusion, Exclusion.enrollment_id == Enrollment.id)
        .where(Enrollment.cohort_id == cohort_id)
    )


def _former_pairs(cohort_id: UUID) -> Any:
    """(mentee, mentor) as people, of every accepted offer of other cohorts."""
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    enrolled = _enrolled(cohort_id)
    return (
        select(literal("former"), mentee.person_id, mentor.person_id)
        .select_from(Offer)
        .join(mentee, mentee.id == Offer.mentee_id)
        .join(mentor, mentor.id == Offer.mentor_id)
        .where(
            Offer.state == OfferState.ACCEPTED,
            Offer.cohort_id != cohort_id,
            mentee.person_id.in_(enrolled),
            mentor.person_id.in_(enrolled),
        )
    )


def _decide(db: Session, pool: Pool) -> None:
    """Organizers' decisions; an override lifts what would forbid the pair."""
    free = {str(enrollment.id) for enrollment in pool.mentees}
    room = {str(mentor_id) for mentor_id, places in pool.places.items() if places}
    for decision in db.scalars(
        select(PairDecision).where(PairDecision.cohort_id == pool.cohort.id)
    ):
        pair = (str(decision.mentee_id), str(decision.mentor_id))
        if decision.kind is Decision.VETO:
            pool.banned.add(pair)
            continue
        if decision.is_override:
            for forbidding in (pool.related, pool.previous, pool.excluded, pool.banned):
                forbidding.discard(pair)
        if pair[0] in free and pair[1] in room:
            pool.locked.add(pair)


def instance_of(pool: Pool, rules: Mapping[str, Any], seed: int) -> Instance:
    """The pool as the matcher wants it."""
    bound = tuple(rule_of(stored) for stored in rules["rules"])
    return Instance(
        mentees=tuple(_participant(pool, e) for e in pool.mentees),
        mentors=tuple(_participant(pool, e) for e in pool.mentors),
        rules=bound,
        locked=frozenset(pool.locked),
        banned=frozenset(pool.banned - pool.locked),
        excluded=frozenset(pool.excluded),
        minimum=int(rules.get("minimum", 0)),
        objective=rules.get("objective", "total"),
        seed=seed,
        discreet=True,
    )


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


def _participant(pool: Pool, enrollment: Enrollment) -> Participant:
    values = {key: _value(answer) for key, answer in enrollment.answers.items()}
    person = enrollment.person
    values |= {name: getattr(person, name) for name in JOB_FIELDS}
    values |= {
        "languages": frozenset(enrollment.languages),
        "zone": zone_hours(enrollment.zone, clock.now()),
        "windows": week_mask(enrollment.weekly_windows, enrollment.zone, clock.now()),
    }
    if enrollment.role is Role.MENTEE:
        own = str(enrollment.id)
        values["reporting_line"] = frozenset(to for me, to in pool.related if me == own)
        values["previous"] = frozenset(to for me, to in pool.previous if me == own)
    return Participant(
        id=str(enrollment.id),
        capacity=pool.places.get(enrollment.id, 1),
        missed=priority_from(enrollment.missed_rounds),
        values=values,
    )


def _value(answer: Any) -> Value:
    return frozenset(map(str, answer)) if isinstance(answer, list) else answer


def zone_hours(zone: str, at: datetime) -> float:
    """A zone's distance from UTC in hours at an instant."""
    offset = at.astimezone(clock.zone(zone)).utcoffset() or timedelta()
    return offset.total_seconds() / 3600


def week_mask(windows: Iterable[str], zone: str, at: datetime) -> int | None:
    """Weekly windows such as `mon-morning` in a zone, as bits of the 168 hours of a UTC week."""
    shift = round(zone_hours(zone, at))
    mask = 0
    for window in windows:
        day, _, part = window.partition("-")
        if day in DAYS and part in PARTS:
            for hour in range(*PARTS[part]):
                mask |= 1 << ((DAYS.index(day) * 24 + hour - shift) % 168)
    return mask or None


def forbidden_pairs(pool: Pool) -> set[IdPair]:
    """Pairs to which no offer may go, whatever a run says."""
    return pool.related | pool.previous | pool.excluded | (pool.banned - pool.locked)
