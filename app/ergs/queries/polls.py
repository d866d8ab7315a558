"""Polls about confidentiality; what somebody answered is opened for themselves and the count."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.keyring import keyring, unseal
from app.core.policies import Actor
from app.ergs.models import Erg, ErgPoll, Membership
from app.ergs.queries.groups import erg_for
from app.ergs.queries.standing import standing
from app.ergs.rules import MembershipState
from app.ergs.rules.polls import LIVE, PollState, rests_until


@dataclass(frozen=True, slots=True)
class Asked:
    """A poll of a group that the reader may open."""

    erg: Erg
    row: ErgPoll


def poll_in(db: Session, actor: Actor, slug: str, poll_id: UUID) -> Asked | None:
    """A poll by its address, through its group."""
    erg = erg_for(db, actor, slug)
    row = db.get(ErgPoll, poll_id) if erg else None
    return Asked(erg, row) if erg and row and row.erg_id == erg.id else None


def own_poll(db: Session, actor: Actor, poll_id: UUID) -> Asked | None:
    """A poll by the address in messages, for members of the group alone."""
    row = db.get(ErgPoll, poll_id)
    erg = db.get(Erg, row.erg_id) if row else None
    if row is None or erg is None or erg.id not in standing(db, actor).member_of:
        return None
    return Asked(erg, row)


def newest_poll(db: Session, erg_id: UUID) -> ErgPoll | None:
    """The poll that runs, else the last one."""
    return db.scalar(
        select(ErgPoll)
        .where(ErgPoll.erg_id == erg_id)
        .order_by(ErgPoll.closed_at.is_not(None), ErgPoll.opened_at.desc(), ErgPoll.id)
        .limit(1)
    )


def next_poll_from(db: Session, erg_id: UUID) -> datetime | None:
    """Until when members are left in peace; none when they may be asked now."""
    rows = db.scalars(select(ErgPoll).where(ErgPoll.erg_id == erg_id))
    found = [
        until for row in rows if (until := rests_until(row.opened_at, row.closed_at, row.state))
    ]
    return max((until for until in found if until > clock.now()), default=None)


def members_of(db: Session, erg_id: UUID, *, until: datetime | None = None) -> set[UUID]:
    """Everybody who belongs, confidential ones too; for the count, never for display."""
    found = select(Membership.person_id).where(
        Membership.erg_id == erg_id, Membership.state == MembershipState.ACTIVE
    )
    if until is not None:
        began = Membership.began_at
        found = found.where(or_(began.is_(None), began <= until))
    return set(db.scalars(found))


def due_polls(db: Session, today: date) -> list[UUID]:
    """Polls whose day of counting or of taking effect has come."""
    counting = (ErgPoll.state == PollState.OPEN) & (ErgPoll.counts_on <= today)
    holding = (ErgPoll.state == PollState.AGREED) & (ErgPoll.holds_from <= today)
    return list(db.scalars(select(ErgPoll.id).where(or_(counting, holding)).order_by(ErgPoll.id)))


def live_poll(db: Session, erg_id: UUID) -> ErgPoll | None:
    """The poll that runs, or waits for its day."""
    return db.scalar(select(ErgPoll).where(ErgPoll.erg_id == erg_id, ErgPoll.state.in_(LIVE)))


def key_aad(row: ErgPoll, root_id: str) -> str:
    """What the wrapped key is bound to."""
    return f"erg_poll|wrapped|{row.id}|{root_id}"


def value_aad(row: ErgPoll) -> str:
    """What the sealed list is bound to."""
    return f"erg_poll|sealed|{row.id}"


def data_key(row: ErgPoll) -> bytes:
    """The poll's own key."""
    assert row.root_id is not None and row.wrapped is not None
    return unseal(keyring().roots[row.root_id], row.wrapped, key_aad(row, row.root_id))


def consenting(row: ErgPoll) -> set[UUID]:
    """Those who said yes and did not take it back; for the count and for oneself."""
    if row.sealed is None:
        return set()
    return {UUID(one) for one in json.loads(unseal(data_key(row), row.sealed, value_aad(row)))}
