"""Who comes to a group's session, and what each thought of a session afterwards."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Refused
from app.mentoring.models import Meeting, SessionClaim, SessionFeedback, SessionReply
from app.mentoring.queries.sponsorship import is_final
from app.mentoring.rules import HELD, Claim, SessionState, may_rate
from app.mentoring.services.sessions import held_session


def reply(db: Session, actor_id: UUID, *, session_id: UUID, is_coming: bool) -> None:
    """Say whether one comes; the latest word counts."""
    meeting, _pair = held_session(db, session_id, actor_id)
    if meeting.state is not SessionState.SCHEDULED or meeting.starts_at <= clock.now():
        raise Refused(_("There is nothing to answer for this session any more."))
    db.merge(
        SessionReply(
            session_id=session_id,
            person_id=actor_id,
            is_coming=is_coming,
            answered_at=clock.now(),
        )
    )
    db.flush()


def give_feedback(
    db: Session,
    actor_id: UUID,
    *,
    session_id: UUID,
    rating: int | None,
    line: str = "",
    is_kept: bool | None = None,
) -> None:
    """Keep what one thought of a session that took place; nobody else reads it.

    What the senior of a reverse pair writes is a commitment, which the junior reads as well.
    """
    meeting, pair = held_session(db, session_id, actor_id)
    if meeting.state not in HELD or not _says_met(db, meeting, actor_id):
        raise Refused(_("Say first that you met; then tell how it was."))
    if rating is not None and not may_rate(pair.format, pair.role_of(actor_id)):
        raise Refused(_("In reverse mentoring nobody rates the junior mentor."), 422)
    if rating is not None and not 1 <= rating <= 5:
        raise Refused(_("Choose a number from 1 to 5."), 422)
    before, at = db.get(SessionFeedback, (session_id, actor_id)), clock.now()
    if before is not None and is_final(before):
        is_kept, at = before.is_kept, before.given_at
    db.merge(
        SessionFeedback(
            session_id=session_id,
            person_id=actor_id,
            rating=rating,
            line=line,
            is_kept=is_kept,
            given_at=at,
        )
    )
    db.flush()


def _says_met(db: Session, meeting: Meeting, person_id: UUID) -> bool:
    found = db.get(SessionClaim, (meeting.id, person_id, meeting.revision))
    return found is not None and found.answer is Claim.MET
