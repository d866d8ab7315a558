"""Relationships begin with an accepted offer, are trusted after a trial, and end kindly."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.mentoring.models import Agreement, Meeting, Member, Relationship, SessionClaim
from app.mentoring.rules import (
    LIVE,
    TRIAL_DAYS,
    Claim,
    ClosingReason,
    RelationshipState,
)
from app.mentoring.services.guides import ensure_guide
from app.mentoring.services.holding import held_live
from app.mentoring.services.moving import move
from app.mentoring.services.sessions import cancel_all
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.services import offers


def begin(db: Session, actor_id: UUID | None, offer_id: UUID) -> str:
    """Make the relationship of an accepted offer; returns the path of its workspace."""
    offer = db.get_one(Offer, offer_id)
    program = db.get_one(Cohort, offer.cohort_id).program
    pair = Relationship(
        cohort_id=offer.cohort_id,
        offer_id=offer.id,
        format=program.format,
        guide_id=ensure_guide(db, program.guide),
        cadence_days=program.cadence_days,
    )
    db.add(pair)
    db.flush()
    for enrollment_id in (offer.mentee_id, offer.mentor_id):
        enrollment = db.get_one(Enrollment, enrollment_id)
        db.add(
            Member(
                relationship_id=pair.id,
                person_id=enrollment.person_id,
                role=enrollment.role,
                enrollment_id=enrollment_id,
            )
        )
    db.add(Agreement(relationship_id=pair.id))
    db.flush()
    audit.record(db, actor_id, "relationship_begun", pair, after=pair.state.value)
    _tell_all(db, pair, "pair_started")
    return f"/mentoring/{pair.id}/"


def _tell_all(db: Session, pair: Relationship, kind: str, but: UUID | None = None) -> None:
    for member in pair.members:
        if member.person_id != but and member.left_at is None and member.person.can_sign_in:
            outbox.put(db, kind, subject=pair.id, person=member.person_id)


def end(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """End a relationship as a member, at any time and without a reason."""
    held_live(db, relationship_id, actor_id)
    close(db, actor_id, relationship_id=relationship_id, reason=ClosingReason.NO_FAULT)


def close(
    db: Session,
    actor_id: UUID | None,
    *,
    relationship_id: UUID,
    reason: ClosingReason,
    but: UUID | None = None,
) -> None:
    """Close a relationship: nothing stays in anybody's calendar, and the place is free again."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None or pair.state is RelationshipState.CLOSED:
        return
    move(db, actor_id, pair, RelationshipState.CLOSED, reason=reason.value)
    pair.closed_at, pair.closing_reason = clock.now(), reason
    cancel_all(db, actor_id, pair)
    if pair.offer_id is not None:
        offers.release(db, offer_id=pair.offer_id)
    _tell_all(db, pair, "pair_ended", but=but)
    db.flush()


def pairs_of_leaver(db: Session, person_id: UUID) -> None:
    """Departure: close the pairs of a person who left; their partners are told at once."""
    for pair_id in db.scalars(
        select(Relationship.id)
        .join(Member)
        .where(Member.person_id == person_id, Relationship.state.in_(LIVE))
        .order_by(Relationship.id)
    ).all():
        close(db, None, relationship_id=pair_id, reason=ClosingReason.LEFT_ORG, but=person_id)


def settle_trials(db: Session, limit: int = 200) -> int:
    """A week after the first session that was held, a trial becomes a relationship."""
    since = clock.now() - timedelta(days=TRIAL_DAYS)
    told = (
        select(Meeting.relationship_id)
        .join(SessionClaim)
        .where(SessionClaim.answer == Claim.MET, SessionClaim.answered_at <= since)
    )
    due = db.scalars(
        select(Relationship.id)
        .where(Relationship.state == RelationshipState.TRIAL, Relationship.id.in_(told))
        .order_by(Relationship.id)
        .limit(limit)
    ).all()
    settled = 0
    for pair_id in due:
        pair = hold(db, Relationship, pair_id)
        if pair is not None and pair.state is RelationshipState.TRIAL:
            move(db, None, pair, RelationshipState.ACTIVE)
            settled += 1
    db.flush()
    return settled
