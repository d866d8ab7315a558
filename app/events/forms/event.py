"""All that a lead decides about an event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import flask
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.core.errors import Refused
from app.core.forms import instant_meant, known_zone, which_of_two
from app.core.locale import current_language
from app.core.walls import is_shown_twice
from app.ergs.models import Erg
from app.ergs.rules import pick_text
from app.events.forms.access import AccessForm
from app.events.forms.taking_part import link_field, online_field, seats_field
from app.events.forms.words import AUDIENCES, CHOOSE, KINDS, NEEDED
from app.events.models import Occurrence
from app.events.rules import (
    Audience,
    EventKind,
    Mode,
)
from app.events.services import EVENT_FIELDS, Plan
from app.events.services.audience import audience_of, require_growth

LONGEST = 14 * 24 * 60


def _uuid(value: str | UUID) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def chapters_of(hosts: Iterable[Erg]) -> list[tuple[UUID, str]]:
    """The chapters to choose from, in the reader's language."""
    language = current_language().tag
    return [
        (chapter.id, chapter.names.get(language) or chapter.names["en"])
        for erg in hosts
        for chapter in erg.chapters
    ]


def _leaves_nobody_out(form: Any, field: RadioField) -> None:
    """Whom an event that exists is for is only ever widened once people could answer."""
    event = form.event
    if event is None or field.data is None:
        return
    chapters = frozenset(form.chapters.data or ())
    try:
        require_growth(event, audience_of(event, field.data, None, chapters))
    except Refused as refused:
        raise ValidationError(refused.message) from None


class EventForm(AccessForm):
    """All that a lead decides about an event. Times are those of the event's own zone."""

    title = StringField(_l("Title"), validators=[DataRequired(NEEDED), Length(max=160)])
    description = TextAreaField(_l("What to expect"), validators=[Length(max=10_000)])
    kind = SelectField(_l("Kind"), coerce=EventKind, choices=list(KINDS.items()))
    audience = RadioField(
        _l("Who may come?"),
        coerce=Audience,
        choices=list(AUDIENCES.items()),
        default=Audience.COMPANY,
        validators=[DataRequired(CHOOSE), _leaves_nobody_out],
    )
    day = DateField(_l("Day"), validators=[InputRequired(NEEDED)])
    start = TimeField(_l("Start"), validators=[InputRequired(NEEDED)])
    minutes = IntegerField(
        _l("Minutes"),
        default=60,
        validators=[InputRequired(NEEDED), NumberRange(5, LONGEST, _l("Enter 5 minutes or more."))],
    )
    zone = StringField(_l("Time zone"), validators=[DataRequired(NEEDED), known_zone])
    fold = which_of_two()
    in_person = BooleanField(_l("In person"))
    venue = StringField(_l("Place"), validators=[Length(max=300)])
    seats_in_person = seats_field(_l("Seats in person"))
    online = online_field()
    online_link = link_field()
    seats_online = seats_field(_l("Seats online"))
    guest_limit = IntegerField(
        _l("Guests each person may bring"),
        default=0,
        validators=[Optional(), NumberRange(0, 10, _l("Enter a number from 0 to 10."))],
    )
    chapters = SelectMultipleField(_l("Only members of these chapters"), coerce=_uuid)
    has_external_speaker = BooleanField(_l("Somebody from outside the company speaks"))

    asks_fold = False

    @classmethod
    def of(
        cls, occurrence: Occurrence | None, hosts: Iterable[Erg], values: dict[str, Any] | None
    ) -> EventForm:
        """The form filled with an event, or with where a new one begins."""
        form = cls(data=filled(occurrence) if occurrence else values)
        form.chapters.choices = chapters_of(hosts)
        if occurrence is not None:
            form.goes_with(occurrence.event)
        form.asks_fold = bool(occurrence and is_shown_twice(occurrence.wall_start, occurrence.zone))
        form.publishes = flask.request.form.get("then") == "publish"
        return form

    def validate_start(self, _field: TimeField) -> None:
        """The clocks must show the time on that day, and it must be clear which one is meant."""
        instant_meant(self, self.wall_start, self.fold.data)

    @property
    def wall_start(self) -> datetime | None:
        """The wall time, once day and time are there."""
        if self.day.data is None or self.start.data is None:
            return None
        return datetime.combine(self.day.data, self.start.data)

    def plan(self, locale: str) -> Plan:
        """What was entered, as the services take it."""
        wall = self.wall_start
        assert wall is not None
        is_twice = is_shown_twice(wall, self.zone.data)
        return Plan(
            title=self.title.data,
            description=self.description.data.replace("\r\n", "\n"),
            locale=locale,
            wall_start=wall,
            zone=self.zone.data,
            fold=(self.fold.data or 0) if is_twice else 0,
            kind=self.kind.data,
            audience=self.audience.data,
            minutes=self.minutes.data,
            venue=self.venue.data,
            online_link=self.online_link.data or "",
            seats_in_person=self.seats_in_person.data if self.in_person.data else 0,
            seats_online=self.seats_online.data if self.online.data else 0,
            guest_limit=self.guest_limit.data or 0,
            captions=self.captions.data,
            step_free=self.step_free.data,
            access_contact=self.access_contact.data,
            quiet_room=self.quiet_room.data,
            sign_language=self.sign_language.data,
            materials=self.materials.data,
            has_external_speaker=self.has_external_speaker.data,
            chapters=frozenset(self.chapters.data or ()),
        )

    @property
    def needs_more(self) -> bool:
        """Whether something among the rarer questions has to be looked at again."""
        rare = ("kind", "zone", "fold", "guest_limit", "description", "audience", "seats_online")
        return any(getattr(self, name).errors for name in (*rare, "seats_in_person"))


def filled(occurrence: Occurrence) -> dict[str, Any]:
    """What the form shows of an event."""
    event = occurrence.event
    text = pick_text(event.texts, "")
    values: dict[str, Any] = {name: getattr(event, name) for name in EVENT_FIELDS}
    values["chapters"] = [row.chapter_id for row in event.chapters]
    for mode, name in ((Mode.IN_PERSON, "in_person"), (Mode.ONLINE, "online")):
        values[name] = occurrence.capacity(mode) != 0
        values[f"seats_{name}"] = occurrence.capacity(mode) or None
    return values | {
        "title": text.title if text else "",
        "description": text.description if text else "",
        "day": occurrence.wall_start.date(),
        "start": occurrence.wall_start.time(),
        "minutes": occurrence.minutes,
        "zone": occurrence.zone,
        "fold": occurrence.fold,
    }
