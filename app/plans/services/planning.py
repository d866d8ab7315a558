"""Plans of a year, their initiatives, key results and dated updates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.budgets.models import BudgetRequest
from app.budgets.rules import Purpose
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.events.models import EventHost
from app.events.rules import HostState
from app.plans.models import (
    Initiative,
    InitiativeEvent,
    InitiativeRequest,
    KeyResult,
    KeyResultUpdate,
    Plan,
)
from app.plans.rules import (
    INITIATIVE_TRANSITIONS,
    PLAN_TRANSITIONS,
    InitiativeState,
    PlanState,
)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a lead decides about an initiative."""

    title: str
    purpose: Purpose
    about: str = ""
    owner_id: UUID | None = None
    due_on: date | None = None
    event_ids: tuple[UUID, ...] = ()
    request_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What a key result counts."""

    text: str
    target: float
    start: float = 0.0
    unit: str = ""


def _require_lead(db: Session, actor_id: UUID | None, erg_id: UUID) -> None:
    if actor_id is not None and not ergs.leads(db, actor_id, erg_id):
        raise Refused(_("Only leads of the group can do this."), 403)


def begin_plan(
    db: Session, actor_id: UUID | None, *, erg_id: UUID, year: int, summary: str = ""
) -> Plan:
    """Begin the plan of a year as a draft that only leads see."""
    if hold(db, Erg, erg_id) is None:
        raise Refused(_("This group does not exist any more."), 404)
    _require_lead(db, actor_id, erg_id)
    if db.scalar(select(Plan.id).where(Plan.erg_id == erg_id, Plan.year == year)):
        raise Refused(_("There is a plan for this year already. Open it and add to it."))
    plan = Plan(id=ids.new_id("plan", f"{erg_id}|{year}"), erg_id=erg_id, year=year)
    plan.summary = summary
    db.add(plan)
    db.flush()
    audit.record(db, actor_id, "begin_plan", plan, after=PlanState.DRAFT)
    return plan


def _hold_plan(db: Session, plan_id: UUID) -> Plan:
    plan = hold(db, Plan, plan_id)
    if plan is None:
        raise Refused(_("This plan does not exist any more."), 404)
    return plan


def move_plan(db: Session, actor_id: UUID | None, *, plan_id: UUID, to: PlanState) -> Plan:
    """Agree on a plan, close it, or go one step back."""
    plan = _hold_plan(db, plan_id)
    _require_lead(db, actor_id, plan.erg_id)
    if to not in PLAN_TRANSITIONS[plan.state]:
        raise Refused(_("The plan has moved on meanwhile. Reload the page to see where it is."))
    before, plan.state = plan.state, to
    db.flush()
    audit.record(db, actor_id, "move_plan", plan, before=before, after=to)
    return plan


def add_initiative(db: Session, actor_id: UUID | None, *, plan_id: UUID, aim: Aim) -> Initiative:
    """Add an initiative to a plan that is not closed."""
    plan = _hold_plan(db, plan_id)
    _require_lead(db, actor_id, plan.erg_id)
    _require_open(plan)
    row = Initiative(id=ids.new_id("initiative", f"{plan_id}|{aim.title}"), plan_id=plan_id)
    _fill(db, plan, row, aim)
    audit.record(db, actor_id, "add_initiative", row, after=InitiativeState.OPEN)
    return row


def _require_open(plan: Plan) -> None:
    if plan.state is PlanState.CLOSED:
        raise Refused(_("This plan is closed. A lead can open it again."))


def _fill(db: Session, plan: Plan, row: Initiative, aim: Aim) -> None:
    if aim.owner_id not in (None, row.owner_id) and not ergs.belongs(
        db, aim.owner_id, [plan.erg_id]
    ):
        raise Refused(_("Choose an owner from the list."))
    row.title, row.about, row.purpose = aim.title, aim.about, aim.purpose
    row.owner_id, row.due_on = aim.owner_id, aim.due_on
    db.add(row)
    db.flush()
    _link(db, plan.erg_id, row, aim)


def _link(db: Session, erg_id: UUID, row: Initiative, aim: Aim) -> None:
    hosted = select(EventHost.event_id).where(
        EventHost.erg_id == erg_id,
        EventHost.state == HostState.ACCEPTED,
        EventHost.event_id.in_(aim.event_ids),
    )
    asked = select(BudgetRequest.id).where(
        BudgetRequest.erg_id == erg_id, BudgetRequest.id.in_(aim.request_ids)
    )
    db.execute(delete(InitiativeEvent).where(InitiativeEvent.initiative_id == row.id))
    db.execute(delete(InitiativeRequest).where(InitiativeRequest.initiative_id == row.id))
    found = sorted(db.scalars(hosted))
    db.add_all(InitiativeEvent(initiative_id=row.id, event_id=one) for one in found)
    paid = sorted(db.scalars(asked))
    db.add_all(InitiativeRequest(initiative_id=row.id, request_id=one) for one in paid)
    db.flush()


def link_copy(db: Session, event_id: UUID, copy_id: UUID) -> None:
    """A date that got an event of its own serves what its series serves."""
    served = select(InitiativeEvent.initiative_id).where(InitiativeEvent.event_id == event_id)
    for initiative_id in db.scalars(served).all():
        db.add(InitiativeEvent(initiative_id=initiative_id, event_id=copy_id))
    db.flush()


def _hold_initiative(db: Session, initiative_id: UUID) -> tuple[Initiative, Plan]:
    row = hold(db, Initiative, initiative_id)
    if row is None:
        raise Refused(_("This initiative does not exist any more."), 404)
    plan = db.get_one(Plan, row.plan_id)
    _require_open(plan)
    return row, plan


def change_initiative(
    db: Session, actor_id: UUID | None, *, initiative_id: UUID, aim: Aim
) -> Initiative:
    """Change what an initiative is about, its owner, its day, its links."""
    row, plan = _hold_initiative(db, initiative_id)
    _require_lead(db, actor_id, plan.erg_id)
    _fill(db, plan, row, aim)
    audit.record(db, actor_id, "change_initiative", row, after=row.state)
    return row


def _require_worker(db: Session, actor_id: UUID | None, row: Initiative, plan: Plan) -> None:
    """Leads, and the owner as long as they belong."""
    is_owner = actor_id is not None and row.owner_id == actor_id
    if not (is_owner and ergs.belongs(db, actor_id, [plan.erg_id])):
        _require_lead(db, actor_id, plan.erg_id)


def move_initiative(
    db: Session, actor_id: UUID | None, *, initiative_id: UUID, to: InitiativeState
) -> Initiative:
    """Done, dropped, or open again."""
    row, plan = _hold_initiative(db, initiative_id)
    _require_worker(db, actor_id, row, plan)
    if to not in INITIATIVE_TRANSITIONS[row.state]:
        raise Refused(_("It has changed meanwhile. Reload the page to see where it is."))
    before, row.state = row.state, to
    db.flush()
    audit.record(db, None, "move_initiative", row, before=before, after=to)
    return row


def add_result(
    db: Session, actor_id: UUID | None, *, initiative_id: UUID, measure: Measure
) -> KeyResult:
    """Add a key result."""
    row, plan = _hold_initiative(db, initiative_id)
    _require_lead(db, actor_id, plan.erg_id)
    taken = db.scalar(select(func.max(KeyResult.position)).where(KeyResult.initiative_id == row.id))
    result = KeyResult(
        id=ids.new_id("key_result", f"{row.id}|{measure.text}"),
        initiative_id=row.id,
        position=(taken or 0) + 1,
    )
    _measure(result, measure)
    db.add(result)
    db.flush()
    audit.record(db, actor_id, "add_result", result)
    return result


def _measure(result: KeyResult, measure: Measure) -> None:
    if measure.start == measure.target:
        raise Refused(_("Start and target are the same. Change one of them."))
    result.text, result.unit = measure.text, measure.unit
    result.start, result.target = measure.start, measure.target


def change_result(
    db: Session, actor_id: UUID | None, *, result_id: UUID, measure: Measure
) -> KeyResult:
    """Correct what a key result counts; its updates stay."""
    result = db.get(KeyResult, result_id)
    if result is None:
        raise Refused(_("This key result does not exist any more."), 404)
    _row, plan = _hold_initiative(db, result.initiative_id)
    _require_lead(db, actor_id, plan.erg_id)
    before = str(result.target)
    _measure(result, measure)
    db.flush()
    audit.record(db, actor_id, "change_result", result, before=before, after=str(result.target))
    return result


def note_progress(
    db: Session,
    actor_id: UUID | None,
    *,
    result_id: UUID,
    day: date,
    value: float,
    note: str = "",
) -> KeyResultUpdate:
    """Write down how a key result stands on a day; what was written before stays."""
    result = db.get(KeyResult, result_id)
    if result is None:
        raise Refused(_("This key result does not exist any more."), 404)
    row, plan = _hold_initiative(db, result.initiative_id)
    _require_worker(db, actor_id, row, plan)
    if day > clock.now().date():
        raise Refused(_("Choose a day that is not in the future."))
    update = KeyResultUpdate(key_result_id=result.id, day=day, value=value, note=note)
    update.at = clock.now()
    db.add(update)
    db.flush()
    # The owner may belong confidentially, so the log names nobody.
    audit.record(db, None, "note_progress", result, after=str(value))
    return update


def forget_owner(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Whoever leaves a group owns none of its initiatives any more."""
    owned = db.scalars(
        select(Initiative)
        .join(Plan, Plan.id == Initiative.plan_id)
        .where(Plan.erg_id == erg_id, Initiative.owner_id == person_id)
    )
    for row in owned:
        row.owner_id = None
    db.flush()
