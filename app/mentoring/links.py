"""The signed links of mails by which one person answers one question."""

from __future__ import annotations

from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer


def _signer(salt: str = "did-you-meet") -> URLSafeSerializer:
    secret = flask.current_app.extensions["settings"].secret_key
    return URLSafeSerializer(secret, salt=salt)


def token(session_id: UUID, person_id: UUID, revision: int) -> str:
    """The text of the link; it opens this one question and nothing else."""
    return str(_signer().dumps([session_id.hex, person_id.hex, revision]))


def opened(text: str) -> tuple[UUID, UUID, int] | None:
    """(session, person, revision) of a link, or None when it is forged."""
    try:
        session_id, person_id, revision = _signer().loads(text)
        return UUID(session_id), UUID(person_id), int(revision)
    except (BadData, ValueError, TypeError):
        return None


def still_token(nudge_id: UUID, person_id: UUID) -> str:
    """The text of the link "still going?"; it opens this one question of this one person."""
    return str(_signer("still-going").dumps([nudge_id.hex, person_id.hex]))


def opened_still(text: str) -> tuple[UUID, UUID] | None:
    """(nudge, person) of a link, or None when it is forged."""
    try:
        nudge_id, person_id = _signer("still-going").loads(text)
        return UUID(nudge_id), UUID(person_id)
    except (BadData, ValueError, TypeError):
        return None
