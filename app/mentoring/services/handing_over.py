"""A mentor's note for the next mentor; only the mentee decides whether it goes on."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.errors import Refused
from app.mentoring.models import Handover
from app.mentoring.queries.lifecycle import hands_over
from app.mentoring.services.holding import held
from app.mentoring.services.telling import tell_all
from app.programs.rules import Role


def write(db: Session, actor_id: UUID, *, relationship_id: UUID, text: str) -> None:
    """Write or change the note; a changed note asks the mentee again."""
    pair = held(db, relationship_id, actor_id)
    if pair.role_of(actor_id) is not Role.MENTOR:
        raise Refused(_("The mentor writes the handover note; the mentee decides about it."), 403)
    if not hands_over(pair, actor_id):
        raise Refused(_("In a group there is no note: it would tell of several people at once."))
    key = {"relationship_id": pair.id, "author_id": actor_id}
    db.merge(Handover(text=text, written_at=clock.now(), consented_at=None, **key))
    db.flush()
    audit.record(db, actor_id, "handover_written", pair)
    tell_all(db, pair, "handover_written", but=actor_id)


def decide(
    db: Session, actor_id: UUID, *, relationship_id: UUID, author_id: UUID, goes_on: bool
) -> None:
    """Let the next mentor read the note, or keep it between the two, as the mentee."""
    pair = held(db, relationship_id, actor_id)
    note = db.get(Handover, (pair.id, author_id))
    if pair.role_of(actor_id) is not Role.MENTEE or note is None:
        raise Refused(_("Only the mentee decides about the handover note."), 403)
    note.consented_at = clock.now() if goes_on else None
    audit.record(db, actor_id, "handover_decided", pair, after="goes_on" if goes_on else "stays")
    db.flush()
