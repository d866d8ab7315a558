"""Relationships end kindly: calendars are emptied, the place is free, whoever waits is seen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Meeting, Pause, PrivateAnswer, Relationship, TrialEnding
from app.mentoring.queries.lifecycle import open_pause
from app.mentoring.rules import (
    AHEAD,
    LIVE,
    AskedQuestion,
    ClosingReason,
    EndingCode,
    RelationshipState,
    RematchCause,
)
from app.mentoring.rules.lifecycle import next_settling, occasion_of
from app.mentoring.services import asking, rematches, sessions
from app.mentoring.services.holding import held_for_organizer, held_live
from app.mentoring.services.moving import move
from app.mentoring.services.telling import take_back_questions, tell_all
from app.programs.models import Enrollment
from app.programs.rules import EnrollmentState, Role
from app.programs.services import offers

CAUSES = {
    ClosingReason.LEFT_ORG: RematchCause.LEFT_ORG,
    ClosingReason.NO_FAULT: RematchCause.ENDED,
    ClosingReason.INACTIVITY: RematchCause.ENDED,
    ClosingReason.CONCERN: RematchCause.ENDED,
    ClosingReason.ORGANIZER: RematchCause.ENDED,
}


def end(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """End a relationship as a member, without a reason; a trial ends at its instant, blindly."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is RelationshipState.CONCLUDING:
        complete(db, pair, actor_id)
    elif pair.state is not RelationshipState.TRIAL:
        close(db, actor_id, relationship_id=relationship_id, reason=ClosingReason.NO_FAULT)
    else:
        asking.keep(db, actor_id, pair, AskedQuestion.TRIAL, says_yes=False)
        pair.settles_at = pair.settles_at or next_settling(clock.now())
        db.flush()


def take_end_back(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """A member's own end of a trial counts no more; what others said or ordered stays."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is not RelationshipState.TRIAL:
        raise Refused(_("This question is closed. Reload the page to see how things stand."))
    asking.take_back(db, actor_id, pair, AskedQuestion.TRIAL)
    if pair.trial_asked_at is None and not said_no(db, pair):
        pair.settles_at = None
    db.flush()


def end_for(db: Session, actor_id: UUID, *, relationship_id: UUID, code: EndingCode) -> None:
    """End a relationship as an organizer; both read kind words, of a trial the same as always."""
    pair = held_for_organizer(db, relationship_id, actor_id)
    if pair.state not in LIVE:
        raise Refused(_("This pair has ended already. Reload the page."))
    if pair.state is RelationshipState.CONCLUDING:
        raise Refused(_("They are looking back, and it is complete by itself within two weeks."))
    if pair.state is RelationshipState.TRIAL:
        order_end(db, actor_id, pair, code)
        return
    close(
        db,
        actor_id,
        relationship_id=relationship_id,
        reason=ClosingReason.ORGANIZER,
        code=code,
    )


def end_in_care(db: Session, *, relationship_id: UUID, code: EndingCode) -> None:
    """End a relationship for a concern: whatever its people get is as if organizers ended it."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None or pair.state not in LIVE:
        return
    if pair.state is RelationshipState.CONCLUDING:
        complete(db, pair)
        return
    if pair.state is RelationshipState.TRIAL:
        order_end(db, None, pair, code)
        return
    reason = ClosingReason.CONCERN
    close(db, None, relationship_id=relationship_id, reason=reason, code=code)


def order_end(
    db: Session, actor_id: UUID | None, pair: Relationship, code: EndingCode | None = None
) -> None:
    """Let a trial end at the instant at which all trials are settled, by nobody's name."""
    db.merge(TrialEnding(relationship_id=pair.id))
    if pair.settles_at is None:
        pair.settles_at = next_settling(clock.now())
    audit.record(db, actor_id, "trial_ending_ordered", pair, reason=code and code.value)
    db.flush()


def close(
    db: Session,
    actor_id: UUID | None,
    *,
    relationship_id: UUID,
    reason: ClosingReason,
    code: EndingCode | None = None,
    but: UUID | None = None,
    at: datetime | None = None,
    cause: RematchCause | None = None,
    kind: str = "pair_ended",
) -> bool:
    """Close a relationship: nothing stays in anybody's calendar, and the place is free again."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None or pair.state is RelationshipState.CLOSED:
        return False
    before = pair.state
    move(db, actor_id, pair, RelationshipState.CLOSED, reason=code.value if code else reason.value)
    pair.closed_at, pair.closing_reason, pair.closing_code = at or clock.now(), reason, code
    pair.closed_from, pair.closed_by = before, actor_id
    _put_down(db, actor_id, pair)
    tell_all(db, pair, kind, but=but, revision=occasion_of(pair.closed_at))
    if wanted := cause or CAUSES.get(reason):
        rematches.open_for(db, pair, wanted, but=but)
    db.flush()
    return True


def complete(
    db: Session, pair: Relationship, actor_id: UUID | None = None, *, but: UUID | None = None
) -> None:
    """Close a relationship that has reached its end; whoever stays has completed the program."""
    close(
        db,
        actor_id,
        relationship_id=pair.id,
        reason=ClosingReason.COMPLETED,
        but=but,
        kind="pair_completed",
    )
    for member in pair.members:
        is_done = member.role is Role.MENTEE and member.left_at is None and member.person_id != but
        if is_done and member.enrollment_id:
            enrollment = db.get(Enrollment, member.enrollment_id)
            if enrollment is not None and enrollment.state is EnrollmentState.READY:
                offers.complete(db, None, enrollment_id=enrollment.id)


def _put_down(db: Session, actor_id: UUID | None, pair: Relationship) -> None:
    """What a relationship held: sessions ahead, open questions, a pause, its place."""
    pair.settles_at = pair.paused_until = pair.looks_back_until = None
    asking.forget(db, pair)
    take_back_questions(db, pair)
    end_pause(db, pair)
    db.execute(
        update(Meeting)
        .where(
            Meeting.relationship_id == pair.id,
            Meeting.state.in_(AHEAD),
            Meeting.starts_at > clock.now(),
        )
        .values(ended_with_pair=True)
        .execution_options(synchronize_session="fetch")
    )
    sessions.cancel_all(db, actor_id, pair)
    if pair.group_id is not None:
        offers.release_group(db, group_id=pair.group_id)
    elif pair.offer_id is not None:
        offers.release(db, offer_id=pair.offer_id)


def end_pause(db: Session, pair: Relationship) -> Pause | None:
    """Write down that the open pause of a relationship is over today."""
    pause = db.scalars(open_pause(pair.id)).one_or_none()
    if pause is not None:
        pause.ended_on = min(clock.now().date(), pause.until)
    return pause


def said_no(db: Session, pair: Relationship) -> bool:
    """Whether a trial ends: somebody's answer, or an ending that was ordered."""
    if db.get(TrialEnding, pair.id) is not None:
        return True
    no = select(PrivateAnswer.person_id).where(
        PrivateAnswer.relationship_id == pair.id,
        PrivateAnswer.question == AskedQuestion.TRIAL,
        PrivateAnswer.says_yes.is_(False),
    )
    return db.scalar(no.limit(1)) is not None
