"""What a pair works with: the agreement, and goals with their steps."""

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
from app.mentoring.models import Agreement, Goal, GoalStep, Relationship, Signature
from app.mentoring.rules import (
    MOST_STEPS,
    AgreementState,
    GoalState,
    Sharing,
    agreement_state,
)
from app.mentoring.services.holding import held_live
from app.mentoring.services.moving import move
from app.programs.rules import SHAPES

# The state on the way from one to another that the table does not join.
BETWEEN = {
    (AgreementState.DRAFT, AgreementState.SIGNED): AgreementState.SIGNED_BY_SOME,
    (AgreementState.SIGNED, AgreementState.SIGNED_BY_SOME): AgreementState.DRAFT,
}


def _agreement_of(db: Session, pair: Relationship) -> Agreement:
    return db.scalars(select(Agreement).where(Agreement.relationship_id == pair.id)).one()


class Superseded(Refused):
    """Somebody changed the agreement after the page was opened."""


def sign(db: Session, actor_id: UUID, *, relationship_id: UUID, revision: int) -> None:
    """Sign the agreement in the revision that was read; never words that nobody saw."""
    pair = held_live(db, relationship_id, actor_id)
    agreement = _agreement_of(db, pair)
    if revision != agreement.revision:
        raise Superseded(_("The agreement has changed meanwhile. Read it again, then sign it."))
    if _has_signed(db, agreement, actor_id):
        return
    db.add(Signature(agreement_id=agreement.id, person_id=actor_id, revision=agreement.revision))
    db.flush()
    follow_signatures(db, actor_id, pair)


def follow_signatures(
    db: Session, actor_id: UUID | None, pair: Relationship, reason: str | None = None
) -> None:
    """How far the agreement is signed by those who are there now, after a signature or a change
    of members."""
    agreement = _agreement_of(db, pair)
    here = [member.person_id for member in pair.members if member.left_at is None]
    signers = db.scalars(
        select(Signature.person_id).where(
            Signature.agreement_id == agreement.id,
            Signature.revision == agreement.revision,
            Signature.person_id.in_(here),
        )
    ).all()
    after = agreement_state(len(signers), len(here))
    if (step := BETWEEN.get((agreement.state, after))) is not None:
        move(db, actor_id, agreement, step, reason=reason)
    if after is not agreement.state:
        move(db, actor_id, agreement, after, reason=reason)
    db.flush()


def _has_signed(db: Session, agreement: Agreement, person_id: UUID) -> bool:
    return db.get(Signature, (agreement.id, person_id, agreement.revision)) is not None


def amend(db: Session, actor_id: UUID, *, relationship_id: UUID, text: str, revision: int) -> None:
    """Change what the members add, from the revision that was read; everybody signs again."""
    pair = held_live(db, relationship_id, actor_id)
    agreement = _agreement_of(db, pair)
    if agreement.text == text:
        return
    if revision != agreement.revision:
        raise Superseded(
            _("Somebody changed this meanwhile. Join your text with the one above, then save.")
        )
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
    is_shared_by_all: bool = False,
    is_draft: bool = False,
) -> Goal:
    """Set a goal of one's own or of the whole group, with one to six steps."""
    pair = held_live(db, relationship_id, actor_id)
    if not 1 <= len(steps) <= MOST_STEPS:
        raise Refused(_("A goal has one to six steps. Write down at least the first one."), 422)
    if is_shared_by_all and not SHAPES[pair.format].is_shared:
        raise Refused(_("Only a group has goals of everybody. Choose who sees yours."), 422)
    if is_shared_by_all and sharing is Sharing.ME:
        sharing = Sharing.PAIR
    goal = Goal(
        relationship_id=pair.id,
        owner_id=actor_id,
        is_shared_by_all=is_shared_by_all,
        text=text,
        measure=measure,
        target_on=target_on,
        sharing=sharing,
        baseline=baseline,
        state=GoalState.DRAFT if is_draft else GoalState.ACTIVE,
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


def held_goal(db: Session, actor_id: UUID, goal_id: UUID) -> Goal:
    """The goal, locked, for those whose it is."""
    seen = db.get(Goal, goal_id)
    if seen is not None and seen.is_shared_by_all:
        held_live(db, seen.relationship_id, actor_id)
    goal = hold(db, Goal, goal_id)
    if goal is None or not goal.is_of(actor_id):
        raise Refused(_("Only the person whose goal it is can change it."), status=403)
    return goal


def tick_step(db: Session, actor_id: UUID, *, goal_id: UUID, step_id: UUID, is_done: bool) -> Goal:
    """Mark a step as done, or not done after all."""
    goal = held_goal(db, actor_id, goal_id)
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
    goal = held_goal(db, actor_id, goal_id)
    move(db, actor_id, goal, to)
    goal.moved_at = clock.now()
    if result is not None or to is GoalState.ACTIVE:
        goal.result = result
    db.flush()
    return goal
