"""Flags open and end by themselves, from what the rules find; a second run changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids
from app.core.database import hold
from app.mentoring.models import Relationship, RiskFlag
from app.mentoring.queries.facts import Watched
from app.mentoring.rules import FlagState, RelationshipState
from app.mentoring.rules.risks import Facts, Finding, Level, Outcome, find
from app.mentoring.services.moving import move


def found_in(seen: Mapping[UUID, Watched]) -> dict[UUID, list[Finding]]:
    """What is worth a flag, by relationship; whoever pauses is left in peace."""
    return {
        key: [finding for finding in find(one.facts) if finding.level is Level.FLAG]
        for key, one in seen.items()
    }


def concerned(db: Session, seen: Mapping[UUID, Watched]) -> list[UUID]:
    """Relationships in which a flag may open or end."""
    flagged = select(RiskFlag.relationship_id).where(RiskFlag.state != FlagState.RESOLVED)
    found = {key for key, findings in found_in(seen).items() if findings}
    return sorted(found.union(db.scalars(flagged)))


def follow(db: Session, seen: Mapping[UUID, Watched], only: Collection[UUID] | None = None) -> int:
    """Open what the rules find and is not open, end what has passed; returns how many changed."""
    only = concerned(db, seen) if only is None else only
    found = found_in({key: seen[key] for key in only if key in seen})
    live: set[tuple[UUID, Any]] = set()
    changed = 0
    for flag in db.scalars(
        select(RiskFlag)
        .where(RiskFlag.state != FlagState.RESOLVED, RiskFlag.relationship_id.in_(only))
        .order_by(RiskFlag.id)
    ).all():
        changed += _wake(db, flag)
        live.add((flag.relationship_id, flag.rule))
        changed += _end_if_past(db, flag, seen, found)
    dismissed = _dismissed(db, only)
    for key, findings in found.items():
        if seen[key].state is RelationshipState.PAUSED:
            continue
        for finding in findings:
            is_known = (key, finding.rule) in live
            if not is_known and (key, finding.rule, finding.since) not in dismissed:
                changed += _open(db, key, finding)
    db.flush()
    return changed


def _wake(db: Session, flag: RiskFlag) -> int:
    """A snoozed flag whose day has come is open again."""
    until = flag.snoozed_until
    if flag.state is not FlagState.SNOOZED or until is None or until > clock.now().date():
        return 0
    move(db, None, flag, FlagState.OPEN)
    flag.snoozed_until = None
    return 1


def _dismissed(db: Session, only: Collection[UUID]) -> Collection[Any]:
    """(relationship, rule, since) that somebody called a false alarm: not opened again."""
    rows = db.execute(
        select(RiskFlag.relationship_id, RiskFlag.rule, RiskFlag.since).where(
            RiskFlag.outcome == Outcome.FALSE_ALARM, RiskFlag.relationship_id.in_(only)
        )
    )
    return {tuple(row) for row in rows}


def _open(db: Session, relationship_id: UUID, finding: Finding) -> int:
    insert = (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert
    flag_id = ids.new_id("risk_flag", f"{relationship_id}|{finding.rule}|{finding.since}")
    row = insert(RiskFlag).values(
        id=flag_id,
        relationship_id=relationship_id,
        rule=finding.rule,
        state=FlagState.OPEN,
        since=finding.since,
        evidence=dict(finding.evidence),
        opened_at=clock.now(),
    )
    if db.scalar(row.on_conflict_do_nothing().returning(RiskFlag.id)) is None:
        return 0
    flag = db.get_one(RiskFlag, flag_id)
    audit.record(db, None, "risk_flag_open", flag, after=flag.state.value, reason=finding.rule)
    return 1


def _end_if_past(
    db: Session, flag: RiskFlag, seen: Mapping[UUID, Watched], found: Mapping[UUID, list[Finding]]
) -> int:
    one = seen.get(flag.relationship_id)
    if one is None:
        pair = db.get(Relationship, flag.relationship_id)
        if pair is not None and pair.state is not RelationshipState.CLOSED:
            return 0  # it concludes, or waits for more people: settled once it has ended
        return settle(db, None, flag, Outcome.CLOSED)
    if any(finding.rule is flag.rule for finding in found[flag.relationship_id]):
        return 0
    return settle(db, None, flag, _outcome(flag, one.facts))


def _outcome(flag: RiskFlag, facts: Facts) -> Outcome:
    """They do again what they had not done; or somebody says that all was well."""
    said = facts.fine_from is not None and facts.fine_from >= flag.opened_at.date()
    return Outcome.FALSE_ALARM if said else Outcome.REVIVED


def settle(db: Session, actor_id: UUID | None, flag: RiskFlag, outcome: Outcome) -> int:
    """A flag ends; what became of it stays for the hit rate."""
    held = hold(db, RiskFlag, flag.id)
    if held is None or held.state is FlagState.RESOLVED:
        return 0
    move(db, actor_id, held, FlagState.RESOLVED, reason=outcome.value)
    held.outcome, held.resolved_at, held.snoozed_until = outcome, clock.now(), None
    return 1
