"""The blueprint, kept by no cache, and the words that all its templates use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask

from app.concerns import queries
from app.concerns.labels import OUTCOMES, STATES
from app.core.policies import current_actor

# The address says nothing: it stands in mails and in the history of a browser.
bp = flask.Blueprint("concerns", __name__, url_prefix="/support")


@bp.after_request
def _keep_nowhere(response: flask.Response) -> flask.Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "states": STATES,
        "outcomes": OUTCOMES,
        "met_in": lambda pair: queries.met_in(pair, me()),
    }


def me() -> UUID:
    """The person who acts; guards let signed-in people through only."""
    person_id = current_actor().person_id
    assert person_id is not None, "the guard lets signed-in people through only"
    return person_id
