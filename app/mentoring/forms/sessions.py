"""Forms of sessions: one by hand, times to propose, a whole series, one's week, and feedback."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields import DateField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.core import clock
from app.core.forms import Form, instant_meant, which_of_two
from app.core.locale import zone_name
from app.mentoring.rules.series import MOST_SESSIONS
from app.mentoring.rules.slots import MOST
from app.programs.forms import window_choices

MINUTES = ("30", "45", "60", "90")
LONGEST_PLACE, LONGEST_LINE = 300, 300


def zone_choices(zones: list[str]) -> list[tuple[str, str]]:
    """The zones that matter here, each once."""
    names = [zone for zone in dict.fromkeys(zones) if zone in clock.zone_names()]
    return [(name, zone_name(name)) for name in names or ["UTC"]]


def minutes_field() -> SelectField:
    """How long a session is."""
    return SelectField(_l("Length in minutes"), choices=[(n, n) for n in MINUTES], default="60")


def place_field() -> StringField:
    """Where a session is."""
    return StringField(
        _l("Place or link"),
        [Length(max=LONGEST_PLACE)],
        description=_l("A room, or the link of a call."),
    )


class PlanForm(Form):
    """When and where the next session takes place."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    time = TimeField(_l("Time"), [InputRequired(_l("Choose a time."))])
    zone = SelectField(_l("Time zone"))
    fold = which_of_two()
    minutes = minutes_field()
    place = place_field()
    asks_fold = False

    def __init__(self, zones: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone.choices = zone_choices(zones)

    @property
    def wall_time(self) -> datetime:
        """The planned time as the clock on the wall of that zone shows it."""
        return datetime.combine(self.day.data, self.time.data)

    def validate_day(self, field: Any) -> None:
        """A day that has not passed, in the chosen zone."""
        if field.data and field.data < _today(self.zone.data):
            raise ValidationError(_("This day has passed. Choose today or a later day."))

    def validate_time(self, _field: Any) -> None:
        """A time that the clocks show on that day, and which of two when they show it twice."""
        if self.day.data and self.time.data:
            instant_meant(self, self.wall_time, self.fold.data)


def _today(zone: str | None) -> date:
    return clock.now().astimezone(clock.zone(zone or "UTC")).date()


class SeriesForm(PlanForm):
    """When the first of many sessions is, and how many there are."""

    count = IntegerField(
        _l("How many sessions?"),
        [
            InputRequired(_l("Enter a number from 1 to 26.")),
            NumberRange(1, MOST_SESSIONS, _l("Enter a number from 1 to 26.")),
        ],
    )


class ProposeForm(Form):
    """Which of the found times one proposes."""

    at = SelectMultipleField(_l("Times that suit everybody"), validate_choice=False)
    minutes = minutes_field()
    place = place_field()

    @property
    def starts(self) -> list[datetime]:
        """The chosen instants."""
        return [datetime.fromisoformat(text).astimezone(UTC) for text in self.at.data or ()]

    def validate_at(self, field: Any) -> None:
        """One to five, and each an instant."""
        try:
            are_instants = all(datetime.fromisoformat(text).tzinfo for text in field.data or ())
        except ValueError:
            are_instants = False
        if not are_instants or not 1 <= len(field.data or ()) <= MOST:
            raise ValidationError(_("Choose one to five times."))


class HoursForm(Form):
    """The parts of the week at which one usually has time."""

    windows = SelectMultipleField(
        _l("When do you usually have time?"), [Optional()], choices=window_choices
    )
    zone = SelectField(_l("Your time zone"))

    def __init__(self, zones: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone.choices = zone_choices(zones)


class FeedbackForm(Form):
    """What one thought of a session: a number and one line."""

    rating = RadioField(
        _l("How useful was it?"),
        [Optional()],
        choices=[
            ("1", _l("1: not useful")),
            ("2", _l("2: a little")),
            ("3", _l("3: fairly")),
            ("4", _l("4: useful")),
            ("5", _l("5: very useful")),
        ],
    )
    is_kept = RadioField(
        _l("Did you do what you wrote down last time?"),
        [Optional()],
        choices=[("yes", _l("Yes")), ("no", _l("No"))],
    )
    line = StringField(_l("In one line"), [Length(max=LONGEST_LINE)])

    def promise(self) -> None:
        """The senior of a reverse pair writes one thing to do differently, and rates nobody."""
        self.line.label.text = _("What will you do differently?")
        asked = _("Write one thing that you will do differently.")
        self.line.validators = [InputRequired(asked), *self.line.validators]
        self.line.flags.required = True

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        rating = self.rating.data if "rating" in self else None
        kept = self.is_kept.data if "is_kept" in self else None
        return {
            "rating": int(rating) if rating else None,
            "is_kept": None if not kept else kept == "yes",
            "line": (self.line.data or "").strip(),
        }
