"""A group's words in its languages."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import search
from app.core.errors import Refused
from app.ergs.models import Erg, ErgText
from app.ergs.rules import (
    ErgState,
    TextStatus,
    status_when_source_changes,
    status_when_written,
)
from app.ergs.services.groups import Words
from app.ergs.services.holding import hold_shaped

PARTS = ("name", "mission", "charter")


def write_text(
    db: Session, actor_id: UUID | None, *, erg_id: UUID, locale: str, words: Words
) -> ErgText:
    """Write the group's words in a language; what was translated from the source grows stale."""
    erg = hold_shaped(db, actor_id, erg_id)
    texts = _texts(db, erg_id)
    text = texts.get(locale)
    before = text.status if text else None
    if text is None:
        text = ErgText(erg_id=erg_id, locale=locale, name="", sort_key="", mission="", charter="")
        db.add(text)
    _require_charter(erg, before, words)
    is_changed = any(getattr(text, part) != getattr(words, part) for part in PARTS)
    _fill(text, words, status_when_written(before))
    if is_changed and text.status is TextStatus.SOURCE:
        for other in texts.values():
            other.status = status_when_source_changes(other.status)
    db.flush()
    _index(db, erg_id)
    if is_changed or before is TextStatus.STALE:
        audit.record(db, actor_id, "write_text", erg, before=before, after=locale)
    return text


def _texts(db: Session, erg_id: UUID) -> dict[str, ErgText]:
    rows = db.scalars(select(ErgText).where(ErgText.erg_id == erg_id).order_by(ErgText.locale))
    return {row.locale: row for row in rows}


def _require_charter(erg: Erg, before: TextStatus | None, words: Words) -> None:
    is_running = erg.state is not ErgState.DRAFT
    if is_running and before is TextStatus.SOURCE and not words.charter:
        raise Refused(_("A group that has started keeps a charter. Write what you agreed on."), 422)


def _fill(text: ErgText, words: Words, status: TextStatus) -> None:
    text.name, text.mission, text.charter = words.name, words.mission, words.charter
    text.sort_key = search.normalize(words.name)[:120]
    text.status = status


def _index(db: Session, erg_id: UUID) -> None:
    """Make the group findable by its words in every language."""
    texts = _texts(db, erg_id).values()
    search.put(db, "ergs", erg_id, *(part for t in texts for part in (t.name, t.mission)))
