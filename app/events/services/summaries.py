"""One message in the morning instead of a mail for each reminder, for whoever wants that."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, outbox
from app.core.outbox import Delivery
from app.events.models import CalendarChoice, Occurrence, Rsvp
from app.events.rules import OccurrenceState, RsvpState
from app.events.rules.reminding import SUMMARY, SUMMED_UP, SUMS_UP_FROM, SUMS_UP_UNTIL


def due(db: Session) -> list[tuple[UUID, date]]:
    """Whose morning it is, with the day there; who has nothing ahead is left in peace."""
    now = clock.now()
    written = (
        select(Delivery.id)
        .where(
            Delivery.kind == SUMMARY,
            Delivery.person_id == CalendarChoice.person_id,
            Delivery.created_at > now - timedelta(hours=12),
        )
        .correlate(CalendarChoice)
        .exists()
    )
    ahead = (
        select(Rsvp.id)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(
            Rsvp.person_id == CalendarChoice.person_id,
            Rsvp.state == RsvpState.GOING,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.starts_at > now,
            Occurrence.starts_at < now + SUMMED_UP,
        )
        .correlate(CalendarChoice)
        .exists()
    )
    rows = db.execute(
        select(Person.id, Person.zone)
        .join(CalendarChoice, CalendarChoice.person_id == Person.id)
        .where(CalendarChoice.wants_summary, ahead, ~written)
        .order_by(Person.id)
    ).all()
    there = [(person_id, now.astimezone(clock.zone(zone))) for person_id, zone in rows]
    return [
        (person_id, at.date())
        for person_id, at in there
        if SUMS_UP_FROM <= at.time() < SUMS_UP_UNTIL
    ]


def put(db: Session, *, person_id: UUID, day: date) -> None:
    """Write the summary of a day; twice is once."""
    person = db.get(Person, person_id)
    if person is None:
        return
    noon = datetime.combine(day, time(12, 0), clock.zone(person.zone)).astimezone(UTC)
    outbox.put(
        db,
        SUMMARY,
        subject=person_id,
        person=person_id,
        occasion=day.isoformat(),
        expires=noon,
    )
