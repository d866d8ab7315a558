"""What a pair works with: the agreement, goals with their steps, notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Agreement, Goal, GoalStep, Note, Relationship, Signature
from app.mentoring.rules import (
    MOST_STEPS,
    AgreementState,
    GoalState,
    NoteScope,
    Sharing,
    agreement_state,
)
from app.mentoring.services.holding import held, held_live
from app.mentoring.services.moving import move


def _agreement_of(db: Session, pair: Relationship) -> Agreement:
    return db.scalars(select(Agreement).where(Agreement.relationship_id == pair.id)).one()


def sign(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """Sign the agreement as it stands now."""
    pair = held_live(db, relationship_id, actor_id)
    agreement = _agreement_of(db, pair)
    if _has_signed(db, agreement, actor_id):
        return
    db.add(Signature(agreement_id=agreement.id, person_id=actor_id, revision=agreement.revision))
    db.flush()
    signers = len(
        db.scalars(
            select(Signature.person_id).where(
                Signature.agreement_id == agreement.id, Signature.revision == agreement.revision
            )
        ).all()
    )
    after = agreement_state(signers, sum(m.left_at is None for m in pair.members))
    if after is AgreementState.SIGNED and agreement.state is AgreementState.DRAFT:
        move(db, actor_id, agreement, AgreementState.SIGNED_BY_SOME)
    if after is not agreement.state:
        move(db, actor_id, agreement, after)
    db.flush()


def _has_signed(db: Session, agreement: Agreement, person_id: UUID) -> bool:
    return db.get(Signature, (agreement.id, person_id, agreement.revision)) is not None


def amend(db: Session, actor_id: UUID, *, relationship_id: UUID, text: str) -> None:
    """Change what the members add in their own words; everybody signs again."""
    pair = held_live(db, relationship_id, actor_id)
    agreement = _agreement_of(db, pair)
    if agreement.text == text:
        return
    agreement.text, agreement.revision = text, agreement.revision + 1
    if agreement.state is not AgreementState.DRAFT:
        move(db, actor_id, agreement, AgreementState.DRAFT)
    else:
        audit.record(db, actor_id, "agreement_amended", agreement)
    db.flush()


def set_goal(
    db: Session,
    actor_id: UUID,
    *,
    relationship_id: UUID,
    text: str,
    measure: str = "",
    target_on: date | None = None,
    steps: Sequence[str] = (),
    sharing: Sharing = Sharing.PAIR,
    baseline: int | None = None,
) -> Goal:
    """Set a goal of one's own, with one to six steps."""
    pair = held_live(db, relationship_id, actor_id)
    if not 1 <= len(steps) <= MOST_STEPS:
        raise Refused(_("A goal has one to six steps. Write down at least the first one."), 422)
    goal = Goal(
        relationship_id=pair.id,
        owner_id=actor_id,
        text=text,
        measure=measure,
        target_on=target_on,
        sharing=sharing,
        baseline=baseline,
        state=GoalState.ACTIVE,
    )
    db.add(goal)
    db.flush()
    db.add_all(
        GoalStep(goal_id=goal.id, position=position, text=step)
        for position, step in enumerate(steps, 1)
    )
    audit.record(db, actor_id, "goal_set", goal, after=goal.state.value)
    db.flush()
    return goal


def _held_goal(db: Session, actor_id: UUID, goal_id: UUID) -> Goal:
    goal = hold(db, Goal, goal_id)
    if goal is None or goal.owner_id != actor_id:
        raise Refused(_("Only the person whose goal it is can change it."), status=403)
    return goal


def tick_step(db: Session, actor_id: UUID, *, goal_id: UUID, step_id: UUID, is_done: bool) -> Goal:
    """Mark a step as done, or not done after all."""
    goal = _held_goal(db, actor_id, goal_id)
    step = db.get(GoalStep, step_id)
    if goal.state is not GoalState.ACTIVE or step is None or step.goal_id != goal.id:
        raise Refused(_("This goal is not open any more. Reload the page."))
    if (step.done_at is not None) != is_done:
        step.done_at = clock.now() if is_done else None
        goal.moved_at = clock.now()
        audit.record(db, actor_id, "goal_step_ticked", goal, after=str(is_done).lower())
    db.flush()
    return goal


def move_goal(
    db: Session, actor_id: UUID, *, goal_id: UUID, to: GoalState, result: int | None = None
) -> Goal:
    """Say that a goal is achieved or dropped, or take it up again."""
    goal = _held_goal(db, actor_id, goal_id)
    move(db, actor_id, goal, to)
    goal.moved_at = clock.now()
    if result is not None:
        goal.result = result
    db.flush()
    return goal


def write_note(
    db: Session, actor_id: UUID, *, relationship_id: UUID, text: str, scope: NoteScope
) -> Note:
    """Write a note for oneself or for all members."""
    pair = held(db, relationship_id, actor_id)
    note = Note(relationship_id=pair.id, author_id=actor_id, text=text, scope=scope)
    db.add(note)
    db.flush()
    audit.record(db, actor_id, "note_written", note)
    return note


def delete_note(db: Session, actor_id: UUID, *, note_id: UUID) -> None:
    """Delete one's own note."""
    note = hold(db, Note, note_id)
    if note is None or note.author_id != actor_id:
        raise Refused(_("Only the person who wrote a note can delete it."), status=403)
    audit.record(db, actor_id, "note_deleted", note)
    db.delete(note)
    db.flush()
