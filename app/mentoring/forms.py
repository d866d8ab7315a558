"""Input of the workspace, made clean; forms never write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields import DateField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from app.core import clock
from app.core.forms import Form
from app.mentoring.labels import SCOPES, SHARINGS
from app.mentoring.rules import MOST_STEPS, NoteScope, Sharing

LONGEST_NOTE = 10_000
MINUTES = ("30", "45", "60", "90")


class _OneOfMany(Form):
    """A form that shares its page with others: its fields' ids begin with a word of its own."""

    word = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in self:
            field.id = f"{self.word}-{field.name}"


class PlanForm(Form):
    """When and where the next session takes place."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    time = TimeField(_l("Time"), [InputRequired(_l("Choose a time."))])
    zone = SelectField(_l("Time zone"))
    minutes = SelectField(_l("Length in minutes"), choices=[(n, n) for n in MINUTES], default="60")
    place = StringField(
        _l("Place or link"), [Length(max=300)], description=_l("A room, or the link of a call.")
    )

    def __init__(self, zones: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = [zone for zone in dict.fromkeys(zones) if zone in clock.zone_names()]
        self.zone.choices = [(name, name.replace("_", " ")) for name in names or ["UTC"]]

    @property
    def wall_time(self) -> datetime:
        """The planned time as the clock on the wall of that zone shows it."""
        return datetime.combine(self.day.data, self.time.data)

    def validate_day(self, field: Any) -> None:
        """A day that has not passed, in the chosen zone."""
        today = clock.now().astimezone(clock.zone(self.zone.data or "UTC")).date()
        if field.data and field.data < today:
            raise ValidationError(_("This day has passed. Choose today or a later day."))


class GoalForm(_OneOfMany):
    """A goal and its first steps."""

    word = "goal"
    text = StringField(
        _l("What do you want to reach?"),
        [InputRequired(_l("Say what you want to reach.")), Length(max=300)],
    )
    measure = StringField(_l("How will you know?"), [Length(max=300)])
    target_on = DateField(_l("By when?"), [Optional()])
    steps = TextAreaField(
        _l("Steps"),
        [InputRequired(_l("Write down at least the first step.")), Length(max=1500)],
        description=_l("One on each line, six at most."),
    )
    sharing = RadioField(
        _l("Who sees this goal?"),
        choices=[(s.value, text) for s, text in SHARINGS.items()],
        default=Sharing.PAIR.value,
    )

    @property
    def lines(self) -> list[str]:
        """The steps, without blank lines."""
        return [line.strip()[:200] for line in (self.steps.data or "").splitlines() if line.strip()]

    def validate_steps(self, _field: Any) -> None:
        """Six at most."""
        if len(self.lines) > MOST_STEPS:
            raise ValidationError(_("Six steps at most. What remains is perhaps another goal."))


class NoteForm(_OneOfMany):
    """A note."""

    word = "note"
    text = TextAreaField(
        _l("Note"), [InputRequired(_l("Write something first.")), Length(max=LONGEST_NOTE)]
    )
    scope = RadioField(
        _l("Who can read it?"),
        choices=[(s.value, text) for s, text in SCOPES.items()],
        default=NoteScope.OWN.value,
    )


class AgreementForm(_OneOfMany):
    """What the members add to the agreement in their own words."""

    word = "agreement"
    text = TextAreaField(_l("What else do you agree on?"), [Length(max=4000)])
