"""What changes about many dates of a series at once."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
)

from app.core.forms import instant_meant, known_zone
from app.events.forms.access import AccessForm
from app.events.forms.event import EventForm, chapters_of
from app.events.forms.series import RepeatForm, filled_with
from app.events.forms.taking_part import link_field, online_field, seats_field
from app.events.forms.words import NEEDED
from app.events.models import Series
from app.events.rules.series import (
    Change,
    from_then_on,
)
from app.events.services import EVENT_FIELDS

# What is decided about the event itself, beside the words and places that stand above it.
OTHERS = tuple(name for name in EVENT_FIELDS if name not in ("venue", "online_link"))


class SeriesForm(RepeatForm, AccessForm):
    """What changes about many dates; each field holds for every one of them."""

    title = StringField(_l("Title"), validators=[DataRequired(NEEDED), Length(max=160)])
    description = TextAreaField(_l("What to expect"), validators=[Length(max=10_000)])
    first_day = DateField(_l("First of these dates"), validators=[InputRequired(NEEDED)])
    start = TimeField(_l("Start"), validators=[InputRequired(NEEDED)])
    minutes = IntegerField(
        _l("Minutes"),
        validators=[
            InputRequired(NEEDED),
            NumberRange(5, 1440, _l("Enter 5 minutes or more, and at most a day.")),
        ],
    )
    zone = StringField(_l("Time zone"), validators=[DataRequired(NEEDED), known_zone])
    in_person = BooleanField(_l("In person"))
    venue = StringField(_l("Place"), validators=[Length(max=300)])
    seats_in_person = seats_field(_l("Seats in person"))
    online = online_field()
    online_link = link_field()
    seats_online = seats_field(_l("Seats online"))
    kind = EventForm.kind
    audience = EventForm.audience
    chapters = EventForm.chapters
    guest_limit = EventForm.guest_limit
    has_external_speaker = EventForm.has_external_speaker

    @classmethod
    def of(cls, series: Series, anchor: date, sites: list[str]) -> SeriesForm:
        """The form as the series is from its next date on."""
        event = series.event
        text = next(text for text in event.texts if text.status == "source")
        rule = from_then_on(series.recurrence, series.first_day, anchor)
        form = cls(
            data={
                **filled_with(rule, anchor),
                **{name: getattr(event, name) for name in OTHERS},
                "chapters": [row.chapter_id for row in event.chapters],
                "title": text.title,
                "description": text.description,
                "first_day": anchor,
                "start": series.wall_time,
                "minutes": series.minutes,
                "zone": series.zone,
                "in_person": series.seats_in_person != 0,
                "venue": event.venue,
                "seats_in_person": series.seats_in_person or None,
                "online": series.seats_online != 0,
                "online_link": event.online_link,
                "seats_online": series.seats_online or None,
                "skips_holidays": series.skips_holidays,
                "holiday_site": series.holiday_site,
                "left_out": list(series.left_out),
            }
        )
        form.prepare(form.first_day.data or anchor, sites)
        form.chapters.choices = chapters_of(event.accepted_hosts)
        form.goes_with(event)
        return form

    def validate_start(self, field: TimeField) -> None:
        """The first of the dates is entered by hand, so its time must exist."""
        if field.data is not None and self.first_day.data is not None:
            instant_meant(self, datetime.combine(self.first_day.data, field.data), 0)

    def change(self) -> Change:
        """What was entered, as the services take it."""
        guests = self.guest_limit.data or 0
        return Change(
            title=self.title.data,
            description=self.description.data.replace("\r\n", "\n"),
            venue=self.venue.data,
            online_link=self.online_link.data or "",
            first_day=self.first_day.data,
            wall_time=self.start.data,
            zone=self.zone.data,
            minutes=self.minutes.data,
            seats_in_person=self.seats_in_person.data if self.in_person.data else 0,
            seats_online=self.seats_online.data if self.online.data else 0,
            repeats=self.repeats(),
            others={name: self[name].data for name in OTHERS} | {"guest_limit": guests},
            chapters=frozenset(self.chapters.data or ()),
        )
