"""How the circles of a cohort stand, and what an organizer could propose to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.mentoring.models import Meeting, Relationship, Reshaping
from app.mentoring.queries.circles import in_turn, quorum_of
from app.mentoring.queries.lines import OPEN_TO_JOIN
from app.mentoring.queries.relationships import WITH_MEMBERS, is_mine
from app.mentoring.rules import Claim, SessionState
from app.mentoring.rules.reshaping import (
    LOW_TWICE,
    Cause,
    ReshapeKind,
    ReshapeState,
    cause_of,
    common_hours,
    parted,
)
from app.programs.feed.hours import week_mask
from app.programs.models import Cohort, Enrollment
from app.programs.queries.scope import is_manager
from app.programs.rules import SHAPES, form_from

WHOLE_WEEK = (1 << 168) - 1
PASSED = (SessionState.PLANNED, SessionState.PROPOSED, SessionState.CANCELED, SessionState.MOVED)
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """A circle in numbers: who is in it, and how many came to its latest sessions."""

    circle: Relationship
    number: int
    people: Sequence[UUID]
    quorum: int
    came: Sequence[tuple[datetime, int]]
    sessions: int
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could become of circles: who would be together, and the hours they would share."""

    kind: ReshapeKind
    cause: Cause
    circles: Sequence[Standing]
    groups: Sequence[Sequence[UUID]]
    common: Sequence[int] = field(default=())


def circles_cohort(db: Session, actor: Actor, cohort_id: UUID) -> Cohort | None:
    """A cohort of circles that the actor runs."""
    cohort = db.get(Cohort, cohort_id)
    if cohort is None or not is_manager(actor, cohort):
        return None
    return cohort if SHAPES[cohort.program.format].kind == "circles" else None


def reshaping_for(db: Session, actor: Actor, reshaping_id: UUID) -> Reshaping | None:
    """A proposal in a cohort that the actor runs, but for one about a circle of their own."""
    row = db.get(Reshaping, reshaping_id)
    if row is None or circles_cohort(db, actor, row.cohort_id) is None:
        return None
    own = select(Relationship.id).where(Relationship.id.in_(row.circles), is_mine(actor))
    return row if db.scalar(own.limit(1)) is None else None


def standings_of(db: Session, actor: Actor, cohort: Cohort) -> list[Standing]:
    """The circles under way, without the actor's own; two statements."""
    circles = list(
        db.scalars(
            select(Relationship)
            .where(
                Relationship.cohort_id == cohort.id,
                Relationship.is_gathering.is_(False),
                Relationship.state.in_(OPEN_TO_JOIN),
                ~is_mine(actor),
            )
            .order_by(Relationship.started_at, Relationship.id)
            .limit(SHOWN)
            .options(WITH_MEMBERS)
        ).unique()
    )
    past = _past(db, [circle.id for circle in circles])
    form = form_from(cohort.rules)
    found = []
    for number, circle in enumerate(circles, 1):
        people, needed = [m.person_id for m in in_turn(circle)], quorum_of(circle)
        meetings = past.get(circle.id, [])
        came = [(one.starts_at, present(one, circle)) for one in meetings[:LOW_TWICE]]
        cause = cause_of(len(people), form.least, form.most, [n < needed for _at, n in came])
        found.append(Standing(circle, number, people, needed, came, len(meetings), cause))
    return found


def _past(db: Session, circle_ids: list[UUID]) -> dict[UUID, list[Meeting]]:
    """Sessions whose time has passed, the newest first, with what people said."""
    rows = db.scalars(
        select(Meeting)
        .where(
            Meeting.relationship_id.in_(circle_ids),
            Meeting.starts_at < clock.now(),
            Meeting.state.not_in(PASSED),
        )
        .order_by(Meeting.starts_at.desc(), Meeting.id)
        .options(joinedload(Meeting.claims), joinedload(Meeting.replies))
    ).unique()
    found: dict[UUID, list[Meeting]] = {}
    for row in rows:
        found.setdefault(row.relationship_id, []).append(row)
    return found


def present(meeting: Meeting, circle: Relationship) -> int:
    """How many were there: those who say that they met; before anybody said so, those who said
    that they would come."""
    said = {c.person_id for c in meeting.claims if c.revision == meeting.revision}
    met = {
        c.person_id
        for c in meeting.claims
        if c.revision == meeting.revision and c.answer is Claim.MET
    }
    if not said:
        met = {reply.person_id for reply in meeting.replies if reply.is_coming}
    return sum(circle.has(one) for one in met)


def proposals_of(db: Session, cohort: Cohort, standings: Sequence[Standing]) -> list[Proposal]:
    """What could be done where a circle should not stay as it is; one statement."""
    if not any(standing.cause for standing in standings):
        return []
    masks = masks_of(db, [s.circle for s in standings])
    most, taken, found = form_from(cohort.rules).most, set[UUID](), []
    for one in standings:
        if one.cause is None or one.circle.id in taken:
            continue
        proposal = (
            _split(one, masks)
            if one.cause is Cause.TOO_MANY
            else _merge(one, standings, taken, masks, most)
        )
        if proposal is not None:
            found.append(proposal)
            taken |= {standing.circle.id for standing in proposal.circles}
    return found


def _split(one: Standing, masks: dict[UUID, int]) -> Proposal:
    halves = parted(one.people, masks)
    common = [common_hours([masks[p] for p in half]) for half in halves]
    return Proposal(ReshapeKind.SPLIT, Cause.TOO_MANY, [one], halves, common)


def _merge(
    one: Standing,
    standings: Sequence[Standing],
    taken: set[UUID],
    masks: dict[UUID, int],
    most: int,
) -> Proposal | None:
    """With the circle with which most hours are shared, rather one that is in need as well."""
    assert one.cause is not None, "only circles in need are merged"
    fit = [
        other
        for other in standings
        if other is not one
        and other.circle.id not in taken
        and len(one.people) + len(other.people) <= most
        and not set(one.people) & set(other.people)
    ]
    if not fit:
        return None
    shared = {
        other.circle.id: common_hours([masks[p] for p in (*one.people, *other.people)])
        for other in fit
    }
    other = max(fit, key=lambda s: (shared[s.circle.id], s.cause is not None, -s.number))
    together = [*one.people, *other.people]
    return Proposal(
        ReshapeKind.MERGE, one.cause, [one, other], [together], [shared[other.circle.id]]
    )


def masks_of(db: Session, circles: Sequence[Relationship]) -> dict[UUID, int]:
    """The week of each person as bits; whoever said nothing has all of it."""
    members = [member for circle in circles for member in in_turn(circle)]
    wanted = [member.enrollment_id for member in members if member.enrollment_id]
    rows = db.execute(
        select(Enrollment.person_id, Enrollment.weekly_windows, Enrollment.zone).where(
            Enrollment.id.in_(wanted)
        )
    )
    now = clock.now()
    known = {person: week_mask(windows, zone, now) for person, windows, zone in rows}
    return {m.person_id: known.get(m.person_id) or WHOLE_WEEK for m in members}


def asked_in(db: Session, cohort_id: UUID) -> list[Reshaping]:
    """What the people are asked now, and what was done lately, the newest first."""
    return list(
        db.scalars(
            select(Reshaping)
            .where(Reshaping.cohort_id == cohort_id)
            .order_by(Reshaping.asked_at.desc(), Reshaping.id)
            .limit(SHOWN)
        )
    )


def open_for(db: Session, relationship_id: UUID) -> Reshaping | None:
    """What the people of a circle are asked now."""
    return db.scalars(
        select(Reshaping)
        .where(
            or_(Reshaping.first_id == relationship_id, Reshaping.second_id == relationship_id),
            Reshaping.state == ReshapeState.ASKED,
        )
        .limit(1)
    ).one_or_none()
