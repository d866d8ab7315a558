"""Leads and members write to each other; neither side learns more than before."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import Erg, Membership, RelayMessage, RelayThread
from app.ergs.rules import MembershipState, Viewer, is_visible
from app.ergs.rules.relay import MAX_MESSAGE, UNANSWERED
from app.ergs.services.holding import hold_erg


def write_to(db: Session, actor_id: UUID, *, membership_id: UUID, text: str) -> RelayThread:
    """A lead writes first: to a member they see, or to the alias of a request."""
    row = db.get(Membership, membership_id)
    erg = hold_erg(db, row.erg_id) if row else None
    if row is None or erg is None or not queries.leads(db, actor_id, erg.id):
        raise Refused(_("Only the leads of a group write to its members."), 403)
    if row.person_id == actor_id:
        raise Refused(_("This would be a message to yourself."), 422)
    is_seen = is_visible(erg.roster, row.visibility, Viewer.LEAD)
    is_asking = row.state is MembershipState.REQUESTED
    if not is_asking and not (is_seen and row.state is MembershipState.ACTIVE):
        raise Refused(_("There is nobody to write to any more."), 404)
    thread = _thread(db, erg, row, is_alias=not is_seen)
    _say(db, thread, text, lead_id=actor_id)
    return thread


def write_to_leads(db: Session, actor_id: UUID, *, erg_id: UUID, text: str) -> RelayThread:
    """Somebody who belongs, or asked to, writes to the leads; who is confidential as an alias."""
    erg = hold_erg(db, erg_id)
    row = queries.open_membership(db, erg_id, actor_id)
    if row is None:
        raise Refused(_("You do not belong to this group."), 403)
    is_seen = is_visible(erg.roster, row.visibility, Viewer.LEAD)
    thread = _thread(db, erg, row, is_alias=not is_seen)
    _say(db, thread, text, lead_id=None)
    return thread


def answer(db: Session, actor_id: UUID, *, thread_id: UUID, text: str) -> RelayThread:
    """Go on with an exchange, on whichever side one stands."""
    thread, erg = _held(db, thread_id)
    is_own = thread.person_id == actor_id
    if not is_own and not queries.leads(db, actor_id, erg.id):
        raise Refused(_("Only the two sides write here."), 403)
    _say(db, thread, text, lead_id=None if is_own else actor_id)
    return thread


def lay_aside(db: Session, actor_id: UUID, *, thread_id: UUID) -> RelayThread:
    """A lead decides that the last message needs no answer."""
    thread, erg = _held(db, thread_id)
    if thread.person_id == actor_id or not queries.leads(db, actor_id, erg.id):
        raise Refused(_("Only the leads of the group decide this."), 403)
    thread.awaits_leads = False
    audit.record(db, actor_id, "lay_aside", thread)
    db.flush()
    return thread


def _thread(db: Session, erg: Erg, row: Membership, *, is_alias: bool) -> RelayThread:
    found = db.scalar(
        select(RelayThread).where(
            RelayThread.membership_id == row.id, RelayThread.is_alias.is_(is_alias)
        )
    )
    if found is not None:
        return found
    thread = RelayThread(
        id=ids.new_id("relay", f"{row.id}|{is_alias}"),
        erg_id=erg.id,
        membership_id=row.id,
        person_id=row.person_id,
        is_alias=is_alias,
    )
    db.add(thread)
    db.flush()
    return thread


def _say(db: Session, thread: RelayThread, text: str, *, lead_id: UUID | None) -> None:
    said = text.strip()
    if not said or len(said) > MAX_MESSAGE:
        raise Refused(_("Please write a message of up to 1,000 characters."), 422)
    if lead_id is not None:
        _refuse_pressing(db, thread)
    thread.changed_at, thread.awaits_leads = clock.now(), lead_id is None
    row = RelayMessage(
        id=ids.new_id("relay_message", str(thread.id)),
        thread_id=thread.id,
        lead_id=lead_id,
        text=said,
        sent_at=clock.now(),
    )
    db.add(row)
    db.flush()
    audit.record(db, lead_id, "relay", thread)
    _deliver(db, thread, row)


def _refuse_pressing(db: Session, thread: RelayThread) -> None:
    last = db.scalars(
        select(RelayMessage.lead_id)
        .where(RelayMessage.thread_id == thread.id)
        .order_by(RelayMessage.sent_at.desc(), RelayMessage.id)
        .limit(UNANSWERED)
    ).all()
    if len(last) == UNANSWERED and None not in last:
        raise Refused(_("You wrote three times without an answer. Please wait for one."))


def _deliver(db: Session, thread: RelayThread, row: RelayMessage) -> None:
    if row.lead_id is not None:
        outbox.put(db, "relay_message", subject=row.id, person=thread.person_id)
        return
    for lead_id in queries.leads_of(db, thread.erg_id):
        if lead_id != thread.person_id:
            outbox.put(db, "relay_message", subject=row.id, person=lead_id)


def _held(db: Session, thread_id: UUID) -> tuple[RelayThread, Erg]:
    thread = db.get(RelayThread, thread_id)
    if thread is None:
        raise Refused(_("This exchange does not exist any more."), 404)
    erg = hold_erg(db, thread.erg_id)
    db.refresh(thread)
    return thread, erg
