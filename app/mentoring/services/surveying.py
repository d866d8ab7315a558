"""The closing questions: asked when a cohort closes or a relationship concludes, never needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.outbox import Delivery
from app.mentoring.models import FinalSurvey, KeptOutcome, Relationship
from app.mentoring.queries.surveys import counted, is_asked, may_change, newest, stands_open
from app.mentoring.rules.lifecycle import occasion_of
from app.mentoring.rules.sponsorship import month_of
from app.mentoring.rules.surveys import ASKED_ANEW_AFTER, MEASURES, REMINDED_AFTER, Reached
from app.programs.models import Baseline, Enrollment
from app.programs.rules import Role

KIND = "closing_questions"


def ask(db: Session, pair: Relationship) -> None:
    """Two reminders to each member, some days later; whoever answers meanwhile gets none.

    They hang on the enrollment, so that whoever is in three pairs is asked once; where a cohort has
    no end, a later relationship asks again.
    """
    revision = 0 if pair.cohort.wave_days is None else occasion_of(clock.now())
    for member in pair.members:
        if revision and _was_asked(db, member.enrollment_id):
            continue
        if member.enrollment_id is None or member.left_at or not member.person.can_sign_in:
            continue
        for number, after in enumerate(REMINDED_AFTER):
            outbox.put(
                db,
                KIND,
                subject=member.enrollment_id,
                person=member.person_id,
                due=clock.now() + after,
                occasion=str(number),
                revision=revision,
            )


def _was_asked(db: Session, enrollment_id: UUID | None) -> bool:
    """Whether the end of another relationship has asked a short while ago."""
    lately = select(Delivery.id).where(
        Delivery.kind == KIND,
        Delivery.subject_id == enrollment_id,
        Delivery.created_at > clock.now() - ASKED_ANEW_AFTER,
    )
    return db.scalar(lately.limit(1)) is not None


def ask_cohort(db: Session, cohort_id: UUID) -> None:
    """A cohort begins to close: everybody who is in a relationship is asked."""
    pairs = select(Relationship).where(Relationship.cohort_id == cohort_id)
    for pair in db.scalars(pairs.order_by(Relationship.id)).unique():
        if is_asked(pair):
            ask(db, pair)


def answer(
    db: Session,
    actor_id: UUID,
    *,
    enrollment_id: UUID,
    measures: Mapping[str, int | None],
    reached: Reached | None,
) -> None:
    """Keep what somebody says; the log learns that they answered, never what."""
    enrollment = hold(db, Enrollment, enrollment_id)
    said = newest(db, enrollment_id)
    is_own = enrollment is not None and enrollment.person_id == actor_id
    if enrollment is None or not is_own or not may_change(db, enrollment_id, said):
        raise Refused(_("These questions are closed; what you said counts as it is."))
    if said is None or not stands_open(said):
        if reached is None and not any(measures.values()):
            return
        said = FinalSurvey(enrollment_id=enrollment_id, begun_at=clock.now())
        db.add(said)
        audit.record(db, actor_id, "closing_questions_answered", enrollment)
    for key in MEASURES:
        setattr(said, key, measures.get(key))
    was = db.get(Baseline, enrollment_id)
    said.before = {key: getattr(was, key) for key in MEASURES} if was is not None else {}
    said.reached = reached if enrollment.role is Role.MENTEE else None
    db.flush()
    outbox.withdraw(db, KIND, subject=enrollment_id, person=actor_id)


def forget(db: Session, person_id: UUID) -> None:
    """Erasure: what somebody said goes, at both times; what it added to shares stays, nobody's."""
    keys: defaultdict[UUID, UUID] = defaultdict(lambda: ids.new_id("kept_outcome"))
    for one in counted(db, Enrollment.person_id == person_id):
        if one.counts:
            about = {"cohort_id": one.cohort_id, "month": month_of(one.at), "key": keys[one.key]}
            db.add(KeptOutcome(counts=one.counts, **about))
    theirs = select(Enrollment.id).where(Enrollment.person_id == person_id)
    for kind in (FinalSurvey, Baseline):
        gone = delete(kind).where(kind.enrollment_id.in_(theirs))
        db.execute(gone.execution_options(synchronize_session="fetch"))
