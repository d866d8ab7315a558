"""To whoever comes to every date of a series: one that they have to answer themselves."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock, outbox
from app.core.outbox import Delivery, Message, Recipient
from app.events.messages.about import time_of, title_of
from app.events.models import Occurrence, Rsvp, SeriesDate, SeriesSubscription
from app.events.rules import EventState, OccurrenceState


class Unanswered:
    """A date was made or changed so that their usual answer does not do."""

    name = "event_unanswered"
    topic = "events"
    channels: tuple[str, ...] = ("mail", "in_app")
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """While they come to every date, and this one takes place and has no answer of theirs."""
        occurrence = db.get(Occurrence, delivery.subject_id)
        if occurrence is None or _subscription(db, delivery) is None:
            return "not coming to every date"
        is_on = occurrence.state is OccurrenceState.SCHEDULED
        if not is_on or occurrence.event.state is not EventState.PUBLISHED:
            return "does not take place"
        if occurrence.starts_at <= clock.now():
            return "too late"
        answered = select(Rsvp.id).where(
            Rsvp.occurrence_id == occurrence.id, Rsvp.person_id == delivery.person_id
        )
        return "answered" if db.scalar(answered) is not None else None

    def message(self, db: Session, delivery: Delivery, _to: Recipient) -> Message | None:
        """Which date, and the page that says what is missing."""
        occurrence = db.get(Occurrence, delivery.subject_id)
        row = _subscription(db, delivery)
        if occurrence is None or row is None:
            return None
        return Message(
            subject=_("A date that needs your own answer"),
            lines=(
                _("You come to every date of a series. This one could not be answered for you."),
                title_of(occurrence.event),
                time_of(occurrence, row.mode),
                _("Open it to see why, and answer it there if you want to come."),
            ),
            link=f"/events/{occurrence.id}/",
            link_text=_("Open the event"),
        )


def _subscription(db: Session, delivery: Delivery) -> SeriesSubscription | None:
    return db.scalar(
        select(SeriesSubscription)
        .join(SeriesDate, SeriesDate.series_id == SeriesSubscription.series_id)
        .where(
            SeriesDate.occurrence_id == delivery.subject_id,
            SeriesSubscription.person_id == delivery.person_id,
        )
    )


outbox.kinds.add(Unanswered.name, Unanswered())
