"""A term ends with another one, or with a look back and a certificate."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock
from app.core.database import hold
from app.core.errors import Refused
from app.mentoring.models import LookBack, Meeting, Relationship
from app.mentoring.rules import (
    HELD,
    LIVE,
    AskedQuestion,
    ClosingReason,
    RelationshipState,
    SessionState,
)
from app.mentoring.rules.lifecycle import LOOKING_BACK, RENEWAL_LEAD, months_after
from app.mentoring.services import asking, goals, surveying
from app.mentoring.services.closing import close, complete
from app.mentoring.services.holding import held_live
from app.mentoring.services.moving import move
from app.mentoring.services.telling import take_back_questions, tell_all
from app.programs.models import Cohort, Program
from app.programs.rules import SHAPES, CohortState

LEAST_NOTICE = timedelta(days=7)
# Formats whose sessions are counted before they begin, as flash mentoring, know no further term.
COUNTED = {format_: shape.sessions for format_, shape in SHAPES.items() if shape.sessions}
IS_COUNTED = Relationship.format.in_(COUNTED)
TO_ANSWER = timedelta(days=2)
# Sessions of a relationship that has begun, or begins: how they were decides what follows.
BEGUN = (*HELD, SessionState.SCHEDULED, SessionState.DUE)
OVER = (CohortState.CLOSED, CohortState.ARCHIVED, CohortState.CANCELED)


def set_ends(db: Session) -> int:
    """Give a last day to every relationship that has none; returns how many."""
    found = db.execute(
        select(Relationship.id, Program.months)
        .join(Cohort, Cohort.id == Relationship.cohort_id)
        .join(Program, Program.id == Cohort.program_id)
        .where(Relationship.ends_on.is_(None), Relationship.state.in_(LIVE))
        .order_by(Relationship.id)
    ).all()
    for pair_id, months in found:
        pair = hold(db, Relationship, pair_id)
        if pair is not None and pair.ends_on is None:
            pair.ends_on = months_after(pair.started_at.date(), months)
    db.flush()
    return len(found)


def ask_renewals(db: Session) -> int:
    """Three weeks before the end of a term everybody is asked, for themselves, for another."""
    soon = clock.now().date() + RENEWAL_LEAD
    due = (Relationship.ends_on <= soon) & Relationship.renewal_asked_at.is_(None)
    return _each(db, RelationshipState.ACTIVE, due & ~IS_COUNTED, _ask_renewal)


def _ask_renewal(db: Session, pair: Relationship) -> None:
    pair.renewal_asked_at, today = clock.now(), clock.now().date()
    if pair.ends_on is None or pair.ends_on < today + LEAST_NOTICE:
        pair.ends_on = today + RENEWAL_LEAD  # a late question still leaves time to answer
    audit.record(db, None, "renewal_asked", pair)
    tell_all(db, pair, "renewal_question", revision=pair.term)


def ask_in_closing(db: Session, cohort_id: UUID | None = None) -> int:
    """In a cohort that closes every pair of its term is asked for another, until its last day."""
    closing = Cohort.state == CohortState.CLOSING
    if cohort_id is not None:
        closing &= Cohort.id == cohort_id
    asked = Relationship.cohort_id.in_(select(Cohort.id).where(closing))
    due = asked & Relationship.renewal_asked_at.is_(None) & (Relationship.term == 1)
    return _each(db, RelationshipState.ACTIVE, due & ~IS_COUNTED, _ask_in_closing)


def _ask_in_closing(db: Session, pair: Relationship) -> None:
    _ask_renewal(db, pair)
    pair.ends_on = pair.cohort.ends_on or pair.ends_on


def answer_renewal(db: Session, actor_id: UUID, *, relationship_id: UUID, says_yes: bool) -> None:
    """Say in private whether one wants another term; it can be changed until the last day."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is not RelationshipState.ACTIVE or pair.renewal_asked_at is None:
        raise Refused(_("This question is closed. Reload the page to see how things stand."))
    asking.keep(db, actor_id, pair, AskedQuestion.RENEWAL, says_yes)


def end_terms(db: Session) -> int:
    """On the last day another term begins if everybody wants it; else the pair looks back."""
    due = (Relationship.ends_on <= clock.now().date()) & Relationship.renewal_asked_at.is_not(None)
    return _each(db, RelationshipState.ACTIVE, due, _end_term)


def _end_term(db: Session, pair: Relationship) -> None:
    wants = _all_want_more(db, pair)
    asking.forget(db, pair, AskedQuestion.RENEWAL)
    take_back_questions(db, pair)
    pair.renewal_asked_at = None
    if not wants:
        _conclude(db, None, pair)
        return
    assert pair.ends_on is not None, "only terms that end are asked for another"
    months = db.get_one(Cohort, pair.cohort_id).program.months
    pair.term, pair.ends_on = pair.term + 1, months_after(pair.ends_on, months)
    pair.renewed_at = pair.renewed_at or clock.now()
    audit.record(db, None, "relationship_renewed", pair)
    goals.carry_into_term(db, pair)
    tell_all(db, pair, "pair_renewed", revision=pair.term)


def _all_want_more(db: Session, pair: Relationship) -> bool:
    said = asking.answers(db, pair, AskedQuestion.RENEWAL)
    return all(said.get(m.person_id, False) for m in pair.members if m.left_at is None)


def conclude(db: Session, actor_id: UUID, *, relationship_id: UUID) -> None:
    """Say that the work is done: everybody looks back, then the pair ends as completed."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is not RelationshipState.ACTIVE:
        raise Refused(_("Only an active pair can conclude. Resume it first, or end it."))
    _conclude(db, actor_id, pair)


def _conclude(db: Session, actor_id: UUID | None, pair: Relationship) -> None:
    move(db, actor_id, pair, RelationshipState.CONCLUDING)
    pair.renewal_asked_at = None
    pair.looks_back_until = clock.now().date() + LOOKING_BACK
    asking.forget(db, pair)
    take_back_questions(db, pair)
    tell_all(db, pair, "pair_concluding", but=actor_id, revision=pair.term)
    surveying.ask(db, pair)
    db.flush()


def conclude_counted(db: Session) -> int:
    """When as many sessions were held as the format has, everybody looks back, two days later."""
    held = (
        select(func.count(Meeting.id))
        .where(
            Meeting.relationship_id == Relationship.id,
            Meeting.state.in_(HELD),
            Meeting.starts_at <= clock.now() - TO_ANSWER,
        )
        .scalar_subquery()
    )
    enough = or_(*(and_(Relationship.format == f, held >= n) for f, n in COUNTED.items()))
    return _each(db, RelationshipState.ACTIVE, enough, lambda db, pair: _conclude(db, None, pair))


def look_back(
    db: Session, actor_id: UUID, *, relationship_id: UUID, own_text: str, thanks: str
) -> bool:
    """Write one's look back; the last one completes the relationship. Returns whether it did."""
    pair = held_live(db, relationship_id, actor_id)
    if pair.state is not RelationshipState.CONCLUDING:
        raise Refused(_("This pair is not concluding. Reload the page to see how things stand."))
    key = {"relationship_id": pair.id, "person_id": actor_id}
    db.merge(LookBack(own_text=own_text, thanks=thanks, written_at=clock.now(), **key))
    audit.record(db, actor_id, "looked_back", pair)
    db.flush()
    return complete_if_written(db, pair)


def complete_if_written(db: Session, pair: Relationship) -> bool:
    """Complete a relationship whose people, as far as they are there, have all looked back."""
    if pair.state is not RelationshipState.CONCLUDING:
        return False
    assert pair.looks_back_until is not None, "it concludes"
    began = datetime.combine(pair.looks_back_until - LOOKING_BACK, time.min, UTC)
    anew = (LookBack.relationship_id == pair.id) & (LookBack.written_at >= began)
    written = db.scalars(select(LookBack.person_id).where(anew)).all()
    here = [member.person_id for member in pair.members if member.left_at is None]
    if not set(here) <= set(written):
        return False
    complete(db, pair)
    return True


def finish_looking_back(db: Session) -> int:
    """After two weeks a relationship is completed, whoever has looked back."""
    due = Relationship.looks_back_until <= clock.now().date()
    return _each(db, RelationshipState.CONCLUDING, due, complete)


def close_idle(db: Session) -> int:
    """Whoever has not met by the last day of the term, nor is to meet, did not begin: it ends."""
    begins = select(Meeting.id).where(
        Meeting.relationship_id == Relationship.id, Meeting.state.in_(BEGUN)
    )
    is_over = (Relationship.ends_on <= clock.now().date()) & ~begins.exists()
    trials = is_over & Relationship.settles_at.is_(None)
    return _each(db, RelationshipState.TRIAL, trials, _close_idle) + _each(
        db, RelationshipState.ACTIVE, is_over & IS_COUNTED, _close_idle
    )


def _close_idle(db: Session, pair: Relationship) -> None:
    close(db, None, relationship_id=pair.id, reason=ClosingReason.INACTIVITY)


def close_with_cohorts(db: Session) -> int:
    """A cohort that is over takes its pairs along, but for those in a further term.

    Who is asked for another term is settled now, and what all have said counts in a pause, too;
    who looks back may do so to the end.
    """
    over = select(Cohort.id).where(Cohort.state.in_(OVER))
    due = db.scalars(
        select(Relationship.id)
        .where(
            Relationship.state.in_(LIVE),
            Relationship.state != RelationshipState.CONCLUDING,
            Relationship.term == 1,
            Relationship.cohort_id.in_(over),
        )
        .order_by(Relationship.id)
    ).all()
    for pair_id in due:
        pair = hold(db, Relationship, pair_id)
        is_asked = pair is not None and pair.renewal_asked_at is not None
        is_active = pair is not None and pair.state is RelationshipState.ACTIVE
        if pair is not None and is_asked and (is_active or _all_want_more(db, pair)):
            _end_term(db, pair)
        else:
            close(db, None, relationship_id=pair_id, reason=ClosingReason.COHORT_END)
    return len(due)


def _each(db: Session, state: RelationshipState, due: ColumnElement[bool], act) -> int:  # type: ignore[no-untyped-def]
    """Do something to each relationship in a state for which a day has come; returns how many."""
    found = db.scalars(
        select(Relationship.id).where(Relationship.state == state, due).order_by(Relationship.id)
    ).all()
    for pair_id in found:
        pair = hold(db, Relationship, pair_id)
        if pair is not None and pair.state is state:
            act(db, pair)
    db.flush()
    return len(found)
