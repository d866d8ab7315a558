"""Sealing what people need: a key a row, wrapped by the current root and wrapped anew with it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attendance.models import AccessNeed
from app.attendance.queries.sealing import data_key, key_aad, value_aad
from app.core import ids
from app.core.keyring import Wrapped, keyring, seal, wrapped_keys

BATCH = 500


def give_key(row: AccessNeed) -> None:
    """A fresh key for a new row."""
    ring = keyring()
    _wrap(row, ids.random_bytes(32, "access_need_key", row.id), ring.current)


def put(row: AccessNeed, value: bytes, column: str) -> bytes:
    """The sealed form of a value of this row."""
    return seal(data_key(row), value, value_aad(row, column), "access_need")


def _wrap(row: AccessNeed, key: bytes, root_id: str) -> None:
    root = keyring().roots[root_id]
    row.root_id, row.wrapped = root_id, seal(root, key, key_aad(row, root_id), "wrap")


def _roots(db: Session) -> set[str]:
    return set(db.scalars(select(AccessNeed.root_id).distinct()))


def _rewrap(db: Session) -> int:
    current = keyring().current
    old = db.scalars(
        select(AccessNeed).where(AccessNeed.root_id != current).order_by(AccessNeed.id).limit(BATCH)
    ).all()
    for row in old:
        _wrap(row, data_key(row), current)
    db.flush()
    return len(old)


wrapped_keys.add("access_needs", Wrapped(_roots, _rewrap))
