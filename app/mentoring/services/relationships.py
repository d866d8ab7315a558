"""A relationship begins with an accepted offer, as a trial with a last day of its term."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.mentoring.models import Agreement, Member, Relationship
from app.mentoring.rules import RelationshipState
from app.mentoring.rules.lifecycle import months_after
from app.mentoring.services import gathering
from app.mentoring.services.guides import ensure_guide
from app.mentoring.services.telling import tell_all
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import SHAPES


def begin(db: Session, actor_id: UUID | None, offer_id: UUID) -> str:
    """Make the relationship of an accepted offer, or join its group's; returns the path."""
    offer = db.get_one(Offer, offer_id)
    group = gathering.group_of(db, offer.group_id)
    if group is None:
        group = _made(db, actor_id, offer)
    if offer.group_id is not None:
        gathering.join(db, actor_id, group, offer)
    return f"/mentoring/{group.id}/"


def _made(db: Session, actor_id: UUID | None, offer: Offer) -> Relationship:
    """A pair that begins at once, or a group that waits for more yeses."""
    program = db.get_one(Cohort, offer.cohort_id).program
    pair = Relationship(
        cohort_id=offer.cohort_id,
        offer_id=offer.id,
        group_id=offer.group_id,
        is_gathering=offer.group_id is not None,
        format=program.format,
        # Where the number of sessions is agreed before there is nothing to try first.
        state=RelationshipState.ACTIVE
        if SHAPES[program.format].sessions
        else RelationshipState.TRIAL,
        guide_id=ensure_guide(db, program.guide),
        cadence_days=program.cadence_days,
        ends_on=months_after(clock.now().date(), program.months),
    )
    db.add(pair)
    db.flush()
    sides = (offer.mentee_id, offer.mentor_id) if offer.group_id is None else ()
    for enrollment_id in sides:
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
    if not pair.is_gathering:
        tell_all(db, pair, "pair_started")
    return pair
