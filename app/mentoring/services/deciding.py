"""What organizers do about a flag: see it, take it on, put it off, act, say what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Relationship, RiskFlag
from app.mentoring.rules import FlagState
from app.mentoring.rules.lifecycle import occasion_of
from app.mentoring.rules.risks import LONGEST_REST, Outcome, Play
from app.mentoring.services.moving import move
from app.mentoring.services.telling import tell_all
from app.mentoring.services.watching import settle

# Plays that come with a message to everybody of the relationship.
LETTERS = {
    Play.WRITE: "organizer_asks",
    Play.FIND_TIME: "organizer_finds_time",
    Play.OFFER_PAUSE: "organizer_offers_pause",
}


def _held(db: Session, actor_id: UUID, flag_id: UUID) -> RiskFlag:
    """The flag, locked, for an organizer who does not belong to the relationship."""
    flag = hold(db, RiskFlag, flag_id)
    if flag is None:
        raise Refused(_("This flag no longer exists."))
    pair = db.get_one(Relationship, flag.relationship_id)
    if any(member.person_id == actor_id for member in pair.members):
        raise Refused(_("Another organizer looks after a pair of your own."), 403)
    return flag


def _held_live(db: Session, actor_id: UUID, flag_id: UUID) -> RiskFlag:
    flag = _held(db, actor_id, flag_id)
    if flag.state is FlagState.RESOLVED:
        raise Refused(_("This flag is settled. Reload the page to see how things stand."))
    return flag


def acknowledge(db: Session, actor_id: UUID, *, flag_ids: Collection[UUID]) -> tuple[UUID, int]:
    """See several open flags in one go; returns the number by which it is taken back, and how many.

    The flags are those that the actor's own list has found.
    """
    batch = ids.new_id("flag_batch")
    seen = 0
    for flag_id in sorted(flag_ids):
        flag = _held(db, actor_id, flag_id)
        if flag.state is FlagState.OPEN:
            move(db, actor_id, flag, FlagState.ACKNOWLEDGED)
            flag.batch_id, seen = batch, seen + 1
    db.flush()
    return batch, seen


def unacknowledge(db: Session, actor_id: UUID, *, batch_id: UUID) -> int:
    """Undo: what was acknowledged in one go is open again, where nothing came after it."""
    found = db.scalars(
        select(RiskFlag.id)
        .where(RiskFlag.batch_id == batch_id, RiskFlag.state == FlagState.ACKNOWLEDGED)
        .order_by(RiskFlag.id)
    ).all()
    for flag_id in found:
        flag = _held(db, actor_id, flag_id)
        move(db, actor_id, flag, FlagState.OPEN)
        flag.batch_id = None
    db.flush()
    return len(found)


def own(db: Session, actor_id: UUID, *, flag_id: UUID, owner_id: UUID | None) -> None:
    """Say who looks after a flag."""
    flag = _held_live(db, actor_id, flag_id)
    if owner_id is not None:
        pair = db.get_one(Relationship, flag.relationship_id)
        is_own = any(member.person_id == owner_id for member in pair.members)
        if is_own or db.get(Person, owner_id) is None:
            raise Refused(_("Choose another organizer; this one belongs to the pair."), 422)
    if flag.owner_id != owner_id:
        outbox.withdraw(db, "flag_given", subject=flag.id)
        flag.owner_id = owner_id
        if owner_id not in (None, actor_id):
            occasion = clock.now().isoformat()
            outbox.put(db, "flag_given", subject=flag.id, person=owner_id, occasion=occasion)
        audit.record(db, actor_id, "risk_flag_owner", flag, after=str(owner_id or ""))
    db.flush()


def snooze(db: Session, actor_id: UUID, *, flag_id: UUID, until: date) -> None:
    """Put a flag off until a day; then it is open again."""
    flag = _held_live(db, actor_id, flag_id)
    today = clock.now().date()
    if not today < until <= today + LONGEST_REST:
        raise Refused(_("Choose a day to come, ninety days away at most."), 422)
    if flag.state is not FlagState.SNOOZED:
        move(db, actor_id, flag, FlagState.SNOOZED, reason=until.isoformat())
    flag.snoozed_until = until
    db.flush()


def act(db: Session, actor_id: UUID, *, flag_id: UUID, play: Play, writes: bool) -> bool:
    """Record what was done; with `writes` everybody gets the play's message. Returns whether."""
    flag = _held_live(db, actor_id, flag_id)
    if flag.state is not FlagState.ACTED:
        move(db, actor_id, flag, FlagState.ACTED, reason=play.value)
    flag.play, flag.acted_at, flag.snoozed_until = play, clock.now(), None
    flag.owner_id = flag.owner_id or actor_id
    kind = LETTERS.get(play) if writes else None
    if kind is not None:
        pair = db.get_one(Relationship, flag.relationship_id)
        tell_all(db, pair, kind, subject=flag.id, revision=occasion_of(flag.acted_at))
        audit.record(db, actor_id, "risk_flag_letter", flag, after=play.value)
    db.flush()
    return kind is not None


def conclude(db: Session, actor_id: UUID, *, flag_id: UUID, outcome: Outcome) -> None:
    """Say what became of a flag."""
    settle(db, actor_id, _held_live(db, actor_id, flag_id), outcome)
    db.flush()


def open_again(db: Session, actor_id: UUID, *, flag_id: UUID) -> None:
    """Undo: a flag that was acted on, put off or settled is open again."""
    flag = _held(db, actor_id, flag_id)
    if flag.state is FlagState.OPEN:
        return
    other = select(RiskFlag.id).where(
        RiskFlag.relationship_id == flag.relationship_id,
        RiskFlag.rule == flag.rule,
        RiskFlag.state != FlagState.RESOLVED,
        RiskFlag.id != flag.id,
    )
    if db.scalar(other.limit(1)) is not None:
        raise Refused(_("The same rule holds again already; look at the newer flag."))
    move(db, actor_id, flag, FlagState.OPEN)
    flag.outcome = flag.resolved_at = flag.snoozed_until = None
    flag.play = flag.acted_at = None
    db.flush()
