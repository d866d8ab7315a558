"""Sealing what a run was given: a key a record, wrapped by the current root."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import ids
from app.core.keyring import Wrapped, keyring, seal, unseal, wrapped_keys
from app.programs.models import RunInput

BATCH = 100
PURPOSE = "match_run_input"


def sealed(run_id: UUID, packed: bytes, until: datetime) -> RunInput:
    """A record that is readable with the keyring alone."""
    key = ids.random_bytes(32, PURPOSE, run_id)
    row = RunInput(run_id=run_id, kept_until=until)
    row.packed = seal(key, packed, f"{PURPOSE}|packed|{run_id}", PURPOSE)
    _wrap(row, key)
    return row


def opened(row: RunInput) -> bytes:
    """What a run was given; records of the time before they were sealed are plain."""
    if row.root_id is None:
        return row.packed
    return unseal(_key(row), row.packed, f"{PURPOSE}|packed|{row.run_id}")


def _key(row: RunInput) -> bytes:
    root_id, wrapped = row.root_id or "", row.wrapped or b""
    return unseal(keyring().roots[root_id], wrapped, _aad(row.run_id, root_id))


def _wrap(row: RunInput, key: bytes) -> None:
    ring = keyring()
    row.root_id = ring.current
    row.wrapped = seal(ring.roots[ring.current], key, _aad(row.run_id, ring.current), "wrap")


def _aad(run_id: UUID, root_id: str) -> str:
    return f"{PURPOSE}|wrapped|{run_id}|{root_id}"


def _roots(db: Session) -> set[str]:
    used = db.scalars(select(RunInput.root_id).where(RunInput.root_id.is_not(None)).distinct())
    return {root_id for root_id in used if root_id}


def _rewrap(db: Session) -> int:
    current = keyring().current
    old = db.scalars(
        select(RunInput).where(RunInput.root_id != current).order_by(RunInput.run_id).limit(BATCH)
    ).all()
    for row in old:
        _wrap(row, _key(row))
    db.flush()
    return len(old)


wrapped_keys.add("match_runs", Wrapped(_roots, _rewrap))
