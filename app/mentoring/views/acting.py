"""What all acts of a workspace share: who acts, and the workspace as it is afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from app.core.database import reading
from app.core.pages import done
from app.core.policies import current_actor
from app.mentoring import queries
from app.mentoring.models import Relationship
from app.mentoring.views.workspace import context


def me() -> UUID:
    """The person who acts; guards let signed-in people through only."""
    person_id = current_actor().person_id
    assert person_id is not None, "the guard lets signed-in people through only"
    return person_id


def found_pair(relationship_id: UUID) -> Relationship:
    """A pair that the act's own finder has found already, as it is now."""
    pair = queries.kept_for(reading(), current_actor(), relationship_id)
    assert pair is not None, "found through the actor before"
    return pair


def acted(message: str, relationship_id: UUID, fragment: str, undo: str | None = None) -> Response:
    """Acknowledge an act in the part of the workspace that it changed."""
    fresh: dict[str, Any] = context(found_pair(relationship_id))
    return done(
        message,
        to=url_for(".workspace", relationship_id=relationship_id),
        fragment=f"mentoring/_{fragment}.html",
        undo=undo,
        **fresh,
    )
