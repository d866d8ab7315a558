"""A goal on its way: its words and steps, how far one says one is, and where it goes on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.errors import Refused
from app.mentoring.models import Goal, GoalStep, Relationship
from app.mentoring.rules import LIVE, MOST_STEPS, GoalState, Sharing
from app.mentoring.rules.goals import OPEN, RATINGS, asked_rating
from app.mentoring.services.holding import held_kept, held_live
from app.mentoring.services.moving import move
from app.mentoring.services.work import held_goal


def change(
    db: Session,
    actor_id: UUID,
    *,
    goal_id: UUID,
    text: str,
    measure: str,
    target_on: date | None,
    sharing: Sharing,
) -> Goal:
    """Say anew what one wants to reach, how one will know, by when, and who sees it."""
    goal = held_goal(db, actor_id, goal_id)
    if goal.is_shared_by_all and sharing is Sharing.ME:
        raise Refused(_("This goal is everybody's, so everybody sees it."), 422)
    before = goal.sharing
    goal.text, goal.measure, goal.target_on, goal.sharing = text, measure, target_on, sharing
    audit.record(db, actor_id, "goal_changed", goal, before=before.value, after=sharing.value)
    db.flush()
    return goal


def add_step(db: Session, actor_id: UUID, *, goal_id: UUID, text: str) -> GoalStep:
    """One more step, at the end."""
    goal = _open(db, actor_id, goal_id)
    if len(goal.steps) >= MOST_STEPS:
        raise Refused(_("Six steps at most. What remains is perhaps another goal."), 422)
    last = max((step.position for step in goal.steps), default=0)
    step = GoalStep(goal_id=goal.id, position=last + 1, text=text)
    db.add(step)
    _touched(db, actor_id, goal, "goal_step_added")
    return step


def change_step(db: Session, actor_id: UUID, *, goal_id: UUID, step_id: UUID, text: str) -> None:
    """Other words for a step."""
    goal = _open(db, actor_id, goal_id)
    step = _step(goal, step_id)
    if step.text != text:
        step.text = text
        _touched(db, actor_id, goal, "goal_step_changed")


def shift_step(db: Session, actor_id: UUID, *, goal_id: UUID, step_id: UUID, up: bool) -> None:
    """Let a step change places with the one before or after it."""
    goal = _open(db, actor_id, goal_id)
    step = _step(goal, step_id)
    at = goal.steps.index(step)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(goal.steps):
        return
    other = goal.steps[to]
    here, there = step.position, other.position
    step.position = 0
    db.flush()
    other.position = here
    db.flush()
    step.position = there
    _touched(db, actor_id, goal, "goal_step_moved")


def remove_step(db: Session, actor_id: UUID, *, goal_id: UUID, step_id: UUID) -> None:
    """Take a step out; one remains."""
    goal = _open(db, actor_id, goal_id)
    step = _step(goal, step_id)
    if len(goal.steps) == 1:
        raise Refused(_("A goal has one to six steps. Write down at least the first one."), 422)
    db.delete(step)
    _touched(db, actor_id, goal, "goal_step_removed")


def rate(db: Session, actor_id: UUID, *, goal_id: UUID, number: int) -> Goal:
    """Say how far one is, from 1 to 5: where one begins, and where one has come to."""
    goal = held_goal(db, actor_id, goal_id)
    pair = db.get_one(Relationship, goal.relationship_id)
    asked = asked_rating(goal.state, pair.state, done=goal.done)
    if number not in RATINGS:
        raise Refused(_("Choose a number from 1 to 5."), 422)
    if asked is None or goal.is_shared_by_all:
        raise Refused(_("You are asked for this when a goal begins and when it is reached."))
    setattr(goal, asked, number)
    audit.record(db, actor_id, f"goal_{asked}_rated", goal)
    db.flush()
    return goal


def take_along(db: Session, actor_id: UUID, *, goal_id: UUID, relationship_id: UUID) -> Goal:
    """Go on with one's goal in another relationship: there it begins with what is still open."""
    pair = held_live(db, relationship_id, actor_id)
    goal = held_goal(db, actor_id, goal_id)
    former = held_kept(db, goal.relationship_id, actor_id)
    goes_on = former.state in LIVE and former.has(actor_id)
    if goal.owner_id != actor_id or goes_on or former.id == pair.id:
        raise Refused(_("A goal is taken along by its owner when its pair has ended."))
    return _carry(db, actor_id, goal, pair.id)


def carry_into_term(db: Session, pair: Relationship) -> None:
    """A renewal: goals on their way go on in the new term with the steps that are still open.

    A goal whose steps are all done waits for its owner to say that it is reached.
    """
    running = select(Goal.id).where(Goal.relationship_id == pair.id, Goal.state == GoalState.ACTIVE)
    for goal_id in db.scalars(running.order_by(Goal.created_at, Goal.id)).all():
        goal = db.get_one(Goal, goal_id)
        if pair.has(goal.owner_id) and goal.done < len(goal.steps):
            _carry(db, None, goal, pair.id)


def _carry(db: Session, actor_id: UUID | None, goal: Goal, relationship_id: UUID) -> Goal:
    move(db, actor_id, goal, GoalState.CARRIED_OVER)
    begun = Goal(
        relationship_id=relationship_id,
        owner_id=goal.owner_id,
        is_shared_by_all=goal.is_shared_by_all and relationship_id == goal.relationship_id,
        text=goal.text,
        measure=goal.measure,
        target_on=goal.target_on,
        sharing=goal.sharing,
        baseline=goal.baseline,
        carried_from=goal.id,
        state=GoalState.ACTIVE,
    )
    db.add(begun)
    db.flush()
    still = [step.text for step in goal.steps if step.done_at is None] or [goal.steps[-1].text]
    db.add_all(
        GoalStep(goal_id=begun.id, position=place, text=text) for place, text in enumerate(still, 1)
    )
    audit.record(db, actor_id, "goal_set", begun, after=begun.state.value)
    db.flush()
    return begun


def _open(db: Session, actor_id: UUID, goal_id: UUID) -> Goal:
    goal = held_goal(db, actor_id, goal_id)
    if goal.state not in OPEN:
        raise Refused(_("This goal is not open any more. Reload the page."))
    return goal


def _step(goal: Goal, step_id: UUID) -> GoalStep:
    found = next((step for step in goal.steps if step.id == step_id), None)
    if found is None:
        raise Refused(_("This step is not there any more. Reload the page."))
    return found


def _touched(db: Session, actor_id: UUID, goal: Goal, verb: str) -> None:
    goal.moved_at = clock.now()
    audit.record(db, actor_id, verb, goal)
    db.flush()
    db.expire(goal, ["steps"])
