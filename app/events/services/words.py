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
) -> None:
    """Save a translation, which is up to date then; empty words take it away."""
    event = led(db, actor_id, occurrence_id).event
    if event.state is EventState.CANCELED:
        raise Refused(_("This event is canceled; its words stay as they are."))
    text = next((t for t in event.texts if t.locale == locale), None)
    if text is not None and text.status is TextStatus.SOURCE:
        raise Refused(_("This is the original, not a translation."), 422)
    if not title.strip() and not description.strip():
        if text is None:
            return
        db.delete(text)
    elif not title.strip():
        raise Refused(_("A translation needs a title."), 422)
    else:
        text = text or EventText(event_id=event.id, locale=locale)
        text.status = TextStatus.TRANSLATED
        text.title, text.description = title.strip(), description
        db.add(text)
    db.flush()
    db.expire(event, ["texts"])
    index(db, event)
    audit.record(db, actor_id, "translate", event, after=locale)
