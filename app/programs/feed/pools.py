"""Who of a cohort can be matched now, and which pairs organizers have decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from app.matching.types import IdPair
from app.programs.feed.relating import facts_of
from app.programs.models import Cohort, Enrollment, MatchRequest, Offer, PairDecision
from app.programs.rules import (
    IN_POOL,
    Decision,
    Form,
    OfferState,
    RequestState,
    Role,
    form_from,
    free_places,
)
from app.programs.services.offers import holds_a_place, left_of

NEVER = datetime.max.replace(tzinfo=UTC)  # whoever does not wait comes last


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
    above: dict[UUID, set[UUID]] = field(default_factory=dict)  # of each person, if rules ask

    @property
    def lines(self) -> dict[UUID, frozenset[str]]:
        """Somebody and all above them; nobody of whom no manager is known, and who is none."""
        tops = set().union(*self.above.values())
        lines = self.above | {top: set() for top in tops - self.above.keys()}
        return {one: frozenset(map(str, (one, *above))) for one, above in lines.items()}

    @property
    def form(self) -> Form:
        """How people of this cohort are put together."""
        return form_from(self.cohort.rules)


def needs_lines(rules: Mapping[str, Any]) -> bool:
    """Whether it counts how far apart people work."""
    return any(rule["comparator"] == "distance" for rule in rules.get("rules", ()))


def load_pool(db: Session, cohort_id: UUID, rules: Mapping[str, Any] | None = None) -> Pool:
    """The people of a cohort who can be matched now, and what is known about pairs of them, by its
    rules or others that are looked at."""
    pool = Pool(db.get_one(Cohort, cohort_id))
    rows = db.execute(
        select(Enrollment, left_of(Enrollment.person_id))
        .where(Enrollment.cohort_id == cohort_id, Enrollment.state.in_(IN_POOL))
        .order_by(Enrollment.id)
        .options(joinedload(Enrollment.person))
    ).all()
    _seat(pool, [enrollment for enrollment, _left in rows], db.execute(answers_of(cohort_id)).all())
    _limit(pool, {enrollment.id: left for enrollment, left in rows if left is not None})
    _relate(db, pool, rules or pool.cohort.rules)
    _decide(db, pool)
    return pool


def answers_of(cohort_id: UUID) -> Any:
    """(mentee, mentor, whether one of them said no, whether it holds a place)."""
    is_no = Offer.state == OfferState.DECLINED
    asked = select(MatchRequest.mentee_id, MatchRequest.mentor_id, literal(True), literal(False))
    return union_all(
        select(Offer.mentee_id, Offer.mentor_id, is_no, holds_a_place()).where(
            Offer.cohort_id == cohort_id
        ),
        asked.where(
            MatchRequest.cohort_id == cohort_id, MatchRequest.state == RequestState.DECLINED
        ),
    )


def _seat(pool: Pool, everyone: Iterable[Enrollment], offers: Iterable[Any]) -> None:
    taken: dict[UUID, int] = defaultdict(int)
    served: dict[UUID, int] = defaultdict(int)
    is_mutual = pool.form.is_mutual
    for mentee_id, mentor_id, is_no, holds in offers:
        if holds:
            taken[mentor_id] += 1
            served[mentee_id] += 1
        if is_no:
            pool.banned.add((str(mentee_id), str(mentor_id)))
    for enrollment in everyone:
        if enrollment.role is Role.MENTOR:
            room = 0 if enrollment.takes_no_more else enrollment.capacity
            pool.places[enrollment.id] = free_places(room, taken[enrollment.id])
            pool.mentors.append(enrollment)
        elif served[enrollment.id] < (enrollment.capacity if is_mutual else 1):
            _waits(pool, enrollment, is_mutual)


def _waits(pool: Pool, enrollment: Enrollment, is_mutual: bool) -> None:
    """Somebody to find people for; where there are no sides, also somebody to be found."""
    if enrollment.takes_no_more:
        return
    pool.mentees.append(enrollment)
    if is_mutual:
        pool.mentors.append(enrollment)
        pool.places[enrollment.id] = 1


def _limit(pool: Pool, left: Mapping[UUID, int]) -> None:
    """Nobody has more places here than they have left over all programs."""
    for mentor in pool.mentors:
        if mentor.id in left and mentor.role is Role.MENTOR:
            pool.places[mentor.id] = min(pool.places[mentor.id], max(0, left[mentor.id]))


def _relate(db: Session, pool: Pool, rules: Mapping[str, Any]) -> None:
    """Reporting lines, exclusions on either side, former pairs, and nobody with themselves."""
    mentees, mentors = _by_person(pool.mentees), _by_person(pool.mentors)
    for person in set(mentees) & set(mentors):
        pool.banned |= _crossed(mentees, mentors, person, person)
    known = {"line": pool.related, "exclusion": pool.excluded, "former": pool.previous}
    for kind, one, other in db.execute(facts_of(pool.cohort.id, with_lines=needs_lines(rules))):
        if kind == "above":
            pool.above.setdefault(one, set()).add(other)
            continue
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
                forbidding -= {pair, pair[::-1]} if pool.form.is_mutual else {pair}
        if pair[0] in free and pair[1] in room:
            pool.locked.add(pair)


def first_in_line(pool: Pool, most: int) -> None:
    """Keep those who have waited longest, no more than so many, without whom to talk to first."""
    here = [enrollment for enrollment in pool.mentees if not enrollment.talks_first]
    line = sorted(here, key=lambda e: (-e.missed_rounds, e.waiting_since or NEVER, e.id))
    pool.mentees = line[:most]
    if pool.form.is_mutual:
        pool.mentors = list(pool.mentees)


def forbidden_pairs(pool: Pool) -> set[IdPair]:
    """Pairs to which no offer may go, whatever a run says."""
    return forbidden_openly(pool) | pool.excluded


def forbidden_openly(pool: Pool) -> set[IdPair]:
    """Those of them of which organizers may hear: not whom somebody does not want to meet."""
    rules = pool.cohort.rules.get("rules", ())
    may_repeat = not any(rule["comparator"] == "previous_pair" for rule in rules)
    former = set() if may_repeat else pool.previous
    return pool.related | former | (pool.banned - pool.locked)


def pool_around(
    db: Session,
    cohort: Cohort,
    mentees: list[Enrollment],
    mentors: list[Enrollment],
    rules: Mapping[str, Any],
) -> Pool:
    """Some people and what stands between them, with places as if none were taken."""
    places = {mentor.id: mentor.capacity for mentor in mentors}
    pool = Pool(cohort, mentees, mentors, places)
    _relate(db, pool, rules)
    _decide(db, pool)
    return pool
