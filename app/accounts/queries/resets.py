"""The single-use links by which an address proves itself."""

from __future__ import annotations

import hashlib
from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import PasswordReset
from app.core import clock


def _signer() -> URLSafeSerializer:
    secret = flask.current_app.extensions["settings"].secret_key
    return URLSafeSerializer(secret, salt="password-reset")


def reset_token(reset_id: UUID) -> str:
    """The signed text of a reset link; derived from the id, so that only its hash is kept."""
    return str(_signer().dumps(reset_id.hex))


def hashed(token: str) -> bytes:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def reset_of(db: Session, token: str) -> PasswordReset | None:
    """The live reset behind a link; None when it is forged, used or too old."""
    try:
        _signer().loads(token)
    except BadData:
        return None
    found = db.scalar(select(PasswordReset).where(PasswordReset.token_hash == hashed(token)))
    return found if found and is_live(found) else None


def is_live(reset: PasswordReset) -> bool:
    """Whether a reset may still be used."""
    return reset.used_at is None and reset.expires_at > clock.now()
