"""The mentor answers: a yes makes the pair at once, a no can be taken back for a moment."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.errors import Refused
from app.programs import feed
from app.programs.models import Enrollment, MatchRequest, PairDecision
from app.programs.rules import (
    IN_POOL,
    REQUEST_REMINDERS,
    SECOND_THOUGHTS,
    DeclineReason,
    OfferSource,
    RequestState,
)
from app.programs.services.moving import move
from app.programs.services.offers import accept as accept_offer
from app.programs.services.offers import make_offer
from app.programs.services.requests.asking import has_a_pair, has_free_place, is_unheard, remind
from app.programs.services.requests.ending import close, held, is_late, tell_mentee


def accept(db: Session, actor_id: UUID, *, request_id: UUID) -> str | None:
    """The mentor says yes. The mentee has said so by asking: offer, place and pair in one
    transaction; returns the path of what it opened."""
    row, mentee, mentor = _to_answer(db, actor_id, request_id)
    if mentor.takes_no_more:
        raise Refused(_("You said: nobody more for now. Change your availability first."))
    if not has_free_place(db, mentor):
        raise Refused(_("You have no free place left. Change your availability, or decline."))
    _refuse_if_forbidden(db, row)
    close(db, actor_id, row, RequestState.ACCEPTED)
    offer = make_offer(
        db,
        actor_id,
        cohort_id=row.cohort_id,
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        source=OfferSource.SELF,
        score=sum(float(part["points"]) for part in row.reasons),
        reasons=row.reasons,
    )
    row.offer_id = offer.id
    if offer.asks_both:
        accept_offer(db, actor_id, offer_id=offer.id)
    row.opened = accept_offer(db, mentee.person_id, offer_id=offer.id) or ""
    tell_mentee(db, row, clock.now())
    db.flush()
    return row.opened or None


def _refuse_if_forbidden(db: Session, row: MatchRequest) -> None:
    """What has come between them since the list was made: a reporting line, a veto."""
    pair = (str(row.mentee_id), str(row.mentor_id))
    lifted = select(PairDecision.id).where(
        PairDecision.cohort_id == row.cohort_id,
        PairDecision.mentee_id == row.mentee_id,
        PairDecision.mentor_id == row.mentor_id,
        PairDecision.is_override.is_(True),
    )
    if pair in feed.forbidden_pairs(feed.load_pool(db, row.cohort_id)) and not db.scalar(lifted):
        raise Refused(
            _("A rule of this program speaks against this pair. Please ask the organizers.")
        )


def decline(
    db: Session,
    actor_id: UUID,
    *,
    request_id: UUID,
    reason: DeclineReason,
    note: str = "",
    no_more: bool = False,
) -> MatchRequest:
    """The mentor says no; the mentee learns of it when it cannot be taken back any more."""
    row, _mentee, mentor = _to_answer(db, actor_id, request_id)
    row.decline_reason, row.decline_note = reason, note
    row.took_no_more = no_more and not mentor.takes_no_more
    close(db, actor_id, row, RequestState.DECLINED)
    if row.took_no_more:
        mentor.takes_no_more = True
        audit.record(db, actor_id, "enrollment_takes_no_more", mentor)
    tell_mentee(db, row, clock.now() + SECOND_THOUGHTS)
    db.flush()
    return row


def undo_decline(db: Session, actor_id: UUID, *, request_id: UUID) -> None:
    """Take a no back while the mentee has not heard of it."""
    row, mentee, mentor = held(db, request_id)
    if mentor.person_id != actor_id:
        raise Refused(_("Only the mentor who was asked can answer."), 403)
    is_fresh = row.answered_at is not None and row.answered_at > clock.now() - SECOND_THOUGHTS
    is_gone = mentee.state not in IN_POOL or has_a_pair(db, mentee.id)
    if row.state is not RequestState.DECLINED or not is_fresh or is_gone or is_late(row):
        raise Refused(_("This cannot be taken back any more: the mentee has heard of it."))
    outbox.withdraw(db, "request_answered", subject=row.id)
    move(db, actor_id, row, RequestState.ASKED, reason="second thoughts")
    if row.took_no_more:
        mentor.takes_no_more = False
        audit.record(db, actor_id, "enrollment_takes_more", mentor)
    row.answered_at = row.decline_reason = None
    row.decline_note, row.took_no_more, row.round = "", False, row.round + 1
    remind(db, row, REQUEST_REMINDERS)
    db.flush()


def _to_answer(
    db: Session, actor_id: UUID, request_id: UUID
) -> tuple[MatchRequest, Enrollment, Enrollment]:
    row, mentee, mentor = held(db, request_id)
    if mentor.person_id != actor_id or is_unheard(db, row):
        raise Refused(_("Only the mentor who was asked can answer."), 403)
    if row.state is not RequestState.ASKED or is_late(row):
        raise Refused(
            _("This request is no longer open. Reload the page to see what became of it.")
        )
    return row, mentee, mentor
