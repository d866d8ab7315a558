"""The trial and its blind exit: answered in private, settled at one instant, then forgotten."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Meeting, Relationship, SessionClaim
from app.mentoring.rules import (
    AskedQuestion,
    Claim,
    ClosingReason,
    RelationshipState,
    RematchCause,
)
from app.mentoring.services import asking
from app.mentoring.services.closing import close, said_no
from app.mentoring.services.holding import held
from app.mentoring.services.moving import move
from app.mentoring.services.telling import take_back_questions


def answer(db: Session, actor_id: UUID, *, relationship_id: UUID, goes_on: bool) -> None:
    """Say in private whether one wants to go on; it can be changed until the trial is settled."""
    pair = held(db, relationship_id, actor_id)
    is_open = pair.state is RelationshipState.TRIAL and pair.trial_asked_at is not None
    if not is_open or pair.settles_at is None or pair.settles_at <= clock.now():
        raise Refused(_("This question is closed. Reload the page to see how things stand."))
    asking.keep(db, actor_id, pair, AskedQuestion.TRIAL, goes_on)


def ask_where_met(db: Session) -> int:
    """Ask in every trial of which somebody says that a session was held; returns how many."""
    met = select(Meeting.relationship_id).join(SessionClaim).where(SessionClaim.answer == Claim.MET)
    due = db.scalars(
        select(Relationship.id)
        .where(
            Relationship.state == RelationshipState.TRIAL,
            Relationship.trial_asked_at.is_(None),
            Relationship.id.in_(met),
        )
        .order_by(Relationship.id)
    ).all()
    for pair_id in due:
        pair = hold(db, Relationship, pair_id)
        if pair is not None:
            asking.ask_trial(db, pair)
    return len(due)


def settle(db: Session) -> int:
    """Settle every trial whose instant has come: it ends, or becomes a relationship.

    All at once and by nobody's name, so that neither who nor when says who did not want to go on.
    """
    due = db.scalars(
        select(Relationship.id)
        .where(
            Relationship.state == RelationshipState.TRIAL, Relationship.settles_at <= clock.now()
        )
        .order_by(Relationship.id)
    ).all()
    for pair_id in due:
        pair = hold(db, Relationship, pair_id)
        if pair is not None and pair.state is RelationshipState.TRIAL:
            _settle_one(db, pair)
    db.flush()
    return len(due)


def _settle_one(db: Session, pair: Relationship) -> None:
    if said_no(db, pair):
        close(
            db,
            None,
            relationship_id=pair.id,
            reason=ClosingReason.NO_FAULT,
            at=pair.settles_at,
            cause=RematchCause.TRIAL,
        )
        return
    pair.settles_at = None
    if pair.trial_asked_at is None:  # nobody has met, and whoever wanted to end it is gone
        return
    move(db, None, pair, RelationshipState.ACTIVE)
    asking.forget(db, pair)
    take_back_questions(db, pair)
