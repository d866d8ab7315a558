"""Sealed rows of matching, one for each person and attribute: wishes and draws."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import ids
from app.core.keyring import seal, unseal
from app.demographics.models import MatchDraw, MatchWish, SelfIdentification
from app.demographics.rules import MATCHING, OPTIONS, Attribute, Purpose, Source

Row = TypeVar("Row", MatchWish, MatchDraw)


def put(
    db: Session, kind: type[Row], person_id: UUID, key: bytes, attribute: Attribute, said: object
) -> Row:
    """Write the row of a person and attribute, sealed with the person's key."""
    row = next(iter(rows_of(db, kind, [person_id], attribute)), None)
    if row is None:
        row = kind(person_id=person_id, attribute=attribute)
        row.id = ids.new_id(kind.__tablename__, (person_id, attribute))
        db.add(row)
    row.value = seal(key, json.dumps(said).encode(), _aad(row), kind.__tablename__)
    return row


def opened(key: bytes, row: MatchWish | MatchDraw) -> Any:
    """What a row says."""
    return json.loads(unseal(key, row.value, _aad(row)))


def _aad(row: MatchWish | MatchDraw) -> str:
    return f"{row.__tablename__}|value|{row.id}|{row.person_id}"


def rows_of(
    db: Session, kind: type[Row], people: Iterable[UUID], attribute: Attribute | None = None
) -> Sequence[Row]:
    """The rows of people, of one attribute or all."""
    query = select(kind).where(kind.person_id.in_(people))
    if attribute is not None:
        query = query.where(kind.attribute == attribute)
    return db.scalars(query).all()


def identities(db: Session, people: Iterable[UUID]) -> Sequence[SelfIdentification]:
    """What people say themselves; the employer's records never feed matching."""
    return db.scalars(
        select(SelfIdentification)
        .where(
            SelfIdentification.person_id.in_(people),
            SelfIdentification.source == Source.SELF,
            SelfIdentification.attribute.in_(OPTIONS),
        )
        .order_by(SelfIdentification.person_id, SelfIdentification.attribute)
    ).all()


def use_of(row: SelfIdentification | None) -> Purpose | None:
    """To which use in matching a person agreed."""
    purposes = row.purposes if row is not None else ()
    return next((purpose for purpose in MATCHING if purpose in purposes), None)
