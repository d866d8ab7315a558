"""The plans of the demo company, and what three groups recommended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.budgets.models import BudgetRequest
from app.budgets.rules import Purpose, RequestState
from app.core import clock
from app.core.outbox import Delivery, DeliveryState
from app.ergs import queries as ergs
from app.ergs.models import Erg, Membership
from app.ergs.rules import MembershipState, Visibility
from app.events.models import EventHost
from app.events.rules import HostState
from app.plans import services
from app.plans.rules import InitiativeState, PlanState, RecommendationState
from app.plans.services import Aim, Measure, Plea

P, State, R = Purpose, InitiativeState, RecommendationState

SUMMARIES = {
    "women": "Fewer, larger things: who is promoted, who comes back, who is heard.",
    "early-career": "Everybody finds one person above them and one beside them.",
}
# (group, purpose, title, about, due in days, state, [(result, unit, start, target, updates)])
AIMS = (
    (
        "women",
        P.LEADERSHIP,
        "Half of the shortlists for senior roles name a woman",
        "Recruiting shows us every shortlist; we say when one is too short.",
        50,
        State.OPEN,
        (
            ("Shortlists with a woman on them", "%", 31.0, 50.0, (34.0, 38.0, 43.5)),
            ("Women in the sponsorship circle", "people", 0.0, 24.0, (6.0, 15.0, 21.0)),
        ),
    ),
    (
        "women",
        P.POLICY,
        "Coming back after leave without starting over",
        "A plan for the first hundred days, written with the manager before the leave begins.",
        -12,
        State.OPEN,
        (("Days until the first plan is written", "days", 45.0, 10.0, (40.0, 31.0, 24.0)),),
    ),
    (
        "women",
        P.RECRUITING,
        "Talk at ten universities",
        "Two of us each time, one of them an engineer.",
        -60,
        State.DONE,
        (("Universities visited", "visits", 0.0, 10.0, (3.0, 7.0, 10.0)),),
    ),
    (
        "women",
        P.COMMUNITY,
        "One evening a quarter in every region",
        "Hours change so that every region has its turn.",
        58,
        State.OPEN,
        (("Evenings held", "evenings", 0.0, 20.0, (4.0, 9.0, 15.0)),),
    ),
    (
        "early-career",
        P.LEADERSHIP,
        "A mentor for everybody who asks",
        "Nobody waits longer than a month.",
        40,
        State.OPEN,
        (
            ("People matched", "people", 0.0, 60.0, (12.0, 33.0, 41.0)),
            ("Longest wait", "days", 90.0, 30.0, (71.0, 48.0)),
        ),
    ),
    (
        "early-career",
        P.CUSTOMER,
        "Ten ideas from the first year, three tried",
        "Whoever is new sees what the rest of us stopped seeing.",
        25,
        State.OPEN,
        (("Ideas tried", "ideas", 0.0, 3.0, (1.0,)),),
    ),
    (
        "early-career",
        P.COMMUNITY,
        "A newcomers’ map of each office",
        "Dropped: facilities made a better one.",
        10,
        State.DROPPED,
        (),
    ),
)
NOTES = ("First look", "Slower over the summer", "Better than we hoped")
# (group, title, why, due in days, answer)
PLEAS = (
    (
        "women",
        "Publish the pay band of every role",
        "Half of the people we asked do not know whether they are paid fairly. A band beside each "
        "role would answer most questions before they are asked.",
        -20,
        "Accepted, in two steps. Bands for all open roles are shown from January, for all other "
        "roles from July. Thank you for the numbers: they made the difference.",
    ),
    (
        "early-career",
        "Let first-year colleagues see two other teams",
        "Two weeks in each, agreed with both managers. Nine of ten of us would do it.",
        21,
        "",
    ),
    (
        "parents",
        "Swap shifts without asking three people",
        "A swap that both want and that covers the shift should need one confirmation.",
        -6,
        "",
    ),
)


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Two plans with progress, three recommendations, one of them answered."""
    for slug, summary in SUMMARIES.items():
        erg = ergs.by_slug(db, slug)
        assert erg is not None
        with clock.frozen(clock.now() - timedelta(days=160)):
            plan = services.begin_plan(
                db, None, erg_id=erg.id, year=clock.now().year, summary=summary
            )
            services.move_plan(db, None, plan_id=plan.id, to=PlanState.AGREED)
        owners = _owners(db, erg)
        aims = [aim for aim in AIMS if aim[0] == slug]
        for number, aim in enumerate(aims):
            _pursue(db, erg, plan.id, aim, owners[number % len(owners)], links=number == 0)
    for plea in PLEAS:
        _ask(db, people["grace"], plea)
    _silence(db)


def _owners(db: Session, erg: Erg) -> list[UUID]:
    """The lead and two members whom every colleague may see."""
    shown = db.scalars(
        select(Membership.person_id)
        .where(
            Membership.erg_id == erg.id,
            Membership.state == MembershipState.ACTIVE,
            Membership.visibility == Visibility.COMPANY,
        )
        .order_by(Membership.id)
        .limit(2)
    )
    return [*ergs.leads_of(db, erg.id)[:1], *shown]


def _pursue(
    db: Session, erg: Erg, plan_id: UUID, aim: tuple[Any, ...], owner: UUID, *, links: bool
) -> None:
    _slug, purpose, title, about, days, state, results = aim
    row = services.add_initiative(
        db,
        None,
        plan_id=plan_id,
        aim=Aim(
            title=title,
            purpose=purpose,
            about=about,
            owner_id=owner,
            due_on=clock.now().date() + timedelta(days=days),
            event_ids=_events(db, erg) if links else (),
            request_ids=_money(db, erg) if links else (),
        ),
    )
    for text, unit, start, target, values in results:
        result = services.add_result(
            db, None, initiative_id=row.id, measure=Measure(text, target, start, unit)
        )
        for number, value in enumerate(values):
            services.note_progress(
                db,
                None,
                result_id=result.id,
                day=clock.now().date() - timedelta(days=45 * (len(values) - number)),
                value=value,
                note=NOTES[number],
            )
    if state is not State.OPEN:
        services.move_initiative(db, None, initiative_id=row.id, to=state)


def _events(db: Session, erg: Erg) -> tuple[UUID, ...]:
    hosted = (
        select(EventHost.event_id)
        .where(EventHost.erg_id == erg.id, EventHost.state == HostState.ACCEPTED)
        .order_by(EventHost.event_id)
        .limit(2)
    )
    return tuple(db.scalars(hosted))


def _money(db: Session, erg: Erg) -> tuple[UUID, ...]:
    spent = (
        select(BudgetRequest.id)
        .where(BudgetRequest.erg_id == erg.id, BudgetRequest.state == RequestState.RECONCILED)
        .order_by(BudgetRequest.id)
        .limit(1)
    )
    return tuple(db.scalars(spent))


def _ask(db: Session, asked: UUID, plea: tuple[str, str, str, int, str]) -> None:
    slug, title, why, days, answer = plea
    erg = ergs.by_slug(db, slug)
    assert erg is not None
    due_on = clock.now().date() + timedelta(days=days)
    with clock.frozen(clock.now() - timedelta(days=50)):
        row = services.recommend(db, None, erg_id=erg.id, plea=Plea(title, why, asked, due_on))
    if answer:
        with clock.frozen(clock.now() - timedelta(days=25)):
            services.answer(db, asked, recommendation_id=row.id, state=R.ACCEPTED, text=answer)


def _silence(db: Session) -> None:
    """News of before today are not sent any more."""
    db.execute(
        update(Delivery)
        .where(
            Delivery.kind.like("recommendation_%"),
            Delivery.due_at <= clock.now(),
            Delivery.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.SKIPPED, outcome="before today", finished_at=clock.now())
    )
