"""Joining, deciding about requests, showing, leaving."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.core.locale import date_text
from app.ergs import queries
from app.ergs.models import Chapter, Erg, Invitation, Membership, MembershipChapter
from app.ergs.queries import invitations
from app.ergs.registry import chapter_leavings, farewells, leavings
from app.ergs.rules import (
    MEMBERSHIP_TRANSITIONS,
    ErgState,
    MembershipState,
    News,
    Relation,
    RoleState,
    Visibility,
    first_state,
    narrower,
    usual_visibility,
)
from app.ergs.rules.invitations import INVITATION_TRANSITIONS, InvitationState
from app.ergs.rules.membership import UNDO_WITHIN, may_ask_from, may_undo
from app.ergs.rules.terms import RoleEnd
from app.ergs.services.holding import hold_erg
from app.ergs.services.polls import forget_answer
from app.ergs.services.roles import active_grants, end_grant


def join(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    relation: Relation = Relation.UNDISCLOSED,
    visibility: Visibility = Visibility.NOBODY,
    chapter_ids: Iterable[UUID] = (),
    news: News = News.DIGEST,
) -> Membership:
    """Belong to a group, or ask to; asking twice changes nothing."""
    erg = hold_erg(db, erg_id)
    if erg.state is not ErgState.ACTIVE:
        raise Refused(_("This group does not take new members at the moment."))
    row = queries.open_membership(db, erg_id, actor_id)
    invitation = invitations.open_invitation(db, erg_id, actor_id)
    is_waiting = row is not None and row.state is MembershipState.REQUESTED
    if row is not None and not (is_waiting and invitation is not None):
        return row
    state = _state_on_joining(db, erg, actor_id, was_invited=invitation is not None)
    row = row or Membership(
        erg_id=erg_id,
        person_id=actor_id,
        asked_at=clock.now(),
        id=ids.new_id("membership", f"{erg_id}|{actor_id}"),
    )
    before, row.state, row.relation, row.visibility = row.state, state, relation, visibility
    row.news = news
    row.began_at = clock.now() if state is MembershipState.ACTIVE else None
    db.add(row)
    db.flush()
    _choose_chapters(db, row, chapter_ids)
    _record(db, erg, row, "join", before=before)
    if invitation is not None:
        close_invitation(db, invitation, InvitationState.ACCEPTED)
        outbox.withdraw(db, "erg_request", subject=row.id, reason="decided")
    if state is MembershipState.REQUESTED:
        _tell_leads(db, row)
    return row


def _state_on_joining(
    db: Session, erg: Erg, person_id: UUID, *, was_invited: bool
) -> MembershipState:
    past = queries.last_membership(db, erg.id, person_id)
    has_left = past is not None and past.state is MembershipState.LEFT
    state = first_state(
        erg.admission,
        was_invited=was_invited,
        left_at=past.ended_at if past and has_left else None,
        now=clock.now(),
    )
    if state is None:
        raise Refused(_("This group is joined by invitation. Write to one of its leads."))
    if state is MembershipState.REQUESTED:
        _refuse_too_early(past)
    return state


def _refuse_too_early(past: Membership | None) -> None:
    is_refused = past is not None and past.state is MembershipState.DECLINED
    again = may_ask_from(past.ended_at if past and is_refused else None, clock.now())
    if again is not None:
        raise Refused(
            _(
                "Your last request was declined. You can ask again from %(day)s.",
                day=date_text(again),
            )
        )


def close_invitation(db: Session, row: Invitation, to: InvitationState) -> None:
    """End an invitation; the log says that it ended, never how the person answered."""
    if to not in INVITATION_TRANSITIONS.get(row.state, frozenset()):
        raise Refused(_("This invitation is over: answered, taken back or out of time."))
    audit.record(db, None, "close_invitation", row)
    row.state, row.ended_at = to, clock.now()
    db.flush()
    outbox.withdraw(db, "erg_invitation", subject=row.id, reason=to)


def let_in(db: Session, erg: Erg, person_id: UUID) -> Membership:
    """Make somebody a member who has just agreed to it by taking a role."""
    row = queries.open_membership(db, erg.id, person_id)
    if row is not None and row.state is MembershipState.ACTIVE:
        return row
    before = row.state if row else None
    row = row or Membership(
        erg_id=erg.id,
        person_id=person_id,
        asked_at=clock.now(),
        visibility=usual_visibility(erg.roster, is_sensitive=erg.is_sensitive),
        id=ids.new_id("membership", f"{erg.id}|{person_id}"),
    )
    row.state, row.began_at = MembershipState.ACTIVE, clock.now()
    db.add(row)
    db.flush()
    _record(db, erg, row, "join", before=before)
    outbox.withdraw(db, "erg_request", subject=row.id, reason="decided")
    return row


def _choose_chapters(db: Session, row: Membership, chapter_ids: Iterable[UUID]) -> None:
    """Belong to these chapters; leaving one has the same consequences as leaving the group."""
    chosen = MembershipChapter.membership_id == row.id
    before = set(db.scalars(select(MembershipChapter.chapter_id).where(chosen)))
    db.execute(delete(MembershipChapter).where(chosen))
    wanted = set(chapter_ids)
    own = set(
        db.scalars(select(Chapter.id).where(Chapter.erg_id == row.erg_id, Chapter.id.in_(wanted)))
    )
    rows = [{"membership_id": row.id, "chapter_id": chapter_id} for chapter_id in own]
    if rows:
        db.execute(insert(MembershipChapter), rows)
    if before - own and row.state is MembershipState.ACTIVE:
        for _name, handle in chapter_leavings:
            handle(db, row.erg_id, row.person_id)


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
    news: News | None = None,
) -> Membership:
    """Change who may see one's own membership, and how one describes it."""
    erg = hold_erg(db, erg_id)
    row = _own(db, erg_id, actor_id)
    before = row.visibility
    row.visibility = visibility
    row.relation = relation or row.relation
    row.news = news or row.news
    if chapter_ids is not None:
        _choose_chapters(db, row, chapter_ids)
    db.flush()
    if before is not visibility:
        _record(db, erg, row, "show_to", before=row.state, confidential=before)
    return row


def leave(
    db: Session, actor_id: UUID, *, erg_id: UUID, takes_words: bool = False
) -> tuple[Membership, str | None]:
    """Stop belonging, or take back the request; at once, and nobody is told.

    With their words if they wish so: returns the endpoint that brings those back for a day.
    """
    erg = hold_erg(db, erg_id)
    row = _own(db, erg_id, actor_id)
    if erg.state is not ErgState.ARCHIVED and queries.leads_of(db, erg_id) == [actor_id]:
        raise Refused(_("You are the only lead of this group. Find another lead, then leave."))
    to = {
        MembershipState.ACTIVE: MembershipState.LEFT,
        MembershipState.REQUESTED: MembershipState.WITHDRAWN,
    }[row.state]
    for grant in active_grants(db, actor_id, erg_id):
        end_grant(db, actor_id, grant, RoleState.ENDED, RoleEnd.LEFT)
    close_membership(db, erg, row, to)
    taken = [
        farewell.undo
        for _name, farewell in (farewells if takes_words else ())
        if farewell.remove(db, actor_id, erg_id=erg_id)
    ]
    return row, (taken[0] if taken else None)


def approve(db: Session, actor_id: UUID, *, request_id: UUID) -> Membership:
    """Let a person in who asked."""
    erg, row = _request(db, actor_id, request_id)
    if row.state is MembershipState.ACTIVE:
        return row
    _require(row, MembershipState.ACTIVE)
    before, row.state, row.began_at = row.state, MembershipState.ACTIVE, clock.now()
    row.decided_at = row.began_at
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
    close_membership(db, erg, row, MembershipState.DECLINED, reason=reason.strip(), by=actor_id)
    row.decided_at = row.ended_at
    db.flush()
    _tell_requester(db, row)
    return row


def undo_decision(db: Session, actor_id: UUID, *, request_id: UUID) -> Membership:
    """Take back an answer of which the person has not been told yet; the request is open again."""
    erg, row = _request(db, actor_id, request_id)
    before = row.state
    if before is MembershipState.REQUESTED:
        return row
    is_decided = before in (MembershipState.ACTIVE, MembershipState.DECLINED)
    if not is_decided or not may_undo(row.decided_at, clock.now()):
        raise Refused(_("It is too late to take this back: the person has been told."))
    if queries.open_membership(db, erg.id, row.person_id) not in (None, row) or active_grants(
        db, row.person_id, erg.id
    ):
        raise Refused(_("The person has gone on from here. The answer stays as it is."))
    row.state, row.reason = MembershipState.REQUESTED, None
    row.began_at = row.ended_at = row.decided_at = None
    db.flush()
    outbox.withdraw(db, "erg_decision", subject=row.id)
    _record(db, erg, row, "undo_decision", before=before, by=actor_id)
    if before is MembershipState.ACTIVE:
        for _name, handle in leavings:
            handle(db, erg.id, row.person_id)
    return row


def _tell_requester(db: Session, row: Membership) -> None:
    """After the time in which the answer can be taken back."""
    outbox.withdraw(db, "erg_request", subject=row.id, reason="decided")
    outbox.withdraw(db, "erg_request_late", subject=row.id, reason="decided")
    at = row.decided_at or clock.now()
    outbox.put(
        db,
        "erg_decision",
        subject=row.id,
        person=row.person_id,
        due=at + UNDO_WITHIN,
        occasion=at.isoformat(),
    )


def _request(db: Session, actor_id: UUID, request_id: UUID) -> tuple[Erg, Membership]:
    row = db.get(Membership, request_id)
    erg = hold(db, Erg, row.erg_id) if row else None
    if row is None or erg is None or not queries.leads(db, actor_id, erg.id):
        raise Refused(_("Only a lead of the group can answer this request."), 403)
    if row.person_id == actor_id:
        raise Refused(_("Nobody answers their own request. Another lead has to."), 403)
    db.refresh(row)
    return erg, row


def _own(db: Session, erg_id: UUID, person_id: UUID) -> Membership:
    row = queries.open_membership(db, erg_id, person_id)
    if row is None:
        raise Refused(_("You do not belong to this group."))
    return row


def _require(row: Membership, to: MembershipState) -> None:
    if to not in MEMBERSHIP_TRANSITIONS.get(row.state, frozenset()):
        raise Refused(_("This request was already answered or taken back."))


def close_membership(
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
        forget_answer(db, erg.id, row.person_id)
        for _name, handle in leavings:
            handle(db, erg.id, row.person_id)


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
