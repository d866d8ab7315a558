"""Flags for tests, as the sweep would open them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Nudge, Relationship, RiskFlag
from app.mentoring.rules.risks import Risk


def make_flag(
    db: Session, pair: Relationship, rule: Risk = Risk.FIRST_SESSION, **columns: Any
) -> RiskFlag:
    """An open flag of twelve days."""
    since = clock.now().date() - timedelta(days=12)
    evidence = {"since": since.isoformat(), "days": 12, "held": 2, "rhythm": 14, "canceled": 2}
    flag = RiskFlag(relationship_id=pair.id, rule=rule, since=since, evidence=evidence, **columns)
    db.add(flag)
    db.flush()
    return flag


def ask_whether_still_going(db: Session, pair: Relationship, place: int = 0) -> Nudge:
    """The question after long silence, asked of one of its people."""
    row = Nudge(
        person_id=pair.members[place].person_id,
        relationship_id=pair.id,
        rule=Risk.SILENT,
        since=clock.now().date() - timedelta(days=60),
        day=clock.now().date(),
    )
    db.add(row)
    db.flush()
    return row
