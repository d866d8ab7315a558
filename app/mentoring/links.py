"""The signed link of a mail by which one person answers for one session."""

from __future__ import annotations

from uuid import UUID

import flask
from itsdangerous import BadData, URLSafeSerializer


def _signer() -> URLSafeSerializer:
    secret = flask.current_app.extensions["settings"].secret_key
    return URLSafeSerializer(secret, salt="did-you-meet")


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
