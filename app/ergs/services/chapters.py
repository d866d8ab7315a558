"""Opening, renaming and closing chapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.errors import Refused
from app.ergs.models import Chapter, Erg
from app.ergs.rules import MAX_CHAPTERS, ChapterAxis, Region, slug_of
from app.ergs.services.holding import hold_shaped


@dataclass(frozen=True, slots=True)
class Branching:
    """What a chapter is: its names by language, and where it is at home."""

    names: Mapping[str, str]
    axis: ChapterAxis
    region: Region | None = None
    zone: str | None = None

    @property
    def slug(self) -> str:
        """An address made of the first name that has plain letters."""
        return next((slug for name in self.names.values() if (slug := slug_of(name))), "")


def open_chapter(
    db: Session, actor_id: UUID | None, *, erg_id: UUID, branching: Branching
) -> Chapter:
    """Open a chapter; its address is made from its name."""
    erg = hold_shaped(db, actor_id, erg_id)
    chapter_id = ids.new_id("chapter", f"{erg.slug}|{branching.slug}")
    slug = branching.slug or f"chapter-{chapter_id.hex[:6]}"
    _refuse_twice(db, erg, slug)
    chapter = Chapter(id=chapter_id, erg_id=erg_id, slug=slug)
    _fill(chapter, branching)
    db.add(chapter)
    db.flush()
    audit.record(db, actor_id, "open_chapter", chapter, after=branching.axis)
    return chapter


def _refuse_twice(db: Session, erg: Erg, slug: str) -> None:
    same = db.scalar(select(Chapter).where(Chapter.erg_id == erg.id, Chapter.slug == slug))
    if same is not None and same.archived_at:
        raise Refused(_("There was a chapter of this name. Bring it back instead."))
    if same is not None:
        raise Refused(_("There is a chapter of this name already. Choose another name."))
    count = db.scalar(select(func.count()).where(Chapter.erg_id == erg.id)) or 0
    if count >= MAX_CHAPTERS:
        raise Refused(_("A group has at most 60 chapters. Rename one that is not used any more."))


def _fill(chapter: Chapter, branching: Branching) -> None:
    is_regional = branching.axis is ChapterAxis.REGION
    chapter.axis, chapter.names = branching.axis, dict(branching.names)
    chapter.region = branching.region if is_regional else None
    chapter.zone = branching.zone if is_regional else None


def change_chapter(
    db: Session, actor_id: UUID | None, *, chapter_id: UUID, branching: Branching
) -> Chapter:
    """Rename a chapter or move it; its address stays, so that links go on working."""
    chapter = _held(db, actor_id, chapter_id)
    _fill(chapter, branching)
    db.flush()
    audit.record(db, actor_id, "change_chapter", chapter, after=branching.axis)
    return chapter


def close_chapter(db: Session, actor_id: UUID | None, *, chapter_id: UUID) -> Chapter:
    """Close a chapter; who led it and who chose it stays written, and it can be brought back."""
    chapter = _held(db, actor_id, chapter_id)
    if chapter.archived_at is None:
        chapter.archived_at = clock.now()
        db.flush()
        audit.record(db, actor_id, "close_chapter", chapter)
    return chapter


def reopen_chapter(db: Session, actor_id: UUID | None, *, chapter_id: UUID) -> Chapter:
    """Bring a closed chapter back as it was."""
    chapter = _held(db, actor_id, chapter_id)
    if chapter.archived_at is not None:
        chapter.archived_at = None
        db.flush()
        audit.record(db, actor_id, "reopen_chapter", chapter)
    return chapter


def _held(db: Session, actor_id: UUID | None, chapter_id: UUID) -> Chapter:
    chapter = db.get(Chapter, chapter_id)
    if chapter is None:
        raise Refused(_("This chapter does not exist any more."), 404)
    hold_shaped(db, actor_id, chapter.erg_id)
    db.refresh(chapter)
    return chapter
