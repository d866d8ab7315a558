"""What calendars bring about: an answer that does not hold, and the summary of a morning."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.core import clock, outbox
from app.core.outbox import Delivery, Message, Recipient
from app.events import queries
from app.events.messages.about import About, time_of, title_of
from app.events.models import Event, EventHost, Occurrence, Rsvp
from app.events.rules import OccurrenceState, RsvpState
from app.events.rules.reminding import SUMMARY, SUMMED_UP

MOST_LINES = 20


class ReplyRefused(About):
    """The calendar of a person shows an answer that was not taken."""

    name = "event_reply_refused"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """Where it can be seen and changed."""
        return _("An answer from your calendar"), _(
            "Your calendar answered an invitation, but that answer could not be taken. "
            "The page shows how it is, and what you can do."
        )


class Summary:
    """What a person goes to today and tomorrow."""

    name = SUMMARY
    topic = "events"
    channels: tuple[str, ...] = ("mail",)
    is_urgent = False

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Only while it is wanted and there is something."""
        if not queries.choices_of(db, delivery.person_id).wants_summary:
            return "not wanted any more"
        return None if _ahead(db, delivery) else "nothing ahead"

    def message(self, db: Session, delivery: Delivery, to: Recipient) -> Message | None:
        """A line for each, in neutral words where an event is hidden."""
        rows = _ahead(db, delivery)
        if not rows:
            return None
        lines = [
            _(
                "%(title)s: %(time)s",
                title=title_of(row.occurrence.event),
                time=time_of(row.occurrence, row.mode),
            )
            for row in rows
        ]
        return Message(
            subject=_("Your next events"),
            lines=(_("This is where you are expected today and tomorrow."), *lines),
            link="/events/",
            link_text=_("Open events"),
        )


def _ahead(db: Session, delivery: Delivery) -> list[Rsvp]:
    now = clock.now()
    rows = db.scalars(
        select(Rsvp)
        .join(Occurrence, Occurrence.id == Rsvp.occurrence_id)
        .where(
            Rsvp.person_id == delivery.person_id,
            Rsvp.state == RsvpState.GOING,
            Occurrence.state == OccurrenceState.SCHEDULED,
            Occurrence.starts_at > now,
            Occurrence.starts_at < now + SUMMED_UP,
        )
        .order_by(Occurrence.starts_at, Rsvp.id)
        .limit(MOST_LINES)
        .options(
            joinedload(Rsvp.occurrence).options(
                joinedload(Occurrence.event).options(
                    selectinload(Event.texts), selectinload(Event.hosts).joinedload(EventHost.erg)
                )
            )
        )
    ).all()
    return [row for row in rows if not queries.is_silent(db, row)]


for kind in (ReplyRefused(), Summary()):
    outbox.kinds.add(kind.name, kind)
