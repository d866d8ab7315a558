"""Raising a concern, adding to it, letting one more person read it, taking it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.concerns import nearness, queries
from app.concerns.models import Concern, ConcernEntry
from app.concerns.rules import (
    FOR_RAISER,
    LONGEST_TEXT,
    TRIAGE_DAYS,
    ConcernState,
    EntryKind,
    Outcome,
)
from app.concerns.sealing import give_keys, sealed_entry
from app.concerns.services import contact
from app.concerns.services.base import held_open, let_read, move, tell_readers
from app.core import clock, ids, outbox
from app.core.database import hold
from app.core.errors import Refused
from app.holidays.queries import between
from app.mentoring.models import Relationship
from app.mentoring.rules.lifecycle import months_after, working_days_after
from app.programs.models import Cohort


def raise_concern(
    db: Session,
    actor_id: UUID,
    *,
    text: str,
    readers: Collection[UUID],
    pair_id: UUID | None = None,
    person_id: UUID | None = None,
    cohort_id: UUID | None = None,
    stops_contact: bool = False,
    way_shown: contact.Stop | None = None,
) -> Concern:
    """Tell the chosen readers, and nobody else, that something is wrong.

    The log says nothing of it: next to a pause that begins at the same instant it would tell whose.
    """
    if stops_contact and pair_id:
        hold(db, Relationship, pair_id)
    pair = queries.pair_of(db, actor_id, pair_id) if pair_id else None
    person = db.get(Person, person_id) if person_id else None
    cohort = pair.cohort if pair else db.get(Cohort, cohort_id) if cohort_id else None
    case = nearness.Subject(pair, person, cohort).case(actor_id)
    free = {one.id for one in nearness.free_handlers(db, case)}
    chosen = sorted(free & set(readers))
    if not chosen or len(chosen) < len(set(readers)):
        raise Refused(_("Who can read this has changed meanwhile. Look at the names again."), 422)
    concern = _begun(db, actor_id, pair, person, cohort)
    _write(db, concern, actor_id, text)
    for reader_id in chosen:
        let_read(db, concern, reader_id, actor_id)
    tell_readers(db, concern)
    if stops_contact and pair is not None:
        contact.stop(db, actor_id, concern, pair, way_shown)
    return concern


def _begun(
    db: Session,
    actor_id: UUID,
    pair: Relationship | None,
    person: Person | None,
    cohort: Cohort | None,
) -> Concern:
    concern = Concern(
        id=ids.new_id(),
        raised_by=actor_id,
        about_person_id=person and person.id,
        relationship_id=pair and pair.id,
        cohort_id=cohort and cohort.id,
        triage_by=_triage_day(db),
    )
    give_keys(concern)
    db.add(concern)
    db.flush()
    return concern


def stop_contact(
    db: Session, actor_id: UUID, *, pair_id: UUID, way_shown: contact.Stop | None = None
) -> Concern:
    """Contact stops at once though nobody can read a word: it stays so until the person says."""
    hold(db, Relationship, pair_id)
    pair = queries.pair_of(db, actor_id, pair_id)
    if pair is None or contact.way_to_stop(db, pair, actor_id) is None:
        raise Refused(_("There is no contact to stop any more."))
    concern = _begun(db, actor_id, pair, None, pair.cohort)
    contact.stop(db, actor_id, concern, pair, way_shown)
    if not concern.keeps_rest:
        move(db, None, concern, ConcernState.CLOSED)
        concern.purge_on = purge_day(db)
    db.flush()
    return concern


def _triage_day(db: Session) -> date:
    today = clock.now().date()
    days_off = between(db, today, today + timedelta(days=30))
    return working_days_after(today, TRIAGE_DAYS, days_off)


def _write(db: Session, concern: Concern, actor_id: UUID, text: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refused(_("Please write something, and not more than fits here."), 422)
    db.add(sealed_entry(concern, actor_id, EntryKind.WORDS, text))
    concern.moved_at = clock.now()
    db.flush()


def add_words(db: Session, actor_id: UUID, *, concern_id: UUID, text: str) -> None:
    """Add to what one said; what was handled is looked at again."""
    concern = held_open(db, actor_id, concern_id)
    _write(db, concern, actor_id, text)
    if concern.state is ConcernState.HANDLED:
        move(db, None, concern, ConcernState.TRIAGED)
    audit.record(db, None, "concern_added_to", concern)
    tell_readers(db, concern)
    db.flush()


def widen(db: Session, actor_id: UUID, *, concern_id: UUID, person_id: UUID) -> None:
    """Let one more handler read it."""
    concern = held_open(db, actor_id, concern_id)
    full = queries.in_full(db, concern.id)
    assert full is not None, "it is held"
    if person_id not in {one.id for one in queries.free_for(db, full)}:
        raise Refused(_("Who can read this has changed meanwhile. Look at the names again."), 422)
    let_read(db, concern, person_id, actor_id)
    audit.record(db, None, "concern_reader_added", concern)
    tell_readers(db, concern)


def withdraw(db: Session, actor_id: UUID, *, concern_id: UUID) -> None:
    """Take it back: one's words are destroyed, nobody can open them any more."""
    concern = held_open(db, actor_id, concern_id)
    move(db, None, concern, ConcernState.CLOSED)
    concern.outcome, concern.keeps_rest, concern.wrapped = Outcome.WITHDRAWN, False, None
    concern.purge_on = purge_day(db)
    db.execute(
        delete(ConcernEntry)
        .where(ConcernEntry.concern_id == concern.id, ConcernEntry.kind.in_(FOR_RAISER))
        .execution_options(synchronize_session=False)
    )
    db.flush()
    outbox.withdraw(db, ("something_to_read", "something_waits"), subject=concern.id)
    tell_readers(db, concern)


def purge_day(db: Session) -> date:
    """The day on which what is closed now is deleted."""
    return months_after(clock.now().date(), queries.setting(db).kept_months)
