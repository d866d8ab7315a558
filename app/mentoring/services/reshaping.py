"""Circles become one or two when most of their people want it; until the next session it can be
taken back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import Agreement, Meeting, Member, Relationship, Reshaping
from app.mentoring.queries.circles import in_turn, is_circle
from app.mentoring.queries.lines import OPEN_TO_JOIN
from app.mentoring.queries.reshaping import masks_of, open_for
from app.mentoring.rules import (
    HELD,
    AskedQuestion,
    ClosingReason,
    RelationshipState,
    SessionState,
)
from app.mentoring.rules.lifecycle import occasion_of
from app.mentoring.rules.reshaping import (
    ASKED_FOR,
    Cause,
    ReshapeKind,
    ReshapeState,
    agree,
    common_hours,
    parted,
)
from app.mentoring.services import asking
from app.mentoring.services.closing import close
from app.mentoring.services.holding import held_for_organizer, held_live
from app.mentoring.services.moving import move
from app.mentoring.services.reopening import bring_back_sessions
from app.mentoring.services.telling import tell_all
from app.programs.models import Cohort
from app.programs.rules import SHAPES, Role, form_from
from app.programs.services import offers


def propose(
    db: Session,
    actor_id: UUID,
    *,
    cohort_id: UUID,
    circle_ids: Sequence[UUID],
    cause: Cause | None = None,
) -> Reshaping:
    """Ask the people of two circles whether they become one, or of one whether it becomes two."""
    cohort = db.get_one(Cohort, cohort_id)
    circles = [held_for_organizer(db, one, actor_id) for one in sorted(set(circle_ids))]
    circles.sort(key=lambda circle: list(circle_ids).index(circle.id))
    if len(circles) not in (1, 2) or any(not _can(circle, cohort) for circle in circles):
        raise Refused(_("These circles have changed meanwhile. Reload the page."))
    if any(open_for(db, circle.id) for circle in circles):
        raise Refused(_("The people of one of them are asked already. Wait for their answer."))
    groups = _planned(db, cohort, circles)
    masks = masks_of(db, circles)
    row = Reshaping(
        cohort_id=cohort.id,
        kind=ReshapeKind.MERGE if len(circles) == 2 else ReshapeKind.SPLIT,
        cause=cause,
        first_id=circles[0].id,
        second_id=circles[1].id if len(circles) == 2 else None,
        asked_by=actor_id,
        asked_at=clock.now(),
        closes_at=clock.now() + ASKED_FOR,
        groups=[[str(one) for one in group] for group in groups],
        common=[common_hours([masks[one] for one in group]) for group in groups],
    )
    db.add(row)
    db.flush()
    audit.record(db, actor_id, "reshaping_asked", row, after=row.state.value)
    for circle in circles:
        asking.forget(db, circle, AskedQuestion.RESHAPING)
        number = occasion_of(row.asked_at)
        tell_all(db, circle, "reshaping_asked", revision=number, expires=row.closes_at)
    db.flush()
    return row


def _can(circle: Relationship, cohort: Cohort) -> bool:
    is_open = circle.state in OPEN_TO_JOIN and not circle.is_gathering
    return is_open and circle.cohort_id == cohort.id and is_circle(circle)


def _planned(db: Session, cohort: Cohort, circles: Sequence[Relationship]) -> list[list[UUID]]:
    """Who would be together, as people; refused where that is too many or too few."""
    people = [member.person_id for circle in circles for member in in_turn(circle)]
    if len(set(people)) < len(people):
        raise Refused(_("Somebody belongs to both circles, so they cannot become one."))
    groups = [people] if len(circles) == 2 else list(parted(people, masks_of(db, circles)))
    most, starts = form_from(cohort.rules).most, SHAPES[cohort.program.format].starts
    if any(not starts <= len(group) <= most for group in groups):
        raise Refused(_("That would be too many or too few people for a circle."))
    return groups


def withdraw(db: Session, actor_id: UUID, *, reshaping_id: UUID) -> None:
    """Ask no longer; nothing changes for anybody."""
    row, circles = _held(db, reshaping_id, ReshapeState.ASKED)
    for circle in circles:
        held_for_organizer(db, circle.id, actor_id)
    _end(db, actor_id, row, circles, ReshapeState.WITHDRAWN)


def _held(
    db: Session, reshaping_id: UUID, state: ReshapeState
) -> tuple[Reshaping, list[Relationship]]:
    """The proposal and its circles, the circles locked first and in one order."""
    seen = db.get_one(Reshaping, reshaping_id)
    found = [hold(db, Relationship, one) for one in sorted(seen.circles)]
    row = hold(db, Reshaping, reshaping_id) or seen
    if row.state is not state:
        raise Refused(_("This has changed meanwhile. Reload the page to see how things stand."))
    return row, [circle for circle in found if circle is not None]


def _end(
    db: Session,
    actor_id: UUID | None,
    row: Reshaping,
    circles: Sequence[Relationship],
    to: ReshapeState,
) -> None:
    move(db, actor_id, row, to)
    for circle in circles:
        if circle.state in OPEN_TO_JOIN:
            asking.forget(db, circle, AskedQuestion.RESHAPING)
        outbox.withdraw(db, "reshaping_asked", subject=circle.id)
    db.flush()


def answer(db: Session, actor_id: UUID, *, relationship_id: UUID, says_yes: bool) -> None:
    """Say privately whether one wants it; with the last answer it is decided."""
    seen = open_for(db, relationship_id)
    if seen is None or seen.closes_at <= clock.now():
        raise Refused(_("Nobody asks you about this any more. Reload the page."))
    row, circles = _held(db, seen.id, ReshapeState.ASKED)
    circle = held_live(db, relationship_id, actor_id)
    asking.keep(db, actor_id, circle, AskedQuestion.RESHAPING, says_yes)
    said = _answers(db, circles)
    if all(member.person_id in said for one in circles for member in in_turn(one)):
        _decide(db, row, circles)


def _answers(db: Session, circles: Sequence[Relationship]) -> dict[UUID, bool]:
    said: dict[UUID, bool] = {}
    for circle in circles:
        said |= asking.answers(db, circle, AskedQuestion.RESHAPING)
    return said


def settle(db: Session, limit: int = 100) -> None:
    """Proposals whose time has come are decided; one that cannot be does not hold up the others."""
    due = db.scalars(
        select(Reshaping.id)
        .where(Reshaping.state == ReshapeState.ASKED, Reshaping.closes_at <= clock.now())
        .order_by(Reshaping.id)
        .limit(limit)
    ).all()
    for reshaping_id in due:
        with suppress(Refused), db.begin_nested():
            row, circles = _held(db, reshaping_id, ReshapeState.ASKED)
            _decide(db, row, circles)


def _decide(db: Session, row: Reshaping, circles: Sequence[Relationship]) -> None:
    """More than half of each circle carry it; a circle that has changed too much stays."""
    groups = [[member.person_id for member in in_turn(circle)] for circle in circles]
    cohort = db.get_one(Cohort, row.cohort_id)
    planned = _as_asked(row, groups)
    most, starts = form_from(cohort.rules).most, SHAPES[cohort.program.format].starts
    fits = all(starts <= len(group) <= most for group in planned)
    is_open = len(circles) == len(row.circles) and all(_can(one, cohort) for one in circles)
    wanted = is_open and fits and agree(_answers(db, circles), groups)
    if not wanted or not _have_seats(db, circles):
        _end(db, None, row, circles, ReshapeState.REFUSED)
        return
    _end(db, None, row, circles, ReshapeState.DONE)
    row.done_at = clock.now()
    row.made = [str(one.id) for one in _carry_out(db, cohort, circles, planned)]
    db.flush()


def _have_seats(db: Session, circles: Sequence[Relationship]) -> bool:
    """Whether everybody may sit in the new circles when the old ones have ended."""
    wanted = [m.enrollment_id for circle in circles for m in in_turn(circle) if m.enrollment_id]
    leaving = [circle.group_id for circle in circles if circle.group_id is not None]
    return offers.can_reseat(db, enrollment_ids=wanted, leaving=leaving)


def _as_asked(row: Reshaping, groups: Sequence[Sequence[UUID]]) -> list[list[UUID]]:
    """Who goes where, as they were asked: without who has left, with who has come since."""
    here = [one for group in groups for one in group]
    planned = [[UUID(one) for one in group] for group in row.groups]
    planned = [[one for one in group if one in here] for group in planned]
    for one in here:
        if not any(one in group for group in planned):
            min(planned, key=len).append(one)
    return planned


def _carry_out(
    db: Session, cohort: Cohort, circles: Sequence[Relationship], planned: list[list[UUID]]
) -> list[Relationship]:
    """The old circles end, readable for their people; the new ones begin at once."""
    seats = {m.person_id: m for circle in circles for m in in_turn(circle)}
    model = circles[0]
    for circle in circles:
        close(
            db,
            None,
            relationship_id=circle.id,
            reason=ClosingReason.RESHAPED,
            kind="circle_reshaped",
        )
    return [_begin(db, cohort, model, [seats[one] for one in group]) for group in planned]


def _begin(
    db: Session, cohort: Cohort, model: Relationship, people: Sequence[Member]
) -> Relationship:
    wanted = [one.enrollment_id for one in people if one.enrollment_id is not None]
    group_id, seats = offers.reseat(db, None, cohort_id=cohort.id, enrollment_ids=wanted)
    circle = Relationship(
        cohort_id=cohort.id,
        group_id=group_id,
        format=model.format,
        guide_id=model.guide_id,
        cadence_days=model.cadence_days,
        started_at=clock.now(),
        ends_on=model.ends_on,
        term=model.term,
    )
    db.add(circle)
    db.flush()
    for number, one in enumerate(people):  # in the order of the turns to facilitate
        joined = clock.now() + timedelta(microseconds=number)
        row = Member(relationship_id=circle.id, person_id=one.person_id, role=Role.MENTEE)
        row.enrollment_id, row.joined_at = one.enrollment_id, joined
        row.offer_id = seats[one.enrollment_id] if one.enrollment_id else None
        db.add(row)
    db.add(Agreement(relationship_id=circle.id))
    db.flush()
    db.refresh(circle, ["members"])
    audit.record(db, None, "relationship_begun", circle, after=circle.state.value)
    move(db, None, circle, RelationshipState.ACTIVE, reason="reshaped")
    tell_all(db, circle, "pair_started")
    return circle


def has_met(db: Session, row: Reshaping) -> bool:
    """Whether one of the new circles has had a session."""
    made = [UUID(one) for one in row.made]
    met = select(Meeting.id).where(
        Meeting.relationship_id.in_(made),
        Meeting.state != SessionState.CANCELED,
        or_(Meeting.state.in_(HELD), Meeting.starts_at <= clock.now()),
    )
    return db.scalar(met.limit(1)) is not None


def recall(db: Session, actor_id: UUID, *, reshaping_id: UUID) -> None:
    """Until the first session: the new circles end, the old ones go on with their sessions."""
    row, circles = _held(db, reshaping_id, ReshapeState.DONE)
    for circle in circles:
        held_for_organizer(db, circle.id, actor_id)
    made = [held_for_organizer(db, UUID(one), actor_id) for one in sorted(row.made)]
    if has_met(db, row) or any(one.state is RelationshipState.CLOSED for one in made):
        raise Refused(_("The new circle has met or ended already, so it stays as it is now."))
    for one in made:
        reason = ClosingReason.RESHAPED
        close(db, actor_id, relationship_id=one.id, reason=reason, kind="circle_reshaped")
    for circle in circles:
        _go_on(db, actor_id, circle)
    move(db, actor_id, row, ReshapeState.RECALLED)
    db.flush()


def _go_on(db: Session, actor_id: UUID, circle: Relationship) -> None:
    for member in in_turn(circle):
        if member.offer_id is None or not offers.sit_again(db, offer_id=member.offer_id):
            member.left_at = clock.now()
            if member.person.can_sign_in:
                outbox.put(
                    db,
                    "circle_without_you",
                    subject=circle.id,
                    person=member.person_id,
                    revision=occasion_of(member.left_at),
                )
    if len(in_turn(circle)) < 2:
        raise Refused(_("Too few of the former people are still there. It stays as it is now."))
    move(db, actor_id, circle, RelationshipState.ACTIVE, reason="recalled")
    assert circle.closed_at is not None
    revision = occasion_of(circle.closed_at)
    circle.closed_at = circle.closing_reason = circle.closed_from = circle.closed_by = None
    bring_back_sessions(db, actor_id, circle)
    tell_all(db, circle, "pair_reopened", revision=revision)
    db.flush()
