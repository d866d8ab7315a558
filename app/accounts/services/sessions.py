"""Signed-in devices: opened, renewed, revoked. The cookie holds a token, the table its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole, SignIn
from app.accounts.rules import expiry
from app.audit import services as audit
from app.core import clock, ids


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: its row and the secret that only the cookie keeps."""

    session_id: UUID
    token: str


def token_hash(token: str) -> bytes:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def open_session(db: Session, actor_id: UUID, *, device: str) -> Opened:
    """Sign a person in on a device."""
    token = ids.token("session", actor_id, size=32)
    roles = frozenset(str(role) for role in db.scalars(roles_in_force(actor_id)))
    row = SignIn(
        person_id=actor_id,
        token_hash=token_hash(token),
        device=device[:200],
        expires_at=expiry(roles, clock.now()),
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "signed_in", row)
    return Opened(row.id, token)


def roles_in_force(person_id: UUID):  # type: ignore[no-untyped-def]
    """A select of the organization roles a person holds today."""
    today = clock.now().date()
    return select(OrgRole.role).where(
        OrgRole.person_id == person_id,
        OrgRole.starts_on <= today,
        (OrgRole.ends_on.is_(None)) | (OrgRole.ends_on >= today),
    )


def renew_session(db: Session, *, session_id: UUID, roles: frozenset[str]) -> None:
    """Note that a session is in use; the one write that a page view may cause."""
    now = clock.now()
    db.execute(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.revoked_at.is_(None))
        .values(seen_at=now, expires_at=expiry(roles, now))
    )


def revoke_session(
    db: Session, actor_id: UUID | None, *, person_id: UUID, session_id: UUID
) -> bool:
    """Sign one device of a person out; False when it was not signed in."""
    ended = _revoke(db, SignIn.person_id == person_id, SignIn.id == session_id)
    if ended:
        audit.record(db, actor_id, "signed_out", ("sign_in", session_id))
    return bool(ended)


def revoke_all_sessions(
    db: Session, actor_id: UUID | None, *, person_id: UUID, but: UUID | None = None
) -> int:
    """Sign a person out everywhere (except on one device); returns how many sessions ended."""
    kept = [SignIn.id != but] if but else []
    ended = _revoke(db, SignIn.person_id == person_id, *kept)
    if ended:
        audit.record(db, actor_id, "signed_out_everywhere", ("person", person_id))
    return ended


def _revoke(db: Session, *conditions) -> int:  # type: ignore[no-untyped-def]
    change = (
        update(SignIn)
        .where(SignIn.revoked_at.is_(None), *conditions)
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return int(db.execute(change).rowcount)  # type: ignore[attr-defined]
