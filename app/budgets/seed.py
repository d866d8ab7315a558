"""The budgets of the demo company: cycles in five currencies, requests in every state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.budgets import services
from app.budgets.models import BudgetCycle, BudgetRequest
from app.budgets.rules import Purpose, RequestState
from app.budgets.services import CycleTerms, Wish
from app.core import clock, ids, money
from app.core.outbox import Delivery, DeliveryState
from app.ergs import queries as ergs
from app.ergs import services as erg_services
from app.ergs.models import Erg, Membership
from app.ergs.rules import MembershipState, RoleName, Visibility
from app.events.models import EventHost
from app.events.rules import HostState

P, S = Purpose, RequestState
TREASURERS_SINCE = 170


@dataclass(frozen=True, slots=True)
class Pot:
    """A group's cycle: what each line gets and above which amount two people agree."""

    slug: str
    currency: str
    line: int
    two_people_above: int


POTS = (
    Pot("women", "USD", 12_000, 2_000),
    Pot("early-career", "KES", 900_000, 200_000),
    Pot("parents", "EUR", 6_000, 1_500),
    Pot("asia-pacific", "JPY", 1_500_000, 300_000),
    Pot("black", "NGN", 4_500_000, 1_000_000),
    Pot("pride", "EUR", 8_000, 2_000),
)

# (group, days ago, purpose, title, why, amount, currency, state, whether the lead asks)
WISHES = (
    (
        "women",
        150,
        P.LEADERSHIP,
        "Negotiation workshop, two afternoons",
        "Forty seats in Cairo and Lagos; the trainer comes with worksheets in three languages.",
        "1850.00",
        "USD",
        S.RECONCILED,
        False,
    ),
    (
        "women",
        75,
        P.RECRUITING,
        "Stand at the women in technology fair",
        "Six of us talk to students for two days. The stand is shared with recruiting.",
        "1400.00",
        "EUR",
        S.SPENT,
        False,
    ),
    (
        "women",
        20,
        P.COMMUNITY,
        "Tea, fruit and interpreters for the kickoff",
        "Sign language and Arabic to English, both halves of the evening.",
        "960.50",
        "USD",
        S.COMMITTED,
        True,
    ),
    (
        "women",
        6,
        P.LEADERSHIP,
        "Coaching circle for new managers",
        "Eight sessions for twelve people. It is above the limit, so two of you decide.",
        "4800.00",
        "USD",
        S.APPROVED,
        False,
    ),
    (
        "women",
        2,
        P.CUSTOMER,
        "Interviews with customers who are mothers",
        "Fifteen gift cards for the product team’s research.",
        "525.00",
        "GBP",
        S.SUBMITTED,
        False,
    ),
    (
        "women",
        30,
        P.COMMUNITY,
        "Printed notebooks for everybody",
        "A gift at the end of the year.",
        "2600.00",
        "USD",
        S.REJECTED,
        False,
    ),
    (
        "women",
        9,
        P.POLICY,
        "Legal review of the parental leave paper",
        "Three countries, four hours each.",
        "1900.00",
        "USD",
        S.CHANGES,
        False,
    ),
    (
        "women",
        45,
        P.COMMUNITY,
        "Room in Singapore for the reading circle",
        "The office had a free room after all.",
        "300.00",
        "USD",
        S.RELEASED,
        False,
    ),
    (
        "women",
        1,
        P.RECRUITING,
        "Travel for two speakers in March",
        "Still looking for the cheaper train.",
        "780.00",
        "USD",
        S.DRAFT,
        True,
    ),
    (
        "early-career",
        60,
        P.LEADERSHIP,
        "First presentation, safe audience",
        "Microphone hire and a coach for one day in Nairobi.",
        "85000.00",
        "KES",
        S.RECONCILED,
        False,
    ),
    (
        "early-career",
        4,
        P.COMMUNITY,
        "Lunch with somebody from another floor",
        "Sixty lunches, one a week.",
        "54000.00",
        "KES",
        S.SUBMITTED,
        False,
    ),
    (
        "parents",
        40,
        P.COMMUNITY,
        "Family day: shade, water and a juggler",
        "For about a hundred and twenty people of all sizes.",
        "1240.75",
        "EUR",
        S.COMMITTED,
        False,
    ),
    (
        "parents",
        100,
        P.POLICY,
        "Survey on shift swaps",
        "A month of the survey tool.",
        "199.00",
        "EUR",
        S.RECONCILED,
        True,
    ),
    (
        "asia-pacific",
        25,
        P.COMMUNITY,
        "Autumn festival, three kitchens",
        "Singapore, Osaka and Austin cook on the same day.",
        "180000",
        "JPY",
        S.SPENT,
        False,
    ),
    (
        "asia-pacific",
        3,
        P.LEADERSHIP,
        "Sponsor breakfast in Osaka",
        "Ten pairs, one morning.",
        "42000",
        "JPY",
        S.SUBMITTED,
        True,
    ),
    (
        "black",
        55,
        P.RECRUITING,
        "Hackathon prizes at the University of Lagos",
        "Three teams, and travel to the final.",
        "650000.00",
        "NGN",
        S.RECONCILED,
        False,
    ),
    (
        "black",
        8,
        P.CUSTOMER,
        "Skin tone test set with a photographer",
        "So that the camera team stops guessing.",
        "480000.00",
        "NGN",
        S.COMMITTED,
        True,
    ),
    (
        "pride",
        33,
        P.COMMUNITY,
        "Quiet room during the parade week",
        "Booked under a neutral name.",
        "420.00",
        "EUR",
        S.COMMITTED,
        True,
    ),
)
RATES = (("EUR", "1.0842"), ("GBP", "1.2675"), ("JPY", "0.0066"), ("NGN", "0.00061"))
REASONS = {
    S.REJECTED: "Lovely, but the money is better spent on people meeting each other.",
    S.CHANGES: "Please ask our own legal team first and bring what is left open.",
}


def seed(db: Session, people: Mapping[str, Any], size: str) -> None:
    """Open the cycles, give them treasurers, and let people ask, decide and spend."""
    _rates(db)
    for pot in POTS:
        erg = ergs.by_slug(db, pot.slug)
        assert erg is not None
        with clock.frozen(clock.now() - timedelta(days=TREASURERS_SINCE)):
            cycle = _open(db, erg, pot)
            trio = _trio(db, erg)
        for wish in WISHES:
            if wish[0] == pot.slug:
                _play(db, erg, cycle, trio, wish)
    _silence(db)


def _rates(db: Session) -> None:
    today = clock.now().date()
    for days in range(0, TREASURERS_SINCE, 7):
        for currency, rate in RATES:
            services.enter_rate(
                db,
                None,
                currency=currency,
                into="USD",
                day=today - timedelta(days=days),
                rate=Decimal(rate) + Decimal(days) * Decimal(rate) / 20_000,
                source="Demo central bank",
            )


def _open(db: Session, erg: Erg, pot: Pot) -> BudgetCycle:
    year = clock.now().year
    unit = 10 ** money.digits_of(pot.currency)
    terms = CycleTerms(str(year), date(year, 1, 1), date(year, 12, 31), pot.two_people_above * unit)
    chapters = [chapter.id for chapter in erg.chapters if chapter.region][:1]
    cycle = services.open_cycle(
        db, None, erg_id=erg.id, terms=terms, currency=pot.currency, chapter_ids=chapters
    )
    for line in cycle.lines:
        share = 3 if line.chapter_id else 1
        services.allocate(
            db, None, line_id=line.id, amount=pot.line * unit // share, note="Annual budget"
        )
    return cycle


def _trio(db: Session, erg: Erg) -> tuple[UUID, UUID, UUID]:
    """The lead and two members who become treasurers today."""
    lead = ergs.leads_of(db, erg.id)[0]
    shown = Visibility.COMPANY if not erg.is_sensitive else Visibility.NOBODY
    members = db.scalars(
        select(Membership.person_id)
        .where(
            Membership.erg_id == erg.id,
            Membership.state == MembershipState.ACTIVE,
            Membership.person_id != lead,
        )
        .order_by(Membership.visibility != shown, Membership.id)
        .limit(2)
    ).all()
    first, second = (*members, lead, lead)[:2]
    for person in {first, second} - {lead}:
        erg_services.grant(
            db,
            None,
            erg_id=erg.id,
            person_id=person,
            role=RoleName.TREASURER,
            starts_on=clock.now().date(),
        )
    return lead, first, second


def _play(
    db: Session,
    erg: Erg,
    cycle: BudgetCycle,
    trio: tuple[UUID, UUID, UUID],
    wish: tuple[Any, ...],
) -> None:
    _slug, days, purpose, title, why, amount, currency, state, by_lead = wish
    lead, treasurer, second = trio
    asks, decides = (lead, treasurer) if by_lead else (treasurer, lead)
    line = next(x for x in cycle.lines if x.purpose is purpose and x.chapter_id is None)
    minor = int(Decimal(amount).scaleb(money.digits_of(currency)))
    event_id = _event(db, erg) if state is S.COMMITTED else None
    begun = clock.now() - timedelta(days=days)
    with clock.frozen(begun):
        request = services.ask(
            db,
            asks,
            erg_id=erg.id,
            wish=Wish(line.id, title, minor, currency, why, event_id=event_id),
        )
        if state is not S.DRAFT:
            services.submit(db, asks, request_id=request.id)
    if state not in (S.DRAFT, S.SUBMITTED):
        decides = second if state is S.APPROVED else decides
        with clock.frozen(begun + timedelta(hours=20)):
            _decide(db, request, decides, state)


def _decide(db: Session, request: BudgetRequest, person: UUID, state: RequestState) -> None:
    if state is S.REJECTED:
        services.reject(db, person, request_id=request.id, reason=REASONS[state])
        return
    if state is S.CHANGES:
        services.ask_changes(db, person, request_id=request.id, reason=REASONS[state])
        return
    services.approve(db, person, request_id=request.id)
    if state is S.RELEASED:
        services.release(db, person, request_id=request.id)
    if state in (S.SPENT, S.RECONCILED):
        paid = request.amount - request.amount // 40
        number = ids.generator("receipt", request.id).randint(100, 999)
        services.spend(
            db, person, request_id=request.id, amount=paid, receipt=f"Folder 4, receipt {number}"
        )
    if state is S.RECONCILED:
        services.reconcile(db, person, request_id=request.id)


def _event(db: Session, erg: Erg) -> UUID | None:
    return db.scalar(
        select(EventHost.event_id)
        .where(EventHost.erg_id == erg.id, EventHost.state == HostState.ACCEPTED)
        .order_by(EventHost.event_id)
        .limit(1)
    )


def _silence(db: Session) -> None:
    """News of before today are not sent any more."""
    db.execute(
        update(Delivery)
        .where(
            Delivery.kind.in_(("budget_waiting", "budget_decided")),
            Delivery.due_at <= clock.now(),
            Delivery.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.SKIPPED, outcome="before today", finished_at=clock.now())
    )
