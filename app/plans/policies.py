"""Who may do what with plans and recommendations."""

from __future__ import annotations

from app.core.database import session_of
from app.core.policies import Actor, inside
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.plans.queries import OfInitiative, OfPlan, OfRecommendation, OfResult
from app.plans.rules import PlanState, RecommendationState


def may_see(actor: Actor, _subject: object) -> bool:
    """Everyone inside; what is not for them was not found in the first place."""
    return inside(actor, None)


def may_plan(actor: Actor, erg: Erg) -> bool:
    """The leads of the whole group."""
    return inside(actor, None) and erg.id in standing(session_of(erg), actor).led


def may_move(actor: Actor, found: OfPlan) -> bool:
    """Leads."""
    return may_plan(actor, found.erg)


def may_add(actor: Actor, found: OfPlan) -> bool:
    """Leads, while the plan is not closed."""
    return may_plan(actor, found.erg) and found.plan.state is not PlanState.CLOSED


def may_change(actor: Actor, found: OfInitiative | OfResult) -> bool:
    """Leads, while the plan is not closed."""
    is_open = found.initiative.plan.state is not PlanState.CLOSED
    return may_plan(actor, found.erg) and is_open


def may_work(actor: Actor, found: OfInitiative | OfResult) -> bool:
    """Leads, and the owner of the initiative as long as they belong."""
    mine = standing(session_of(found.erg), actor)
    is_owner = found.initiative.owner_id == actor.person_id and found.erg.id in mine.member_of
    is_open = found.initiative.plan.state is not PlanState.CLOSED
    return inside(actor, None) and is_open and (is_owner or may_plan(actor, found.erg))


def may_rephrase(actor: Actor, found: OfRecommendation) -> bool:
    """Leads, while nobody has answered; withdrawing too."""
    return may_plan(actor, found.erg) and found.row.state is RecommendationState.OPEN


def may_restore(actor: Actor, found: OfRecommendation) -> bool:
    """The undo of withdrawing."""
    return may_plan(actor, found.erg) and found.row.state is RecommendationState.WITHDRAWN


def may_answer(actor: Actor, found: OfRecommendation) -> bool:
    """Whoever is asked."""
    is_asked = found.row.owner_id == actor.person_id
    is_there = found.row.state is not RecommendationState.WITHDRAWN
    return inside(actor, None) and is_asked and is_there


def may_recall(actor: Actor, found: OfRecommendation) -> bool:
    """The same person, once there is an answer."""
    return may_answer(actor, found) and found.row.state is not RecommendationState.OPEN
