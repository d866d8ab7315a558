"""One digest per person and day for all groups, when there is something new; and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.audit import services as audit
from app.core import clock, ids, outbox
from app.core.database import hold
from app.posts.models import Digest, DigestChoice
from app.posts.rules import NEWS_FOR, USUAL_HOUR, Rhythm, last_slot


def compile_digests(db: Session, waiting: Sequence[Any]) -> int:
    """Write the digests that are due among `waiting` (queries.awaiting_digest); returns how many.

    A row for the day is the proof: with it the message is in the outbox, without it neither is.
    """
    written = 0
    for person_id, zone, rhythm, hour, weekday, oldest in waiting:
        slot = last_slot(
            clock.now(),
            clock.zone(zone),
            rhythm or Rhythm.DAILY,
            USUAL_HOUR if hour is None else hour,
            weekday or 0,
        )
        if slot is not None and oldest <= slot[1]:
            written += _write(db, person_id, *slot)
    return written


def _write(db: Session, person_id: UUID, day: date, until: datetime) -> int:
    told = db.scalar(select(func.max(Digest.until_at)).where(Digest.person_id == person_id))
    digest_id = ids.new_id("digest", f"{person_id}|{day}")
    insert = (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert
    row = insert(Digest).values(
        id=digest_id,
        person_id=person_id,
        day=day,
        since_at=max(told or until - NEWS_FOR, until - NEWS_FOR),
        until_at=until,
    )
    if db.scalar(row.on_conflict_do_nothing().returning(Digest.id)) is None:
        return 0
    outbox.put(db, "digest", subject=digest_id, person=person_id, occasion=day.isoformat())
    return 1


def choose_digest(
    db: Session, actor_id: UUID, *, rhythm: Rhythm, hour: int, weekday: int
) -> DigestChoice:
    """Say when one wants to hear of all groups."""
    hold(db, Person, actor_id)
    choice = db.get(DigestChoice, actor_id) or DigestChoice(person_id=actor_id)
    choice.rhythm, choice.hour, choice.weekday, choice.former = rhythm, hour, weekday, None
    db.add(choice)
    db.flush()
    audit.record(db, actor_id, "choose_digest", ("digest_choice", actor_id), after=rhythm)
    return choice


def unsubscribe(db: Session, person_id: UUID) -> None:
    """No digest any more; a second time changes nothing."""
    hold(db, Person, person_id)
    choice = db.get(DigestChoice, person_id) or DigestChoice(
        person_id=person_id, rhythm=Rhythm.DAILY, hour=USUAL_HOUR, weekday=0
    )
    if choice.rhythm is Rhythm.NONE:
        return
    choice.former, choice.rhythm = choice.rhythm, Rhythm.NONE
    db.add(choice)
    db.flush()
    audit.record(db, person_id, "unsubscribe", ("digest_choice", person_id), after=Rhythm.NONE)


def resubscribe(db: Session, person_id: UUID) -> None:
    """Take that back: the rhythm from before."""
    hold(db, Person, person_id)
    choice = db.get(DigestChoice, person_id)
    if choice is None or choice.rhythm is not Rhythm.NONE:
        return
    choice.rhythm, choice.former = choice.former or Rhythm.DAILY, None
    db.flush()
    audit.record(db, person_id, "resubscribe", ("digest_choice", person_id), after=choice.rhythm)
