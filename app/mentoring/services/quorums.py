"""How many of a group must come, and that all are told in time when too few do."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.audit import services as audit
from app.core import clock
from app.core.errors import Refused
from app.mentoring.models import ClosedWish, Meeting, Relationship
from app.mentoring.queries.circles import coming, hosts_of, in_turn, is_group, quorum_of
from app.mentoring.queries.sessions import PAIR_WITH_MEMBERS
from app.mentoring.rules import LIVE, SessionState
from app.mentoring.rules.circles import LONGEST_CLOSED, QUORUM_CHECKED, quorum_bounds
from app.mentoring.services.holding import held_live
from app.mentoring.services.telling import tell_all

GRACE = timedelta(hours=6)  # a session that was planned just now has no answers yet


def set_quorum(db: Session, actor_id: UUID, *, relationship_id: UUID, number: int) -> None:
    """Choose how many must come, as whoever looks after the group."""
    group = held_live(db, relationship_id, actor_id)
    if not is_group(group) or actor_id not in hosts_of(db, group):
        raise Refused(_("Whoever looks after the group decides how many must come."), 403)
    least, most = quorum_bounds(len(in_turn(group)))
    if not least <= number <= most:
        said = ngettext(
            "Choose a number from %(least)s to %(num)s.",
            "Choose a number from %(least)s to %(num)s.",
            most,
            least=least,
        )
        raise Refused(said, 422)
    before, group.quorum = quorum_of(group), number
    audit.record(db, actor_id, "quorum_set", group, before=str(before), after=str(number))
    db.flush()


def wish_closed(db: Session, actor_id: UUID, *, relationship_id: UUID, until: date | None) -> None:
    """Say until when one wants nobody new; it holds while more than half of the group want it."""
    group = held_live(db, relationship_id, actor_id)
    today = clock.now().date()
    if until is not None and not today < until <= today + LONGEST_CLOSED:
        raise Refused(_("Choose a day to come, half a year away at most."), 422)
    row = db.get(ClosedWish, (group.id, actor_id))
    if until is not None:
        db.merge(ClosedWish(relationship_id=group.id, person_id=actor_id, until=until))
    elif row is not None:
        db.delete(row)
    audit.record(db, actor_id, "closed_wish_set", group, after=until.isoformat() if until else "")
    db.flush()


def tell_too_few(db: Session, limit: int = 500) -> None:
    """A day before a session of a group that too few will come to, all are told once."""
    now = clock.now()
    soon = db.scalars(
        select(Meeting)
        .join(Relationship)
        .where(
            Meeting.state == SessionState.SCHEDULED,
            Meeting.starts_at > now,
            Meeting.starts_at <= now + QUORUM_CHECKED,
            Relationship.group_id.is_not(None),
            Relationship.state.in_(LIVE),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(limit)
        .options(PAIR_WITH_MEMBERS, joinedload(Meeting.replies))
    ).unique()
    for meeting in soon.all():
        is_new = (meeting.changed_at or meeting.created_at) > now - GRACE
        group = meeting.pair
        if is_new or not is_group(group) or coming(meeting, group) >= quorum_of(group):
            continue
        tell_all(
            db,
            group,
            "too_few_come",
            subject=meeting.id,
            revision=meeting.revision,
            expires=meeting.starts_at,
        )
