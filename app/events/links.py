"""The signed link of a mail by which one person answers for one date with one tap."""

from __future__ import annotations

from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer


def _signer() -> URLSafeSerializer:
    secret = flask.current_app.extensions["settings"].secret_key
    return URLSafeSerializer(secret, salt="one-tap-answer")


def token(rsvp_id: UUID) -> str:
    """The text of the link; it opens this one answer and nothing else."""
    return str(_signer().dumps(rsvp_id.hex))


def opened(text: str) -> UUID | None:
    """The answer of a link, or None when it is forged."""
    try:
        return UUID(_signer().loads(text))
    except (BadData, ValueError, TypeError, AttributeError):
        return None
