"""An event's words in other languages."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core.errors import Refused
from app.ergs.rules import TextStatus
from app.events.models import EventText
from app.events.rules import EventState
from app.events.services.dates import meant_event
from app.events.services.holding import led
from app.events.services.planning import index


def translate(
    db: Session,
    actor_id: UUID | None,
    *,
    occurrence_id: UUID,
    locale: str,
    title: str,
    description: str = "",
    is_for_all: bool = False,
) -> None:
    """Save a translation, which is up to date then; empty words take it away.

    Of a series this date alone, or all dates that are like it.
    """
    occurrence = led(db, actor_id, occurrence_id)
    event = occurrence.event
    if event.state is EventState.CANCELED:
        raise Refused(_("This event is canceled; its words stay as they are."))
    text = next((t for t in event.texts if t.locale == locale), None)
    if text is not None and text.status is TextStatus.SOURCE:
        raise Refused(_("This is the original, not a translation."), 422)
    is_empty = not title.strip() and not description.strip()
    if not title.strip() and not is_empty:
        raise Refused(_("A translation needs a title."), 422)
    if _stands(text, title.strip(), description):
        return
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    text = next((t for t in event.texts if t.locale == locale), None)
    if is_empty:
        db.delete(text)
    else:
        text = text or EventText(event_id=event.id, locale=locale)
        text.status = TextStatus.TRANSLATED
        text.title, text.description = title.strip(), description
        db.add(text)
    db.flush()
    db.expire(event, ["texts"])
    index(db, event)
    audit.record(db, actor_id, "translate", event, after=locale)


def _stands(text: EventText | None, title: str, description: str) -> bool:
    """Whether this is what is there, up to date; no words and no translation are the same."""
    if text is None:
        return not title
    is_fresh = text.status is TextStatus.TRANSLATED
    return is_fresh and (text.title, text.description) == (title, description)
