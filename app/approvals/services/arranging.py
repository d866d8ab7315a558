"""Who has to say yes, what needs nobody, who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from app.approvals import queries
from app.approvals.models import ApprovalDeputy, ApprovalRule, ApprovalStage
from app.approvals.registry import kinds
from app.approvals.rules import AUTHOR_ROLE, MAX_DAYS, MAX_STAGES, Stage
from app.audit import services as audit
from app.core import clock, ids
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.rules import ErgState


def set_chain(
    db: Session, actor_id: UUID | None, *, erg_id: UUID, kind: str, stages: Sequence[Stage]
) -> None:
    """Say who decides in which order; what is on its way keeps the chain it began with."""
    erg = _hold_led(db, actor_id, erg_id)
    if len(stages) > MAX_STAGES or any(not 1 <= stage.days <= MAX_DAYS for stage in stages):
        raise Refused(_("A chain has up to three stages of 1 to 30 working days each."), 422)
    before = _spelled(queries.chain(db, erg_id, kind))
    db.execute(
        delete(ApprovalStage).where(ApprovalStage.erg_id == erg_id, ApprovalStage.kind == kind)
    )
    db.add_all(
        ApprovalStage(erg_id=erg.id, kind=kind, number=n, decider=stage.decider, days=stage.days)
        for n, stage in enumerate(stages)
    )
    db.flush()
    audit.record(db, actor_id, "set_chain", erg, before=before, after=_spelled(stages))


def _spelled(stages: Sequence[Stage]) -> str:
    return " > ".join(f"{stage.decider.value} {stage.days}" for stage in stages) or "-"


def _hold_led(db: Session, actor_id: UUID | None, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None or (actor_id is not None and not ergs.leads(db, actor_id, erg_id)):
        raise Refused(_("Only leads of the group arrange its approvals."), 403)
    if erg.state is ErgState.ARCHIVED:
        raise Refused(_("This group is archived. What it wrote stays as it is."))
    return erg


def add_rule(
    db: Session, actor_id: UUID | None, *, erg_id: UUID, kind: str, conditions: Mapping[str, str]
) -> ApprovalRule:
    """From now on, items for which all conditions hold need nobody."""
    erg = _hold_led(db, actor_id, erg_id)
    known = {fact.name for fact in kinds[kind].facts} | {AUTHOR_ROLE}
    if not conditions or not set(conditions) <= known:
        raise Refused(_("Choose at least one condition."), 422)
    if any(rule.conditions == dict(conditions) for rule in queries.rules_of(db, erg_id, kind)):
        raise Refused(_("This rule exists already."))
    rule = ApprovalRule(
        id=ids.new_id("approval_rule", f"{erg_id}|{kind}|{sorted(conditions.items())}"),
        erg_id=erg.id,
        kind=kind,
        conditions=dict(conditions),
        created_by=actor_id,
    )
    db.add(rule)
    db.flush()
    said = ", ".join(f"{name}={value}" for name, value in sorted(conditions.items()))
    audit.record(db, actor_id, "add_rule", rule, after=said)
    return rule


def end_rule(db: Session, actor_id: UUID, *, rule_id: UUID) -> ApprovalRule:
    """Stop a rule; what it approved stays approved."""
    rule = _held_rule(db, actor_id, rule_id)
    if rule.ended_at is None:
        rule.ended_at = clock.now()
        db.flush()
        audit.record(db, actor_id, "end_rule", rule)
    return rule


def resume_rule(db: Session, actor_id: UUID, *, rule_id: UUID) -> ApprovalRule:
    """Take the end of a rule back."""
    rule = _held_rule(db, actor_id, rule_id)
    if rule.ended_at is not None:
        rule.ended_at = None
        db.flush()
        audit.record(db, actor_id, "resume_rule", rule)
    return rule


def _held_rule(db: Session, actor_id: UUID, rule_id: UUID) -> ApprovalRule:
    rule = db.get(ApprovalRule, rule_id)
    if rule is None:
        raise Refused(_("This rule does not exist any more."), 404)
    _hold_led(db, actor_id, rule.erg_id)
    db.refresh(rule)
    return rule


def name_deputy(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    deputy_id: UUID,
    starts_on: date,
    ends_on: date,
) -> ApprovalDeputy:
    """Let somebody who does something for the group decide in one's place for some days."""
    erg = hold(db, Erg, erg_id)
    if erg is None or erg_id not in ergs.standing_of(db, actor_id).roles:
        raise Refused(_("Only who holds a role in the group can name a deputy."), 403)
    if deputy_id == actor_id or erg_id not in ergs.standing_of(db, deputy_id).roles:
        raise Refused(_("A deputy is somebody else who holds a role in the group."), 422)
    if ends_on < max(starts_on, clock.now().date()):
        raise Refused(_("The last day lies before the first, or in the past."), 422)
    row = ApprovalDeputy(
        id=ids.new_id("deputy", f"{erg_id}|{actor_id}|{deputy_id}|{starts_on}"),
        erg_id=erg_id,
        person_id=actor_id,
        deputy_id=deputy_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    db.add(row)
    db.flush()
    audit.record(db, None, "name_deputy", row, after=f"{starts_on} - {ends_on}")
    return row


def end_deputy(db: Session, actor_id: UUID, *, deputy_id: UUID) -> ApprovalDeputy:
    """Decide oneself again."""
    row = _own_term(db, actor_id, deputy_id)
    if row.ended_at is None:
        row.ended_at = clock.now()
        db.flush()
        audit.record(db, None, "end_deputy", row)
    return row


def resume_deputy(db: Session, actor_id: UUID, *, deputy_id: UUID) -> ApprovalDeputy:
    """Take that back."""
    row = _own_term(db, actor_id, deputy_id)
    if row.ended_at is not None:
        row.ended_at = None
        db.flush()
        audit.record(db, None, "resume_deputy", row)
    return row


def _own_term(db: Session, actor_id: UUID, deputy_id: UUID) -> ApprovalDeputy:
    row = hold(db, ApprovalDeputy, deputy_id)
    if row is None or row.person_id != actor_id:
        raise Refused(_("Only who named a deputy can change that."), 403)
    return row


def forget_member(db: Session, erg_id: UUID, person_id: UUID) -> None:
    """Somebody stopped belonging: they stand in for nobody, and nobody for them."""
    _end_terms(db, person_id, erg_id)


def depart(db: Session, person_id: UUID) -> None:
    """Somebody left the company."""
    _end_terms(db, person_id, None)


def _end_terms(db: Session, person_id: UUID, erg_id: UUID | None) -> None:
    concerned = or_(ApprovalDeputy.person_id == person_id, ApprovalDeputy.deputy_id == person_id)
    change = update(ApprovalDeputy).where(concerned, ApprovalDeputy.ended_at.is_(None))
    if erg_id is not None:
        change = change.where(ApprovalDeputy.erg_id == erg_id)
    db.execute(change.values(ended_at=clock.now()))
