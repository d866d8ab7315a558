"""Plans and recommendations for tests, through the services that pages use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.budgets.rules import Purpose
from app.core import clock, ids
from app.ergs.models import Erg
from app.plans import services
from app.plans.models import Initiative, KeyResult, Plan, Recommendation
from app.plans.rules import PlanState, RecommendationState
from app.plans.services import Aim, Measure, Plea
from tests.factories.accounts import make_person


def make_plan(
    db: Session, erg: Erg, *, year: int | None = None, state: PlanState = PlanState.AGREED
) -> Plan:
    """A plan, agreed unless told otherwise."""
    plan = services.begin_plan(db, None, erg_id=erg.id, year=year or clock.now().year)
    if state is not PlanState.DRAFT:
        services.move_plan(db, None, plan_id=plan.id, to=PlanState.AGREED)
    if state is PlanState.CLOSED:
        services.move_plan(db, None, plan_id=plan.id, to=PlanState.CLOSED)
    return plan


def make_initiative(
    db: Session,
    plan: Plan,
    title: str = "Return after leave",
    *,
    purpose: Purpose = Purpose.LEADERSHIP,
    **aim: Any,
) -> Initiative:
    """An initiative."""
    wish = Aim(title=title, purpose=purpose, **aim)
    return services.add_initiative(db, None, plan_id=plan.id, aim=wish)


def make_result(
    db: Session, row: Initiative, *values: float, text: str = "Talks given", **measure: Any
) -> KeyResult:
    """A key result from 0 to 10, with an update a value."""
    result = services.add_result(
        db, None, initiative_id=row.id, measure=Measure(text, **{"target": 10.0, **measure})
    )
    today = clock.now().date()
    for number, value in enumerate(values):
        day = today - timedelta(days=len(values) - number)
        services.note_progress(db, None, result_id=result.id, day=day, value=value)
    return result


def make_recommendation(
    db: Session,
    erg: Erg,
    asked: UUID,
    title: str = "Pay transparency",
    *,
    due_on: date | None = None,
    answer: RecommendationState | None = None,
) -> Recommendation:
    """A recommendation, answered if told so."""
    due_on = due_on or clock.now().date() + timedelta(days=30)
    row = services.recommend(
        db, None, erg_id=erg.id, plea=Plea(title, f"Why {title}", asked, due_on)
    )
    if answer:
        services.answer(
            db, asked, recommendation_id=row.id, state=answer, text="We will start in May."
        )
    return row


def scenes(db: Session, star: dict[str, Person]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene, for the access matrix; elena is asked, bo owns nothing."""
    found: dict[str, dict[str, Any]] = {}
    for scene, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        for year, state in enumerate((PlanState.DRAFT, PlanState.AGREED), 2040):
            plan = make_plan(db, erg, year=year, state=state)
            row = make_initiative(db, plan, f"Access {scene} {state}", owner_id=star["dalia"].id)
            found[f"{scene} {state}"] = {
                "slug": slug,
                "plan_id": plan.id,
                "initiative_id": row.id,
                "result_id": make_result(db, row).id,
            }
        asked = star["elena"].id
        done = make_recommendation(db, erg, asked, "Done", answer=RecommendationState.DONE)
        gone = make_recommendation(db, erg, asked, "Gone")
        services.withdraw(db, None, recommendation_id=gone.id)
        fresh = make_recommendation(db, erg, asked, "Open")
        found[f"{scene} draft"]["recommendation_id"] = gone.id
        found[f"{scene} agreed"]["recommendation_id"] = fresh.id
        found[f"{scene} answered"] = {"recommendation_id": done.id}
    names = ("plan_id", "initiative_id", "result_id", "recommendation_id")
    found["absent"] = {"slug": "no-such-thing", **{name: ids.new_id() for name in names}}
    return found


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """A plan whose owners are members, recommendations, and every address that shows them."""
    plan = make_plan(db, erg)
    rows = [
        make_initiative(db, plan, f"Aim {number}", owner_id=owner)
        for number, owner in enumerate((lead_id, member_id, None))
    ]
    results = [make_result(db, row, 3.0) for row in rows]
    asked = make_person(db, "Otto Asked").id
    said = make_recommendation(db, erg, asked, answer=RecommendationState.ACCEPTED)
    open_one = make_recommendation(db, erg, asked, "Quiet rooms")
    base = f"/ergs/{erg.slug}"
    return [
        f"{base}/plan/",
        f"{base}/plan/?q=aim",
        f"{base}/plan/?state=late",
        f"{base}/plan/new",
        f"/plans/{plan.id}/initiatives/new",
        f"{base}/recommendations/",
        f"{base}/recommendations/?q=pay",
        f"{base}/recommendations/new",
        "/recommendations/",
        f"/recommendations/{said.id}/",
        f"/recommendations/{open_one.id}/edit",
        *(f"/plans/initiatives/{row.id}/" for row in rows),
        *(f"/plans/initiatives/{row.id}/edit" for row in rows),
        f"/plans/initiatives/{rows[0].id}/results/new",
        f"/plans/results/{results[0].id}/edit",
        *(f"/plans/results/{result.id}/updates" for result in results),
    ]
