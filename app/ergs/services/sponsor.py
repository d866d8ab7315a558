"""What executive sponsors promise, and what becomes of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.errors import Refused
from app.ergs import queries
from app.ergs.models import SponsorCommitment
from app.ergs.queries import sponsor
from app.ergs.rules.sponsor import (
    COMMITMENT_TRANSITIONS,
    CommitmentKind,
    CommitmentState,
    quarter_of,
)
from app.ergs.services.holding import hold_erg


def commit_to(
    db: Session,
    actor_id: UUID,
    *,
    erg_id: UUID,
    kind: CommitmentKind,
    due_on: date,
    hours: int | None = None,
    text: str = "",
) -> SponsorCommitment:
    """A sponsor promises something by a day; everybody who sees the group reads it."""
    hold_erg(db, erg_id)
    if not sponsor.is_sponsor(db, actor_id, erg_id):
        raise Refused(_("Only the executive sponsor of the group promises something here."), 403)
    if due_on < clock.now().date():
        raise Refused(_("Choose a day that is still to come."), 422)
    row = SponsorCommitment(
        id=ids.new_id("commitment", f"{erg_id}|{kind}|{due_on}"),
        erg_id=erg_id,
        person_id=actor_id,
        kind=kind,
        hours=hours if kind is CommitmentKind.HOURS else None,
        text=text.strip(),
        due_on=due_on,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "commit", row, after=row.state)
    return row


def mark(
    db: Session, actor_id: UUID, *, commitment_id: UUID, to: CommitmentState, note: str = ""
) -> SponsorCommitment:
    """The sponsor says whether they kept it; a broken promise needs a word about it."""
    row = _held(db, commitment_id)
    if row.person_id != actor_id:
        raise Refused(_("Only the sponsor who promised it says whether it was kept."), 403)
    if to is CommitmentState.NOT_KEPT and not note.strip():
        raise Refused(_("Please say in a sentence why it was not kept."), 422)
    _change(db, actor_id, row, to)
    row.note, row.marked_at = note.strip(), clock.now()
    db.flush()
    return row


def reopen(db: Session, actor_id: UUID, *, commitment_id: UUID) -> SponsorCommitment:
    """Before it is confirmed: the sponsor takes the answer back, or a lead does not agree."""
    row = _held(db, commitment_id)
    if row.person_id != actor_id and not queries.leads(db, actor_id, row.erg_id):
        raise Refused(_("Only the sponsor and the leads decide this."), 403)
    if row.confirmed_at is not None:
        raise Refused(_("A lead has confirmed this already. It stays as it is."))
    _change(db, actor_id, row, CommitmentState.OPEN)
    row.marked_at = None
    db.flush()
    return row


def confirm(db: Session, actor_id: UUID, *, commitment_id: UUID) -> SponsorCommitment:
    """A lead agrees with what the sponsor says; nobody confirms their own promise."""
    row = _held(db, commitment_id)
    if row.person_id == actor_id or not queries.leads(db, actor_id, row.erg_id):
        raise Refused(_("A lead of the group who is not its sponsor confirms this."), 403)
    if row.state is CommitmentState.OPEN:
        raise Refused(_("The sponsor has not said yet whether it was kept."))
    if row.confirmed_at is None:
        row.confirmed_at, row.confirmed_by = clock.now(), actor_id
        audit.record(db, actor_id, "confirm", row, after=row.state)
        db.flush()
    return row


def _held(db: Session, commitment_id: UUID) -> SponsorCommitment:
    row = db.get(SponsorCommitment, commitment_id)
    if row is None:
        raise Refused(_("This commitment does not exist any more."), 404)
    hold_erg(db, row.erg_id)
    db.refresh(row)
    return row


def _change(db: Session, actor_id: UUID, row: SponsorCommitment, to: CommitmentState) -> None:
    if to not in COMMITMENT_TRANSITIONS[row.state]:
        raise Refused(_("This was answered already. Reload the page."))
    audit.record(db, actor_id, "mark", row, before=row.state, after=to)
    row.state = to


def send_briefs(db: Session) -> None:
    """One brief a quarter for each sponsor and group; a second run changes nothing."""
    quarter = quarter_of(clock.now().date())
    for erg_id, person_id in sponsor.sponsored(db):
        outbox.put(db, "sponsor_brief", subject=erg_id, person=person_id, occasion=quarter)
