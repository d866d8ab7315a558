"""Smaller forms of planning: a reason, a new time, a translation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from app.core.forms import Form
from app.events.forms.event import EventForm
from app.events.models import EventText, Occurrence
from app.events.rules import instant_of


class ReasonForm(Form):
    """Why; read by everybody who sees the event."""

    reason = TextAreaField(_l("Why?"), validators=[Length(max=1000)])


class NewDateForm(Form):
    """When a postponed event takes place; the same questions as when it was planned."""

    day = EventForm.day
    start = EventForm.start
    minutes = EventForm.minutes
    zone = EventForm.zone
    fold = EventForm.fold

    asks_fold = False
    wall_start = EventForm.wall_start
    validate_start = EventForm.validate_start

    @classmethod
    def of(cls, occurrence: Occurrence) -> NewDateForm:
        """The form with the old time; only the day is asked anew."""
        wall = occurrence.wall_start
        return cls(
            data={"start": wall.time(), "minutes": occurrence.minutes, "zone": occurrence.zone}
        )

    @property
    def chosen(self) -> dict[str, Any]:
        """What was entered, as the service takes it."""
        wall = self.wall_start
        assert isinstance(wall, datetime)
        zone = self.zone.data
        first, second = instant_of(wall, zone, 0), instant_of(wall, zone, 1)
        fold = (self.fold.data or 0) if first != second else 0
        return {"wall_start": wall, "zone": zone, "fold": fold, "minutes": self.minutes.data}


class TranslationForm(Form):
    """An event's words in another language; both empty: there is no translation."""

    title = StringField(_l("Title"), validators=[Length(max=160)])
    description = TextAreaField(_l("What to expect"), validators=[Length(max=10_000)])

    @classmethod
    def of(cls, text: EventText | None) -> TranslationForm:
        """The form filled with what is there."""
        return cls(data={"title": text.title, "description": text.description} if text else {})

    def validate_title(self, field: StringField) -> None:
        """Words need a title."""
        if not (field.data or "").strip() and (self.description.data or "").strip():
            raise ValidationError(_("Words need a title."))

    @property
    def words(self) -> dict[str, str]:
        """What was entered."""
        text = (self.description.data or "").replace("\r\n", "\n")
        return {"title": self.title.data or "", "description": text}
