"""Reminders before the start."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.locale import clock_text
from app.core.outbox import Delivery
from app.events import queries
from app.events.messages.about import About
from app.events.models import Rsvp
from app.events.rules import RsvpState


class Tomorrow(About):
    """A day before."""

    name = "event_tomorrow"
    states = (RsvpState.GOING, RsvpState.CHECKED_IN)

    def wanted(self, db: Session, delivery: Delivery) -> str | None:
        """Not by whoever wants no reminders here, nor as a mail of what a summary says as well."""
        reason = super().wanted(db, delivery)
        rsvp = db.get(Rsvp, delivery.subject_id)
        if reason is not None or rsvp is None:
            return reason
        if queries.is_silent(db, rsvp):
            return "no reminders wanted"
        if delivery.channel != "mail" or self.is_urgent:
            return None
        wants_summary = queries.choices_of(db, rsvp.person_id).wants_summary
        is_said = wants_summary and queries.stands_in_summary(db, rsvp, delivery.due_at)
        return "in the summary" if is_said else None

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The calendar entry was sent before; this only reminds."""
        return _("A reminder for tomorrow"), _("You are expected in about a day.")


class Soon(Tomorrow):
    """An hour before."""

    name = "event_soon"
    is_urgent = True

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """With the time of day in the subject."""
        at = clock_text(rsvp.occurrence.starts_at)
        return _("It starts at %(time)s", time=at), _("You are expected in about an hour.")


class Ahead(Tomorrow):
    """As long before as the organizers chose."""

    name = "event_ahead"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """The time itself follows."""
        return _("A reminder"), _("You said you would come. This is when it is.")


class Shortly(Soon):
    """Minutes before, as the organizers chose."""

    name = "event_shortly"

    def words(self, rsvp: Rsvp) -> tuple[str, str]:
        """With the time of day in the subject."""
        at = clock_text(rsvp.occurrence.starts_at)
        return _("It starts at %(time)s", time=at), _("You are expected very soon.")


for kind in (Tomorrow(), Soon(), Ahead(), Shortly()):
    outbox.kinds.add(kind.name, kind)
