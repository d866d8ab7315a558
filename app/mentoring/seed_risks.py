"""Pairs of the demo that may need an organizer: flags in each state, and some that are settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Meeting, Relationship, RiskFlag
from app.mentoring.queries.facts import watched
from app.mentoring.rules import FlagState, RelationshipState, SessionState
from app.mentoring.rules.risks import Outcome, Play, Risk
from app.mentoring.services import deciding, sessions, watching
from app.programs.rules import Format

FEW = 3


def seed(
    db: Session, people: Mapping[str, Any], pairs: Sequence[Relationship], now: datetime
) -> None:
    """Some pairs have nothing planned any more; what the rules find then stands on the desk."""
    named = {key for name, key in people.items() if name != "all"}
    usual = [
        pair
        for pair in pairs
        if pair.format is Format.ONE_TO_ONE
        and pair.state is RelationshipState.ACTIVE
        and not named & {member.person_id for member in pair.members}
    ]
    for number, pair in enumerate(pairs):
        _settled(db, pair, number)
    for pair in usual[:FEW]:
        _cancel_ahead(db, pair, now - timedelta(hours=5))
    watching.follow(db, watched(db))
    _decide(db, people["amara"], now)


def _settled(db: Session, pair: Relationship, number: int) -> None:
    """At first most of them needed a nudge to find a time; then they met."""
    began = pair.started_at
    with clock.frozen(began + timedelta(days=10)):
        since = began.date()
        evidence = {"since": since.isoformat(), "days": 10, "canceled": 0}
        flag = RiskFlag(
            relationship_id=pair.id, rule=Risk.FIRST_SESSION, since=since, evidence=evidence
        )
        db.add(flag)
        db.flush()
    with clock.frozen(began + timedelta(days=12 + number)):
        watching.settle(db, None, flag, Outcome.REVIVED)


def _cancel_ahead(db: Session, pair: Relationship, at: datetime) -> None:
    """Somebody had to cancel what was planned."""
    ahead = select(Meeting.id).where(
        Meeting.relationship_id == pair.id,
        Meeting.state.in_([SessionState.SCHEDULED, SessionState.PROPOSED]),
        Meeting.starts_at > at,
    )
    with clock.frozen(at):
        for meeting_id in db.scalars(ahead.order_by(Meeting.id)).all():
            sessions.cancel(db, pair.members[0].person_id, session_id=meeting_id)


def _decide(db: Session, amara: UUID, now: datetime) -> None:
    """One is new, one is seen, on one Amara has acted, one is put off."""
    own = select(RiskFlag).where(RiskFlag.state == FlagState.OPEN).order_by(RiskFlag.id)
    mine = [
        flag.id
        for flag in db.scalars(own).all()
        if not db.get_one(Relationship, flag.relationship_id).has(amara)
    ]
    with clock.frozen(now - timedelta(hours=3)):
        if len(mine) > 1:
            deciding.act(db, amara, flag_id=mine[1], play=Play.FIND_TIME, writes=False)
        if len(mine) > 2:
            deciding.acknowledge(db, amara, flag_ids=[mine[2]])
            deciding.own(db, amara, flag_id=mine[2], owner_id=amara)
        if len(mine) > 3:
            until = (now + timedelta(days=10)).date()
            deciding.snooze(db, amara, flag_id=mine[3], until=until)
