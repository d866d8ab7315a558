"""Envelope encryption: a root key of KEY_FILE wraps one data key per person.

AES-256-GCM throughout; the associated data names table, column, row and key, so that a value
copied to another row does not open. The file is JSON: `{"current": id, "roots": {id: base64}}`.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import flask
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import ids
from app.core.database import insert_rows
from app.demographics.models import PersonKey

NONCE = 12
BATCH = 500


@dataclass(frozen=True, slots=True)
class Keyring:
    """The root keys; new data keys are wrapped by the current one."""

    current: str
    roots: dict[str, bytes]


def _path() -> Path:
    path: Path = flask.current_app.extensions["settings"].key_file
    return path


def keyring() -> Keyring:
    """The root keys of KEY_FILE, which is made on first use outside production."""
    path = _path()
    if not path.exists():
        if flask.current_app.extensions["settings"].is_production:
            raise FileNotFoundError(f"KEY_FILE {path} is missing; make it with `trellis doctor`.")
        made = ids.token("root_key_id", size=6)
        _write(path, Keyring(made, {made: ids.random_bytes(32, "root_key")}))
    kept = json.loads(path.read_text("ascii"))
    return Keyring(kept["current"], {k: base64.b64decode(v) for k, v in kept["roots"].items()})


def _write(path: Path, ring: Keyring) -> None:
    """Replace the file at once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    body = {
        "current": ring.current,
        "roots": {k: base64.b64encode(v).decode() for k, v in ring.roots.items()},
    }
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def seal(key: bytes, value: bytes, aad: str, purpose: str) -> bytes:
    """Nonce and ciphertext of a value."""
    nonce = ids.random_bytes(NONCE, purpose, aad)
    return nonce + AESGCM(key).encrypt(nonce, value, aad.encode())


def unseal(key: bytes, sealed: bytes, aad: str) -> bytes:
    """The value; raises InvalidTag when anything of it, or its place, was changed."""
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], aad.encode())


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
    _write(_path(), Keyring(made, roots))
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
    return len(old)


def drop_unused_roots(db: Session) -> int:
    """Remove root keys from KEY_FILE that wrap nothing any more; returns how many."""
    ring = keyring()
    used = set(db.scalars(select(PersonKey.root_id).distinct())) | {ring.current}
    roots = {root: key for root, key in ring.roots.items() if root in used}
    if len(roots) < len(ring.roots):
        _write(_path(), Keyring(ring.current, roots))
    return len(ring.roots) - len(roots)
