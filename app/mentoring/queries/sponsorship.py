"""Ledgers and commitments for the two, and what organizers may know of all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.core import clock
from app.core.policies import Actor
from app.health.rules import Cell, Kind, share_cell
from app.mentoring.models import Meeting, Member, Relationship, SessionFeedback, SponsorAction
from app.mentoring.rules import RelationshipState
from app.mentoring.rules.lifecycle import REOPENED_WITHIN
from app.mentoring.rules.sponsorship import ASKED_FOR, Fact, in_steps, month_of
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


def is_final(given: SessionFeedback) -> bool:
    """Whether what a senior said of a commitment counts in a total by now, and stays as it is."""
    return given.is_kept is not None and given.given_at < month_of(clock.now())


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
    until = month_of(clock.now())
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


def settled_at(pair: Relationship) -> datetime | None:
    """When the second term began, else when a closed pair can no longer be opened again.

    What counts then counts for good: nothing that somebody does later moves a total once shown.
    """
    if pair.renewed_at is not None or pair.closed_at is None:
        return pair.renewed_at
    return pair.closed_at + REOPENED_WITHIN


def counted_at(action: SponsorAction, at: datetime | None) -> bool:
    """Whether a line stood in the ledger when its pair was settled; also one taken out since."""
    is_there = at is not None and action.written_at <= at
    return is_there and (action.removed_at is None or action.removed_at > at)


def _settled(db: Session, cohort_id: UUID) -> list[Fact]:
    """Pairs that ended or began another term, with their actions until then."""
    rows = db.execute(
        select(Relationship, SponsorAction)
        .outerjoin(SponsorAction, SponsorAction.relationship_id == Relationship.id)
        .where(
            Relationship.cohort_id == cohort_id,
            Relationship.format.in_((Format.ONE_TO_ONE, Format.SPONSORSHIP)),
            or_(
                Relationship.state == RelationshipState.CLOSED, Relationship.renewed_at.is_not(None)
            ),
        )
    ).all()
    actions: dict[tuple[UUID, datetime], int] = {}
    for pair, action in rows:
        if (at := settled_at(pair)) is not None:
            counts = action is not None and counted_at(action, at)
            actions[pair.id, at] = actions.get((pair.id, at), 0) + counts
    return [Fact(at, pair_id, number > 0, number) for (pair_id, at), number in actions.items()]


def _checked_in(db: Session, cohort_id: UUID) -> list[Fact]:
    """What seniors of reverse pairs said of commitments: kept or not."""
    rows = db.execute(
        select(SessionFeedback.given_at, Meeting.relationship_id, SessionFeedback.is_kept)
        .join(Meeting, SessionFeedback.session_id == Meeting.id)
        .join(Relationship, Relationship.id == Meeting.relationship_id)
        .join(
            Member,
            (Member.relationship_id == Relationship.id)
            & (Member.person_id == SessionFeedback.person_id)
            & (Member.role == Role.MENTEE),
        )
        .where(
            Relationship.cohort_id == cohort_id,
            Relationship.format == Format.REVERSE,
            SessionFeedback.is_kept.is_not(None),
        )
    ).all()
    return [Fact(at, pair_id, bool(is_kept)) for at, pair_id, is_kept in rows]
