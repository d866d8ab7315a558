"""What only the matcher may know of people, put into an instance: never shown, never kept open.

Asked of `demographics` for a run that is to be made, by the consent of each. Pages that explain a
run ask for none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demographics.rules import MatchFacts
from app.demographics.services import for_matching
from app.ergs.queries import openly_in
from app.matching.deniable import can_hide
from app.matching.types import IdPair, Instance, Participant, Value
from app.programs.models import Enrollment

FIELDS = ("wishes", "shared", "seen")
Subject = tuple[str, UUID]


def asks_identity(rules: Mapping[str, Any]) -> bool:
    """Whether people are asked who they are; a wish to meet only some holds at any weight."""
    return any(one["mentee"] in FIELDS for one in rules["rules"])


def hints_count(instance: Instance) -> tuple[bool, bool]:
    """Whether deniable answers of mentees and of mentors count: not where a side is too small to
    hide one. It follows from how many people there are, not from what anybody said."""
    return can_hide(len(instance.mentees)), can_hide(len(instance.mentors))


def with_private(
    db: Session, instance: Instance, rules: Mapping[str, Any], *, cohort_id: UUID, subject: Subject
) -> Instance:
    """The instance with what people agreed to. Needs a writing session: the read is logged."""
    rows = db.execute(
        select(Enrollment.id, Enrollment.person_id, Enrollment.answers).where(
            Enrollment.cohort_id == cohort_id
        )
    ).all()
    person_of = {str(enrollment_id): person_id for enrollment_id, person_id, _said in rows}
    said = {str(enrollment_id): answers for enrollment_id, _person, answers in rows}
    instance = _with_quiet_answers(db, instance, rules, said, person_of)
    if not asks_identity(rules):
        return instance
    everybody = [one.id for one in (*instance.mentees, *instance.mentors)]
    people = {person_of[one] for one in everybody}
    facts = for_matching(db, None, people=people, subject=subject)
    known = {one: facts.get(person_of[one], MatchFacts()) for one in everybody}
    hints = hints_count(instance)
    excluded = _unwanted(instance, known) - instance.locked
    return replace(
        instance,
        mentees=_told(instance.mentees, known, has_hint=hints[0]),
        mentors=_told(instance.mentors, known, has_hint=hints[1]),
        excluded=instance.excluded | excluded,
    )


def _with_quiet_answers(
    db: Session,
    instance: Instance,
    rules: Mapping[str, Any],
    said: Mapping[str, Mapping[str, Any]],
    person_of: Mapping[str, UUID],
) -> Instance:
    """The instance with answers that only the matching uses: what is like one, and the groups that
    somebody is openly in and lets count."""
    compared = {one["mentee"] for one in rules["rules"]} & {"personality", "affiliation"}
    if not compared:
        return instance
    agreed = {person_of[one] for one, answers in said.items() if answers.get("groups") == "yes"}
    groups = openly_in(db, agreed) if "affiliation" in compared else {}

    def told(one: Participant) -> Participant:
        found = {
            "personality": frozenset(said[one.id].get("personality") or ()),
            "affiliation": frozenset(map(str, groups.get(person_of[one.id], ()))),
        }
        kept = {name: words for name, words in found.items() if words and name in compared}
        return replace(one, values={**one.values, **kept})

    return replace(
        instance,
        mentees=tuple(map(told, instance.mentees)),
        mentors=tuple(map(told, instance.mentors)),
    )


def _told(
    people: Iterable[Participant], known: Mapping[str, MatchFacts], *, has_hint: bool
) -> tuple[Participant, ...]:
    return tuple(
        replace(one, values={**one.values, **_values(known[one.id], has_hint=has_hint)})
        for one in people
    )


def _values(facts: MatchFacts, *, has_hint: bool) -> dict[str, Value]:
    told = {"wishes": facts.wishes, "shared": facts.shared, "seen": facts.seen if has_hint else ()}
    return {name: frozenset(words) for name, words in told.items() if words}


def _unwanted(instance: Instance, known: Mapping[str, MatchFacts]) -> set[IdPair]:
    """Pairs that somebody would rather wait than have: the other may not be known to be such."""
    found: set[IdPair] = set()
    strict = [(one.id, known[one.id].only) for one in instance.mentees if known[one.id].only]
    for mentee, only in strict:
        found |= {(mentee, m.id) for m in instance.mentors if not only <= known[m.id].shared}
    strict = [(one.id, known[one.id].only) for one in instance.mentors if known[one.id].only]
    for mentor, only in strict:
        found |= {(m.id, mentor) for m in instance.mentees if not only <= known[m.id].shared}
    return found
