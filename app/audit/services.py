"""Append to the audit log, seal it, check it."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core.database import Base

GENESIS = b"\0" * 32


def record(
    db: Session,
    actor_id: UUID | None,
    verb: str,
    subject: Base | tuple[str, UUID | None],
    *,
    before: str | None = None,
    after: str | None = None,
    reason: str | None = None,
) -> AuditEvent:
    """Append one row in the transaction of its cause; `subject` is a row or (type, id)."""
    kind, subject_id = (
        subject if isinstance(subject, tuple) else (subject.__tablename__, subject.id)  # type: ignore[attr-defined]
    )
    row = AuditEvent(
        actor_id=actor_id,
        verb=verb,
        subject_type=kind,
        subject_id=subject_id,
        before=_short(before, 40),
        after=_short(after, 40),
        reason=_short(reason, 500),
    )
    db.add(row)
    return row


def _short(text: str | None, longest: int) -> str | None:
    """What the column holds; a log entry must never refuse the act it describes."""
    return None if text is None else str(text)[:longest]


def seal(db: Session, limit: int = 1000) -> int:
    """Chain the oldest unsealed rows; returns how many. Safe to run twice and at once twice:
    the unique position refuses a second writer."""
    position, previous = _head(db)
    rows = db.scalars(
        select(AuditEvent)
        .where(AuditEvent.position.is_(None))
        .order_by(AuditEvent.at, AuditEvent.id)
        .limit(limit)
    ).all()
    for row in rows:
        position += 1
        previous = _digest(row, position, previous)
        row.position, row.seal = position, previous
    return len(rows)


def broken_at(db: Session) -> int | None:
    """The first position whose seal does not fit, or None when the chain is whole."""
    previous, expected = GENESIS, 1
    rows = db.scalars(
        select(AuditEvent)
        .where(AuditEvent.position.is_not(None))
        .order_by(AuditEvent.position)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        previous = _digest(row, expected, previous)
        if row.position != expected or row.seal != previous:
            return expected
        expected += 1
    return None


def checkpoint(db: Session) -> tuple[int, str]:
    """(position, seal) of the newest sealed row, to be kept outside of the database."""
    position, seal_bytes = _head(db)
    return position, seal_bytes.hex()


def holds(db: Session, kept: tuple[int, str]) -> bool:
    """Whether the log still contains a checkpoint; False when it was cut off or rewritten."""
    found = db.scalar(select(AuditEvent.seal).where(AuditEvent.position == kept[0]))
    return (found or GENESIS).hex() == kept[1]


def _head(db: Session) -> tuple[int, bytes]:
    top = db.scalar(select(func.max(AuditEvent.position)))
    if top is None:
        return 0, GENESIS
    seal_bytes = db.scalar(select(AuditEvent.seal).where(AuditEvent.position == top))
    return top, seal_bytes or GENESIS


def _digest(row: AuditEvent, position: int, previous: bytes) -> bytes:
    parts = (
        position,
        row.id,
        row.at.isoformat(),
        row.actor_id,
        row.verb,
        row.subject_type,
        row.subject_id,
        row.before,
        row.after,
        row.reason,
    )
    return hashlib.sha256(previous + repr([str(part) for part in parts]).encode()).digest()
