"""Sessions in the calendar behind a person's own address."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock
from app.events.ical import Entry
from app.events.queries import choices_of
from app.events.registry import calendar_entries, rewordings
from app.mentoring import queries
from app.mentoring.calendar import entry_of
from app.mentoring.services.announcing import reword

BEHIND = timedelta(days=90)


def sessions_of(db: Session, person: Person) -> list[Entry]:
    """What is scheduled and what was, without a name; a canceled session is not there any more."""
    found = queries.calendar_meetings(db, person.id, clock.now() - BEHIND)
    is_discreet = bool(found) and choices_of(db, person.id).is_discreet
    entries = [entry_of(meeting, person.id, is_discreet=is_discreet) for meeting in found]
    return entries if is_discreet else [replace(one, summary=_("Session")) for one in entries]


calendar_entries.add("mentoring", sessions_of)


rewordings.add("mentoring", reword)
