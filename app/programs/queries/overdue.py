"""What waits too long in a cohort: offers, requests, and lists that nobody has put in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import Person
from app.accounts.queries.directory import PAGE, Page
from app.core import clock, search
from app.core.policies import Actor
from app.programs.models import Enrollment, MatchRequest, MatchRun, Offer, ShortlistEntry
from app.programs.queries.runs import NEVER, names_of
from app.programs.rules import (
    IN_POOL,
    OFFER_REMINDERS,
    OPEN_OFFERS,
    REQUEST_REMINDERS,
    REVIVE_DAYS,
    OfferState,
    RequestState,
    RunState,
)

KINDS = ("offer", "request", "list")
LAST_DAYS = timedelta(days=2)  # how long before its end an untouched list is worth a word


@dataclass(frozen=True, slots=True)
class Overdue:
    """One thing that waits: an offer, a request, or the list of a mentee."""

    kind: str
    due: datetime
    mentee: Person
    mentor: Person | None
    subject: Any  # Offer | MatchRequest | UUID of the enrollment


def overdue_page(
    db: Session, actor: Actor, cohort_id: UUID, number: int, *, q: str = "", kind: str = ""
) -> Page:
    """Everything overdue of a cohort, the most urgent first; what concerns the actor is absent."""
    own = actor.person_id or NEVER
    parts = {
        "offer": _offers(cohort_id, own),
        "request": _requests(cohort_id, own),
        "list": _lists(cohort_id, own),
    }
    wanted = [parts[kind]] if kind in KINDS else list(parts.values())
    found = union_all(*wanted).subquery()
    query = select(found).order_by(found.c.due, found.c.id)
    if (named := search.ids("enrollments", q)) is not None:
        query = query.where(or_(found.c.mentee_id.in_(named), found.c.mentor_id.in_(named)))
    keys = db.execute(query).all()
    last = max(1, -(-len(keys) // PAGE))
    number = min(max(1, number), last)
    rows = _loaded(db, keys[(number - 1) * PAGE : number * PAGE])
    return Page(rows, number, last, len(keys))


def _keys(kind: str, row_id: Any, mentee_id: Any, mentor_id: Any, due: Any) -> Select[Any]:
    return select(
        literal(kind, String).label("kind"),
        row_id.label("id"),
        mentee_id.label("mentee_id"),
        mentor_id.label("mentor_id"),
        due.label("due"),
    )


def _offers(cohort_id: UUID, own: UUID) -> Any:
    """Open ones after the first reminder, and those that ran out and can be opened again."""
    now = clock.now()
    mentee, mentor, other = aliased(Enrollment), aliased(Enrollment), aliased(Offer)
    held = or_(
        other.state.in_(OPEN_OFFERS),
        and_(other.state == OfferState.ACCEPTED, other.released_at.is_(None)),
    )
    waits = and_(
        Offer.state.in_(OPEN_OFFERS), Offer.offered_at <= now - timedelta(days=OFFER_REMINDERS[0])
    )
    ran_out = and_(
        Offer.state == OfferState.EXPIRED,
        Offer.answered_at > now - timedelta(days=REVIVE_DAYS),
        ~select(other.id).where(other.mentee_id == Offer.mentee_id, held).exists(),
    )
    ended = case((Offer.state == OfferState.EXPIRED, Offer.answered_at), else_=Offer.expires_at)
    return (
        _keys("offer", Offer.id, Offer.mentee_id, Offer.mentor_id, ended)
        .join(mentee, mentee.id == Offer.mentee_id)
        .join(mentor, mentor.id == Offer.mentor_id)
        .where(
            Offer.cohort_id == cohort_id,
            or_(waits, ran_out),
            mentee.person_id != own,
            mentor.person_id != own,
        )
    )


def _requests(cohort_id: UUID, own: UUID) -> Any:
    """Open ones after the first reminder."""
    row = MatchRequest
    mentee, mentor = aliased(Enrollment), aliased(Enrollment)
    return (
        _keys("request", row.id, row.mentee_id, row.mentor_id, row.expires_at)
        .join(mentee, mentee.id == MatchRequest.mentee_id)
        .join(mentor, mentor.id == MatchRequest.mentor_id)
        .where(
            MatchRequest.cohort_id == cohort_id,
            MatchRequest.state == RequestState.ASKED,
            MatchRequest.asked_at <= clock.now() - timedelta(days=REQUEST_REMINDERS[0]),
            mentee.person_id != own,
            mentor.person_id != own,
        )
    )


def _lists(cohort_id: UUID, own: UUID) -> Any:
    """Lists without any order in the last days of the choice."""
    now, mentee_id = clock.now(), ShortlistEntry.mentee_id
    return (
        _keys("list", mentee_id, mentee_id, mentee_id, func.max(MatchRun.choice_until))
        .join(MatchRun, MatchRun.id == ShortlistEntry.run_id)
        .join(Enrollment, Enrollment.id == ShortlistEntry.mentee_id)
        .where(
            MatchRun.cohort_id == cohort_id,
            MatchRun.state == RunState.REVIEW,
            MatchRun.choice_until > now,
            MatchRun.choice_until <= now + LAST_DAYS,
            Enrollment.state.in_(IN_POOL),
            Enrollment.person_id != own,
        )
        .group_by(ShortlistEntry.mentee_id)
        .having(func.count(ShortlistEntry.rank) == 0)
    )


def _loaded(db: Session, keys: Any) -> list[Overdue]:
    people = names_of(db, {one for key in keys for one in (key.mentee_id, key.mentor_id)})
    offers = _by_id(db, Offer, [key.id for key in keys if key.kind == "offer"])
    requests = _by_id(db, MatchRequest, [key.id for key in keys if key.kind == "request"])
    subjects = {**offers, **requests}
    return [
        Overdue(
            kind=key.kind,
            due=key.due,
            mentee=people[key.mentee_id],
            mentor=people[key.mentor_id] if key.kind != "list" else None,
            subject=subjects.get(key.id, key.mentee_id),
        )
        for key in keys
        if key.mentee_id in people
    ]


def _by_id(db: Session, model: Any, ids: list[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    rows = db.scalars(
        select(model)
        .where(model.id.in_(ids))
        .options(
            joinedload(model.mentee).joinedload(Enrollment.person),
            joinedload(model.mentor).joinedload(Enrollment.person),
            joinedload(model.cohort),
        )
    )
    return {row.id: row for row in rows}
