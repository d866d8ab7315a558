"""When somebody leaves, the others go on: told at once, with everything that is theirs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.mentoring.models import (
    ClosedWish,
    Goal,
    GoalStep,
    Handover,
    LookBack,
    Meeting,
    Member,
    Nudge,
    PrivateAnswer,
    Relationship,
    SessionFeedback,
    Topic,
    TopicBallot,
)
from app.mentoring.rules import (
    AHEAD,
    LIVE,
    ClosingReason,
    GoalState,
    RelationshipState,
    RematchCause,
    SessionState,
    Sharing,
)
from app.mentoring.rules.lifecycle import least_members, occasion_of
from app.mentoring.services import (
    board,
    closing,
    messages,
    notes,
    sessions,
    sponsoring,
    surveying,
    terms,
    work,
)
from app.mentoring.services.closing import close, complete
from app.mentoring.services.holding import held_live
from app.mentoring.services.telling import tell_all
from app.programs.models import Offer
from app.programs.rules import Format, Role
from app.programs.services import offers

ABOUT_SESSIONS = ("session_planned", "session_entry", "session_reminder", "did_you_meet")


def end(db: Session, actor_id: UUID, *, relationship_id: UUID) -> Relationship:
    """End a pair as a member, without a reason; of a group one leaves, and it goes on if it can."""
    pair = held_live(db, relationship_id, actor_id)
    if not pair.is_gathering and len(pair.others(actor_id)) < 2:
        closing.end(db, actor_id, relationship_id=relationship_id)
        return pair
    leave(
        db,
        actor_id,
        relationship_id=relationship_id,
        reason=ClosingReason.NO_FAULT,
        cause=RematchCause.ENDED,
        actor_id=actor_id,
    )
    return pair


def leave_everywhere(db: Session, person_id: UUID) -> None:
    """Departure: nobody is left with a partner who is gone, and all are told at once."""
    for pair_id in db.scalars(_live_of(person_id)).all():
        leave(
            db,
            person_id,
            relationship_id=pair_id,
            reason=ClosingReason.LEFT_ORG,
            cause=RematchCause.LEFT_ORG,
        )


def leave_cohort(
    db: Session, actor_id: UUID | None, enrollment_id: UUID, reason: ClosingReason
) -> None:
    """Somebody withdraws from a cohort or is removed: their relationships in it go on or end."""
    chosen = select(Member.relationship_id, Member.person_id).join(Relationship)
    for pair_id, person_id in db.execute(
        chosen.where(
            Member.enrollment_id == enrollment_id,
            Member.left_at.is_(None),
            Relationship.state.in_(LIVE),
        ).order_by(Member.relationship_id)
    ).all():
        leave(
            db,
            person_id,
            relationship_id=pair_id,
            reason=reason,
            cause=RematchCause.LEFT_COHORT,
            actor_id=actor_id,
        )


def _live_of(person_id: UUID) -> Select[UUID]:
    return (
        select(Relationship.id)
        .join(Member)
        .where(
            Member.person_id == person_id,
            Member.left_at.is_(None),
            Relationship.state.in_(LIVE),
        )
        .order_by(Relationship.id)
    )


def leave(
    db: Session,
    person_id: UUID,
    *,
    relationship_id: UUID,
    reason: ClosingReason,
    cause: RematchCause,
    actor_id: UUID | None = None,
) -> None:
    """One member goes: a group lives on while enough remain, everything else ends."""
    pair = hold(db, Relationship, relationship_id)
    if pair is None or pair.state not in LIVE or not pair.has(person_id):
        return
    if lives_on(pair, person_id):
        _step_out(db, actor_id, pair, person_id)
        return
    if pair.state is RelationshipState.TRIAL and reason is ClosingReason.ORGANIZER:
        closing.order_end(db, actor_id, pair)
        return
    if pair.state is RelationshipState.CONCLUDING:  # they have reached their end already
        complete(db, pair, actor_id, but=person_id)
        return
    close(
        db,
        actor_id,
        relationship_id=pair.id,
        reason=reason,
        but=person_id,
        cause=cause,
        kind="partner_left",
    )


def lives_on(pair: Relationship, leaver: UUID) -> bool:
    """Whether a relationship goes on when one of its members leaves."""
    if pair.is_gathering:  # without its mentor a group cannot come about
        return pair.role_of(leaver) is not Role.MENTOR
    rest = [m for m in pair.members if m.left_at is None and m.person_id != leaver]
    had_mentor = any(m.role is Role.MENTOR for m in pair.members)
    has_mentor = any(m.role is Role.MENTOR for m in rest)
    return len(rest) >= least_members(pair.format) and has_mentor is had_mentor


def _step_out(db: Session, actor_id: UUID | None, pair: Relationship, person_id: UUID) -> None:
    member = next(m for m in pair.members if m.person_id == person_id)
    member.left_at = clock.now()
    db.flush()
    audit.record(db, actor_id, "member_left", pair)
    for meeting in db.scalars(
        select(Meeting).where(
            Meeting.relationship_id == pair.id,
            Meeting.state.in_(AHEAD),
            Meeting.starts_at > clock.now(),
        )
    ).all():
        outbox.withdraw(db, ABOUT_SESSIONS, subject=meeting.id, person=person_id)
        is_in_calendars = meeting.state is SessionState.SCHEDULED
        if is_in_calendars and member.person.can_sign_in:
            outbox.put(
                db,
                "session_left",
                subject=meeting.id,
                person=person_id,
                revision=meeting.revision,
            )
    sessions.follow_leaving(db, pair)
    work.follow_signatures(db, actor_id, pair, "member_left")
    if member.offer_id is not None:  # the seat in this group alone; somebody may have another
        offers.release(db, offer_id=member.offer_id)
    else:
        offers.release_of(db, enrollment_id=member.enrollment_id, cohort_id=pair.cohort_id)
    tell_all(db, pair, "member_left", revision=occasion_of(member.left_at))
    if pair.is_gathering and member.offer_id is not None:
        offers.settle_group(db, actor_id, db.get_one(Offer, member.offer_id))
    terms.complete_if_written(db, pair)


def erase(db: Session, person_id: UUID) -> None:
    """Erasure: what was this person's alone goes; what partners wrote or share stays theirs."""
    leave_everywhere(db, person_id)
    notes.forget(db, person_id)
    alone = (Goal.owner_id == person_id) & (
        (Goal.sharing == Sharing.ME) | (Goal.state == GoalState.DRAFT)
    )
    mine = select(Goal.id).where(alone)
    learned = (  # what leaders of reverse pairs promised belongs to both
        select(Meeting.id)
        .join(Relationship, Relationship.id == Meeting.relationship_id)
        .join(Member, Member.relationship_id == Relationship.id)
        .where(
            Relationship.format == Format.REVERSE,
            Member.person_id == person_id,
            Member.role == Role.MENTEE,
        )
    )
    for statement in (
        delete(SessionFeedback).where(
            SessionFeedback.person_id == person_id, SessionFeedback.session_id.not_in(learned)
        ),
        update(Goal).where(Goal.carried_from.in_(mine)).values(carried_from=None),
        delete(GoalStep).where(GoalStep.goal_id.in_(mine)),
        delete(Goal).where(alone),
        delete(PrivateAnswer).where(PrivateAnswer.person_id == person_id),
        delete(Nudge).where(Nudge.person_id == person_id),
        update(Topic)
        .where(Topic.proposer_id == person_id, Topic.is_winner.is_(False))
        .values(text="", withdrawn_at=clock.now()),
        delete(TopicBallot).where(TopicBallot.person_id == person_id),
        delete(ClosedWish).where(ClosedWish.person_id == person_id),
        delete(LookBack).where(LookBack.person_id == person_id, LookBack.thanks == ""),
        delete(Handover).where(Handover.author_id == person_id, Handover.consented_at.is_(None)),
    ):
        db.execute(statement.execution_options(synchronize_session="fetch"))
    for look_back in db.scalars(select(LookBack).where(LookBack.person_id == person_id)):
        look_back.own_text = ""
    messages.forget(db, person_id)
    sponsoring.forget(db, person_id)
    surveying.forget(db, person_id)
    board.forget(db, person_id)
    audit.record(db, None, "mentoring_erased", ("person", person_id))
    db.flush()
