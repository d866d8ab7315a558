"""Contact stops at once, in no other way than any member could stop it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.concerns.models import Concern
from app.concerns.rules import ConcernState
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Relationship
from app.mentoring.queries.lifecycle import open_pause
from app.mentoring.rules import LIVE, LONGEST_PAUSE, InThePause, RelationshipState
from app.mentoring.services import continuity, pausing


class Stop(StrEnum):
    """How contact can stop now: the pair rests, or it ends as a member ends it."""

    REST = "rest"
    END = "end"
    LEAVE = "leave"


def way_to_stop(db: Session, pair: Relationship | None, person_id: UUID | None) -> Stop | None:
    """What "stop contact now" means for this pair; None when there is no contact to stop."""
    if pair is None or pair.state not in LIVE or not pair.has(person_id):
        return None
    if pair.group_id is not None or len(pair.members) > 2:
        return Stop.LEAVE
    if pair.state is RelationshipState.ACTIVE:
        return Stop.REST
    if pair.state is RelationshipState.PAUSED:
        row = db.scalars(open_pause(pair.id)).one_or_none()
        return Stop.REST if row is not None and row.asked_by == person_id else Stop.END
    return Stop.END


class WayChanged(Refused):
    """What stopping contact does is no longer what the person read and ticked."""

    def __init__(self) -> None:
        changed = _("This does something else by now. Read what it does, then send once more.")
        super().__init__(changed, 422)


def stop(
    db: Session,
    actor_id: UUID,
    concern: Concern,
    pair: Relationship,
    way_shown: Stop | None = None,
) -> None:
    """Do it, as the person themselves: an ordinary pause, or an ordinary end."""
    way = way_to_stop(db, pair, actor_id)
    if way is None:
        return
    if way_shown not in (None, way):
        raise WayChanged
    if way is not Stop.REST:
        concern.keeps_rest = pair.state is RelationshipState.TRIAL and way is Stop.END
        continuity.end(db, actor_id, relationship_id=pair.id)
        return
    if pair.state is RelationshipState.ACTIVE:
        pausing.pause(
            db,
            actor_id,
            relationship_id=pair.id,
            until=clock.now().date() + LONGEST_PAUSE,
            in_the_pause=InThePause.CANCEL,
        )
    concern.keeps_rest = True
    db.flush()


def lift(db: Session, concern: Concern) -> None:
    """Contact may go on: the pause ends tomorrow on its day, by nobody's name.

    Not in a trial: whether it goes on, its people alone answer, and nobody takes their answer back.
    """
    found = concern.relationship_id and hold(db, Relationship, concern.relationship_id)
    if found and found.state is RelationshipState.TRIAL:
        raise Refused(_("Choose one of the decisions."), 422)
    pair = found if found and found.state is RelationshipState.PAUSED else None
    if pair is not None and way_to_stop(db, pair, concern.raised_by) is Stop.REST:
        row = db.scalars(open_pause(pair.id)).one()
        row.until = pair.paused_until = min(row.until, clock.now().date() + timedelta(days=1))
    db.flush()


def keep_resting(db: Session) -> int:
    """Pauses that end soon are prolonged while nobody has decided; returns how many."""
    _forget_what_is_over(db)
    soon = clock.now().date() + timedelta(days=1)
    due = (
        db.query(Concern)
        .join(Relationship, Relationship.id == Concern.relationship_id)
        .filter(
            Concern.keeps_rest.is_(True),
            Concern.state != ConcernState.CLOSED,
            Relationship.state == RelationshipState.PAUSED,
            Relationship.paused_until <= soon,
        )
        .order_by(Concern.id)
    )
    prolonged = 0
    for concern in due.all():
        pair = db.get_one(Relationship, concern.relationship_id)
        if pair.paused_until is None or pair.paused_until > soon:
            continue
        if way_to_stop(db, pair, concern.raised_by) is Stop.REST:
            until = clock.now().date() + LONGEST_PAUSE
            pausing.pause(db, concern.raised_by, relationship_id=pair.id, until=until)
            prolonged += 1
    return prolonged


def _forget_what_is_over(db: Session) -> None:
    """A pair that goes on, or has ended, rests no more; a later pause of its people is theirs."""
    resting = (RelationshipState.TRIAL, RelationshipState.PAUSED)
    others = select(Relationship.id).where(Relationship.state.not_in(resting))
    over = Concern.keeps_rest.is_(True) & Concern.relationship_id.in_(others)
    forgetting = update(Concern).where(over).values(keeps_rest=False)
    db.execute(forgetting.execution_options(synchronize_session="fetch"))


def holds(relationship_id: Any, person: Any, at: Any = None) -> ColumnElement[bool]:
    """What the others do waits for whoever asked that contact stops, from that instant on.

    A trial ends at its own instant, so that nobody can tell who ended it; until then this is what
    stops for the person, and for nobody else does anything look different. In a trial contact is
    stopped only in raising the concern; a pause stops messages for both, and then nothing is held.
    """
    pair = aliased(Relationship)
    asked = exists().where(
        pair.id == relationship_id,
        pair.state == RelationshipState.TRIAL,
        Concern.raised_by == person,
        Concern.relationship_id == pair.id,
        Concern.keeps_rest.is_(True),
    )
    return asked if at is None else asked.where(Concern.raised_at <= at)


def rests(db: Session, relationship_id: UUID, _person_id: UUID) -> bool:
    """Whether messages wait: in every pause, so that none of them looks different."""
    pair = db.get(Relationship, relationship_id)
    return pair is not None and pair.state is RelationshipState.PAUSED
