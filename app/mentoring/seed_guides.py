"""A pair of the demo that began with a former version of its guide: a newer one waits for it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Relationship
from app.mentoring.queries.guides import guide_of
from app.mentoring.rules import LIVE
from app.mentoring.services import guides, upgrading

FORMER = {
    "en": "Tell each other how you came to this job.",
    "es": "Contaos cómo llegasteis a este trabajo.",
    "ar": "ليحكِ كل منكما للآخر كيف وصل إلى هذا العمل.",
}


def seed(db: Session, pairs: Sequence[Relationship], who: UUID) -> None:
    """The pair of one person follows the first version; in the second a prompt is reworded and one
    is new.
    """
    pair = next((pair for pair in pairs if pair.state in LIVE and pair.has(who)), None)
    newest = guide_of(db, pair) if pair is not None else None
    if pair is None or newest is None:
        return
    path = guides.FOLDER / f"{newest.key}.toml"
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    first = content["session"][0]
    first["prompt"][0]["text"] = FORMER
    del first["prompt"][-1]
    newest.version = content["version"] + 1
    db.flush()
    with clock.frozen(pair.started_at + timedelta(minutes=1)):
        former = guides.install_former(db, newest.key, content)
        upgrading.take_guide(db, who, relationship_id=pair.id, guide_id=former)
