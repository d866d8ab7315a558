"""What a group asks of the company: ask, change, withdraw; answer in public, take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import PersonKind, PersonStatus
from app.audit import services as audit
from app.core import clock, ids, outbox, search
from app.core.database import hold
from app.core.errors import Refused
from app.ergs import queries as ergs
from app.ergs.models import Erg
from app.plans.models import Recommendation, RecommendationAnswer
from app.plans.rules import (
    ANSWERS,
    RECOMMENDATION_TRANSITIONS,
    REMIND_BEFORE,
    RecommendationState,
)

KINDS = ("recommendation_asked", "recommendation_reminder", "recommendation_late")
MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Plea:
    """What is recommended, to whom, until when."""

    title: str
    why: str
    owner_id: UUID
    due_on: date


def recommend(db: Session, actor_id: UUID | None, *, erg_id: UUID, plea: Plea) -> Recommendation:
    """Ask somebody for a public answer by a day."""
    if hold(db, Erg, erg_id) is None:
        raise Refused(_("This group does not exist any more."), 404)
    _require_lead(db, actor_id, erg_id)
    _require_colleague(db, actor_id, plea)
    row = Recommendation(
        id=ids.new_id("recommendation", f"{erg_id}|{plea.title}"),
        erg_id=erg_id,
        title=plea.title,
        why=plea.why,
        owner_id=plea.owner_id,
        due_on=plea.due_on,
        asked_at=clock.now(),
        revision=0,
    )
    db.add(row)
    db.flush()
    search.put(db, "recommendations", row.id, row.title, row.why)
    audit.record(db, actor_id, "recommend", row, after=RecommendationState.OPEN)
    _remind(db, row)
    return row


def _require_lead(db: Session, actor_id: UUID | None, erg_id: UUID) -> None:
    if actor_id is not None and not ergs.leads(db, actor_id, erg_id):
        raise Refused(_("Only leads of the group can do this."), 403)


def _require_colleague(db: Session, actor_id: UUID | None, plea: Plea) -> None:
    """Any colleague but oneself. Who belongs is not asked: the answer would tell."""
    person = db.get(Person, plea.owner_id)
    is_there = (
        person is not None
        and person.status is PersonStatus.ACTIVE
        and person.kind is PersonKind.EMPLOYEE
    )
    if not is_there:
        raise Refused(_("Choose a colleague who is still with the company."))
    if plea.owner_id == actor_id:
        raise Refused(_("Nobody asks themselves. Choose somebody who can decide about it."))


def _remind(db: Session, row: Recommendation) -> None:
    """Ask now, remind a week before the day and on the morning after it."""
    due = datetime.combine(row.due_on, MORNING, UTC)
    times = (clock.now(), due - REMIND_BEFORE, due + timedelta(days=1))
    for kind, at in zip(KINDS, times, strict=True):
        if kind == KINDS[0] or at > clock.now():
            outbox.put(db, kind, subject=row.id, person=row.owner_id, due=at, revision=row.revision)


def _forget_reminders(db: Session, row: Recommendation) -> None:
    for kind in KINDS:
        outbox.withdraw(db, kind, subject=row.id)


def _hold(db: Session, recommendation_id: UUID) -> Recommendation:
    row = hold(db, Recommendation, recommendation_id)
    if row is None:
        raise Refused(_("This recommendation does not exist any more."), 404)
    return row


def change(
    db: Session, actor_id: UUID | None, *, recommendation_id: UUID, plea: Plea
) -> Recommendation:
    """Change an open recommendation; another person or day means new reminders."""
    row = _hold(db, recommendation_id)
    _require_lead(db, actor_id, row.erg_id)
    if row.state is not RecommendationState.OPEN:
        raise Refused(_("It has been answered or withdrawn. Make a new recommendation instead."))
    _require_colleague(db, actor_id, plea)
    is_moved = (row.owner_id, row.due_on) != (plea.owner_id, plea.due_on)
    row.title, row.why = plea.title, plea.why
    row.owner_id, row.due_on = plea.owner_id, plea.due_on
    db.flush()
    search.put(db, "recommendations", row.id, row.title, row.why)
    audit.record(db, actor_id, "change_recommendation", row, after=row.state)
    if is_moved:
        _ask_again(db, row)
    return row


def _ask_again(db: Session, row: Recommendation) -> None:
    _forget_reminders(db, row)
    row.revision += 1
    db.flush()
    _remind(db, row)


def _move(
    db: Session, actor_id: UUID | None, row: Recommendation, to: RecommendationState, verb: str
) -> None:
    if to not in RECOMMENDATION_TRANSITIONS[row.state]:
        raise Refused(_("It has changed meanwhile. Reload the page to see where it is."))
    before, row.state = row.state, to
    db.flush()
    audit.record(db, actor_id, verb, row, before=before, after=to)


def withdraw(db: Session, actor_id: UUID | None, *, recommendation_id: UUID) -> Recommendation:
    """Take an unanswered recommendation back; only leads see it then."""
    row = _hold(db, recommendation_id)
    _require_lead(db, actor_id, row.erg_id)
    _move(db, actor_id, row, RecommendationState.WITHDRAWN, "withdraw")
    _forget_reminders(db, row)
    return row


def restore(db: Session, actor_id: UUID | None, *, recommendation_id: UUID) -> Recommendation:
    """The undo of withdrawing."""
    row = _hold(db, recommendation_id)
    _require_lead(db, actor_id, row.erg_id)
    if row.state is not RecommendationState.WITHDRAWN:
        raise Refused(_("It has changed meanwhile. Reload the page to see where it is."))
    _move(db, actor_id, row, RecommendationState.OPEN, "restore")
    _ask_again(db, row)
    return row


def answer(
    db: Session, actor_id: UUID, *, recommendation_id: UUID, state: RecommendationState, text: str
) -> Recommendation:
    """Say in public what becomes of it; only whoever is asked."""
    row = _hold(db, recommendation_id)
    _require_asked(row, actor_id)
    if state not in ANSWERS:
        raise Refused(_("Choose one of the answers."))
    _move(db, actor_id, row, state, "answer")
    said = RecommendationAnswer(
        recommendation_id=row.id, state=state, text=text, by=actor_id, at=clock.now()
    )
    db.add(said)
    db.flush()
    _forget_reminders(db, row)
    for lead in ergs.leads_of(db, row.erg_id):
        outbox.put(
            db, "recommendation_answered", subject=row.id, person=lead, occasion=str(said.id)
        )
    return row


def _require_asked(row: Recommendation, actor_id: UUID) -> None:
    if row.owner_id != actor_id:
        raise Refused(_("Only the person who is asked can answer."), 403)


def recall_answer(db: Session, actor_id: UUID, *, recommendation_id: UUID) -> Recommendation:
    """Take the newest answer back; the one before it holds again."""
    row = _hold(db, recommendation_id)
    _require_asked(row, actor_id)
    said = row.said
    if not said:
        raise Refused(_("There is no answer to take back."))
    said[-1].taken_back_at = clock.now()
    to = said[-2].state if len(said) > 1 else RecommendationState.OPEN
    _move(db, actor_id, row, to, "recall_answer")
    if to is RecommendationState.OPEN:
        _ask_again(db, row)
    return row
