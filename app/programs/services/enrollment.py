"""People enroll, change their answers, pause and leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.core import clock, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.programs.models import Baseline, Cohort, Enrollment, EnrollmentForm, Exclusion
from app.programs.registry import on_left
from app.programs.rules import (
    LIVE_ENROLLMENTS,
    SHAPES,
    EnrollmentState,
    Purpose,
    Role,
    form_from,
)
from app.programs.services.moving import move
from app.programs.services.offers import (
    fit_to_capacity,
    pairs_of,
    withdraw_offers_of,
)
from app.programs.services.replays import forget_person
from app.programs.services.requests import end_requests_of
from app.programs.services.seats import refuse_over_agreement

LEFT_ORG = "left_org"


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote in the enrollment form."""

    role: Role
    answers: Mapping[str, Any]
    languages: tuple[str, ...]
    zone: str
    windows: tuple[str, ...] = ()
    capacity: int = 1
    exclusions: tuple[UUID, ...] = ()
    baseline: Mapping[str, int | None] = field(default_factory=dict)


def enroll(db: Session, actor_id: UUID, *, cohort_id: UUID, reply: Reply) -> Enrollment:
    """Enroll oneself in a role, or change one's answers while enrollment is open."""
    cohort = hold(db, Cohort, cohort_id)
    if cohort is None or not cohort.is_enrolling:
        raise Refused(_("Enrollment is closed. The program page says when the next one opens."))
    enrollment = _own(db, cohort_id, actor_id, reply.role) or Enrollment(
        cohort_id=cohort_id, person_id=actor_id, role=reply.role
    )
    if enrollment.state is EnrollmentState.REMOVED:
        raise Refused(_("The organizers ended this enrollment. Please ask them."))
    _write(db, enrollment, cohort, reply)
    if enrollment.state in (EnrollmentState.WITHDRAWN, EnrollmentState.INVITED):
        move(db, actor_id, enrollment, EnrollmentState.STARTED)
    if enrollment.state is EnrollmentState.STARTED:
        move(db, actor_id, enrollment, EnrollmentState.SUBMITTED)
        admit(db, enrollment)
        outbox.put(db, "enrollment_received", subject=enrollment.id, person=actor_id)
    db.flush()
    return enrollment


def _own(db: Session, cohort_id: UUID, person_id: UUID, role: Role) -> Enrollment | None:
    return db.scalar(
        select(Enrollment).where(
            Enrollment.cohort_id == cohort_id,
            Enrollment.person_id == person_id,
            Enrollment.role == role,
        )
    )


def _write(db: Session, enrollment: Enrollment, cohort: Cohort, reply: Reply) -> None:
    if _takes_back(db, enrollment, reply):
        forget_person(db, enrollment.person_id)
    enrollment.form_id = cohort.form_id
    enrollment.answers = dict(reply.answers)
    enrollment.languages = list(reply.languages)
    enrollment.zone = reply.zone
    enrollment.weekly_windows = list(reply.windows)
    has_places = reply.role is Role.MENTOR or form_from(cohort.rules).is_mutual
    enrollment.capacity = reply.capacity if has_places else 1
    enrollment.consented_at = clock.now()
    enrollment.waiting_since = enrollment.waiting_since or clock.now()
    enrollment.state = enrollment.state or EnrollmentState.STARTED
    db.add(enrollment)
    db.flush()
    fit_to_capacity(db, enrollment.person_id, enrollment)
    person = db.get_one(Person, enrollment.person_id)
    search.put(db, "enrollments", enrollment.id, person.name, person.external_id)
    _exclude(db, enrollment.id, reply.exclusions)
    if any(reply.baseline.values()):
        db.merge(Baseline(enrollment_id=enrollment.id, answered_at=clock.now(), **reply.baseline))


def _takes_back(db: Session, enrollment: Enrollment, reply: Reply) -> bool:
    """Whether free hours or an answer for matching alone no longer stand as they were said."""
    form = db.get(EnrollmentForm, enrollment.form_id) if enrollment.form_id else None
    if form is None or not enrollment.answers:
        return False
    quiet = [one.key for one in form.fields if one.purpose is Purpose.MATCHING_ONLY]
    before = {key: enrollment.answers[key] for key in quiet if key in enrollment.answers}
    is_changed = any(reply.answers.get(key) != said for key, said in before.items())
    return is_changed or not {*enrollment.weekly_windows} <= {*reply.windows}


def _exclude(db: Session, enrollment_id: UUID, people: Iterable[UUID]) -> None:
    """Whom one names is added: what stands already is shown to nobody, so nobody takes it away."""
    for person_id in sorted(set(people)):
        db.merge(Exclusion(enrollment_id=enrollment_id, person_id=person_id))


def admit(db: Session, enrollment: Enrollment) -> None:
    """Approve a submitted enrollment and put it in the pool; nobody's identity is asked.

    Leaders of reverse programs listen first: they are in the pool when they have gone through it.
    """
    move(db, None, enrollment, EnrollmentState.APPROVED)
    program = db.get_one(Cohort, enrollment.cohort_id).program
    person = db.get_one(Person, enrollment.person_id)
    listens = SHAPES[program.format].listens_first is enrollment.role and person.can_sign_in
    move(db, None, enrollment, EnrollmentState.TRAINING_DUE if listens else EnrollmentState.READY)


def finish_listening(db: Session, actor_id: UUID, *, enrollment_id: UUID) -> None:
    """A leader has gone through the module on listening, and is in the pool from now on."""
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is None or enrollment.person_id != actor_id:
        raise Refused(_("Only you can say that you have gone through it."), 403)
    move(db, actor_id, enrollment, EnrollmentState.READY, reason="listening")
    db.flush()


def enroll_for(
    db: Session, actor_id: UUID | None, *, cohort_id: UUID, person_id: UUID, reply: Reply
) -> Enrollment:
    """Enroll somebody from a sheet: ready for matching at once; the same row twice changes it."""
    cohort = db.get(Cohort, cohort_id)
    if cohort is None:
        raise Refused(_("This cohort no longer exists."))
    enrollment = _own(db, cohort_id, person_id, reply.role) or Enrollment(
        cohort_id=cohort_id, person_id=person_id, role=reply.role
    )
    _write(db, enrollment, cohort, reply)
    if enrollment.state is EnrollmentState.STARTED:
        move(db, actor_id, enrollment, EnrollmentState.SUBMITTED)
        admit(db, enrollment)
    return enrollment


def withdraw(db: Session, actor_id: UUID | None, *, enrollment_id: UUID) -> None:
    """Leave a cohort: no longer in the pool, open offers taken back."""
    _end(db, actor_id, enrollment_id, EnrollmentState.WITHDRAWN, None)


def remove(db: Session, actor_id: UUID, *, enrollment_id: UUID, reason: str) -> None:
    """Take somebody out of a cohort, with a reason that stays in the log."""
    if not reason:
        raise Refused(_("Please give a reason; it is kept in the log."))
    _end(db, actor_id, enrollment_id, EnrollmentState.REMOVED, reason)


def _end(
    db: Session,
    actor_id: UUID | None,
    enrollment_id: UUID,
    to: EnrollmentState,
    reason: str | None,
) -> None:
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is None:
        raise Refused(_("This enrollment no longer exists."))
    move(db, actor_id, enrollment, to, reason=reason)
    withdraw_offers_of(db, actor_id, enrollment, reason=to.value)
    end_requests_of(db, actor_id, enrollment)
    forget_person(db, enrollment.person_id)
    for _name, follow in on_left if reason != LEFT_ORG else ():
        follow(db, actor_id, enrollment.id, to)
    db.flush()


def set_availability(
    db: Session,
    actor_id: UUID,
    *,
    enrollment_id: UUID,
    capacity: int,
    takes_no_more: bool,
    paused_until: date | None = None,
) -> Enrollment:
    """How many one takes, whether anybody more, and until when one pauses; pairs that exist stay.

    Fewer places or a pause take back open offers that nobody has accepted.
    """
    enrollment = hold(db, Enrollment, enrollment_id)
    if enrollment is None or enrollment.person_id != actor_id:
        raise Refused(_("Only you can say how many people you have time for."), 403)
    if enrollment.state not in (EnrollmentState.READY, EnrollmentState.PAUSED):
        raise Refused(_("This enrollment has ended, so there is nothing to change."))
    if paused_until is not None and paused_until <= clock.now().date():
        raise Refused(_("Choose a day to come as the end of your pause."), 422)
    if enrollment.role is Role.MENTOR:
        refuse_over_agreement(db, enrollment, capacity)
        enrollment.capacity = _enough_places(db, enrollment, capacity)
    enrollment.takes_no_more, enrollment.paused_until = takes_no_more, paused_until
    _pause(db, actor_id, enrollment)
    db.flush()
    if enrollment.role is Role.MENTOR:
        fit_to_capacity(db, actor_id, enrollment)
    if takes_no_more or paused_until:
        end_requests_of(db, actor_id, enrollment)
    audit.record(db, actor_id, "enrollment_availability", enrollment)
    db.flush()
    return enrollment


def _enough_places(db: Session, mentor: Enrollment, wanted: int) -> int:
    pairs = pairs_of(db, [mentor.id]).get(mentor.id, 0)
    if wanted < pairs:
        message = ngettext(
            "You meet %(num)s person now. Choose at least that many, or say: nobody more for now.",
            "You meet %(num)s people now. Choose at least that many, or say: nobody more for now.",
            pairs,
        )
        raise Refused(message, 422)
    return wanted


def _pause(db: Session, actor_id: UUID | None, enrollment: Enrollment) -> None:
    wanted = EnrollmentState.PAUSED if enrollment.paused_until else EnrollmentState.READY
    if enrollment.state is not wanted:
        move(db, actor_id, enrollment, wanted)
        today = clock.now().date()
        if wanted is EnrollmentState.READY:
            enrollment.resumed_on = today
        else:
            enrollment.paused_from, enrollment.resumed_on = today, None
            withdraw_offers_of(db, actor_id, enrollment, reason="paused")


def resume_due(db: Session) -> int:
    """End the pauses whose last day has come; returns how many."""
    due = db.scalars(
        select(Enrollment.id)
        .where(
            Enrollment.state == EnrollmentState.PAUSED,
            Enrollment.paused_until <= clock.now().date(),
        )
        .order_by(Enrollment.id)
    ).all()
    for enrollment_id in due:
        enrollment = hold(db, Enrollment, enrollment_id)
        if enrollment is not None and enrollment.state is EnrollmentState.PAUSED:
            enrollment.paused_until = None
            _pause(db, None, enrollment)
    db.flush()
    return len(due)


def leave_everywhere(db: Session, person_id: UUID) -> None:
    """Departure: withdraw every live enrollment of a person who left."""
    for enrollment_id in db.scalars(
        select(Enrollment.id)
        .where(
            Enrollment.person_id == person_id,
            Enrollment.state.in_(LIVE_ENROLLMENTS),
            Enrollment.state != EnrollmentState.COMPLETED,
        )
        .order_by(Enrollment.role, Enrollment.id)
    ).all():
        _end(db, None, enrollment_id, EnrollmentState.WITHDRAWN, LEFT_ORG)
