"""What a goal asks of its owner, and how far it has come."""

from __future__ import annotations

from app.mentoring.rules.states import GoalState, RelationshipState

RATINGS = range(1, 6)
OPEN = (GoalState.DRAFT, GoalState.ACTIVE)
OVER = (RelationshipState.CONCLUDING, RelationshipState.CLOSED)


def asked_rating(state: GoalState, pair: RelationshipState, *, done: int) -> str | None:
    """Which self-rating is due: `baseline` until a step is done, `result` when it is over."""
    if state is GoalState.ACHIEVED or (state is GoalState.ACTIVE and pair in OVER):
        return "result"
    return "baseline" if state in OPEN and done == 0 and pair not in OVER else None
