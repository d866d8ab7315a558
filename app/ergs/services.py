"""Verbs of groups: found, activate, join, decide, leave, grant and end roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import OrgRole, Person
from app.accounts.rules import OrgRoleName, PersonKind, PersonStatus
from app.audit import services as audit
from app.core import clock, ids, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Chapter, Erg, ErgText, Membership, MembershipChapter, RoleGrant
from app.ergs.registry import leavings
from app.ergs.rules import (
    ERG_TRANSITIONS,
    LEADING,
    MEMBERSHIP_TRANSITIONS,
    ROLE_TRANSITIONS,
    Admission,
    Discovery,
    ErgState,
    MembershipState,
    Relation,
    RoleName,
    RoleState,
    TextStatus,
    Visibility,
    first_state,
    narrower,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A group's texts in one language."""

    name: str
    mission: str = ""
    charter: str = ""


def found(
    db: Session,
    actor_id: UUID | None,
    *,
    slug: str,
    words: Mapping[str, Words],
    source: str = "en",
    zone: str = "UTC",
    color: str = "green",
    discovery: Discovery = Discovery.LISTED,
    admission: Admission = Admission.OPEN,
    roster: Visibility = Visibility.MEMBERS,
    says_sensitive: bool = False,
) -> Erg:
    """Write down a new group as a draft; `words` by language tag, `source` is the original."""
    erg = Erg(
        id=ids.new_id("erg", slug),
        slug=slug,
        zone=zone,
        color=color,
        discovery=discovery,
        admission=admission,
        roster=roster,
        says_sensitive=says_sensitive,
    )
    db.add(erg)
    db.flush()
    for locale, text in words.items():
        status = TextStatus.SOURCE if locale == source else TextStatus.TRANSLATED
        db.add(
            ErgText(
                erg_id=erg.id,
                locale=locale,
                status=status,
                name=text.name,
                sort_key=search.normalize(text.name)[:120],
                mission=text.mission,
                charter=text.charter,
            )
        )
    db.flush()
    search.put(db, "ergs", erg.id, *(part for t in words.values() for part in (t.name, t.mission)))
    audit.record(db, actor_id, "found", erg, after=ErgState.DRAFT)
    return erg


def change_state(db: Session, actor_id: UUID | None, *, erg_id: UUID, to: ErgState) -> Erg:
    """Move a group along its life; activating needs a lead and a charter."""
    erg = _held(db, erg_id)
    if to not in ERG_TRANSITIONS[erg.state]:
        raise Refused(_("The group cannot be changed like that from its present state."))
    if to is ErgState.ACTIVE:
        _require_readiness(db, erg)
    audit.record(db, actor_id, "change_state", erg, before=erg.state, after=to)
    erg.state = to
    db.flush()
    return erg


def _require_readiness(db: Session, erg: Erg) -> None:
    if not queries.leads_of(db, erg.id):
        raise Refused(_("A group needs at least one lead before it can start."))
    source = next((t for t in erg.texts if t.status is TextStatus.SOURCE), None)
    if source is None or not source.charter:
        raise Refused(_("A group needs a charter before it can start."))


def join(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    relation: Relation = Relation.UNDISCLOSED,
    visibility: Visibility = Visibility.NOBODY,
    chapter_ids: Iterable[UUID] = (),
) -> Membership:
    """Belong to a group, or ask to; asking twice changes nothing."""
    erg = _held(db, erg_id)
    if erg.state is not ErgState.ACTIVE:
        raise Refused(_("This group does not take new members at the moment."))
    row = queries.open_membership(db, erg_id, actor_id)
    if row is not None and row.state is not MembershipState.INVITED:
        return row
    state = _state_on_joining(db, erg, actor_id, row)
    row = row or Membership(
        erg_id=erg_id,
        person_id=actor_id,
        asked_at=clock.now(),
        id=ids.new_id("membership", f"{erg_id}|{actor_id}"),
    )
    before, row.state, row.relation, row.visibility = row.state, state, relation, visibility
    row.began_at = clock.now() if state is MembershipState.ACTIVE else None
    db.add(row)
    db.flush()
    _choose_chapters(db, row, chapter_ids)
    _record(db, erg, row, "join", before=before)
    if state is MembershipState.REQUESTED:
        _tell_leads(db, row)
    return row


def _state_on_joining(
    db: Session, erg: Erg, person_id: UUID, invitation: Membership | None
) -> MembershipState:
    past = queries.last_membership(db, erg.id, person_id)
    has_left = past is not None and past.state is MembershipState.LEFT
    state = first_state(
        erg.admission,
        was_invited=invitation is not None,
        left_at=past.ended_at if past and has_left else None,
        now=clock.now(),
    )
    if state is None:
        raise Refused(_("This group is joined by invitation. Write to one of its leads."))
    return state


def _choose_chapters(db: Session, row: Membership, chapter_ids: Iterable[UUID]) -> None:
    db.execute(delete(MembershipChapter).where(MembershipChapter.membership_id == row.id))
    wanted = set(chapter_ids)
    own = db.scalars(select(Chapter.id).where(Chapter.erg_id == row.erg_id, Chapter.id.in_(wanted)))
    rows = [{"membership_id": row.id, "chapter_id": chapter_id} for chapter_id in own]
    if rows:
        db.execute(insert(MembershipChapter), rows)


def _tell_leads(db: Session, row: Membership) -> None:
    for lead_id in queries.leads_of(db, row.erg_id):
        if lead_id != row.person_id:
            outbox.put(db, "erg_request", subject=row.id, person=lead_id)


def show_to(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    visibility: Visibility,
    relation: Relation | None = None,
    chapter_ids: Iterable[UUID] | None = None,
) -> Membership:
    """Change who may see one's own membership, and how one describes it."""
    erg = _held(db, erg_id)
    row = _own(db, erg_id, actor_id)
    before = row.visibility
    row.visibility = visibility
    row.relation = relation or row.relation
    if chapter_ids is not None:
        _choose_chapters(db, row, chapter_ids)
    db.flush()
    if before is not visibility:
        _record(db, erg, row, "show_to", before=row.state, confidential=before)
    return row


def leave(db: Session, actor_id: UUID, *, erg_id: UUID) -> Membership:
    """Stop belonging, or take back the request; at once, and nobody is told."""
    erg = _held(db, erg_id)
    row = _own(db, erg_id, actor_id)
    if queries.leads_of(db, erg_id) == [actor_id]:
        raise Refused(_("You are the only lead of this group. Find another lead, then leave."))
    to = {
        MembershipState.ACTIVE: MembershipState.LEFT,
        MembershipState.REQUESTED: MembershipState.WITHDRAWN,
        MembershipState.INVITED: MembershipState.DECLINED,
    }[row.state]
    for grant in _active_grants(db, actor_id, erg_id):
        _end(db, actor_id, grant, RoleState.ENDED)
    _close(db, erg, row, to)
    return row


def approve(db: Session, actor_id: UUID, *, request_id: UUID) -> Membership:
    """Let a person in who asked."""
    erg, row = _request(db, actor_id, request_id)
    if row.state is MembershipState.ACTIVE:
        return row
    _require(row, MembershipState.ACTIVE)
    before, row.state, row.began_at = row.state, MembershipState.ACTIVE, clock.now()
    db.flush()
    _record(db, erg, row, "approve", before=before, by=actor_id)
    _tell_requester(db, row)
    return row


def decline(db: Session, actor_id: UUID, *, request_id: UUID, reason: str) -> Membership:
    """Refuse a request with a reason that the person will read."""
    if not reason.strip():
        raise Refused(_("Please give a reason. The person will read it."), 422)
    erg, row = _request(db, actor_id, request_id)
    if row.state is MembershipState.DECLINED:
        return row
    _close(db, erg, row, MembershipState.DECLINED, reason=reason.strip(), by=actor_id)
    _tell_requester(db, row)
    return row


def _tell_requester(db: Session, row: Membership) -> None:
    outbox.withdraw(db, "erg_request", subject=row.id, reason="decided")
    outbox.put(db, "erg_decision", subject=row.id, person=row.person_id)


def _request(db: Session, actor_id: UUID, request_id: UUID) -> tuple[Erg, Membership]:
    row = db.get(Membership, request_id)
    erg = hold(db, Erg, row.erg_id) if row else None
    if row is None or erg is None or not queries.leads(db, actor_id, erg.id):
        raise Refused(_("Only a lead of the group can answer this request."), 403)
    if row.person_id == actor_id:
        raise Refused(_("Nobody answers their own request. Another lead has to."), 403)
    db.refresh(row)
    return erg, row


def grant(
    db: Session,
    actor_id: UUID | None,
    *,
    erg_id: UUID,
    person_id: UUID,
    role: RoleName,
    starts_on: date | None = None,
    ends_on: date | None = None,
    chapter_id: UUID | None = None,
) -> RoleGrant:
    """Give a role from a day on; whoever leads must belong, nobody grants to themselves."""
    erg = _held(db, erg_id)
    if actor_id == person_id:
        raise Refused(_("Nobody gives a role to themselves."), 403)
    if role in LEADING and not queries.belongs(db, person_id, [erg_id]):
        raise Refused(_("A lead must be a member of the group."))
    row = RoleGrant(
        id=ids.new_id("role", f"{erg_id}|{person_id}|{role}|{chapter_id}"),
        erg_id=erg.id,
        chapter_id=chapter_id,
        person_id=person_id,
        role=role,
        granted_by=actor_id,
        starts_on=starts_on or clock.now().date(),
        ends_on=ends_on,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "grant", row, after=role)
    return row


def end_role(db: Session, actor_id: UUID, *, grant_id: UUID) -> RoleGrant:
    """Lay down a role; the last lead stays until there is another."""
    row = db.get(RoleGrant, grant_id)
    if row is None:
        raise Refused(_("This role does not exist any more."))
    _held(db, row.erg_id)
    is_leading = row.role in LEADING and row.chapter_id is None
    if is_leading and queries.leads_of(db, row.erg_id) == [row.person_id]:
        raise Refused(_("A group cannot be without a lead. Find another lead first."))
    _end(db, actor_id, row, RoleState.ENDED)
    return row


def depart(db: Session, person_id: UUID) -> None:
    """End all that binds a person who leaves the company; report groups left without a lead."""
    for row in queries.any_open(db, person_id):
        erg = _held(db, row.erg_id)
        _close(db, erg, row, _on_departure(row.state))
    grants = db.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.state.in_(tuple(ROLE_TRANSITIONS))
        )
    ).all()
    for held in grants:
        _end(db, None, held, _role_on_departure(held.state))
    for erg_id in sorted({held.erg_id for held in grants if held.role in LEADING}):
        _report_without_lead(db, erg_id)


def _on_departure(state: MembershipState) -> MembershipState:
    if state is MembershipState.REQUESTED:
        return MembershipState.WITHDRAWN
    return MembershipState.LAPSED


def _role_on_departure(state: RoleState) -> RoleState:
    return RoleState.REVOKED if state is RoleState.PROPOSED else RoleState.ENDED


def _report_without_lead(db: Session, erg_id: UUID) -> None:
    if queries.leads_of(db, erg_id):
        return
    today = clock.now().date()
    admins = db.scalars(
        select(OrgRole.person_id)
        .join(Person, Person.id == OrgRole.person_id)
        .where(
            OrgRole.role == OrgRoleName.ORG_ADMIN,
            OrgRole.starts_on <= today,
            (OrgRole.ends_on.is_(None)) | (OrgRole.ends_on >= today),
            Person.status == PersonStatus.ACTIVE,
            Person.kind == PersonKind.EMPLOYEE,
        )
    )
    for admin_id in admins:
        outbox.put(
            db, "erg_without_lead", subject=erg_id, person=admin_id, occasion=today.isoformat()
        )


def _held(db: Session, erg_id: UUID) -> Erg:
    erg = hold(db, Erg, erg_id)
    if erg is None:
        raise Refused(_("This group does not exist any more."), 404)
    return erg


def _own(db: Session, erg_id: UUID, person_id: UUID) -> Membership:
    row = queries.open_membership(db, erg_id, person_id)
    if row is None:
        raise Refused(_("You do not belong to this group."))
    return row


def _require(row: Membership, to: MembershipState) -> None:
    if to not in MEMBERSHIP_TRANSITIONS.get(row.state, frozenset()):
        raise Refused(_("This request was already answered or taken back."))


def _close(
    db: Session,
    erg: Erg,
    row: Membership,
    to: MembershipState,
    *,
    reason: str | None = None,
    by: UUID | None = None,
) -> None:
    _require(row, to)
    before, row.state, row.ended_at, row.reason = row.state, to, clock.now(), reason
    db.flush()
    _record(db, erg, row, to.value, before=before, by=by, reason=reason)
    if before is MembershipState.ACTIVE:
        for _name, handle in leavings:
            handle(db, erg.id, row.person_id)


def _active_grants(db: Session, person_id: UUID, erg_id: UUID) -> list[RoleGrant]:
    return list(
        db.scalars(
            select(RoleGrant).where(
                RoleGrant.person_id == person_id,
                RoleGrant.erg_id == erg_id,
                RoleGrant.state == RoleState.ACTIVE,
                RoleGrant.role != RoleName.SPONSOR,
            )
        )
    )


def _end(db: Session, actor_id: UUID | None, row: RoleGrant, to: RoleState) -> None:
    if to not in ROLE_TRANSITIONS.get(row.state, frozenset()):
        raise Refused(_("This role has already ended."))
    audit.record(db, actor_id, "end_role", row, before=row.state, after=to)
    row.state = to
    row.ends_on = min(row.ends_on or date.max, clock.now().date())
    db.flush()


def _record(
    db: Session,
    erg: Erg,
    row: Membership,
    verb: str,
    *,
    before: MembershipState | None,
    by: UUID | None = None,
    reason: str | None = None,
    confidential: Visibility | None = None,
) -> None:
    """That it happened; who, only where every colleague may see the membership anyway."""
    shown = narrower(erg.roster, narrower(row.visibility, confidential or row.visibility))
    person = row.person_id if shown is Visibility.COMPANY else None
    audit.record(db, by or person, verb, row, before=before, after=row.state, reason=reason)
