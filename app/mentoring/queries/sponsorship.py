"""Ledgers and commitments for the two, and what organizers may know of all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.health.rules import Cell, Kind, share_cell
from app.mentoring.models import Meeting, Member, Relationship, SessionFeedback, SponsorAction
from app.mentoring.rules import RelationshipState
from app.mentoring.rules.lifecycle import REOPENED_WITHIN, months_after
from app.mentoring.rules.sponsorship import ASKED_FOR, Fact, in_steps
from app.programs.models import Cohort
from app.programs.rules import Format, Role

MOST = 200


def has_ledger(pair: Relationship) -> bool:
    """Sponsorship from its start, and a pair whose two both said yes."""
    return pair.format is Format.SPONSORSHIP or pair.sponsorship_opened_at is not None


def is_reverse(pair: Relationship) -> bool:
    """A pair in which the senior learns, and keeps commitments."""
    return pair.format is Format.REVERSE


def is_asked(pair: Relationship) -> bool:
    """Whether the two can answer now whether they go on as sponsorship."""
    asked_at = pair.sponsorship_asked_at
    is_open = pair.state is RelationshipState.ACTIVE and not has_ledger(pair)
    return is_open and asked_at is not None and clock.now() < asked_at + ASKED_FOR


def asked_until(pair: Relationship) -> datetime | None:
    """Until when the two can answer; None when they are not asked."""
    asked_at = pair.sponsorship_asked_at
    return asked_at + ASKED_FOR if asked_at is not None and is_asked(pair) else None


def ledger_of(db: Session, relationship_id: UUID) -> list[SponsorAction]:
    """What was done, the newest first."""
    return list(
        db.scalars(
            select(SponsorAction)
            .where(
                SponsorAction.relationship_id == relationship_id,
                SponsorAction.removed_at.is_(None),
            )
            .order_by(SponsorAction.acted_on.desc(), SponsorAction.id)
            .limit(MOST)
        )
    )


def action_for(db: Session, actor: Actor, action_id: UUID) -> SponsorAction | None:
    """A line of a ledger of the actor, also one that was just taken out."""
    row = db.get(
        SponsorAction,
        action_id,
        options=[joinedload(SponsorAction.pair).selectinload(Relationship.members)],
    )
    return row if row is not None and row.pair.has(actor.person_id) else None


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a senior wrote to do differently, and whether they did: yes, no, or not said yet."""

    written_at: datetime
    text: str
    is_kept: bool | None
    checked_at: datetime | None = None


def commitments_of(db: Session, pair: Relationship) -> list[Commitment]:
    """The commitments of a reverse pair, the newest first; each is checked at the next session."""
    seniors = [member.person_id for member in pair.members if member.role is Role.MENTEE]
    rows = db.execute(
        select(Meeting.starts_at, SessionFeedback.line, SessionFeedback.is_kept)
        .join(SessionFeedback, SessionFeedback.session_id == Meeting.id)
        .where(Meeting.relationship_id == pair.id, SessionFeedback.person_id.in_(seniors))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(MOST)
    ).all()
    return list(reversed(checked([(row[0], row[1], row[2]) for row in rows])))


def checked(rows: list[tuple[datetime, str, bool | None]]) -> list[Commitment]:
    """Commitments in their order: each with what the next session says of the one before it."""
    found: list[Commitment] = []
    for at, line, is_kept in rows:
        if found and found[-1].is_kept is None and is_kept is not None:
            found[-1] = replace(found[-1], is_kept=is_kept, checked_at=at)
        if line:
            found.append(Commitment(at, line, None))
    return found


# -- for organizers: numbers of all pairs together ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """What organizers may know; hidden where few people stand behind a number."""

    conversion: Cell
    actions: Cell
    commitments: Cell


HIDDEN = Cell(Kind.HIDDEN)


def totals_of(db: Session, cohort_id: UUID) -> Totals:
    """Pairs with an action of those closed or renewed, their actions, commitments kept of checked.

    As things stood when this month began, in the steps of `in_steps`: a number that moved with each
    ending would tell of it.
    """
    until = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    settled = in_steps(_settled(db, cohort_id), until)
    acted = [fact for fact in settled if fact.counts]
    checked_ones = in_steps(_checked_in(db, cohort_id), until)
    return Totals(
        conversion=share_of(settled),
        actions=Cell(Kind.EXACT, sum(fact.things for fact in acted)) if acted else HIDDEN,
        commitments=share_of(checked_ones),
    )


def share_of(facts: list[Fact]) -> Cell:
    """How many of the facts count; hidden where either side is small."""
    return share_cell(sum(fact.counts for fact in facts), len(facts))


def _settled(db: Session, cohort_id: UUID) -> list[Fact]:
    """Pairs that ended or began another term, with their actions until then."""
    months = db.get_one(Cohort, cohort_id).program.months
    rows = db.execute(
        select(
            Relationship.id,
            Relationship.closed_at,
            Relationship.term,
            Relationship.ends_on,
            SponsorAction.written_at,
        )
        .outerjoin(
            SponsorAction,
            (SponsorAction.relationship_id == Relationship.id) & SponsorAction.removed_at.is_(None),
        )
        .where(
            Relationship.cohort_id == cohort_id,
            Relationship.format.in_((Format.ONE_TO_ONE, Format.SPONSORSHIP)),
            or_(Relationship.state == RelationshipState.CLOSED, Relationship.term > 1),
        )
    ).all()
    actions: dict[tuple[UUID, datetime], int] = {}
    for pair_id, closed_at, term, ends_on, written_at in rows:
        at = _settled_at(closed_at, term, ends_on, months)
        is_within = written_at is not None and written_at <= at
        actions[pair_id, at] = actions.get((pair_id, at), 0) + is_within
    return [Fact(at, pair_id, number > 0, number) for (pair_id, at), number in actions.items()]


def _settled_at(closed_at: datetime | None, term: int, ends_on: date, months: int) -> datetime:
    """When the second term began, else when a closed pair could no longer be opened again."""
    if term == 1 and closed_at is not None:
        return closed_at + REOPENED_WITHIN
    began = months_after(ends_on, -months * (term - 1))
    return datetime(began.year, began.month, began.day, tzinfo=UTC)


def _checked_in(db: Session, cohort_id: UUID) -> list[Fact]:
    """Commitments of reverse pairs that a later session asked for."""
    rows = db.execute(
        select(
            Meeting.relationship_id,
            SessionFeedback.given_at,
            SessionFeedback.line,
            SessionFeedback.is_kept,
        )
        .join(SessionFeedback, SessionFeedback.session_id == Meeting.id)
        .join(Relationship, Relationship.id == Meeting.relationship_id)
        .join(
            Member,
            (Member.relationship_id == Relationship.id)
            & (Member.person_id == SessionFeedback.person_id)
            & (Member.role == Role.MENTEE),
        )
        .where(Relationship.cohort_id == cohort_id, Relationship.format == Format.REVERSE)
        .order_by(Meeting.relationship_id, Meeting.starts_at, Meeting.id)
    ).all()
    by_pair: dict[UUID, list[tuple[datetime, str, bool | None]]] = {}
    for pair_id, at, line, is_kept in rows:
        by_pair.setdefault(pair_id, []).append((at, line, is_kept))
    return [
        Fact(one.checked_at, pair_id, one.is_kept)
        for pair_id, found in by_pair.items()
        for one in checked(found)
        if one.is_kept is not None and one.checked_at is not None
    ]
