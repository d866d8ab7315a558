"""Whose turn it is to facilitate a circle: as computed, unless people agree otherwise."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.errors import Refused
from app.mentoring.models import FacilitatorTurn, Meeting, Relationship
from app.mentoring.queries.circles import (
    facilitator_of,
    in_turn,
    is_circle,
    turns_of,
    whose_turn,
)
from app.mentoring.queries.sessions import PAIR_WITH_MEMBERS
from app.mentoring.rules import LIVE, SessionState
from app.mentoring.rules.circles import HOST_REMINDED, own_turn
from app.mentoring.services.holding import held_live
from app.programs.rules import Format


def _held_circle(
    db: Session, relationship_id: UUID, actor_id: UUID
) -> tuple[Relationship, int, dict[int, FacilitatorTurn]]:
    circle = held_live(db, relationship_id, actor_id)
    if not is_circle(circle) or circle.is_gathering:
        raise Refused(_("Only in circles people facilitate in turn."))
    number, agreed = turns_of(db, circle)
    return circle, number, {row.number: row for row in agreed}


def _refuse_unless_mine(
    circle: Relationship, number: int, agreed: dict[int, FacilitatorTurn], actor_id: UUID
) -> None:
    now = whose_turn(circle, number, list(agreed.values()))
    if now is None or now.person_id != actor_id:
        raise Refused(_("It is not your turn any more. Reload the page to see whose it is."))


def ask(db: Session, actor_id: UUID, *, relationship_id: UUID, asked_id: UUID) -> None:
    """Ask somebody to take one's turn; one takes theirs instead if they agree."""
    circle, number, agreed = _held_circle(db, relationship_id, actor_id)
    _refuse_unless_mine(circle, number, agreed, actor_id)
    if asked_id == actor_id or not circle.has(asked_id):
        raise Refused(_("Choose somebody else of your circle."), 422)
    row = _set(db, circle, number, actor_id, agreed)
    row.asked_id = asked_id
    audit.record(db, actor_id, "turn_asked", circle)
    outbox.put(
        db,
        "turn_asked",
        subject=circle.id,
        person=asked_id,
        revision=number,
        occasion=str(actor_id),
    )
    db.flush()


def _set(
    db: Session,
    circle: Relationship,
    number: int,
    person_id: UUID,
    agreed: dict[int, FacilitatorTurn],
) -> FacilitatorTurn:
    row = agreed.get(number) or FacilitatorTurn(relationship_id=circle.id, number=number)
    row.person_id, row.asked_id = person_id, None
    db.add(row)
    return row


def answer(db: Session, actor_id: UUID, *, relationship_id: UUID, takes: bool) -> None:
    """Take the turn of somebody who asked, and give them one's own next one; or leave it."""
    circle, number, agreed = _held_circle(db, relationship_id, actor_id)
    row = agreed.get(number)
    if row is None or row.asked_id != actor_id:
        raise Refused(_("Nobody asks you any more. Reload the page to see whose turn it is."))
    former = row.person_id
    if takes:
        people = [member.person_id for member in in_turn(circle)]
        taken = {one.number: one.person_id for one in agreed.values()}
        later = own_turn(people, actor_id, number, taken)
        _set(db, circle, number, actor_id, agreed)
        if later is not None:
            _set(db, circle, later, former, agreed)
    row.asked_id = None
    audit.record(db, actor_id, "turn_answered", circle, after="taken" if takes else "left")
    outbox.put(
        db,
        "turn_taken" if takes else "turn_left",
        subject=circle.id,
        person=former,
        revision=number,
        occasion=str(actor_id),
    )
    db.flush()


def skip(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """Let the next one facilitate this time, and take the turn after it."""
    circle, number, agreed = _held_circle(db, relationship_id, actor_id)
    _refuse_unless_mine(circle, number, agreed, actor_id)
    after = whose_turn(circle, number + 1, list(agreed.values()))
    if after is None or after.person_id == actor_id:
        raise Refused(_("The turn after yours is yours as well. Ask somebody to swap."))
    _set(db, circle, number, after.person_id, agreed)
    _set(db, circle, number + 1, actor_id, agreed)
    audit.record(db, actor_id, "turn_skipped", circle)
    outbox.put(
        db,
        "turn_yours",
        subject=circle.id,
        person=after.person_id,
        revision=number,
        occasion=str(actor_id),
    )
    db.flush()


def take_back_skip(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """Undo: the turn is one's own again."""
    circle, number, agreed = _held_circle(db, relationship_id, actor_id)
    now, after = agreed.get(number), agreed.get(number + 1)
    if now is None or after is None or after.person_id != actor_id:
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    other = now.person_id
    _set(db, circle, number, actor_id, agreed)
    _set(db, circle, number + 1, other, agreed)
    audit.record(db, actor_id, "turn_taken_back", circle)
    outbox.withdraw(db, "turn_yours", subject=circle.id, person=other)
    db.flush()


def remind_facilitators(db: Session, limit: int = 500) -> None:
    """Two days before the next session of a circle, whoever facilitates is reminded once."""
    soon = db.scalars(
        select(Meeting)
        .join(Relationship)
        .where(
            Meeting.state == SessionState.SCHEDULED,
            Meeting.starts_at > clock.now(),
            Meeting.starts_at <= clock.now() + HOST_REMINDED,
            Relationship.format == Format.CIRCLE,
            Relationship.state.in_(LIVE),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(limit)
        .options(PAIR_WITH_MEMBERS)
    ).unique()
    told: set[UUID] = set()
    for meeting in soon.all():
        host = facilitator_of(db, meeting.pair)
        if host is None or meeting.relationship_id in told or not host.person.can_sign_in:
            continue
        told.add(meeting.relationship_id)
        outbox.put(
            db,
            "facilitator_reminder",
            subject=meeting.id,
            person=host.person_id,
            revision=meeting.revision,
            expires=meeting.starts_at,
        )
