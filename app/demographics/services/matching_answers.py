"""What people say of themselves for matching: two consents, wishes, and the stored draw."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.keyring import seal, unseal
from app.demographics.models import ConsentEntry, MatchDraw, MatchWish, SelfIdentification
from app.demographics.rules import (
    MATCHING,
    OPTIONS,
    Attribute,
    MatchAnswer,
    Purpose,
    Source,
)
from app.demographics.services.identification import value_aad
from app.demographics.services.keys import data_keys
from app.demographics.services.matching_rows import opened, put, rows_of, use_of
from app.matching.deniable import draw


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody had read when they said something, and in which language."""

    version: str
    locale: str


def say_for_matching(
    db: Session, actor_id: UUID, *, answers: Mapping[Attribute, MatchAnswer], notice: Notice
) -> None:
    """Keep what somebody says for matching and how it may be used, each consent logged.

    No answer leaves rows like any answer, so that neither database nor log tells them apart. What
    the person agreed to for statistics stays; there is one truth for both.
    """
    key = data_keys(db, [actor_id], make=True)[actor_id]
    for attribute, answer in answers.items():
        if {answer.value, answer.wish} - {"", *OPTIONS[attribute]}:
            raise ValueError(attribute)
        use = answer.use if answer.value else None
        before = _keep_value(db, (actor_id, key), attribute, answer.value, use, notice)
        _log(db, actor_id, attribute, before, use, notice)
        _keep_draw(db, (actor_id, key), attribute, use)
        said = {"wish": answer.wish, "only": bool(answer.wish and answer.only)}
        wish = put(db, MatchWish, actor_id, key, attribute, said)
        wish.notice_version, wish.recorded_at = notice.version, clock.now()
    audit.record(db, actor_id, "identity_said", ("person", actor_id))
    db.flush()


def stop_matching(db: Session, actor_id: UUID, *, attribute: Attribute, notice: Notice) -> None:
    """Take back what one said for matching about an attribute: the next run knows nothing of it."""
    say_for_matching(db, actor_id, answers={attribute: MatchAnswer()}, notice=notice)


def own_answers(db: Session, person_id: UUID) -> dict[Attribute, MatchAnswer]:
    """What somebody said for matching, for their own eyes."""
    key = data_keys(db, [person_id]).get(person_id)
    if key is None:
        return {}
    rows = db.execute(
        select(SelfIdentification, MatchWish)
        .join(
            MatchWish,
            (MatchWish.person_id == SelfIdentification.person_id)
            & (MatchWish.attribute == SelfIdentification.attribute),
        )
        .where(SelfIdentification.person_id == person_id, SelfIdentification.source == Source.SELF)
    )
    said = {}
    for row, wished in rows:
        use, wish = use_of(row), opened(key, wished)
        value = unseal(key, row.value, value_aad(row.id, person_id)).decode() if use else ""
        said[row.attribute] = MatchAnswer(value, use, wish["wish"], wish["only"])
    return {attribute: one for attribute, one in said.items() if one != MatchAnswer()}


def _keep_value(
    db: Session,
    whose: tuple[UUID, bytes],
    attribute: Attribute,
    value: str,
    use: Purpose | None,
    notice: Notice,
) -> Purpose | None:
    """Write value and purposes; returns what the person had agreed to before."""
    person_id, key = whose
    row = db.scalar(
        select(SelfIdentification).where(
            SelfIdentification.person_id == person_id,
            SelfIdentification.attribute == attribute,
            SelfIdentification.source == Source.SELF,
        )
    )
    before = use_of(row)
    rest = [one for one in (row.purposes if row else ()) if one not in MATCHING]
    if row is None:
        row = SelfIdentification(person_id=person_id, attribute=attribute, source=Source.SELF)
        row.id = ids.new_id("identity", (person_id, attribute))
        db.add(row)
    if use or not rest:
        said = value if use else ""
        row.value = seal(key, said.encode(), value_aad(row.id, person_id), "identity")
    row.purposes = sorted([*rest, use] if use else rest)
    row.notice_version, row.locale, row.recorded_at = notice.version, notice.locale, clock.now()
    return before


def _log(
    db: Session,
    person_id: UUID,
    attribute: Attribute,
    before: Purpose | None,
    after: Purpose | None,
    notice: Notice,
) -> None:
    if before is after:
        return
    for purpose, is_given in ((before, False), (after, True)):
        if purpose is not None:
            db.add(
                ConsentEntry(
                    id=ids.new_id("identity_consent", (person_id, attribute)),
                    person_id=person_id,
                    attribute=attribute,
                    purpose=purpose,
                    is_given=is_given,
                    notice_version=notice.version,
                    locale=notice.locale,
                )
            )


def _keep_draw(
    db: Session, whose: tuple[UUID, bytes], attribute: Attribute, use: Purpose | None
) -> None:
    """One draw while the consent lasts. It comes from the person's key, so that taking consent back
    and giving it again draws nothing new, which would let the truth be averaged out."""
    person_id, key = whose
    row = next(iter(rows_of(db, MatchDraw, [person_id], attribute)), None)
    if use is not Purpose.MATCHING_DENIABLE:
        if row is not None:
            db.delete(row)
    elif row is None:
        shift = draw(len(OPTIONS[attribute]), _Stream(key, f"match_draw|{attribute}"))
        put(db, MatchDraw, person_id, key, attribute, {"shift": shift})


class _Stream:
    """Bytes that follow from a person's key and a purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self.key, self.purpose, self.drawn = key, purpose, 0

    def __call__(self, size: int) -> bytes:
        self.drawn += 1
        label = f"{self.purpose}|{self.drawn}".encode()
        return hmac.digest(self.key, label, hashlib.sha256)[:size]
