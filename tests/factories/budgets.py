"""Budgets for tests, through the services that pages use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.budgets import services
from app.budgets.models import BudgetCycle, BudgetEntry, BudgetLine, BudgetRequest
from app.budgets.rules import Purpose, RequestState
from app.budgets.services import CycleTerms, Wish
from app.core import ids
from app.ergs.models import Erg
from app.ergs.rules import RoleName
from tests.factories.ergs import make_role

STATES = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.REJECTED,
    RequestState.COMMITTED,
    RequestState.SPENT,
)


def make_cycle(
    db: Session,
    erg: Erg,
    *,
    name: str = "2026",
    currency: str = "USD",
    allocated: int = 100_000,
    two_people_above: int = 50_000,
    chapter_ids: tuple[UUID, ...] = (),
) -> BudgetCycle:
    """A cycle whose every line has the same allocation, in minor units."""
    cycle = services.open_cycle(
        db,
        None,
        erg_id=erg.id,
        terms=CycleTerms(name, date(2026, 1, 1), date(2026, 12, 31), two_people_above),
        currency=currency,
        chapter_ids=chapter_ids,
    )
    if allocated:
        for line in cycle.lines:
            services.allocate(db, None, line_id=line.id, amount=allocated)
    return cycle


def line_of(cycle: BudgetCycle, purpose: Purpose = Purpose.COMMUNITY) -> BudgetLine:
    """The line of the whole group for a purpose."""
    return next(x for x in cycle.lines if x.purpose is purpose and x.chapter_id is None)


def make_request(
    db: Session,
    cycle: BudgetCycle,
    by: UUID,
    *,
    approver: UUID | None = None,
    state: RequestState = RequestState.SUBMITTED,
    title: str = "Room and snacks",
    amount: int = 10_000,
    **wish: Any,
) -> BudgetRequest:
    """A request in a state; from `committed` on it was approved by `approver`."""
    wish = {"line_id": line_of(cycle).id, "currency": cycle.currency, **wish}
    request = services.ask(
        db, by, erg_id=cycle.erg_id, wish=Wish(title=title, amount=amount, **wish)
    )
    if state is RequestState.DRAFT:
        return request
    services.submit(db, by, request_id=request.id)
    act = {
        RequestState.REJECTED: services.reject,
        RequestState.CHANGES: services.ask_changes,
    }.get(state)
    if act is not None:
        assert approver is not None
        return act(db, approver, request_id=request.id, reason="Please compare two offers first.")
    if state is RequestState.SUBMITTED:
        return request
    assert approver is not None
    services.approve(db, approver, request_id=request.id)
    if state is RequestState.RELEASED:
        return services.release(db, approver, request_id=request.id)
    if state in (RequestState.SPENT, RequestState.RECONCILED):
        services.spend(
            db, approver, request_id=request.id, amount=amount, receipt="Folder 7, invoice 12"
        )
    if state is RequestState.RECONCILED:
        services.reconcile(db, approver, request_id=request.id)
    return request


def scenes(db: Session, star: dict[str, Person]) -> dict[str, dict[str, Any]]:
    """URL arguments by scene, for the access matrix."""
    found: dict[str, dict[str, Any]] = {}
    for scene, slug in (("open", "women"), ("hidden", "quiet-circle")):
        erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
        make_role(db, erg, star["hugo"].id, RoleName.TREASURER)
        cycle = make_cycle(db, erg, name=f"Access {slug}")
        by, approver = star["hugo"].id, star["dalia"].id
        states = STATES if scene == "open" else STATES[1:2]  # hidden is hidden in every state
        found |= _requests(db, scene, slug, cycle, by, approver, states)
        # The same states again, asked for by the other one: nobody decides about their own.
        if scene == "open":
            found |= _requests(db, f"{scene} turned", slug, cycle, approver, by, states)
    names = ("cycle_id", "request_id", "entry_id", "line_id")
    found["absent"] = {"slug": "no-such-thing", **{name: ids.new_id() for name in names}}
    return found


def _requests(
    db: Session,
    scene: str,
    slug: str,
    cycle: BudgetCycle,
    by: UUID,
    approver: UUID,
    states: Sequence[RequestState],
) -> dict[str, dict[str, Any]]:
    entry = db.scalars(
        select(BudgetEntry.id).where(BudgetEntry.line_id == line_of(cycle).id).limit(1)
    ).one()
    return {
        f"{scene} {state}": {
            "slug": slug,
            "cycle_id": cycle.id,
            "entry_id": entry,
            "line_id": line_of(cycle).id,
            "request_id": make_request(
                db, cycle, by, approver=approver, state=state, title=f"{scene} {state}"
            ).id,
        }
        for state in states
    }


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Requests, a ledger, and every address of this domain that shows them."""
    make_role(db, erg, member_id, RoleName.TREASURER)
    cycle = make_cycle(db, erg)
    made = [
        make_request(db, cycle, by, approver=other, state=state, title=f"{state} {number}")
        for number, (by, other) in enumerate(((lead_id, member_id), (member_id, lead_id)))
        for state in (RequestState.SUBMITTED, RequestState.COMMITTED, RequestState.SPENT)
    ]
    draft = make_request(db, cycle, lead_id, state=RequestState.DRAFT, title="Not yet")
    base = f"/ergs/{erg.slug}/budget"
    return [
        f"{base}/",
        f"{base}/requests/",
        f"{base}/requests/?q=submitted",
        f"{base}/requests/?state=spent",
        f"{base}/requests/new",
        f"{base}/ledger/",
        f"{base}/ledger/?q=spent",
        f"{base}/ledger.csv",
        f"{base}/ledger.xlsx",
        f"{base}/cycles/new",
        f"/budgets/cycles/{cycle.id}/",
        f"/budgets/cycles/{cycle.id}/edit",
        "/budgets/rates/",
        *(f"/budgets/requests/{row.id}/" for row in made),
        f"/budgets/requests/{draft.id}/edit",
    ]
