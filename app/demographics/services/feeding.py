"""The only way out of answers given for matching, for the matcher's feeder alone.

Shareable answers come as they are, deniable ones as the stored draw shows them: the truth of those
never leaves here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.keyring import unseal
from app.demographics.models import MatchDraw, MatchWish
from app.demographics.rules import OPTIONS, MatchFacts, Purpose
from app.demographics.services.identification import value_aad
from app.demographics.services.keys import data_keys
from app.demographics.services.matching_rows import identities, opened, rows_of, use_of
from app.matching.deniable import shifted

BATCH = 500


def for_matching(
    db: Session, actor_id: UUID | None, *, people: Iterable[UUID], subject: tuple[str, UUID]
) -> dict[UUID, MatchFacts]:
    """What the matcher may use of people, by their consent. Needs a writing session.

    One line of the log says that everybody's answers were read for this purpose; a line for each
    who has any would tell who they are.
    """
    wanted = sorted(set(people))
    found: dict[UUID, MatchFacts] = {}
    for start in range(0, len(wanted), BATCH):
        found.update(_facts(db, wanted[start : start + BATCH]))
    audit.record(db, actor_id, "identity_matched", subject, reason="matching")
    return found


def _facts(db: Session, people: list[UUID]) -> dict[UUID, MatchFacts]:
    keys = data_keys(db, people)
    shared, seen = _identities(db, people, keys)
    wishes, only = _wishes(db, people, keys)
    return {
        person: MatchFacts(*(frozenset(each[person]) for each in (shared, seen, wishes, only)))
        for person in keys
    }


Sets = defaultdict[UUID, set[str]]


def _identities(db: Session, people: list[UUID], keys: dict[UUID, bytes]) -> tuple[Sets, Sets]:
    shifts = {
        (one.person_id, one.attribute): int(opened(keys[one.person_id], one)["shift"])
        for one in rows_of(db, MatchDraw, people)
    }
    shared: Sets = defaultdict(set)
    seen: Sets = defaultdict(set)
    for row in identities(db, people):
        person, attribute, use = row.person_id, row.attribute, use_of(row)
        if use is None:
            continue
        value = unseal(keys[person], row.value, value_aad(row.id, person)).decode()
        if use is Purpose.MATCHING_SHAREABLE:
            shared[person].add(f"{attribute}:{value}")
        else:
            other = shifted(value, OPTIONS[attribute], shifts[person, attribute])
            seen[person].add(f"{attribute}:{other}")
    return shared, seen


def _wishes(db: Session, people: list[UUID], keys: dict[UUID, bytes]) -> tuple[Sets, Sets]:
    wishes: Sets = defaultdict(set)
    only: Sets = defaultdict(set)
    for row in rows_of(db, MatchWish, people):
        said = opened(keys[row.person_id], row)
        if said["wish"]:
            wishes[row.person_id].add(f"{row.attribute}:{said['wish']}")
        if said["only"]:
            only[row.person_id].add(f"{row.attribute}:{said['wish']}")
    return wishes, only
