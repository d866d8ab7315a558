"""Who may look at the figures of the running system."""

from __future__ import annotations

import hmac
from typing import Any

import flask

from app.core.policies import Actor, public


@public
def may_scrape(_actor: Actor, _subject: Any) -> bool:
    """Whoever has METRICS_TOKEN; without one, this machine alone and not through a proxy."""
    request = flask.request
    token: str | None = flask.current_app.extensions["settings"].metrics_token
    if token:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(sent.encode(), token.encode())
    is_forwarded = any(
        name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP")
    )
    return request.remote_addr in ("127.0.0.1", "::1") and not is_forwarded
