"""Guides come from files, one per key; a version is installed once, and pairs stay with theirs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import hold
from app.mentoring.models import Guide, GuideSession, Prompt
from app.mentoring.rules import GuideState
from app.mentoring.services.moving import move
from app.programs.rules import Role

FOLDER = Path(__file__).resolve().parent.parent / "guides"


def ensure_guide(db: Session, key: str) -> UUID | None:
    """The newest published version of a guide, installed from its file when that is newer."""
    found = _published(db, key)
    path = FOLDER / f"{key}.toml"
    if not key or not path.is_file():
        return found.id if found else None
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    if found is None:
        return _install(db, key, content).id
    if content["version"] <= found.version:
        _add_reading(db, found.id, content)
        return found.id
    hold(db, Guide, found.id)  # two that begin at once install it once
    if found.state is not GuideState.PUBLISHED:
        return ensure_guide(db, key)
    newer = _install(db, key, content)
    move(db, None, found, GuideState.RETIRED)  # whoever follows it goes on with it
    db.flush()
    return newer.id


def install_newer(db: Session) -> None:
    """Guides in use whose files are newer are there for running pairs to look at and take."""
    for key in db.scalars(select(Guide.key).distinct().order_by(Guide.key)).all():
        ensure_guide(db, key)


def install_former(db: Session, key: str, content: dict[str, Any]) -> UUID:
    """A version from before the published one, as pairs that began with it still follow it."""
    guide = _install(db, key, content)
    move(db, None, guide, GuideState.RETIRED)
    db.flush()
    return guide.id


def _published(db: Session, key: str) -> Guide | None:
    return db.scalars(
        select(Guide)
        .where(Guide.key == key, Guide.state == GuideState.PUBLISHED)
        .order_by(Guide.version.desc())
        .limit(1)
    ).first()


def _add_reading(db: Session, guide_id: UUID, content: dict[str, Any]) -> None:
    """A guide that was installed before there was a library gets its readings; no text changes."""
    parts = db.scalars(
        select(GuideSession)
        .where(GuideSession.guide_id == guide_id)
        .order_by(GuideSession.position)
    ).all()
    if len(parts) == len(content["session"]) and not any(part.reading for part in parts):
        for part, written in zip(parts, content["session"], strict=True):
            part.reading = written["reading"]


def _install(db: Session, key: str, content: dict[str, Any]) -> Guide:
    """A draft while it is written, then published."""
    guide = Guide(
        key=key, version=content["version"], title=content["title"], state=GuideState.DRAFT
    )
    db.add(guide)
    db.flush()
    for position, part in enumerate(content["session"], 1):
        _install_session(db, guide.id, position, part)
    move(db, None, guide, GuideState.PUBLISHED)
    db.flush()
    return guide


def _install_session(db: Session, guide_id: UUID, position: int, part: dict[str, Any]) -> None:
    session = GuideSession(
        guide_id=guide_id,
        position=position,
        minutes=part["minutes"],
        title=part["title"],
        preparation=part["preparation"],
        reading=part["reading"],
    )
    db.add(session)
    db.flush()
    for place, prompt in enumerate(part["prompt"], 1):
        role = Role(prompt["role"]) if "role" in prompt else None
        db.add(
            Prompt(
                guide_session_id=session.id,
                key=prompt["key"],
                position=place,
                role=role,
                is_for_host=prompt.get("for") == "host",
                text=prompt["text"],
            )
        )
