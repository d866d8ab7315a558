"""Proposing roles, accepting them, and what the days do to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Chapter, Erg, RoleGrant, RoleRemoval
from app.ergs.queries import authority, terms
from app.ergs.rules import (
    LEADING,
    ROLE_TRANSITIONS,
    ErgState,
    RoleName,
    RoleState,
)
from app.ergs.rules.terms import (
    ANSWER_WITHIN,
    EXTENSION,
    TERM,
    TWO_PERSON,
    RemovalState,
    RoleEnd,
    Step,
    first_role_state,
    next_term,
    step_of,
    warning_for,
)
from app.ergs.services.holding import hold_erg
from app.ergs.services.membership import let_in
from app.ergs.services.roles import end_grant, end_role, held_grant


def propose(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    person_id: UUID,
    role: RoleName,
    starts_on: date | None = None,
    ends_on: date | None = None,
    chapter_id: UUID | None = None,
) -> RoleGrant:
    """Ask somebody to take a role. Whether they belong makes no difference, so nobody learns it."""
    erg = hold_erg(db, erg_id)
    _require_proposer(db, erg, actor_id, person_id)
    _require_colleague(db, person_id)
    today = clock.now().date()
    first = starts_on or today
    last = ends_on or first + TERM
    if first < today or last <= first:
        raise Refused(_("A term begins today or later and ends after it began."), 422)
    if chapter_id is not None:
        _require_chapter(db, erg, chapter_id)
    _refuse_twice(db, erg_id, person_id, role, chapter_id)
    row = RoleGrant(
        id=ids.new_id("role", f"{erg_id}|{person_id}|{role}|{chapter_id}"),
        erg_id=erg_id,
        chapter_id=chapter_id,
        person_id=person_id,
        role=role,
        state=RoleState.PROPOSED,
        granted_by=actor_id,
        starts_on=first,
        ends_on=last,
        proposed_at=clock.now(),
        answer_by=today + ANSWER_WITHIN,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "propose_role", row, after=role)
    outbox.put(db, "role_proposed", subject=row.id, person=person_id)
    return row


def renew(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Ask the holder for another term after this one; like any role it begins with their yes."""
    row, _erg = held_grant(db, grant_id)
    if row.state is not RoleState.ACTIVE or row.ends_on is None:
        raise Refused(_("There is no term that ends. Reload the page."))
    return propose(
        db,
        actor_id,
        erg_id=row.erg_id,
        person_id=row.person_id,
        role=row.role,
        starts_on=next_term(row.ends_on, clock.now().date()),
        chapter_id=row.chapter_id,
    )


def _require_proposer(db: Session, erg: Erg, actor_id: UUID, person_id: UUID) -> None:
    if actor_id == person_id:
        raise Refused(_("Nobody gives a role to themselves. Another lead has to propose it."), 403)
    leads = queries.leads_of(db, erg.id)
    is_appointing = not leads and authority.administers(db, actor_id)
    if actor_id not in leads and not is_appointing:
        raise Refused(_("Only the leads of a group propose roles in it."), 403)
    if erg.state is ErgState.ARCHIVED:
        raise Refused(_("This group is archived. It has no roles any more."))


def _require_colleague(db: Session, person_id: UUID) -> None:
    person = db.get(Person, person_id)
    is_here = person is not None and person.status is PersonStatus.ACTIVE
    if person is None or not is_here or person.kind is not PersonKind.EMPLOYEE:
        raise Refused(_("Roles are for colleagues. Look for somebody else."), 422)


def _require_chapter(db: Session, erg: Erg, chapter_id: UUID) -> None:
    chapter = db.get(Chapter, chapter_id)
    if chapter is None or chapter.erg_id != erg.id:
        raise Refused(_("This chapter does not belong to the group any more."), 422)


def _refuse_twice(
    db: Session, erg_id: UUID, person_id: UUID, role: RoleName, chapter_id: UUID | None
) -> None:
    asked = db.scalars(
        select(RoleGrant).where(
            RoleGrant.erg_id == erg_id,
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.state.in_((RoleState.PROPOSED, RoleState.SHADOW)),
        )
    )
    if any(row.chapter_id == chapter_id for row in asked):
        raise Refused(_("This role was already proposed to this person. Wait for the answer."))


def accept(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Take a role that was proposed; whoever does not belong yet becomes a member with it."""
    row, erg = _own(db, actor_id, grant_id)
    if row.state in (RoleState.ACTIVE, RoleState.SHADOW):
        return row
    if row.state is not RoleState.PROPOSED:
        raise Refused(_("This proposal is over. Ask the leads whether it still stands."))
    if row.role is not RoleName.SPONSOR:
        let_in(db, erg, actor_id)
    before = row.state
    row.state = first_role_state(row.starts_on, clock.now().date())
    db.flush()
    audit.record(db, actor_id, "accept_role", row, before=before, after=row.state)
    _tell(db, "role_changed", row, _others(db, row), occasion=row.state)
    return row


def refuse(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Say no to a role; nobody asks why."""
    row, _erg = _own(db, actor_id, grant_id)
    if row.state is not RoleState.PROPOSED:
        raise Refused(_("You have already answered. You can lay the role down instead."))
    end_grant(db, actor_id, row, RoleState.REVOKED, RoleEnd.DECLINED)
    _tell(db, "role_changed", row, _others(db, row), occasion=row.state)
    return row


def resign(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Lay down one's own role, today; the last lead stays until there is another."""
    _own(db, actor_id, grant_id)
    row = end_role(db, actor_id, grant_id=grant_id)
    _close_removals(db, row, RemovalState.EXPIRED)
    _tell(db, "role_changed", row, _others(db, row), occasion=row.state)
    return row


def withdraw_proposal(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Take back what nobody has accepted yet."""
    row, erg = held_grant(db, grant_id)
    _require_proposer(db, erg, actor_id, row.person_id)
    if row.state is not RoleState.PROPOSED:
        raise Refused(_("The person has answered already. Reload the page."))
    end_grant(db, actor_id, row, RoleState.REVOKED, RoleEnd.WITHDRAWN)
    outbox.withdraw(db, "role_proposed", subject=row.id)
    return row


def revoke(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """End somebody's role at once; leads and sponsors need a second person instead."""
    row, erg = held_grant(db, grant_id)
    _require_proposer(db, erg, actor_id, row.person_id)
    if row.role in TWO_PERSON:
        raise Refused(_("This role is taken away by two people. Propose it with a reason."), 403)
    end_grant(db, actor_id, row, RoleState.REVOKED, RoleEnd.REMOVED)
    _tell(db, "role_changed", row, [row.person_id], occasion=row.state)
    return row


def _own(db: Session, actor_id: UUID, grant_id: UUID) -> tuple[RoleGrant, Erg]:
    row, erg = held_grant(db, grant_id)
    if row.person_id != actor_id:
        raise Refused(_("Only the person concerned can answer this."), 403)
    return row, erg


def _others(db: Session, row: RoleGrant) -> list[UUID]:
    return [lead for lead in queries.leads_of(db, row.erg_id) if lead != row.person_id]


def _tell(
    db: Session, kind: str, row: RoleGrant, people: list[UUID], *, occasion: str = ""
) -> None:
    for person_id in people:
        outbox.put(db, kind, subject=row.id, person=person_id, occasion=occasion)


def _close_removals(db: Session, row: RoleGrant, to: RemovalState) -> None:
    for removal in db.scalars(
        select(RoleRemoval).where(
            RoleRemoval.grant_id == row.id, RoleRemoval.state == RemovalState.OPEN
        )
    ):
        removal.state, removal.decided_at = to, clock.now()
    db.flush()


def sweep_terms(db: Session, erg_id: UUID) -> None:
    """Let today do to a group's roles what it does; a second run changes nothing.

    Successors begin before holders end, so that no day lies between two leads.
    """
    erg = hold_erg(db, erg_id)
    today = clock.now().date()
    rows = db.scalars(
        select(RoleGrant)
        .where(RoleGrant.erg_id == erg_id, RoleGrant.state.in_(tuple(ROLE_TRANSITIONS)))
        .order_by(RoleGrant.starts_on, RoleGrant.id)
    ).all()
    for steps in ({Step.LAPSE, Step.BEGIN}, {Step.END, Step.EXTEND}):
        for row in rows:
            _take_step(db, erg, row, today, steps, rows)
    for row in rows:
        if not terms.is_renewed(row, rows):
            _warn(db, row, today)
    _expire_removals(db, erg_id, today)


def _take_step(
    db: Session,
    erg: Erg,
    row: RoleGrant,
    today: date,
    wanted: set[Step],
    rows: Sequence[RoleGrant],
) -> None:
    step = step_of(
        row.state,
        row.starts_on,
        row.ends_on,
        row.answer_by,
        today,
        is_last_lead=terms.is_last_lead(db, row, erg),
    )
    if step not in wanted:
        return
    if step is Step.LAPSE:
        end_grant(db, None, row, RoleState.REVOKED, RoleEnd.UNANSWERED)
    elif step is Step.BEGIN:
        begin(db, row)
    elif step is Step.END:
        end_grant(db, None, row, RoleState.ENDED, RoleEnd.TERM)
        _close_removals(db, row, RemovalState.EXPIRED)
        if not terms.is_renewed(row, rows):
            _tell(db, "role_changed", row, [row.person_id, *_others(db, row)], occasion=row.state)
    elif step is Step.EXTEND:
        _extend(db, row, today)


def begin(db: Session, row: RoleGrant) -> None:
    """The shadow is over: the successor holds the role from today on."""
    audit.record(db, None, "begin_role", row, before=row.state, after=RoleState.ACTIVE)
    row.state, row.starts_on = RoleState.ACTIVE, min(row.starts_on, clock.now().date())
    db.flush()
    _tell(db, "role_changed", row, [row.person_id], occasion=row.state)


def _extend(db: Session, row: RoleGrant, today: date) -> None:
    """Nobody else would lead: the term goes on for a while, and everybody who can act hears it."""
    row.ends_on = today + EXTENSION
    db.flush()
    audit.record(db, None, "extend_role", row, after=row.ends_on.isoformat())
    people = dict.fromkeys([row.person_id, *terms.org_admins(db)])
    _tell(db, "role_extended", row, list(people), occasion=row.ends_on.isoformat())


def _warn(db: Session, row: RoleGrant, today: date) -> None:
    days = warning_for(row.ends_on, today) if row.state is RoleState.ACTIVE else None
    if days is None or row.ends_on is None:
        return
    people = [row.person_id, *_others(db, row)] if row.role in LEADING else [row.person_id]
    _tell(db, "role_ends", row, people, occasion=f"{row.ends_on.isoformat()}-{days}")


def _expire_removals(db: Session, erg_id: UUID, today: date) -> None:
    for removal in db.scalars(
        select(RoleRemoval).where(
            RoleRemoval.erg_id == erg_id,
            RoleRemoval.state == RemovalState.OPEN,
            RoleRemoval.expires_on < today,
        )
    ):
        audit.record(db, None, "expire_removal", removal, before=removal.state)
        removal.state, removal.decided_at = RemovalState.EXPIRED, clock.now()
    db.flush()
