"""Terms, invitations, promises, snapshots and one exchange of the demo company."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.core import clock, ids, outbox
from app.ergs import queries
from app.ergs.models import (
    Erg,
    ErgSnapshot,
    Membership,
    RelayMessage,
    RelayThread,
    RoleGrant,
    SponsorCommitment,
)
from app.ergs.rules import MembershipState, RoleName, RoleState, Visibility
from app.ergs.rules.snapshots import band_of
from app.ergs.rules.sponsor import CommitmentKind, CommitmentState
from app.ergs.rules.terms import RoleEnd
from app.ergs.services.invitations import invite
from app.ergs.services.polls import answer_poll, open_poll
from app.ergs.services.terms import propose

MONTHS = 5
HELPERS = (
    ("latinx", RoleName.COMMS, 20),
    ("black", RoleName.TREASURER, 120),
    ("parents", RoleName.ACCESS_LEAD, 28),
    ("asia-pacific", RoleName.CO_LEAD, 200),
    ("early-career", RoleName.MODERATOR, 90),
)
# (group, kind, hours, words, due in days, what became of it, a word about it, confirmed)
PROMISES = (
    ("women", CommitmentKind.HOURS, 4, "", 21, CommitmentState.OPEN, "", False),
    (
        "women",
        CommitmentKind.OPENS_KICKOFF,
        None,
        "With a story about my first manager",
        -40,
        CommitmentState.KEPT,
        "It was a pleasure. I stayed for the questions.",
        True,
    ),
    (
        "women",
        CommitmentKind.MENTORS_ONE,
        None,
        "",
        -6,
        CommitmentState.NOT_KEPT,
        "The quarter ran away from me. I start in January, and my office has the dates.",
        False,
    ),
    (
        "early-career",
        CommitmentKind.OTHER,
        None,
        "Lunch with five newcomers in Nairobi and Singapore",
        5,
        CommitmentState.OPEN,
        "",
        False,
    ),
)
EXCHANGE = (
    (False, 6, "Is there a way to come to the film evening without being on a list?"),
    (True, 5, "Yes: answer the event as confidential, and you are counted but not named."),
    (False, 5, "Thank you. That is what I needed to hear."),
)


def seed_belonging(db: Session, people: Mapping[str, Any]) -> None:
    """What gives the groups a past and something to decide."""
    stars = {person for key, person in people.items() if key != "all"}
    for slug, role, days in HELPERS:
        _helper(db, slug, role, days, stars)
    _former_lead(db, "women", stars)
    _promises(db, people["kai"])
    _snapshots(db)
    _exchange(db, "pride", people["juno"])
    _ask(db, people)
    _asked_to_open(db, "pride")


def _shown(db: Session, slug: str, stars: set[UUID]) -> list[UUID]:
    """One member of the crowd who shows that they belong and holds no role."""
    erg = _erg(db, slug)
    holders = select(RoleGrant.person_id).where(RoleGrant.erg_id == erg.id)
    return list(
        db.scalars(
            select(Membership.person_id)
            .where(
                Membership.erg_id == erg.id,
                Membership.state == MembershipState.ACTIVE,
                Membership.visibility.in_((Visibility.COMPANY, Visibility.MEMBERS)),
                Membership.person_id.not_in(holders),
                Membership.person_id.not_in(stars),
            )
            .order_by(Membership.id)
            .limit(1)
        )
    )


def _erg(db: Session, slug: str) -> Erg:
    found = queries.by_slug(db, slug)
    if found is None:
        raise LookupError(slug)
    return found


def _helper(db: Session, slug: str, role: RoleName, days: int, stars: set[UUID]) -> None:
    """Somebody who shares the work, with a term that ends in so many days."""
    today = clock.now().date()
    for person_id in _shown(db, slug, stars):
        _grant(db, slug, person_id, role, days_ago=365 - days, ends_on=today + timedelta(days=days))


def _former_lead(db: Session, slug: str, stars: set[UUID]) -> None:
    for person_id in _shown(db, slug, stars):
        row = _grant(
            db,
            slug,
            person_id,
            RoleName.LEAD,
            days_ago=545,
            ends_on=clock.now().date() - timedelta(days=180),
        )
        row.state, row.ended_why = RoleState.ENDED, RoleEnd.TERM


def _grant(
    db: Session, slug: str, person_id: UUID, role: RoleName, *, days_ago: int, ends_on: Any
) -> RoleGrant:
    row = RoleGrant(
        id=ids.new_id("role", f"{slug}|{person_id}|{role}"),
        erg_id=_erg(db, slug).id,
        person_id=person_id,
        role=role,
        state=RoleState.ACTIVE,
        starts_on=clock.now().date() - timedelta(days=days_ago),
        ends_on=ends_on,
    )
    db.add(row)
    db.flush()
    return row


def _promises(db: Session, sponsor_id: UUID) -> None:
    now = clock.now()
    for slug, kind, hours, words, due, state, note, is_confirmed in PROMISES:
        erg = _erg(db, slug)
        told = now + timedelta(days=due, hours=3)
        db.add(
            SponsorCommitment(
                id=ids.new_id("commitment", f"{slug}|{kind}"),
                erg_id=erg.id,
                person_id=sponsor_id,
                kind=kind,
                hours=hours,
                text=words,
                due_on=now.date() + timedelta(days=due),
                state=state,
                note=note,
                made_at=now - timedelta(days=90),
                marked_at=None if state is CommitmentState.OPEN else told,
                confirmed_at=told + timedelta(days=1) if is_confirmed else None,
                confirmed_by=queries.leads_of(db, erg.id)[0] if is_confirmed else None,
            )
        )
    db.flush()


def _snapshots(db: Session) -> None:
    """The bands of the last months, from when people joined."""
    first = clock.now().replace(day=1, hour=2, minute=0)
    days = [first]
    for _ in range(MONTHS - 1):
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    rows = []
    before: dict[UUID, Any] = {}
    for day in reversed(days):
        for erg_id, number in _members_on(db, day).items():
            before[erg_id] = band = band_of(number, before.get(erg_id))
            rows.append(
                {
                    "id": ids.new_id("snapshot", f"{erg_id}|{day.date()}"),
                    "erg_id": erg_id,
                    "taken_on": day.date(),
                    "low": band.low,
                    "high": band.high,
                }
            )
    db.execute(insert(ErgSnapshot), rows)


def _members_on(db: Session, day: datetime) -> dict[UUID, int]:
    joined = (Membership.state == MembershipState.ACTIVE) & (Membership.began_at <= day)
    rows = db.execute(
        select(Erg.id, func.count(Membership.id))
        .outerjoin(Membership, (Membership.erg_id == Erg.id) & joined)
        .group_by(Erg.id)
        .order_by(Erg.slug)
    )
    return {row[0]: row[1] for row in rows}


def _exchange(db: Session, slug: str, person_id: UUID) -> None:
    """A confidential member asks, a lead answers, and neither knows the other."""
    erg = _erg(db, slug)
    row = queries.open_membership(db, erg.id, person_id)
    if row is None:
        return
    at = clock.now() - timedelta(days=EXCHANGE[-1][1] - 1)
    thread = RelayThread(
        id=ids.new_id("relay", slug),
        erg_id=erg.id,
        membership_id=row.id,
        person_id=person_id,
        is_alias=True,
        changed_at=at,
    )
    db.add(thread)
    db.flush()
    lead_id = queries.leads_of(db, erg.id)[0]
    for number, (is_lead, days, text) in enumerate(EXCHANGE):
        db.add(
            RelayMessage(
                id=ids.new_id("relay_message", f"{slug}|{number}"),
                thread_id=thread.id,
                lead_id=lead_id if is_lead else None,
                text=text,
                sent_at=clock.now() - timedelta(days=days, hours=-2 * number),
            )
        )
    db.flush()


def _ask(db: Session, people: Mapping[str, Any]) -> None:
    """A role and an invitation that wait for an answer."""
    latinx = _erg(db, "latinx")
    invite(db, queries.leads_of(db, latinx.id)[0], erg_id=latinx.id, person_id=people["elena"])
    propose(
        db,
        people["dalia"],
        erg_id=_erg(db, "women").id,
        person_id=people["grace"],
        role=RoleName.ACCESS_LEAD,
    )


def _asked_to_open(db: Session, slug: str) -> None:
    """A lead asked all members six days ago whether the group need be confidential any longer."""
    erg = _erg(db, slug)
    with clock.frozen(clock.now() - timedelta(days=6)):
        lead_id = queries.leads_of(db, erg.id)[0]
        poll = open_poll(db, lead_id, erg_id=erg.id, roster=Visibility.MEMBERS)
        outbox.withdraw(db, "erg_poll", subject=poll.id)  # they have heard of it
        answer_poll(db, lead_id, poll_id=poll.id, is_yes=True)
