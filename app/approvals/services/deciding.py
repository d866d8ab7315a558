"""A round of approval: asked for, decided stage by stage, taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.approvals import queries
from app.approvals.models import Approval, ApprovalRule, ApprovalStep
from app.approvals.registry import kinds
from app.approvals.rules import (
    APPROVAL_TRANSITIONS,
    AUTHOR_ROLE,
    DECISIONS,
    MAX_REASON,
    STATE_AFTER,
    STEP_OF,
    TELL_AFTER,
    UNDO_WITHIN,
    ApprovalState,
    Decider,
    Stage,
    StepKind,
    Verdict,
    backup_of,
    deadline,
    matches,
)
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.ergs.queries.bylines import public_id
from app.ergs.rules import ErgState


def ask(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    kind: str,
    subject_id: UUID,
    facts: dict[str, Any],
    author_id: UUID | None = None,
) -> Approval:
    """Begin a round for an item of the actor, or of an author for whom they ask.

    A rule, or a chain without stages, says yes at once. The caller has checked that the actor
    may submit the item.
    """
    erg = _hold_group(db, erg_id)
    if queries.waiting_round(db, kind, subject_id) is not None:
        raise Refused(_("This is already waiting for approval."))
    author_id = author_id or actor_id
    facts = {**facts, AUTHOR_ROLE: _roles_of(db, author_id, erg_id)}
    stages = queries.chain(db, erg_id, kind)
    row = Approval(
        id=ids.new_id("approval", f"{kind}|{subject_id}"),
        erg_id=erg_id,
        kind=kind,
        subject_id=subject_id,
        author_id=author_id,
        asked_by=actor_id,
        facts=facts,
        stages=[[stage.decider.value, stage.days] for stage in stages],
        asked_at=clock.now(),
        state=ApprovalState.WAITING,
        stage=0,
        steps=[],
    )
    db.add(row)
    _note(row, StepKind.ASKED, person=actor_id)
    rule = _rule_for(db, row, facts)
    if rule is not None or not stages:
        _approve_at_once(db, erg, row, rule)
        return row
    for stage in stages:
        _require_somebody(db, row, stage)
    _enter(db, erg, row, 0)
    audit.record(db, public_id(db, erg, actor_id), "ask", row, after=row.state)
    return row


def _hold_group(db: Session, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None:
        raise Refused(_("This group does not exist any more."), 404)
    if erg.state is ErgState.ARCHIVED:
        raise Refused(_("This group is archived. What it wrote stays as it is."))
    return erg


def _roles_of(db: Session, person_id: UUID, erg_id: UUID) -> list[str]:
    held = ergs.standing_of(db, person_id).roles.get(erg_id, frozenset())
    roles = {Decider.LEAD.value if role.value == "co_lead" else role.value for role in held}
    return sorted(roles)


def _rule_for(db: Session, row: Approval, facts: dict[str, Any]) -> ApprovalRule | None:
    """The first rule that fits; nobody makes a rule for their own items."""
    for rule in queries.rules_of(db, row.erg_id, row.kind):
        if rule.created_by not in row.authors and matches(rule.conditions, facts):
            return rule
    return None


def _approve_at_once(db: Session, erg: Erg, row: Approval, rule: ApprovalRule | None) -> None:
    row.rule_id = rule.id if rule else None
    row.state, row.decider = ApprovalState.APPROVED, None
    _note(row, StepKind.AUTOMATIC)
    db.flush()
    audit.record(db, public_id(db, erg, row.author_id), "auto_approve", row, after=row.state)
    kinds[row.kind].on_approved(db, None, row.subject_id)


def _require_somebody(db: Session, row: Approval, stage: Stage) -> None:
    for decider in (stage.decider, backup_of(stage.decider)):
        if _others(db, row, decider):
            return
    raise Refused(
        _(
            "Nobody but you could approve this, and nobody approves their own work. "
            "Find a second lead or a sponsor first, or shorten the chain of approval."
        )
    )


def _others(db: Session, row: Approval, decider: Decider) -> list[UUID]:
    """Whom to ask: who holds the role, but never the author, and nobody in the author's place."""
    holders = [p for p in queries.holders(db, row.erg_id, decider) if p not in row.authors]
    stand_ins = queries.deputies_of(db, row.erg_id, holders) if holders else []
    return list(dict.fromkeys([*holders, *(p for p in stand_ins if p not in row.authors)]))


def _enter(db: Session, erg: Erg, row: Approval, number: int) -> None:
    """Begin a stage; when only its author could decide it, those behind are asked at once."""
    stage = row.chain[number]
    asked = _others(db, row, stage.decider)
    row.stage, row.decider = number, stage.decider
    row.due_at = deadline(clock.now(), stage.days, erg.zone)
    row.late_at = None if asked else clock.now()
    if not asked:
        _note(row, StepKind.LATE)
        asked = _others(db, row, backup_of(stage.decider))
    db.flush()
    _tell(db, row, asked)


def _tell(db: Session, row: Approval, people: list[UUID]) -> None:
    for person_id in people:
        outbox.put(
            db, "approval_waiting", subject=row.id, person=person_id, occasion=str(len(row.steps))
        )


def _note(
    row: Approval,
    kind: StepKind,
    *,
    person: UUID | None = None,
    in_place_of: UUID | None = None,
    reason: str = "",
) -> None:
    row.steps.append(
        ApprovalStep(
            id=ids.new_id("approval_step", f"{row.id}|{len(row.steps)}"),
            number=len(row.steps),
            kind=kind,
            stage=row.stage,
            person_id=person,
            for_person_id=in_place_of,
            reason=reason,
            at=clock.now(),
        )
    )


def decide(
    db: Session, actor_id: UUID, *, approval_id: UUID, verdict: Verdict, reason: str = ""
) -> Approval:
    """Say yes, ask for changes, or say no; the last yes approves the item."""
    erg, row = _held(db, approval_id)
    reason = reason.strip()[:MAX_REASON]
    if row.current is None:
        raise Refused(_("This was decided or taken back meanwhile. Reload the page."))
    given = queries.fresh_mandate(db, actor_id, row)
    if given is None:
        raise Refused(_("Only those whose turn it is can decide, and never the author."), 403)
    if verdict is not Verdict.APPROVE and not reason:
        raise Refused(_("Please give a reason. The author will read it."), 422)
    before = row.state
    _note(row, STEP_OF[verdict], person=actor_id, in_place_of=given.for_person, reason=reason)
    outbox.withdraw(db, "approval_waiting", subject=row.id, reason="decided")
    audit.record(
        db, _named(db, erg, row, actor_id), verdict.value, row, before=before, reason=reason or None
    )
    if verdict is Verdict.APPROVE and row.stage + 1 < len(row.stages):
        _enter(db, erg, row, row.stage + 1)
    else:
        _close(db, row, actor_id, verdict)
    return row


def _held(db: Session, approval_id: UUID) -> tuple[Erg, Approval]:
    row = db.get(Approval, approval_id)
    if row is None:
        raise Refused(_("This does not exist any more."), 404)
    erg = _hold_group(db, row.erg_id)
    db.refresh(row)
    return erg, row


def _named(db: Session, erg: Erg, row: Approval, actor_id: UUID) -> UUID | None:
    """The decider for the audit log; an administrator acts for the organization, openly."""
    return actor_id if row.decider is Decider.ORG_ADMIN else public_id(db, erg, actor_id)


def _close(db: Session, row: Approval, actor_id: UUID, verdict: Verdict) -> None:
    _move(row, STATE_AFTER[verdict])
    row.decider = None
    db.flush()
    kind = kinds[row.kind]
    follow = {
        Verdict.APPROVE: kind.on_approved,
        Verdict.CHANGES: kind.on_changes,
        Verdict.REJECT: kind.on_rejected,
    }
    follow[verdict](db, actor_id, row.subject_id)
    if row.author_id is not None:
        outbox.put(
            db,
            "approval_decided",
            subject=row.id,
            person=row.author_id,
            occasion=str(len(row.steps)),
            due=clock.now() + TELL_AFTER,
        )


def _move(row: Approval, to: ApprovalState) -> None:
    if to not in APPROVAL_TRANSITIONS[row.state]:
        raise Refused(_("This was decided or taken back meanwhile. Reload the page."))
    row.state = to


def undo(db: Session, actor_id: UUID, *, approval_id: UUID) -> Approval:
    """Take back one's own last decision, while nothing has left because of it."""
    erg, row = _held(db, approval_id)
    last = row.steps[-1]
    is_own = last.kind in DECISIONS and last.person_id == actor_id
    if not is_own or clock.now() - last.at > UNDO_WITHIN:
        raise Refused(_("Only the last decision can be taken back, by whoever made it, at once."))
    before = row.state
    if row.state is not ApprovalState.WAITING:
        if queries.waiting_round(db, row.kind, row.subject_id) is not None:
            raise Refused(_("A new round has begun meanwhile."))
        kinds[row.kind].on_undone(db, actor_id, row.subject_id)
        _move(row, ApprovalState.WAITING)
    for kind in ("approval_decided", "approval_waiting"):
        outbox.withdraw(db, kind, subject=row.id, reason="taken back")
    row.stage = last.stage
    _note(row, StepKind.UNDONE, person=actor_id)
    _enter(db, erg, row, last.stage)
    audit.record(db, _named(db, erg, row, actor_id), "undo", row, before=before, after=row.state)
    return row


def withdraw(db: Session, actor_id: UUID | None, *, kind: str, subject_id: UUID) -> None:
    """End the round in which an item waits, if any; the caller has checked who may."""
    row = queries.waiting_round(db, kind, subject_id)
    if row is None:
        return
    _move(row, ApprovalState.WITHDRAWN)
    row.decider = None
    _note(row, StepKind.WITHDRAWN, person=actor_id)
    db.flush()
    outbox.withdraw(db, "approval_waiting", subject=row.id)
    audit.record(
        db, None, "withdraw", row, before=ApprovalState.WAITING, after=ApprovalState.WITHDRAWN
    )


def overdue(db: Session) -> list[UUID]:
    """The rounds whose deadline has passed and nobody else was asked yet."""
    return list(
        db.scalars(
            select(Approval.id)
            .where(
                Approval.state == ApprovalState.WAITING,
                Approval.due_at <= clock.now(),
                Approval.late_at.is_(None),
            )
            .order_by(Approval.due_at)
        )
    )


def escalate(db: Session, approval_id: UUID) -> None:
    """Ask those who stand behind, too; a second run changes nothing."""
    row = db.get(Approval, approval_id)
    if row is None or hold(db, Erg, row.erg_id) is None:
        return
    db.refresh(row)
    stage = row.current
    if stage is None or row.late_at is not None or row.due_at is None or row.due_at > clock.now():
        return
    row.late_at = clock.now()
    _note(row, StepKind.LATE)
    db.flush()
    audit.record(db, None, "escalate", row)
    _tell(db, row, _others(db, row, backup_of(stage.decider)))
