"""Long silence: "still going?", a notice, an end that can be taken back; and "we are fine"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import ClosingNotice, Nudge, Reassurance, Relationship
from app.mentoring.queries.facts import Watched, watched
from app.mentoring.queries.nudges import stands_still
from app.mentoring.rules import ClosingReason, InThePause, RelationshipState
from app.mentoring.rules.lifecycle import occasion_of
from app.mentoring.rules.risks import (
    LONGEST_REST,
    NOTICE_AFTER,
    NOTICE_DAYS,
    Finding,
    Risk,
    find,
)
from app.mentoring.services import pausing
from app.mentoring.services.closing import close
from app.mentoring.services.holding import held_live
from app.mentoring.services.nudging import KINDS
from app.mentoring.services.telling import tell_all

PAUSE = timedelta(days=30)  # by one tap


def reassure(db: Session, actor_id: UUID, *, relationship_id: UUID, until: date) -> None:
    """Say that all is well, here or elsewhere, until a day; nothing is asked before it."""
    pair = held_live(db, relationship_id, actor_id)
    today = clock.now().date()
    if not today <= until <= today + LONGEST_REST:
        raise Refused(_("Choose a day to come, ninety days away at most."), 422)
    key = {"relationship_id": pair.id, "said_by": actor_id}
    db.merge(Reassurance(said_on=today, until=until, **key))
    audit.record(db, actor_id, "said_fine", pair, after=until.isoformat())
    _quiet(db, pair)


def _quiet(db: Session, pair: Relationship) -> None:
    """Nothing more is asked of anybody; a notice loses its force."""
    if (notice := db.get(ClosingNotice, pair.id)) is not None:
        db.delete(notice)
    outbox.withdraw(db, "closing_notice", subject=pair.id, reason="done")
    for row in db.scalars(
        select(Nudge).where(Nudge.relationship_id == pair.id, Nudge.done_at.is_(None))
    ).all():
        row.done_at = clock.now()
        outbox.withdraw(db, KINDS, subject=row.id, reason="done")
    db.flush()


def ask_again(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """Take "we are fine" back: the timers run again from the day on which it was said."""
    pair = held_live(db, relationship_id, actor_id)
    row = db.get(Reassurance, pair.id)
    if row is not None:
        db.delete(row)
        audit.record(db, actor_id, "said_fine_undone", pair)
        db.flush()


def go_on(db: Session, person_id: UUID, *, relationship_id: UUID, asked: UUID) -> None:
    """One tap of the mail: we go on; it counts as a sign of life of today."""
    _use_up(db, person_id, relationship_id, asked)
    reassure(db, person_id, relationship_id=relationship_id, until=clock.now().date())


def elsewhere(db: Session, person_id: UUID, *, relationship_id: UUID, asked: UUID) -> None:
    """One tap: we meet elsewhere; ninety days nobody asks."""
    _use_up(db, person_id, relationship_id, asked)
    until = clock.now().date() + LONGEST_REST
    reassure(db, person_id, relationship_id=relationship_id, until=until)


def rest(db: Session, person_id: UUID, *, relationship_id: UUID, asked: UUID) -> None:
    """One tap: a pause of thirty days; sessions in it move behind it."""
    _use_up(db, person_id, relationship_id, asked)
    until = clock.now().date() + PAUSE
    wanted = InThePause.MOVE
    key = {"relationship_id": relationship_id}
    pausing.pause(db, person_id, until=until, in_the_pause=wanted, **key)
    _quiet(db, db.get_one(Relationship, relationship_id))


def _use_up(db: Session, person_id: UUID, relationship_id: UUID, asked: UUID) -> None:
    """The link works once, for its person, while the question stands.

    The relationship is locked before what hangs on it, here as everywhere.
    """
    held_live(db, relationship_id, person_id)
    row = hold(db, Nudge, asked)
    if row is None or row.person_id != person_id or row.done_at is not None:
        raise Refused(_("This link has been used already. Your workspace says how things stand."))
    row.done_at = clock.now()
    outbox.withdraw(db, KINDS, subject=row.id, reason="answered")


def concerned(db: Session, seen: Mapping[UUID, Watched]) -> list[UUID]:
    """Relationships that have a notice, or have been silent for so long that they need one."""
    noticed = set(db.scalars(select(ClosingNotice.relationship_id)))
    return sorted(noticed | {key for key, one in seen.items() if _silent(one) is not None})


def give_notice(
    db: Session, seen: Mapping[UUID, Watched], only: Collection[UUID] | None = None
) -> int:
    """After ninety silent days everybody is told on which day it ends; a word takes that back."""
    only = concerned(db, seen) if only is None else only
    changed = sum(_follow(db, key) for key in only)
    db.flush()
    return changed


def _follow(db: Session, relationship_id: UUID) -> int:
    """Give the notice, take it back or keep it, as things are under the lock.

    Seven days that count pass before the end; one that does not count puts it off by itself.
    """
    pair = hold(db, Relationship, relationship_id)
    one = watched(db, [relationship_id]).get(relationship_id)
    notice = db.get(ClosingNotice, relationship_id)
    silent = _silent(one) if one is not None else None
    if pair is None or one is None or silent is None:
        return _forget(db, notice)
    if notice is not None and notice.since != silent.since:
        return _forget(db, notice)
    if stands_still(one):
        return 0
    if notice is None:
        return _give(db, pair, silent)
    if one.facts.days(notice.noticed_on) < NOTICE_DAYS:
        return 0
    db.delete(notice)
    return close(db, None, relationship_id=pair.id, reason=ClosingReason.INACTIVITY)


def _silent(one: Watched) -> Finding | None:
    """What says that a pair has been silent for ninety days, and may be ended."""
    if one.is_asked or one.state is RelationshipState.PAUSED:
        return None
    found = (finding for finding in find(one.facts) if finding.rule is Risk.SILENT)
    return next((finding for finding in found if finding.evidence["days"] >= NOTICE_AFTER), None)


def _give(db: Session, pair: Relationship, silent: Finding) -> int:
    today = clock.now().date()
    row = ClosingNotice(
        relationship_id=pair.id,
        since=silent.since,
        noticed_on=today,
        closes_on=today + timedelta(days=NOTICE_DAYS),
    )
    db.add(row)
    audit.record(db, None, "closing_noticed", pair, after=row.closes_on.isoformat())
    tell_all(db, pair, "closing_notice", revision=occasion_of(clock.now()))
    return 1


def _forget(db: Session, notice: ClosingNotice | None) -> int:
    if notice is None:
        return 0
    outbox.withdraw(db, "closing_notice", subject=notice.relationship_id, reason="done")
    db.delete(notice)
    return 1
