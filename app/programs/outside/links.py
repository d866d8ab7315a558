"""The signed link of an invitation to somebody outside; it opens this one invitation."""

from __future__ import annotations

from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer


def _signer() -> URLSafeSerializer:
    secret = flask.current_app.extensions["settings"].secret_key
    return URLSafeSerializer(secret, salt="outside-invitation")


def token(invitation_id: UUID) -> str:
    """The text of the link."""
    return str(_signer().dumps(invitation_id.hex))


def opened(text: str) -> UUID | None:
    """The invitation of a link, or None when it is forged."""
    try:
        return UUID(_signer().loads(text))
    except (BadData, ValueError, TypeError, AttributeError):
        return None
