"""The signed address by which one person ends one kind of mail."""

from __future__ import annotations

from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer

DIGEST = "digest"
TOPICS = frozenset({DIGEST})


def _signer() -> URLSafeSerializer:
    secret = flask.current_app.extensions["settings"].secret_key
    return URLSafeSerializer(secret, salt="unsubscribe")


def token(person_id: UUID, topic: str = DIGEST) -> str:
    """The text of the address; it ends (or takes back the end of) this one kind of mail."""
    return str(_signer().dumps([person_id.hex, topic]))


def opened(text: str) -> tuple[UUID, str] | None:
    """(person, topic) of an address, or None when it is forged."""
    try:
        person_id, topic = _signer().loads(text)
        return (UUID(person_id), topic) if topic in TOPICS else None
    except (BadData, ValueError, TypeError, AttributeError):
        return None
