"""Organizers decide who comes: admit, decline, remove with a reason, and take each of it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import services as audit
from app.core import clock, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.events.models import Event, Occurrence, Rsvp
from app.events.rules import OccurrenceState, Question, RsvpState, questions_of
from app.events.rules.answers import MOST_QUESTIONS
from app.events.services import admission
from app.events.services.dates import keep_past, meant_event
from app.events.services.entries import (
    end_entry,
    forget_words,
    move,
    tell,
    tell_unsure,
)
from app.events.services.holding import held_date, led

_S = RsvpState
# News of a no wait this long, so that an undo is in time.
QUIET = timedelta(minutes=10)
REMOVABLE = (_S.GOING, _S.OFFERED, _S.WAITLISTED, _S.PENDING_APPROVAL)


def admit(db: Session, actor_id: UUID | None, *, rsvp_id: UUID) -> Rsvp:
    """Say yes to somebody who asked to come; a seat follows as the queue allows."""
    occurrence, rsvp = _decided(db, actor_id, rsvp_id)
    if rsvp.state is not _S.PENDING_APPROVAL:
        raise Refused(_("This was decided already."))
    admission.approve(db, rsvp)
    audit.record(db, actor_id, "admit", ("rsvp", rsvp.id))
    admission.settle(db, occurrence)
    if _waits_unheard(rsvp):
        tell(db, "event_admitted", occurrence, rsvp)
    db.flush()
    return rsvp


def _waits_unheard(rsvp: Rsvp) -> bool:
    return rsvp.state is _S.WAITLISTED and rsvp.called_at is None


def hold_back(db: Session, actor_id: UUID, *, rsvp_id: UUID) -> Rsvp:
    """Take the yes back: the person waits for a decision again, a seat goes to who waits."""
    occurrence, rsvp = _decided(db, actor_id, rsvp_id)
    if rsvp.approved_at is None or rsvp.state not in (_S.GOING, _S.OFFERED, _S.WAITLISTED):
        raise Refused(_("There is nothing to take back any more."))
    had_place = rsvp.state is _S.GOING
    rsvp.approved_at = rsvp.offer_until = rsvp.called_at = None
    move(db, rsvp, _S.PENDING_APPROVAL)
    audit.record(db, actor_id, "hold_back", ("rsvp", rsvp.id))
    if had_place:
        end_entry(db, rsvp)
    tell_unsure(db, rsvp, due=clock.now() + QUIET)
    admission.settle(db, occurrence)
    return rsvp


def remove(db: Session, actor_id: UUID | None, *, rsvp_id: UUID, reason: str) -> Rsvp:
    """Take a place away, or decline to give one, with a reason; the seat goes to who waits."""
    occurrence, rsvp = _decided(db, actor_id, rsvp_id)
    if not reason.strip():
        raise Refused(_("Please say why; the person reads it."), 422)
    had_place = rsvp.state is _S.GOING
    if rsvp.state not in REMOVABLE:
        raise Refused(_("This person does not come any more, or is there already."))
    forget_words(rsvp)
    rsvp.offer_until = rsvp.called_at = None
    rsvp.reason = reason.strip()[:500]
    move(db, rsvp, _S.REMOVED)
    audit.record(db, actor_id, "remove", ("rsvp", rsvp.id))
    if had_place:
        end_entry(db, rsvp)
    outbox.put(
        db,
        "event_removed",
        subject=rsvp.id,
        person=rsvp.person_id,
        due=clock.now() + QUIET,
        revision=rsvp.sequence,
        occasion=clock.now().isoformat(),
    )
    admission.settle(db, occurrence)
    return rsvp


def restore(db: Session, actor_id: UUID, *, rsvp_id: UUID) -> Rsvp:
    """Take a removal back: through the queue, at the former place in it."""
    occurrence, rsvp = _decided(db, actor_id, rsvp_id)
    if rsvp.state is not _S.REMOVED:
        raise Refused(_("There is nothing to take back any more."))
    if not admission.takes_claims(occurrence):
        raise Refused(_("This event does not take answers any more."))
    needs_yes = occurrence.event.needs_approval and rsvp.approved_at is None
    rsvp.reason, rsvp.called_at = "", None
    move(db, rsvp, _S.PENDING_APPROVAL if needs_yes else _S.WAITLISTED)
    audit.record(db, actor_id, "restore", ("rsvp", rsvp.id))
    outbox.withdraw(db, "event_removed", subject=rsvp.id, reason="taken back")
    admission.settle(db, occurrence, present=rsvp.id)
    if not _has_seat(rsvp):
        tell_unsure(db, rsvp)
    return rsvp


def _has_seat(rsvp: Rsvp) -> bool:
    return rsvp.state is _S.GOING


def set_answering(
    db: Session,
    actor_id: UUID | None,
    *,
    occurrence_id: UUID,
    needs_approval: bool,
    closes_minutes: int | None,
    questions: Sequence[Question],
    is_for_all: bool = False,
) -> Event:
    """How people answer a date: whether organizers decide, until when, what they are asked.

    Of a series this date alone, or all that lie ahead and are like it; what took place stays.
    """
    if is_for_all:
        _hold_all(db, occurrence_id)
    occurrence = led(db, actor_id, occurrence_id)
    if len(questions) > MOST_QUESTIONS:
        raise Refused(_("Ask %(number)s questions at most.", number=MOST_QUESTIONS), 422)
    wanted = (needs_approval, closes_minutes, [question.row() for question in questions])
    event = occurrence.event
    if (event.needs_approval, event.closes_minutes, event.questions) == wanted:
        return event
    event = meant_event(db, occurrence, is_for_all=is_for_all)
    if is_for_all:
        keep_past(db, event, but=occurrence)
    hold(db, Event, event.id)
    changed_door = event.needs_approval is not needs_approval
    before = _rules_of(event)
    gone = {q.id for q in questions_of(event.questions)} - {q.id for q in questions}
    event.needs_approval, event.closes_minutes, event.questions = wanted
    audit.record(db, actor_id, "set_answering", event, before=before, after=_rules_of(event))
    db.flush()
    for date in _dates_of(db, event.id):
        if gone:
            _forget_answers(db, date, gone)
        if changed_door:
            _turn_door(db, date)
        admission.settle(db, date)
    return event


def _rules_of(event: Event) -> str:
    asked = ",".join(sorted(str(row["id"]) for row in event.questions))
    return f"{event.needs_approval} {event.closes_minutes} {asked}"


def _hold_all(db: Session, occurrence_id: UUID) -> None:
    """All dates of the event, each locked, in one order for everybody."""
    event_id = select(Occurrence.event_id).where(Occurrence.id == occurrence_id)
    for date in _dates_of(db, db.scalar(event_id)):
        held_date(db, date.id)


def _dates_of(db: Session, event_id: UUID | None) -> list[Occurrence]:
    found = select(Occurrence).where(Occurrence.event_id == event_id).order_by(Occurrence.id)
    return list(db.scalars(found))


def _turn_door(db: Session, occurrence: Occurrence) -> None:
    """Who only waits is asked about from now on, or not any more; who has a seat keeps it."""
    asks = occurrence.event.needs_approval
    if occurrence.state is not OccurrenceState.SCHEDULED or clock.now() >= occurrence.ends_at:
        return
    for rsvp in _answers(db, occurrence, _S.WAITLISTED if asks else _S.PENDING_APPROVAL):
        if asks and rsvp.approved_at is None:
            rsvp.called_at = None
            move(db, rsvp, _S.PENDING_APPROVAL)
        elif not asks:
            move(db, rsvp, _S.WAITLISTED)


def _forget_answers(db: Session, occurrence: Occurrence, gone: set[str]) -> None:
    """A question that is not asked any more takes what people told with it."""
    for rsvp in _answers(db, occurrence, *_S):
        if gone & set(rsvp.told):
            rsvp.told = {key: value for key, value in rsvp.told.items() if key not in gone}


def _decided(db: Session, actor_id: UUID | None, rsvp_id: UUID) -> tuple[Occurrence, Rsvp]:
    """The date under lock, for a lead of a host, with the answer as it is now."""
    rsvp = db.get(Rsvp, rsvp_id)
    if rsvp is None:
        raise Refused(_("This answer does not exist any more."), 404)
    occurrence = led(db, actor_id, rsvp.occurrence_id)
    db.refresh(rsvp)
    if actor_id is not None and rsvp.person_id == actor_id:
        raise Refused(_("Nobody decides about themselves. Ask another lead."), 403)
    return occurrence, rsvp


def _answers(db: Session, occurrence: Occurrence, *states: RsvpState) -> list[Rsvp]:
    return list(
        db.scalars(
            select(Rsvp)
            .where(Rsvp.occurrence_id == occurrence.id, Rsvp.state.in_(states))
            .order_by(Rsvp.queued_at, Rsvp.id)
        )
    )
