"""Envelope encryption: a root key of KEY_FILE (`core.keyring`) wraps one data key per person.

The associated data names table, column, row and key, so that a value copied to another row does
not open.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import ids
from app.core.database import insert_rows
from app.core.keyring import Keyring, keep, keyring, seal, unseal, wrapped_keys
from app.demographics.models import PersonKey

BATCH = 500


def _aad(person_id: UUID, root_id: str) -> str:
    return f"person_key|wrapped|{person_id}|{root_id}"


def data_keys(db: Session, people: Iterable[UUID], *, make: bool = False) -> dict[UUID, bytes]:
    """The data key of each person; with `make` whoever has none gets one."""
    wanted, ring = set(people), keyring()
    kept = db.execute(
        select(PersonKey.person_id, PersonKey.root_id, PersonKey.wrapped).where(
            PersonKey.person_id.in_(wanted)
        )
    )
    keys = {p: unseal(ring.roots[root], wrapped, _aad(p, root)) for p, root, wrapped in kept}
    missing = sorted(wanted - keys.keys()) if make else []
    new = {person: ids.random_bytes(32, "data_key", person) for person in missing}
    insert_rows(
        db,
        PersonKey,
        [
            {"person_id": person, "root_id": ring.current, "wrapped": _wrapped(ring, person, key)}
            for person, key in new.items()
        ],
    )
    return keys | new


def _wrapped(ring: Keyring, person_id: UUID, key: bytes) -> bytes:
    return seal(ring.roots[ring.current], key, _aad(person_id, ring.current), "wrap")


def add_root() -> str:
    """Put a new root key into KEY_FILE and make it the current one; returns its id."""
    ring = keyring()
    made = ids.token("root_key_id", len(ring.roots), size=6)
    roots = {**ring.roots, made: ids.random_bytes(32, "root_key", made)}
    keep(Keyring(made, roots))
    return made


def rewrap(db: Session, actor_id: UUID | None, *, limit: int = BATCH) -> int:
    """Wrap data keys of older roots by the current one; returns how many, 0 when all are.

    Values stay as they are, so that a rotation can run while people work.
    """
    ring = keyring()
    old = db.scalars(
        select(PersonKey)
        .where(PersonKey.root_id != ring.current)
        .order_by(PersonKey.person_id)
        .limit(limit)
    ).all()
    for row in old:
        key = unseal(ring.roots[row.root_id], row.wrapped, _aad(row.person_id, row.root_id))
        row.root_id, row.wrapped = ring.current, _wrapped(ring, row.person_id, key)
    if old:
        audit.record(db, actor_id, "keys_rewrapped", ("person_key", None), after=str(len(old)))
    db.flush()
    return len(old) + sum(each.rewrap(db) for _name, each in wrapped_keys)


def drop_unused_roots(db: Session) -> int:
    """Remove root keys from KEY_FILE that wrap nothing any more; returns how many."""
    ring = keyring()
    used = set(db.scalars(select(PersonKey.root_id).distinct())) | {ring.current}
    used = used.union(*(each.roots(db) for _name, each in wrapped_keys))
    roots = {root: key for root, key in ring.roots.items() if root in used}
    if len(roots) < len(ring.roots):
        keep(Keyring(ring.current, roots))
    return len(ring.roots) - len(roots)
