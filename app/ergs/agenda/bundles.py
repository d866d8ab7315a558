"""What waits on the leads' desk as one line at home."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.core.registries import Bundle
from app.ergs.queries import standing


def on_desk(
    db: Session, actor: Actor, key: str, topic: str, title: Callable[[int], str]
) -> Bundle | None:
    """The queue of a topic on the reader's desk, or None when they have no desk."""
    mine = standing(db, actor)
    if not mine.roles and not mine.chapter_roles:
        return None
    return Bundle(key, title, url_for("ergs.desk", topic=topic))
