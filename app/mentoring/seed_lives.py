"""Where the demo's pairs stand: a trial, a pause, an ending, a last term, a certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Meeting, Relationship
from app.mentoring.queries.slots import weeks_of
from app.mentoring.rules import Claim, InThePause, RelationshipState, SessionState
from app.mentoring.rules.slots import is_free
from app.mentoring.rules.surveys import Reached
from app.mentoring.services import (
    closing,
    pausing,
    proposing,
    sessions,
    surveying,
    terms,
    trial,
    work,
)
from app.programs.rules import Format, Role

Planned = Callable[[Session, Relationship, datetime, datetime, int], Meeting]
YOUNG, OLD = timedelta(days=30), timedelta(days=120)
LOOKED_BACK = {
    Role.MENTEE: "You asked before you answered. I ask my own team like that now.",
    Role.MENTOR: "You said no to me once, and you were right. Keep doing that.",
}


def split(
    pairs: Sequence[Relationship], now: datetime
) -> tuple[list[Relationship], list[Relationship], list[Relationship]]:
    """The pairs of an earlier round, those under way, and those that have just begun."""
    old = [pair for pair in pairs if now - pair.started_at > OLD]
    young = [pair for pair in pairs if now - pair.started_at < YOUNG]
    return old, [pair for pair in pairs if pair not in (*old, *young)], young


def begin(db: Session, pair: Relationship, now: datetime, planned: Planned) -> None:
    """A trial: both have signed, one session was held, and both are asked in private."""
    mentee = _who(pair, Role.MENTEE)
    day = now - timedelta(days=3)
    with clock.frozen(day - timedelta(days=4)):
        for member in pair.members:
            work.sign(db, member.person_id, relationship_id=pair.id, revision=1)
    _held(db, pair, day, planned, [mentee])


def grow_old(db: Session, pair: Relationship, now: datetime, planned: Planned, bo: UUID) -> None:
    """Four sessions in almost six months; Bo's pair is complete, the other is asked for more."""
    with clock.frozen(pair.started_at + timedelta(days=1)):
        for member in pair.members:
            work.sign(db, member.person_id, relationship_id=pair.id, revision=1)
    everybody = [member.person_id for member in pair.members]
    for days in (155, 127, 99, 71):
        _held(db, pair, now - timedelta(days=days), planned, everybody)
    with clock.frozen(now - timedelta(days=60)):
        trial.settle(db)
    if pair.has(bo):
        _complete(db, pair, now)
        return
    with clock.frozen(now - timedelta(days=3)):
        terms.ask_renewals(db)
    sides = weeks_of(db, pair).sides
    by_day: dict[date, datetime] = {}
    here = clock.zone(sides[0].zone)
    for hours in range(2 * 24, 12 * 24):
        at = now + timedelta(hours=hours)
        if is_free(sides, at, 60, now):
            by_day.setdefault(at.astimezone(here).date(), at)
    mentee, starts = _who(pair, Role.MENTEE), list(by_day.values())[:3]
    if starts:
        proposing.propose(db, mentee, relationship_id=pair.id, starts=starts, place="Video call")


def _complete(db: Session, pair: Relationship, now: datetime) -> None:
    with clock.frozen(now - timedelta(days=24)):
        terms.conclude(db, _who(pair, Role.MENTOR), relationship_id=pair.id)
    for days, member in zip((22, 20), pair.members, strict=True):
        with clock.frozen(now - timedelta(days=days)):
            terms.look_back(
                db,
                member.person_id,
                relationship_id=pair.id,
                own_text="I know now what I want to be asked for.",
                thanks=LOOKED_BACK[member.role],
            )
            if member.enrollment_id:
                surveying.answer(
                    db,
                    member.person_id,
                    enrollment_id=member.enrollment_id,
                    measures={"belonging": 4, "safety": 4, "growth": 5, "goals": 4},
                    reached=Reached.SOME,
                )


def turn(db: Session, pairs: Sequence[Relationship], besides: set[UUID], now: datetime) -> None:
    """One pair under way pauses, another has ended and its mentee waits for a new match."""
    quiet = [
        pair
        for pair in pairs
        if pair.format is Format.ONE_TO_ONE
        and pair.state is RelationshipState.ACTIVE
        and not any(pair.has(person_id) for person_id in besides)
    ]
    is_open = Meeting.series_id.is_not(None) | (Meeting.state == SessionState.PROPOSED)
    ahead = set(db.scalars(select(Meeting.relationship_id).where(is_open)))
    quiet = [pair for pair in quiet if pair.id not in ahead]
    if len(quiet) < 2:
        return
    with clock.frozen(now - timedelta(days=1)):
        pausing.pause(
            db,
            _who(quiet[0], Role.MENTEE),
            relationship_id=quiet[0].id,
            until=(now + timedelta(days=26)).date(),
            in_the_pause=InThePause.MOVE,
        )
        closing.end(db, _who(quiet[1], Role.MENTOR), relationship_id=quiet[1].id)


def _who(pair: Relationship, role: Role) -> UUID:
    return next(member.person_id for member in pair.members if member.role is role)


def _held(
    db: Session, pair: Relationship, day: datetime, planned: Planned, say: Sequence[UUID]
) -> None:
    meeting = planned(db, pair, day, day - timedelta(days=4), 12)
    with clock.frozen(day + timedelta(days=1)):
        sessions.mark_due(db)
        for person_id in say:
            sessions.answer(db, person_id, session_id=meeting.id, said=Claim.MET)
